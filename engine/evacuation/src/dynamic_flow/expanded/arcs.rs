//! The arcs of the time-expanded network, numbered by slot at each place and never stored.

use super::{Arc, Expanded, SINK, UNPLACED};

impl Expanded<'_, '_> {
    /// The residual arc in a slot of a node; `None` = there are no more slots.
    #[inline]
    pub(super) fn arc(&self, x: u32, slot: u32) -> Option<Arc> {
        let places = self.places();
        if x >= places {
            return self.arc_of_end(x - places, slot);
        }
        let (node, step) = (x / self.width, x % self.width);
        let nothing = Arc { to: x, cost: 0, room: 0 };
        let problem = self.roads.problem;
        let out = self.roads.out(node);
        if slot < 3 {
            return Some(match slot {
                0 => match self.roads.shelter_at[node as usize] {
                    Some(shelter) => Arc { to: self.shelter_node(shelter), cost: step as i32, room: i32::MAX },
                    None => nothing,
                },
                1 if step + 1 < self.width => Arc { to: x + 1, cost: 0, room: i32::MAX },
                2 if step > 0 => Arc { to: x - 1, cost: 0, room: self.waiting[x as usize - 1] },
                _ => nothing,
            });
        }
        let slot = slot as usize - 3;
        if let Some(&link) = out.get(slot) {
            let to = &problem.links[link as usize];
            if self.roads.last_entry[link as usize].is_none_or(|last| step > last) || step + to.steps >= self.width {
                return Some(nothing);
            }
            let most = to.people_per_step.min(1 << 30) as i32;
            let room = most - self.on_link[(link * self.width + step) as usize];
            return Some(Arc { to: to.to * self.width + step + to.steps, cost: 0, room });
        }
        let slot = slot - out.len();
        let inward = self.roads.inward(node);
        if let Some(&link) = inward.get(slot) {
            let from = &problem.links[link as usize];
            if step < from.steps {
                return Some(nothing);
            }
            let entry = step - from.steps;
            return Some(Arc {
                to: from.from * self.width + entry,
                cost: 0,
                room: self.on_link[(link * self.width + entry) as usize],
            });
        }
        let source = self.source_at[node as usize] + (slot - inward.len()) as u32;
        if source >= self.source_at[node as usize + 1] {
            return None;
        }
        let here = problem.sources[source as usize].ready_step == step;
        Some(if here {
            Arc { to: self.source_node(source), cost: 0, room: self.sent[source as usize] }
        } else {
            nothing
        })
    }

    fn arc_of_end(&self, x: u32, slot: u32) -> Option<Arc> {
        let problem = self.roads.problem;
        if x < self.shelters {
            if slot == 0 {
                return Some(Arc { to: SINK, cost: 0, room: self.beds[x as usize] - self.taken[x as usize] });
            }
            let step = slot - 1;
            return (step < self.width).then(|| Arc {
                to: problem.shelters[x as usize].node * self.width + step,
                cost: -(step as i32),
                room: self.arriving[(x * self.width + step) as usize],
            });
        }
        let source = x - self.shelters;
        let from = &problem.sources[source as usize];
        match slot {
            0 if from.ready_step < self.width => Some(Arc {
                to: from.node * self.width + from.ready_step,
                cost: 0,
                room: from.people as i32 - self.sent[source as usize],
            }),
            0 => Some(Arc { to: SINK, cost: 0, room: 0 }),
            1 => Some(Arc { to: SINK, cost: UNPLACED, room: self.give_up_room(source, 0) }),
            2 => Some(Arc { to: SINK, cost: 2 * UNPLACED, room: self.give_up_room(source, 1) }),
            _ => None,
        }
    }

    pub(super) fn push(&mut self, x: u32, slot: u32, people: i32) {
        let places = self.places();
        if x >= places {
            let end = x - places;
            if end < self.shelters {
                if slot == 0 {
                    self.taken[end as usize] += people;
                } else {
                    self.arriving[(end * self.width + slot - 1) as usize] -= people;
                }
            } else {
                let source = (end - self.shelters) as usize;
                if slot == 0 {
                    self.sent[source] += people;
                } else {
                    self.given_up[source][slot as usize - 1] += people;
                }
            }
            return;
        }
        let (node, step) = (x / self.width, x % self.width);
        match slot {
            0 => {
                if let Some(shelter) = self.roads.shelter_at[node as usize] {
                    self.arriving[(shelter * self.width + step) as usize] += people;
                }
                return;
            }
            1 => {
                self.waiting[x as usize] += people;
                return;
            }
            2 => {
                self.waiting[x as usize - 1] -= people;
                return;
            }
            _ => {}
        }
        let slot = slot as usize - 3;
        let out = self.roads.out(node);
        if let Some(&link) = out.get(slot) {
            self.on_link[(link * self.width + step) as usize] += people;
            return;
        }
        let slot = slot - out.len();
        let inward = self.roads.inward(node);
        if let Some(&link) = inward.get(slot) {
            let entry = step - self.roads.problem.links[link as usize].steps;
            self.on_link[(link * self.width + entry) as usize] -= people;
            return;
        }
        self.sent[self.source_at[node as usize] as usize + slot - inward.len()] -= people;
    }
}
