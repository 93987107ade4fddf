//! Links by node, and until when each may be entered.

use super::problem::RoadProblem;

/// Never: a step no plan reaches.
pub(crate) const NEVER: u32 = u32::MAX;

/// What a search needs to know of a link, beside those that leave the same node.
#[derive(Clone, Copy)]
pub(crate) struct Leg {
    pub link: u32,
    pub to: u32,
    pub steps: u32,
    /// last step it may be entered
    pub last_entry: u32,
}

/// Adjacency of a road problem.
pub(crate) struct Roads<'a> {
    pub problem: &'a RoadProblem,
    out_first: Vec<u32>,
    out: Vec<u32>,
    legs: Vec<Leg>,
    in_first: Vec<u32>,
    inward: Vec<u32>,
    /// (from, steps) beside `inward`
    tails: Vec<(u32, u32)>,
    /// per link the last step it may be entered; `None` = never
    pub last_entry: Vec<Option<u32>>,
    /// per node its shelter with beds
    pub shelter_at: Vec<Option<u32>>,
}

impl<'a> Roads<'a> {
    pub fn new(problem: &'a RoadProblem) -> Self {
        let nodes = problem.nodes.len();
        let last_entry: Vec<Option<u32>> = problem
            .links
            .iter()
            .map(|l| {
                let end = l.close_step.map_or(problem.horizon, |close| close.min(problem.horizon));
                end.checked_sub(l.steps).filter(|_| l.people_per_step > 0 && l.from != l.to)
            })
            .collect();
        let open = |link: &usize| last_entry[*link].is_some();
        let by = |end: fn(&super::FlowLink) -> u32| {
            let mut first = vec![0_u32; nodes + 1];
            for link in (0..problem.links.len()).filter(open) {
                first[end(&problem.links[link]) as usize + 1] += 1;
            }
            for at in 1..first.len() {
                first[at] += first[at - 1];
            }
            let mut next = first.clone();
            let mut list = vec![0_u32; first.last().map_or(0, |n| *n as usize)];
            for link in (0..problem.links.len()).filter(open) {
                let place = &mut next[end(&problem.links[link]) as usize];
                list[*place as usize] = link as u32;
                *place += 1;
            }
            (first, list)
        };
        let (out_first, out) = by(|l| l.from);
        let (in_first, inward) = by(|l| l.to);
        let mut shelter_at = vec![None; nodes];
        for (place, shelter) in (0..).zip(&problem.shelters).filter(|(_, s)| s.capacity > 0) {
            shelter_at[shelter.node as usize] = Some(place);
        }
        let leg = |&link: &u32| {
            let of = &problem.links[link as usize];
            Some(Leg { link, to: of.to, steps: of.steps, last_entry: last_entry[link as usize]? })
        };
        let legs = out.iter().filter_map(leg).collect();
        let tail = |link: &u32| (problem.links[*link as usize].from, problem.links[*link as usize].steps);
        let tails = inward.iter().map(tail).collect();
        Self { problem, out_first, out, legs, in_first, inward, tails, last_entry, shelter_at }
    }

    /// Links that leave a node and can be used at some step.
    pub fn out(&self, node: u32) -> &[u32] {
        &self.out[self.out_first[node as usize] as usize..self.out_first[node as usize + 1] as usize]
    }

    /// The same as [`Roads::out`], ready to be searched.
    pub fn legs(&self, node: u32) -> &[Leg] {
        &self.legs[self.out_first[node as usize] as usize..self.out_first[node as usize + 1] as usize]
    }

    /// Links that lead to a node and can be used at some step.
    pub fn inward(&self, node: u32) -> &[u32] {
        &self.inward[self.in_first[node as usize] as usize..self.in_first[node as usize + 1] as usize]
    }

    /// Steps from each node to the nearest of the shelters that `counts`, while all usable links are open; [`NEVER`] = none.
    pub fn steps_to_shelter(&self, counts: impl Fn(usize) -> bool) -> Vec<u32> {
        let mut best = vec![NEVER; self.problem.nodes.len()];
        // Steps are small whole numbers: a list per step does for a heap (Dial, Comm. ACM 12, 1969). Beyond the horizon nobody arrives.
        let mut lists: Vec<Vec<u32>> = vec![Vec::new()];
        for (place, shelter) in self.problem.shelters.iter().enumerate() {
            if shelter.capacity > 0 && counts(place) {
                best[shelter.node as usize] = 0;
                lists[0].push(shelter.node);
            }
        }
        let mut steps = 0;
        while let Some(list) = lists.get_mut(steps as usize) {
            for node in std::mem::take(list) {
                if best[node as usize] != steps {
                    continue;
                }
                let (first, end) = (self.in_first[node as usize], self.in_first[node as usize + 1]);
                for &(from, link_steps) in &self.tails[first as usize..end as usize] {
                    let further = steps.saturating_add(link_steps);
                    if further < best[from as usize] && further <= self.problem.horizon {
                        best[from as usize] = further;
                        if lists.len() <= further as usize {
                            lists.resize(further as usize + 1, Vec::new());
                        }
                        lists[further as usize].push(from);
                    }
                }
            }
            steps += 1;
        }
        best
    }

    /// Last step at each node from which some shelter can still be reached over links that are open then; `None` = never.
    /// Capacities are left aside: later is impossible, earlier need not suffice.
    pub fn last_departure(&self) -> Vec<Option<u32>> {
        let mut last = vec![None; self.problem.nodes.len()];
        let mut heap = std::collections::BinaryHeap::new();
        for shelter in self.problem.shelters.iter().filter(|s| s.capacity > 0) {
            last[shelter.node as usize] = Some(self.problem.horizon);
            heap.push((self.problem.horizon, std::cmp::Reverse(shelter.node)));
        }
        while let Some((step, std::cmp::Reverse(node))) = heap.pop() {
            if last[node as usize] != Some(step) {
                continue;
            }
            for &at in self.inward(node) {
                let link = &self.problem.links[at as usize];
                let Some(entry) = step.checked_sub(link.steps).zip(self.last_entry[at as usize]) else { continue };
                let entry = entry.0.min(entry.1);
                if last[link.from as usize].is_none_or(|known| entry > known) {
                    last[link.from as usize] = Some(entry);
                    heap.push((entry, std::cmp::Reverse(link.from)));
                }
            }
        }
        last
    }
}
