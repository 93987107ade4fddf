//! A lower bound from prices, without trusting whoever made them.
//!
//! Charging y ≥ 0 for each entry of a link at a step and μ ≥ 0 for each bed can only make a feasible plan cheaper by the prices of
//! what it cannot exceed: Σ people × (cheapest way at these prices) − Σ capacity × price ≤ optimum (Lagrangian duality).

use super::network::Roads;
use super::problem::RoadProblem;
use crate::UNPLACED_M;

/// Prices of a certificate; what is not listed costs nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlowPrices {
    /// (link, step, price ≥ 0), sorted
    pub links: Vec<(u32, u32, i64)>,
    /// (shelter, price ≥ 0), sorted
    pub shelters: Vec<(u32, i64)>,
}

/// Bound on 10⁸ × unplaced + Σ arrival steps (with vulnerable people first: 2 × 10⁸ for each of them) over all plans of the problem.
/// `None` when a price is negative, named twice or names nothing.
pub fn flow_lower_bound(problem: &RoadProblem, prices: &FlowPrices) -> Option<i128> {
    let roads = Roads::new(problem);
    let sorted = prices.links.windows(2).all(|p| (p[0].0, p[0].1) < (p[1].0, p[1].1))
        && prices.shelters.windows(2).all(|p| p[0].0 < p[1].0);
    let known = prices.links.iter().all(|p| (p.0 as usize) < problem.links.len() && p.1 <= problem.horizon && p.2 >= 0)
        && prices.shelters.iter().all(|p| (p.0 as usize) < problem.shelters.len() && p.1 >= 0);
    if !sorted || !known {
        return None;
    }
    let mut bed = vec![0_i64; problem.shelters.len()];
    for &(shelter, price) in &prices.shelters {
        bed[shelter as usize] = price;
    }
    let mut first = vec![0_usize; problem.links.len() + 1];
    for &(link, _, _) in &prices.links {
        first[link as usize + 1] += 1;
    }
    for at in 1..first.len() {
        first[at] += first[at - 1];
    }
    let price = |link: u32, step: u32| {
        let list = &prices.links[first[link as usize]..first[link as usize + 1]];
        list.binary_search_by_key(&step, |p| p.1).map_or(0, |k| list[k].2)
    };
    let far = 4 * UNPLACED_M;
    let longest = problem.links.iter().map(|l| l.steps).max().unwrap_or(1).min(problem.horizon) as usize + 1;
    // Cheapest way from each node, for the steps within one travel time: a ring over the steps, from the last back to the first.
    let nodes = problem.nodes.len();
    let mut ring = vec![far; longest * nodes];
    let mut of_source = vec![far; problem.sources.len()];
    let mut starts: Vec<u32> = (0..problem.sources.len() as u32).collect();
    starts.sort_by_key(|&s| std::cmp::Reverse(problem.sources[s as usize].ready_step));
    let mut starts = starts.into_iter().peekable();
    while starts.next_if(|&s| problem.sources[s as usize].ready_step > problem.horizon).is_some() {}
    let mut next = vec![far; nodes];
    for step in (0..=problem.horizon).rev() {
        let row = step as usize % longest;
        for node in 0..nodes as u32 {
            let mut best = next[node as usize];
            if let Some(shelter) = roads.shelter_at[node as usize] {
                best = best.min(i64::from(step) + bed[shelter as usize]);
            }
            for &at in roads.out(node) {
                if roads.last_entry[at as usize].is_some_and(|last| step <= last) {
                    let link = &problem.links[at as usize];
                    let then = ring[(step as usize + link.steps as usize) % longest * nodes + link.to as usize];
                    if then < best {
                        best = best.min(then + price(at, step));
                    }
                }
            }
            next[node as usize] = best;
        }
        ring[row * nodes..(row + 1) * nodes].copy_from_slice(&next);
        while let Some(s) = starts.next_if(|&s| problem.sources[s as usize].ready_step == step) {
            of_source[s as usize] = next[problem.sources[s as usize].node as usize];
        }
    }
    let mut bound = 0_i128;
    for (source, cheapest) in problem.sources.iter().zip(of_source) {
        let first = if problem.vulnerable_first { source.vulnerable } else { 0 };
        bound += i128::from(source.people - first) * i128::from(cheapest.min(UNPLACED_M));
        bound += i128::from(first) * i128::from(cheapest.min(2 * UNPLACED_M));
    }
    for &(link, _, price) in &prices.links {
        bound -= i128::from(price) * i128::from(problem.links[link as usize].people_per_step);
    }
    for &(shelter, price) in &prices.shelters {
        bound -= i128::from(price) * i128::from(problem.shelters[shelter as usize].capacity);
    }
    Some(bound)
}
