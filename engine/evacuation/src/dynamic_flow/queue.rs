//! The queue of the earliest-arrival search.

use super::network::NEVER;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Places waiting to be looked at: by estimated arrival, of equal ones the one farthest on its way first, then by number. Estimates are
/// whole steps, so each has a list of its own (Dial, Comm. ACM 12, 1969); an estimate below the last one taken goes back, since what a
/// search has learned may tell less of a neighbour.
#[derive(Default)]
pub(super) struct Waiting {
    /// per estimate: (steps still possible, node) in one number
    lists: Vec<BinaryHeap<Reverse<u64>>>,
    lowest: usize,
    /// one past the highest estimate since the last [`Waiting::clear`]
    end: usize,
}

impl Waiting {
    pub fn clear(&mut self) {
        for list in &mut self.lists[..self.end] {
            list.clear();
        }
        (self.lowest, self.end) = (usize::MAX, 0);
    }

    pub fn push(&mut self, estimate: u32, step: u32, node: u32) {
        let at = estimate as usize;
        if self.lists.len() <= at {
            self.lists.resize_with(at + 1, BinaryHeap::new);
        }
        self.lists[at].push(Reverse(u64::from(NEVER - step) << 32 | u64::from(node)));
        self.lowest = self.lowest.min(at);
        self.end = self.end.max(at + 1);
    }

    /// Step and node of the next one.
    pub fn pop(&mut self) -> Option<(u32, u32)> {
        while self.lowest < self.end {
            if let Some(Reverse(key)) = self.lists[self.lowest].pop() {
                return Some((NEVER - (key >> 32) as u32, key as u32));
            }
            self.lowest += 1;
        }
        self.lowest = usize::MAX;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn takes_out_in_the_order_of_a_heap(
            steps in prop::collection::vec(prop::option::weighted(0.6, (0_u32..40, 0_u32..30, 0_u32..9)), 0..200),
        ) {
            let (mut waiting, mut heap) = (Waiting::default(), BinaryHeap::new());
            waiting.clear();
            for step in steps {
                match step {
                    Some((estimate, at, node)) => {
                        waiting.push(estimate, at, node);
                        heap.push(Reverse((estimate, NEVER - at, node)));
                    }
                    None => {
                        let want = heap.pop().map(|Reverse((_, left, node))| (NEVER - left, node));
                        prop_assert_eq!(waiting.pop(), want);
                    }
                }
            }
        }
    }
}
