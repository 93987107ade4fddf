//! Which trips are allowed and how long they are: a list, or a formula that is measured row by row and never stored.

use crate::Suitability;
use crate::UNPLACED_M;
use crate::formula::GridPlace;
use crate::header::TripFormula;
use crate::measured::{LANES, Measured};
use crate::tree::NONE;
use dayu_base::{Finding, Text};
use std::sync::Arc;

/// Allowed trips from demand points (by index) to shelters (by index) in whole metres.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trips(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// trips of demand d: `first[d] .. first[d + 1]`, shelters ascending
    Listed { first: Vec<u32>, trips: Vec<(u32, u32)> },
    /// every pair, up to a longest trip
    Measured(Measured),
    /// trips of another problem, with a charge for all but one shelter
    Charged(Charged),
}

/// Trips of points that belong to the demand points of another problem: all are `shift_m` longer, and those to another shelter than the
/// one kept `price_m` more. A point may have a shelter of its own, at no distance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Charged {
    pub base: Arc<Trips>,
    /// per point: demand point of `base`, shelter kept, shelter of its own; [`NONE`] for none
    pub points: Vec<(u32, u32, u32)>,
    pub shift_m: u32,
    pub price_m: u32,
}

impl Charged {
    fn charge_m(&self, point: u32, shelter: u32) -> u32 {
        self.shift_m + if self.points[point as usize].1 == shelter { 0 } else { self.price_m }
    }

    fn row(&self, point: u32, row: &mut Vec<(u32, u32)>) {
        let (demand, _, own) = self.points[point as usize];
        self.base.row(demand, row);
        row.iter_mut().for_each(|trip| trip.1 += self.charge_m(point, trip.0));
        row.extend((own != NONE).then_some((own, 0)));
    }

    fn row_below(&self, point: u32, u: i64, duals: &Below, row: &mut Vec<(u32, u32)>) {
        let (demand, kept, own) = self.points[point as usize];
        let charge_m = self.shift_m + self.price_m;
        self.base.row_below(demand, u.saturating_sub(i64::from(charge_m)), duals, row);
        row.iter_mut().for_each(|trip| trip.1 += self.charge_m(point, trip.0));
        let known = if kept == NONE { Ok(0) } else { row.binary_search_by_key(&kept, |trip| trip.0) };
        if let (Err(at), Some(metres)) = (known, self.base.metres(demand, kept)) {
            let metres = metres + self.shift_m;
            if i64::from(metres) + duals.w[kept as usize] < u {
                row.insert(at, (kept, metres));
            }
        }
        row.extend((own != NONE && duals.w[own as usize] < u).then_some((own, 0)));
    }

    fn nearest(&self, point: u32, count: usize, rank: &[u32], row: &mut Vec<(u32, u32)>) {
        let (demand, kept, own) = self.points[point as usize];
        self.base.nearest(demand, count, rank, row);
        row.iter_mut().for_each(|trip| trip.1 += self.charge_m(point, trip.0));
        let takes_part = |shelter: u32| shelter != NONE && rank[shelter as usize] != u32::MAX;
        if takes_part(kept) && row.iter().all(|trip| trip.0 != kept) {
            row.extend(self.base.metres(demand, kept).map(|metres| (kept, metres + self.shift_m)));
        }
        row.extend(takes_part(own).then_some((own, 0)));
        row.sort_unstable_by_key(|trip| (trip.1, rank[trip.0 as usize]));
        row.truncate(count);
    }

    fn metres(&self, point: u32, shelter: u32) -> Option<u32> {
        let &(demand, _, own) = self.points.get(point as usize)?;
        if own != NONE && own == shelter {
            return Some(0);
        }
        self.base.metres(demand, shelter).map(|metres| metres + self.charge_m(point, shelter))
    }
}

/// What a bed of each shelter is worth, for [`Trips::row_below`].
pub(crate) struct Below {
    /// m
    pub w: Vec<i64>,
    /// the same or less, in 31 bits; filled up to whole lanes
    pub(crate) low: Vec<i32>,
}

impl Below {
    pub fn new(w: Vec<i64>) -> Self {
        let low = w.iter().map(|w| (*w).clamp(-(1 << 30), 1 << 30) as i32);
        let mut low: Vec<i32> =
            low.zip(&w).map(|(low, w)| if *w < i64::from(low) { i32::MIN / 2 } else { low }).collect();
        low.resize(low.len().next_multiple_of(LANES), 1 << 30);
        Self { w, low }
    }
}

impl Trips {
    /// From arcs `(demand, shelter, metres)` in any order.
    ///
    /// # Errors
    /// `EVA-002` an arc to nowhere, `EVA-003` two arcs for one pair, `EVA-004` an arc of 10⁸ m or more, `EVA-005` too many.
    pub fn listed(demands: usize, shelters: usize, arcs: &[(u32, u32, u64)]) -> Result<Self, Finding> {
        Self::named(demands, shelters, arcs, |demand, shelter| format!("{demand} → {shelter}"))
    }

    /// As [`Trips::listed`]; `name` names a pair in findings.
    pub(crate) fn named(
        demands: usize,
        shelters: usize,
        arcs: &[(u32, u32, u64)],
        name: impl Fn(u32, u32) -> String,
    ) -> Result<Self, Finding> {
        if arcs.len() >= u32::MAX as usize {
            return Err(Finding::error(
                "EVA-005",
                Text::new("弧的数量超出可计算的范围。", "There are more arcs than can be counted."),
                Text::new("减少弧，或分区计算。", "Give fewer arcs, or solve the areas one by one."),
            )
            .at("arcs"));
        }
        let mut first = vec![0_u32; demands + 1];
        for &(demand, shelter, cost) in arcs {
            if demand as usize >= demands || shelter as usize >= shelters {
                return Err(Finding::error(
                    "EVA-002",
                    Text::new(
                        format!("弧（{demand} → {shelter}）指向不存在的需求点或场所。"),
                        format!("The arc {demand} → {shelter} names a demand point or shelter that does not exist."),
                    ),
                    Text::new("改正弧表中的编号。", "Correct the ids in the arcs."),
                )
                .at("arcs"));
            }
            if cost >= UNPLACED_M.unsigned_abs() {
                return Err(too_long(&name(demand, shelter), cost));
            }
            first[demand as usize + 1] += 1;
        }
        for demand in 0..demands {
            first[demand + 1] += first[demand];
        }
        let mut next = first.clone();
        let mut trips = vec![(0, 0); arcs.len()];
        for &(demand, shelter, cost) in arcs {
            let place = &mut next[demand as usize];
            trips[*place as usize] = (shelter, cost as u32);
            *place += 1;
        }
        for demand in 0..demands {
            let row = &mut trips[first[demand] as usize..first[demand + 1] as usize];
            row.sort_unstable();
            if let Some(pair) = row.windows(2).find(|pair| pair[0].0 == pair[1].0) {
                return Err(Finding::error(
                    "EVA-003",
                    Text::new("同一需求点到同一场所的弧出现两次。", "Two arcs join the same demand point and shelter."),
                    Text::new("每一对只保留一条弧。", "Keep one arc per pair."),
                )
                .at(name(demand as u32, pair[0].0)));
            }
        }
        Ok(Self(Kind::Listed { first, trips }))
    }

    /// From rows of (shelter, metres), one a demand point, made by [`Trips::row`] or of its kind: shelters that exist, each once, less
    /// than 10⁸ m.
    pub(crate) fn of_rows(rows: Vec<Vec<(u32, u32)>>) -> Self {
        let mut first = Vec::with_capacity(rows.len() + 1);
        first.push(0);
        let mut trips = Vec::with_capacity(rows.iter().map(Vec::len).sum());
        for mut row in rows {
            row.sort_unstable();
            trips.append(&mut row);
            first.push(trips.len() as u32);
        }
        Self(Kind::Listed { first, trips })
    }

    /// Every pair by the formula, trips longer than `most_m` left out. `None` if a trip could reach 10⁸ m.
    pub(crate) fn measured(
        formula: &TripFormula,
        from: Vec<GridPlace>,
        to: Vec<GridPlace>,
        most_m: u32,
    ) -> Option<Self> {
        Some(Self(Kind::Measured(Measured::of(formula, &from, &to, most_m)?)))
    }

    /// Trips with a charge.
    ///
    /// # Errors
    /// `EVA-004` a trip that could reach 10⁸ m.
    pub(crate) fn charged(charged: Charged) -> Result<Self, Finding> {
        let longest = u64::from(charged.base.longest_m()) + u64::from(charged.shift_m) + u64::from(charged.price_m);
        if longest >= UNPLACED_M.unsigned_abs() {
            return Err(too_long("arcs", longest));
        }
        Ok(Self(Kind::Charged(charged)))
    }

    /// Number of demand points.
    pub fn demands(&self) -> usize {
        match &self.0 {
            Kind::Listed { first, .. } => first.len() - 1,
            Kind::Measured(measured) => measured.demands(),
            Kind::Charged(charged) => charged.points.len(),
        }
    }

    /// Sets `row` to the allowed (shelter, metres) of a demand point, shelters ascending.
    pub fn row(&self, demand: u32, row: &mut Vec<(u32, u32)>) {
        row.clear();
        match &self.0 {
            Kind::Listed { first, trips } => {
                row.extend_from_slice(&trips[first[demand as usize] as usize..first[demand as usize + 1] as usize]);
            }
            Kind::Measured(measured) => {
                let trips = (0..measured.shelters() as u32).map(|at| (at, measured.metres(demand, at)));
                row.extend(trips.filter(|trip| trip.1 <= measured.most_m && measured.suits(demand, trip.0)));
            }
            Kind::Charged(charged) => charged.row(demand, row),
        }
    }

    /// Sets `row` to the allowed (shelter, metres) of a demand point with metres + w(shelter) < `u`, shelters ascending.
    pub(crate) fn row_below(&self, demand: u32, u: i64, duals: &Below, row: &mut Vec<(u32, u32)>) {
        row.clear();
        let below = |trip: &(u32, u32)| i64::from(trip.1) + duals.w[trip.0 as usize] < u;
        match &self.0 {
            Kind::Listed { first, trips } => {
                let all = &trips[first[demand as usize] as usize..first[demand as usize + 1] as usize];
                row.extend(all.iter().filter(|trip| below(trip)));
            }
            Kind::Measured(measured) => {
                measured.perhaps_below(demand, u, &duals.low, |at, metres| {
                    let trip = (at, metres);
                    if trip.1 <= measured.most_m && below(&trip) && measured.suits(demand, at) {
                        row.push(trip);
                    }
                });
            }
            Kind::Charged(charged) => charged.row_below(demand, u, duals, row),
        }
    }

    /// Sets `row` to the `count` nearest (shelter, metres) of a demand point, ascending by metres, ties by `rank` of the shelter;
    /// shelters of rank `u32::MAX` are passed over.
    pub(crate) fn nearest(&self, demand: u32, count: usize, rank: &[u32], row: &mut Vec<(u32, u32)>) {
        row.clear();
        let key = |trip: &(u32, u32)| (trip.1, rank[trip.0 as usize]);
        match &self.0 {
            Kind::Listed { first, trips } => {
                let all = &trips[first[demand as usize] as usize..first[demand as usize + 1] as usize];
                row.extend(all.iter().filter(|trip| rank[trip.0 as usize] != u32::MAX));
                if row.len() > count {
                    row.select_nth_unstable_by_key(count, key);
                    row.truncate(count);
                }
                row.sort_unstable_by_key(key);
            }
            Kind::Measured(measured) => {
                let mut most_m = measured.most_m;
                for (at, at_least_m) in (0..).zip(measured.at_least_m(demand)) {
                    if at_least_m > most_m || rank[at as usize] == u32::MAX || !measured.suits(demand, at) {
                        continue;
                    }
                    let trip = (at, measured.metres(demand, at));
                    if trip.1 > most_m {
                        continue;
                    }
                    let place = row.partition_point(|other| key(other) < key(&trip));
                    if place < count {
                        row.truncate(count - 1);
                        row.insert(place, trip);
                        if row.len() == count {
                            most_m = row[count - 1].1;
                        }
                    }
                }
            }
            Kind::Charged(charged) => charged.nearest(demand, count, rank, row),
        }
    }

    /// No trip is longer than this, m.
    pub(crate) fn longest_m(&self) -> u32 {
        match &self.0 {
            Kind::Listed { trips, .. } => trips.iter().map(|trip| trip.1).max().unwrap_or(0),
            Kind::Measured(measured) => measured.longest_m.min(measured.most_m),
            Kind::Charged(charged) => charged.base.longest_m() + charged.shift_m + charged.price_m,
        }
    }

    /// Metres of one trip; `None` where it is not allowed.
    pub fn metres(&self, demand: u32, shelter: u32) -> Option<u32> {
        match &self.0 {
            Kind::Listed { first, trips } => {
                let to = *first.get(demand as usize + 1)? as usize;
                let row = &trips[first[demand as usize] as usize..to];
                row.binary_search_by_key(&shelter, |trip| trip.0).ok().map(|at| row[at].1)
            }
            Kind::Measured(measured) => {
                let there = (demand as usize) < measured.demands() && (shelter as usize) < measured.shelters();
                let allowed = there && measured.suits(demand, shelter);
                allowed.then(|| measured.metres(demand, shelter)).filter(|metres| *metres <= measured.most_m)
            }
            Kind::Charged(charged) => charged.metres(demand, shelter),
        }
    }

    /// Number of allowed trips.
    pub fn count(&self) -> usize {
        match &self.0 {
            Kind::Listed { trips, .. } => trips.len(),
            Kind::Measured(all) if all.most_m >= all.longest_m && all.suits.is_none() => all.demands() * all.shelters(),
            Kind::Measured(_) | Kind::Charged(_) => {
                let mut row = Vec::new();
                (0..self.demands() as u32)
                    .map(|demand| {
                        self.row(demand, &mut row);
                        row.len()
                    })
                    .sum()
            }
        }
    }

    /// The same trips without those longer than `most_m`.
    pub fn up_to(&self, most_m: u32) -> Self {
        match &self.0 {
            Kind::Listed { .. } | Kind::Charged(_) => self.those(|_, trip| trip.1 <= most_m),
            Kind::Measured(measured) => {
                let mut measured = measured.clone();
                measured.most_m = measured.most_m.min(most_m);
                Self(Kind::Measured(measured))
            }
        }
    }

    /// The trips that lead where people find what they need.
    pub(crate) fn barred(self, suits: &Suitability) -> Self {
        match self.0 {
            Kind::Listed { .. } | Kind::Charged(_) => self.those(|demand, trip| suits.suits(demand, trip.0)),
            Kind::Measured(mut measured) => {
                measured.suits = Some(suits.clone());
                Self(Kind::Measured(measured))
            }
        }
    }

    /// The same trips, listed, without those that `keep` refuses.
    fn those(&self, keep: impl Fn(u32, &(u32, u32)) -> bool) -> Self {
        let rows = (0..self.demands() as u32).map(|demand| {
            let mut row = Vec::new();
            self.row(demand, &mut row);
            row.retain(|trip| keep(demand, trip));
            row
        });
        Self::of_rows(rows.collect())
    }
}

/// `EVA-004`: a trip that does not fit below the weight of a person without a bed.
fn too_long(place: &str, cost: u64) -> Finding {
    Finding::error(
        "EVA-004",
        Text::new(
            format!("弧的路程 {cost} 米达到或超过 10⁸ 米。"),
            format!("An arc of {cost} m reaches or exceeds 10⁸ m."),
        ),
        Text::new("路程以米为单位，须小于 10⁸。", "Costs are metres and must be below 10⁸."),
    )
    .at(place)
    .field("cost")
}
