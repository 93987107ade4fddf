//! Rating curves: the flow that leaves through a boundary at a water level.

use crate::balance::Total;
use crate::cell::FILM_M;
use crate::place::Places;
use crate::{BoundaryKind, FlowProblem, Series};

/// Flow that leaves through each face or cell of a rating boundary, m³/s; negative = enters. The curve is read at the mean level
/// of the wet ones and its flow shared by their conveyance, depth^(5/3), so that dry banks pass nothing. Where all are dry it is
/// read at the lowest bed, and only what it lets in flows, in equal parts.
pub(crate) fn rated_flows(curve: &Series, water: &[(f64, f64)]) -> Vec<f64> {
    let (mut level, mut conveyance, mut wet) = (Total::default(), Total::default(), 0_u32);
    let convey = |h: f64| h * libm::cbrt(h * h);
    for (h, bed) in water.iter().filter(|(h, _)| *h > FILM_M) {
        level.add(bed + h);
        conveyance.add(convey(*h));
        wet += 1;
    }
    if wet == 0 {
        let lowest = water.iter().map(|(_, bed)| *bed).fold(f64::INFINITY, f64::min);
        let part = curve.value_at(lowest).min(0.0) / water.len().max(1) as f64;
        return vec![part; water.len()];
    }
    let (flow, all) = (curve.value_at(level.value() / f64::from(wet)), conveyance.value());
    water.iter().map(|(h, _)| if *h > FILM_M { flow * (convey(*h) / all) } else { 0.0 }).collect()
}

/// Flow that leaves each edge face by rating curves, m³/s; empty when no boundary has one.
pub(crate) fn rated_edges(problem: &FlowProblem, places: &Places, depth_m: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut flows = Vec::new();
    for (number, boundary) in problem.boundaries.iter().enumerate() {
        if let BoundaryKind::Rating(curve) = &boundary.kind {
            flows.resize(places.edges.len(), 0.0);
            let own: Vec<usize> = (0..flows.len()).filter(|&k| places.edges[k].boundary == number).collect();
            let water: Vec<(f64, f64)> =
                own.iter().map(|&k| places.edges[k].cell).map(|c| (depth_m(c), problem.bed_m[c])).collect();
            own.iter().zip(rated_flows(curve, &water)).for_each(|(&k, flow)| flows[k] = flow);
        }
    }
    flows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_flow_leaves_where_it_is_deep() {
        let curve = Series { at: vec![1.0, 2.0, 3.0], value: vec![0.0, 8.0, 30.0] };
        let flows = rated_flows(&curve, &[(0.5, 1.0), (1.0, 0.5), (0.0, 4.0)]);
        assert!((flows.iter().sum::<f64>() - 4.0).abs() < 1e-12);
        assert!(flows[1] > 3.0 * flows[0] && flows[2] == 0.0);
        assert_eq!(rated_flows(&curve, &[(0.0, 1.5), (0.0, 2.0)]), vec![0.0, 0.0]);
        let tide = Series { at: vec![0.0, 1.0], value: vec![-6.0, 0.0] };
        assert_eq!(rated_flows(&tide, &[(0.0, 0.0), (0.0, 2.0)]), vec![-3.0, -3.0]);
    }
}
