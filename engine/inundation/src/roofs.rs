//! Rain on blocked buildings runs off into the street.

use std::collections::VecDeque;

/// Leads every roof cell to the open cell nearest to it over the roofs (steps across faces; of equally near ones the first found,
/// from the south-west). A roof that touches no open cell is left out. Returns (roof, street), by roof.
pub fn lead_roofs(nx: usize, open: &[bool], roofs: &[usize]) -> Vec<(usize, usize)> {
    let mut is_roof = vec![false; open.len()];
    roofs.iter().filter(|&&c| c < open.len() && !open[c]).for_each(|&c| is_roof[c] = true);
    let mut street: Vec<Option<usize>> = vec![None; open.len()];
    let mut queue: VecDeque<usize> = VecDeque::new();
    let around = |c: usize| {
        let i = c % nx;
        let west = (i > 0).then(|| c - 1);
        let east = (i + 1 < nx).then_some(c + 1);
        [c.checked_sub(nx), west, east, Some(c + nx).filter(|&n| n < open.len())].into_iter().flatten()
    };
    for cell in (0..open.len()).filter(|&c| is_roof[c]) {
        if let Some(next) = around(cell).find(|&n| open[n]) {
            street[cell] = Some(next);
            queue.push_back(cell);
        }
    }
    while let Some(cell) = queue.pop_front() {
        for next in around(cell) {
            if is_roof[next] && street[next].is_none() {
                street[next] = street[cell];
                queue.push_back(next);
            }
        }
    }
    street.iter().enumerate().filter_map(|(roof, street)| street.map(|s| (roof, s))).collect()
}

/// Adds the rain of every roof to its street. To be called while the rates of roof cells still stand.
pub(crate) fn drain_roofs(roofs: &[(usize, usize)], rain: &mut [f64]) {
    for &(roof, street) in roofs {
        rain[street] += rain[roof];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_roof_finds_the_nearest_street_and_courtyards_count() {
        // A block of 3 × 3 in a field of 5 × 5, and one roof cell walled in by ground that is neither.
        let mut open = vec![true; 25];
        let roofs: Vec<usize> = (1..4).flat_map(|j| (1..4).map(move |i| j * 5 + i)).collect();
        roofs.iter().for_each(|&c| open[c] = false);
        let led = lead_roofs(5, &open, &roofs);
        assert_eq!(led.iter().map(|l| l.0).collect::<Vec<_>>(), roofs);
        assert!(led.iter().all(|(_, street)| open[*street]));
        assert_eq!(led[0], (6, 1));
        let mut rain = vec![1.0; 25];
        drain_roofs(&led, &mut rain);
        let total: f64 = (0..25).filter(|&c| open[c]).map(|c| rain[c]).sum();
        assert_eq!(total, 25.0);
        assert_eq!(lead_roofs(3, &[false; 9], &[4]), vec![]);
    }
}
