//! Who has booked which link at which step, and how many beds are taken.

use super::network::Roads;

/// Bookings of a plan in the making.
#[derive(Clone)]
pub(crate) struct Reservations {
    /// people entering, per link from step 0 as far as booked
    entering: Vec<Vec<u64>>,
    /// per link and booked step a later step before which there is no room; the step itself while it has some
    next_free: Vec<Vec<u32>>,
    /// links that are full at some step: the only ones of which `next_free` says more than the step asked for
    crowded: Vec<bool>,
    /// beds still free, per shelter
    pub beds: Vec<u64>,
}

impl Reservations {
    pub fn new(roads: &Roads<'_>) -> Self {
        let problem = roads.problem;
        Self {
            entering: vec![Vec::new(); problem.links.len()],
            next_free: vec![Vec::new(); problem.links.len()],
            crowded: vec![false; problem.links.len()],
            beds: problem.shelters.iter().map(|s| s.capacity).collect(),
        }
    }

    /// People who may still enter a link at a step.
    pub fn room(&self, roads: &Roads<'_>, link: u32, step: u32) -> u64 {
        let booked = self.entering[link as usize].get(step as usize).copied().unwrap_or(0);
        roads.problem.links[link as usize].people_per_step - booked
    }

    /// First step from `step` on at which somebody may enter; `None` = not before it closes.
    pub fn first_entry(&mut self, roads: &Roads<'_>, link: u32, step: u32) -> Option<u32> {
        let last = roads.last_entry[link as usize]?;
        self.first_entry_by(link, step, last)
    }

    /// The same for a link whose last step is known.
    pub fn first_entry_by(&mut self, link: u32, step: u32, last: u32) -> Option<u32> {
        if step > last || !self.crowded[link as usize] {
            return (step <= last).then_some(step);
        }
        let next = &mut self.next_free[link as usize];
        let mut at = step;
        while let Some(&further) = next.get(at as usize).filter(|further| **further > at) {
            // Halving the path keeps later questions short (Tarjan and van Leeuwen 1984).
            let beyond = next.get(further as usize).copied().unwrap_or(further).max(further);
            next[at as usize] = beyond;
            at = beyond;
        }
        (at <= last).then_some(at)
    }

    pub fn enter(&mut self, roads: &Roads<'_>, link: u32, step: u32, people: u64) {
        let booked = &mut self.entering[link as usize];
        if booked.len() <= step as usize {
            booked.resize(step as usize + 1, 0);
        }
        booked[step as usize] += people;
        let next = &mut self.next_free[link as usize];
        while next.len() <= step as usize {
            next.push(next.len() as u32);
        }
        if booked[step as usize] >= roads.problem.links[link as usize].people_per_step {
            next[step as usize] = next[step as usize].max(step + 1);
            self.crowded[link as usize] = true;
        }
    }
}
