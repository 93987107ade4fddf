//! Two shelters at a time, exactly: who of the parties of both goes to which, by a table over the people at one of them (Bellman 1957).
//! Repeated for all pairs until none gains; then a few parties are put elsewhere at random and what follows is kept when it costs less.

/// People who go to one shelter together.
#[derive(Clone)]
pub(crate) struct Party {
    pub people: i64,
    /// (shelter, person-metres), the most promising first
    pub choices: Vec<(u32, i64)>,
    /// cost of leaving them without a bed, in person-metres
    pub left_cost: i64,
}

/// Table entries beyond which a pair is left as it is: parties × people.
const MOST_ENTRIES: usize = 1 << 26;
/// A person too many counts this much, and as much again per [`OVER_STEP`] too many, so that what is too much spreads to
/// where beds are free. In metres.
const OVER_M: i64 = 2_000_000_000;
const OVER_STEP: i64 = 16;
/// The first choices of a guest link two shelters to a pair.
const LINKED: usize = 4;
/// Parties near the balance of two shelters that are divided exactly: at first, when beds spread, and after each attempt. Measured on the
/// published instances: fewer make more attempts possible in the same work.
const CORE: usize = 40;
const CORE_SPREAD: usize = 16;
const CORE_KICKED: usize = 16;
/// Parties put elsewhere in one attempt.
const KICKED: usize = 2;
/// Cost of a party where it may not go.
const NOWHERE: i64 = 1 << 40;
/// How much dearer than the best plan one may be to go on from, at the beginning, for up to a thousand parties.
const DEARER: f64 = 0.0003;

/// The last `margin` free beds of a shelter cost `dear_m` metres times the square of how many of them are taken: a pressure under which
/// free beds spread over shelters, as where each must be filled to the last bed and parties are of all sizes.
#[derive(Clone, Copy, Default)]
pub(crate) struct Spread {
    pub margin: i64,
    pub dear_m: i64,
}

/// Parties in shelters. The last shelter stands for no bed and has room for everybody.
pub(crate) struct Pairs {
    parties: Vec<Party>,
    beds: Vec<i64>,
    /// people in each shelter
    load: Vec<i64>,
    /// shelter of each party
    at: Vec<u32>,
    /// what the parties cost
    paid: i64,
    /// parties of each shelter, ascending
    guests: Vec<Vec<u32>>,
    /// (party, shelter before), since the last plan kept
    journal: Vec<(u32, u32)>,
    /// (pair, when it was tried before), since the last plan kept
    retried: Vec<(u32, u32)>,
    /// beds kept free while parties still find their places
    spread: Spread,
    /// parties that are divided exactly
    core: usize,
    table: Table,
    /// per pair and per shelter: when it was tried, when it changed
    tried: Vec<u32>,
    changed: Vec<u32>,
    clock: u32,
    /// table entries filled
    work: u64,
    draws: u64,
}

#[derive(Default)]
struct Table {
    /// (party, people, cost at a less cost at b) of all who may be at both
    all: Vec<(u32, i64, i64)>,
    /// of them, those near the balance
    parties: Vec<(u32, i64, i64)>,
    /// least cost per number of people at a, whole numbers (exact below 2⁵³), before and after one more party
    best: Vec<f64>,
    next: Vec<f64>,
    /// per party and number: whether the party is at a
    taken: Vec<bool>,
}

impl Pairs {
    /// Places the parties as wished, `None` for no bed. A wish may overfill a shelter.
    pub fn new(parties: Vec<Party>, mut beds: Vec<i64>, wish: &[Option<u32>]) -> Self {
        let left = beds.len() as u32;
        beds.push(i64::MAX / 4);
        let shelters = beds.len();
        let at: Vec<u32> = wish.iter().map(|wish| wish.unwrap_or(left)).collect();
        let mut guests = vec![Vec::new(); shelters];
        let mut load = vec![0; shelters];
        for (party, &shelter) in (0..).zip(&at) {
            guests[shelter as usize].push(party);
            load[shelter as usize] += parties[party as usize].people;
        }
        let mut pairs = Self {
            paid: 0,
            parties,
            beds,
            load,
            at,
            guests,
            journal: Vec::new(),
            retried: Vec::new(),
            spread: Spread::default(),
            core: CORE,
            table: Table::default(),
            tried: vec![0; shelters * shelters],
            changed: vec![1; shelters],
            clock: 1,
            work: 0,
            draws: 0x6461_7975,
        };
        pairs.paid = (0..pairs.at.len() as u32).map(|party| pairs.pays(party)).sum();
        pairs
    }

    /// Lets what is too much find its way to free beds, which `spread` keeps in every shelter as far as it can, with about `work`
    /// table entries; the people who are still too many.
    pub fn spread(&mut self, spread: Spread, work: u64) -> i64 {
        (self.spread, self.core) = (spread, CORE_SPREAD);
        self.settle(false, 0, work);
        (self.spread, self.core) = (Spread::default(), CORE);
        self.clock += 1;
        self.changed.fill(self.clock);
        self.load.iter().zip(&self.beds).map(|(load, beds)| (load - beds).max(0)).sum()
    }

    /// Searches until about `work` table entries are filled; the shelter of each party, `None` for no bed.
    pub fn run(mut self, work: u64) -> Vec<Option<u32>> {
        let left = self.left();
        self.settle(false, 0, work / 2);
        self.settle(true, 0, work);
        self.forget();
        self.core = CORE_KICKED;
        let mut cost = self.cost();
        let (mut record, mut record_at) = (cost, self.at.clone());
        // An attempt changes the less of the whole the more parties there are.
        let dearer = DEARER * (1000.0 / self.parties.len().max(1) as f64).min(1.0);
        let (begun, mut stamps) = (self.work, self.changed.clone());
        while self.work < work && !self.parties.is_empty() {
            // An attempt costs something even when nothing could be moved.
            self.work += 1000;
            let since = self.clock;
            self.kick();
            self.settle(false, since, u64::MAX);
            self.settle(true, since, u64::MAX);
            let now = self.cost();
            // A plan a little dearer than the best one is kept to go on from, less and less so (record-to-record travel, Dueck 1993).
            let rest = work.saturating_sub(self.work) as f64 / (work - begun) as f64;
            if now < cost || now < record.saturating_add((record as f64 * dearer * rest) as i64) {
                cost = now;
                stamps.copy_from_slice(&self.changed);
                if now < record {
                    record = now;
                    record_at.copy_from_slice(&self.at);
                }
            } else {
                while let Some((party, before)) = self.journal.pop() {
                    self.send(party, before);
                    self.journal.pop();
                }
                // As before in every respect: what did not gain then is not tried again.
                self.changed.copy_from_slice(&stamps);
                while let Some((pair, before)) = self.retried.pop() {
                    self.tried[pair as usize] = before;
                }
            }
            self.forget();
        }
        for (party, shelter) in (0..).zip(record_at) {
            self.send_if_elsewhere(party, shelter);
        }
        let room = |party: usize, shelter: u32| {
            let fits = self.load[shelter as usize] <= self.beds[shelter as usize];
            fits && self.cost_at(party as u32, shelter).is_some()
        };
        let at = self.at.iter().enumerate();
        at.map(|(party, &shelter)| Some(shelter).filter(|&s| s != left && room(party, s))).collect()
    }

    /// What was done is done.
    fn forget(&mut self) {
        self.journal.clear();
        self.retried.clear();
    }

    fn left(&self) -> u32 {
        self.beds.len() as u32 - 1
    }

    fn cost(&self) -> i64 {
        let over = self.load.iter().zip(&self.beds).map(|(load, beds)| over(*load, *beds));
        self.paid.saturating_add(over.fold(0, i64::saturating_add))
    }

    /// What a party costs where it is, or should not be.
    fn pays(&self, party: u32) -> i64 {
        self.cost_at(party, self.at[party as usize]).unwrap_or(NOWHERE)
    }

    /// `None` where the party may not go.
    fn cost_at(&self, party: u32, shelter: u32) -> Option<i64> {
        let Party { choices, left_cost, .. } = &self.parties[party as usize];
        if shelter == self.left() {
            return Some(*left_cost);
        }
        choices.iter().find(|choice| choice.0 == shelter).map(|choice| choice.1)
    }

    fn send(&mut self, party: u32, shelter: u32) {
        let (from, people) = (self.at[party as usize], self.parties[party as usize].people);
        let guests = &mut self.guests[from as usize];
        if let Ok(seat) = guests.binary_search(&party) {
            guests.remove(seat);
        }
        let guests = &mut self.guests[shelter as usize];
        if let Err(seat) = guests.binary_search(&party) {
            guests.insert(seat, party);
        }
        self.load[from as usize] -= people;
        self.load[shelter as usize] += people;
        self.paid -= self.pays(party);
        self.at[party as usize] = shelter;
        self.paid += self.pays(party);
        self.journal.push((party, from));
        self.clock += 1;
        self.changed[from as usize] = self.clock;
        self.changed[shelter as usize] = self.clock;
    }

    /// Divides pairs of a shelter that changed after `since` and another anew until no pair gains, or so much work is done.
    fn settle(&mut self, with_left: bool, since: u32, work: u64) {
        let shelters = self.beds.len() - usize::from(!with_left);
        let mut linked = vec![false; self.beds.len()];
        loop {
            let before = self.clock;
            for a in 0..shelters {
                if self.work > work {
                    return;
                }
                if self.changed[a] <= since {
                    continue;
                }
                linked.fill(false);
                linked[self.left() as usize] = true;
                let known = if self.load[a] > self.beds[a] { usize::MAX } else { LINKED };
                for &party in &self.guests[a] {
                    self.parties[party as usize]
                        .choices
                        .iter()
                        .take(known)
                        .for_each(|choice| linked[choice.0 as usize] = true);
                }
                for b in 0..shelters {
                    let pair = a.min(b) * self.beds.len() + a.max(b);
                    let moved = self.changed[a].max(self.changed[b]);
                    if a != b && linked[b] && self.tried[pair] < moved {
                        self.divide(a.min(b) as u32, a.max(b) as u32);
                        self.retried.push((pair as u32, self.tried[pair]));
                        self.tried[pair] = self.clock;
                    }
                }
            }
            if self.clock == before {
                return;
            }
        }
    }

    /// Divides the parties of two shelters anew at the least cost. Parties far from the balance of the two keep to the side that suits them.
    fn divide(&mut self, a: u32, b: u32) {
        let mut table = std::mem::take(&mut self.table);
        let all = &mut table.all;
        all.clear();
        let (mut load, mut sides) = (0, [0, 0]);
        for &party in self.guests[a as usize].iter().chain(&self.guests[b as usize]) {
            let people = self.parties[party as usize].people;
            match (self.cost_at(party, a), self.cost_at(party, b)) {
                (Some(at_a), Some(at_b)) => {
                    all.push((party, people, at_a - at_b));
                    load += people;
                }
                (Some(_), None) => sides[0] += people,
                _ => sides[1] += people,
            }
        }
        let (beds_a, beds_b) = (self.beds[a as usize] - sides[0], self.beds[b as usize] - sides[1]);
        let at_a = |party: &&(u32, i64, i64)| self.at[party.0 as usize] == a;
        let here: i64 = all.iter().filter(at_a).map(|party| party.1).sum();
        let now: i64 = all.iter().filter(at_a).map(|party| party.2).sum();
        let spread = self.spread;
        let now = now.saturating_add(spread.strain(here, beds_a)).saturating_add(spread.strain(load - here, beds_b));
        // The one who would gain most by being at `a`, per person, first.
        all.sort_by(|x, y| {
            let order = (i128::from(x.2) * i128::from(y.1)).cmp(&(i128::from(y.2) * i128::from(x.1)));
            order.then(x.0.cmp(&y.0))
        });
        let (mut there, mut bound) = (0, 0.0);
        let balance = all.iter().position(|&(_, people, gain)| {
            // All of them at `a`, or the part that has room there, or the part that `b` cannot hold.
            let part = if gain < 0 { beds_a - there } else { load - there - beds_b }.clamp(0, people);
            there += part;
            bound += gain as f64 * part as f64 / people as f64;
            part < people
        });
        let balance = balance.unwrap_or(all.len());
        self.work += 500 + 30 * all.len() as u64;
        // No plan of these two costs less than if parties could be split.
        if now as f64 - bound < 1.0 {
            self.table = table;
            return;
        }
        let from = balance.saturating_sub(self.core / 2).min(all.len().saturating_sub(self.core));
        let to = all.len().min(from + self.core);
        let fixed: (i64, i64) = all[..from].iter().fold((0, 0), |sum, party| (sum.0 + party.1, sum.1 + party.2));
        let others: i64 = all[to..].iter().map(|party| party.1).sum();
        table.parties.clear();
        table.parties.extend_from_slice(&all[from..to]);
        let core = load - fixed.0 - others;
        let best = self.best(&mut table, core, here - fixed.0, beds_a - fixed.0, beds_b - others);
        if let Some((best, value)) = best
            && value.saturating_add(fixed.1) < now
        {
            for &(party, ..) in &table.all[..from] {
                self.send_if_elsewhere(party, a);
            }
            for &(party, ..) in &table.all[to..] {
                self.send_if_elsewhere(party, b);
            }
            let width = core as usize + 1;
            let mut there = best;
            for (at, &(party, people, _)) in table.parties.iter().enumerate().rev() {
                let goes = table.taken[at * width + there];
                if goes {
                    there -= people as usize;
                }
                self.send_if_elsewhere(party, if goes { a } else { b });
            }
        }
        self.table = table;
    }

    fn send_if_elsewhere(&mut self, party: u32, shelter: u32) {
        if self.at[party as usize] != shelter {
            self.send(party, shelter);
        }
    }

    /// Fills the table for `load` people: how many of them at `a` cost least, and what.
    fn best(&mut self, table: &mut Table, load: i64, here: i64, beds_a: i64, beds_b: i64) -> Option<(usize, i64)> {
        let width = load as usize + 1;
        if table.parties.is_empty() || width.saturating_mul(table.parties.len()) > MOST_ENTRIES {
            return None;
        }
        let spread = self.spread;
        let strain = |people: i64| spread.strain(people, beds_a).saturating_add(spread.strain(load - people, beds_b));
        for best in [&mut table.best, &mut table.next] {
            best.clear();
            best.resize(width, f64::INFINITY);
        }
        table.best[0] = 0.0;
        table.taken.clear();
        table.taken.resize(width * table.parties.len(), false);
        // How many may end up at `a`: enough that `b` can hold the rest, and no more than it can hold, or as many as now.
        let most = beds_a.max(load - beds_b).max(here).clamp(0, load) as usize;
        let least = beds_a.min(load - beds_b).min(here).saturating_sub(spread.margin).clamp(0, load) as usize;
        let mut reach = 0_usize;
        let mut rest = load as usize;
        for (&(_, people, gain), taken) in table.parties.iter().zip(table.taken.chunks_exact_mut(width)) {
            let people = people as usize;
            let gain = gain as f64;
            reach += people;
            rest -= people;
            let (low, high) = (least.saturating_sub(rest).max(people), reach.min(most));
            table.next[..people].copy_from_slice(&table.best[..people]);
            if low > high {
                std::mem::swap(&mut table.best, &mut table.next);
                continue;
            }
            self.work += (high - low) as u64 + 1;
            let without = &table.best[low..=high];
            let with = &table.best[low - people..=high - people];
            let rows = table.next[low..=high].iter_mut().zip(&mut taken[low..=high]);
            for ((next, taken), (&without, &with)) in rows.zip(without.iter().zip(with)) {
                let with = with + gain;
                let less = with < without;
                *next = if less { with } else { without };
                *taken = less;
            }
            std::mem::swap(&mut table.best, &mut table.next);
        }
        let finite = |cost: f64| if cost.is_finite() { cost as i64 } else { i64::MAX / 4 };
        let value = |people: usize| finite(table.best[people]).saturating_add(strain(people as i64));
        (least..=most).map(|people| (people, value(people))).min_by_key(|(people, value)| (*value, *people))
    }

    /// SplitMix64 (Steele, Lea, Flood 2014).
    fn below(&mut self, count: usize) -> usize {
        self.draws = self.draws.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = self.draws;
        let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((u128::from(z ^ (z >> 31)) * count as u128) >> 64) as usize
    }

    /// Sends some guests of one shelter elsewhere.
    fn kick(&mut self) {
        let some = self.below(self.parties.len());
        let left = self.left();
        let waiting = self.guests[left as usize].len();
        if waiting > 0 && self.below(2) == 0 {
            // Somebody without a bed comes in; what is too much then moves on from shelter to shelter.
            let at = self.below(waiting);
            let party = self.guests[left as usize][at];
            let choices = self.parties[party as usize].choices.len();
            if choices > 0 {
                let to = self.below(choices);
                self.send(party, self.parties[party as usize].choices[to].0);
            }
            return;
        }
        let shelter = self.at[some] as usize;
        for _ in 0..KICKED {
            let count = self.guests[shelter].len();
            if count == 0 {
                return;
            }
            let at = self.below(count);
            let party = self.guests[shelter][at];
            let choices = self.parties[party as usize].choices.len().min(6);
            if choices > 0 {
                let to = self.below(choices);
                let to = self.parties[party as usize].choices[to].0;
                if to as usize != shelter {
                    self.send(party, to);
                }
            }
        }
    }
}

/// Cost of people beyond the beds.
fn over(people: i64, beds: i64) -> i64 {
    let over = (people - beds).max(0);
    over.saturating_mul(OVER_M / OVER_STEP).saturating_mul(OVER_STEP + over)
}

impl Spread {
    fn strain(self, people: i64, beds: i64) -> i64 {
        let tight = (people - beds + self.margin).clamp(0, self.margin);
        over(people, beds).saturating_add(self.dear_m * tight * tight)
    }
}
