//! Which trips are allowed and how long they are: a list, or a formula that is measured row by row and never stored.

use crate::Suitability;
use crate::UNPLACED_M;
use crate::formula::{GridPlace, trip_m};
use crate::header::TripFormula;
use dayu_base::{Finding, Text};

/// Allowed trips from demand points (by index) to shelters (by index) in whole metres.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trips(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// trips of demand d: `first[d] .. first[d + 1]`, shelters ascending
    Listed { first: Vec<u32>, trips: Vec<(u32, u32)> },
    /// every pair, up to a longest trip
    Measured(Measured),
}

/// Trips of a formula.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Measured {
    formula: TripFormula,
    from: Vec<GridPlace>,
    to: Vec<GridPlace>,
    /// (x, y) of the shelters from the corner (x, y), m
    to_m: Vec<(i32, i32)>,
    corner_m: (i64, i64),
    /// no trip is longer, m
    longest_m: u32,
    /// longer trips are not allowed, m
    most_m: u32,
    /// trips to shelters that do not suit are not allowed
    suits: Option<Suitability>,
}

impl Measured {
    fn suits(&self, demand: u32, shelter: u32) -> bool {
        self.suits.as_ref().is_none_or(|suits| suits.suits(demand, shelter))
    }

    fn metres(&self, demand: u32, shelter: u32) -> u32 {
        trip_m(&self.formula, self.from[demand as usize], self.to[shelter as usize]) as u32
    }

    /// Street-grid distances to all shelters as if there were no river: no trip is shorter, and they cost a tenth of a trip.
    fn at_least_m(&self, demand: u32) -> impl Iterator<Item = u32> {
        let here = self.from[demand as usize];
        let (x, y) = ((here.x_m - self.corner_m.0) as i32, (here.y_m - self.corner_m.1) as i32);
        self.to_m.iter().map(move |to| (x - to.0).unsigned_abs() + (y - to.1).unsigned_abs())
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
        let places = || from.iter().chain(&to);
        let eastings = || places().map(|p| p.x_m).chain(formula.bridges_x_m.iter().copied());
        let span = |low: Option<i64>, high: Option<i64>| low.zip(high).map_or(0, |(low, high)| high - low);
        let wide = span(eastings().min(), eastings().max());
        let high = span(places().map(|p| p.y_m).min(), places().map(|p| p.y_m).max());
        let longest = (2 * wide + high).checked_mul(135)? / 100;
        let corner_m = (places().map(|p| p.x_m).min().unwrap_or(0), places().map(|p| p.y_m).min().unwrap_or(0));
        let to_m = to.iter().map(|p| ((p.x_m - corner_m.0) as i32, (p.y_m - corner_m.1) as i32)).collect();
        let (formula, longest_m) = (formula.clone(), u32::try_from(longest).ok()?);
        (longest < UNPLACED_M).then_some(Self(Kind::Measured(Measured {
            formula,
            from,
            to,
            to_m,
            corner_m,
            longest_m,
            most_m,
            suits: None,
        })))
    }

    /// Number of demand points.
    pub fn demands(&self) -> usize {
        match &self.0 {
            Kind::Listed { first, .. } => first.len() - 1,
            Kind::Measured(measured) => measured.from.len(),
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
                let trips = (0..measured.to.len() as u32).map(|at| (at, measured.metres(demand, at)));
                row.extend(trips.filter(|trip| trip.1 <= measured.most_m && measured.suits(demand, trip.0)));
            }
        }
    }

    /// Sets `row` to the allowed (shelter, metres) of a demand point with metres + `w`(shelter) < `u`, shelters ascending.
    pub(crate) fn row_below(&self, demand: u32, u: i64, w: &[i64], row: &mut Vec<(u32, u32)>) {
        row.clear();
        let below = |trip: &(u32, u32)| i64::from(trip.1) + w[trip.0 as usize] < u;
        match &self.0 {
            Kind::Listed { first, trips } => {
                let all = &trips[first[demand as usize] as usize..first[demand as usize + 1] as usize];
                row.extend(all.iter().filter(|trip| below(trip)));
            }
            Kind::Measured(measured) => {
                for ((at, at_least_m), &w) in (0..).zip(measured.at_least_m(demand)).zip(w) {
                    if i64::from(at_least_m) + w < u {
                        let trip = (at, measured.metres(demand, at));
                        if trip.1 <= measured.most_m && below(&trip) && measured.suits(demand, at) {
                            row.push(trip);
                        }
                    }
                }
            }
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
        }
    }

    /// No trip is longer than this, m.
    pub(crate) fn longest_m(&self) -> u32 {
        match &self.0 {
            Kind::Listed { trips, .. } => trips.iter().map(|trip| trip.1).max().unwrap_or(0),
            Kind::Measured(measured) => measured.longest_m.min(measured.most_m),
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
                let there = (demand as usize) < measured.from.len() && (shelter as usize) < measured.to.len();
                let allowed = there && measured.suits(demand, shelter);
                allowed.then(|| measured.metres(demand, shelter)).filter(|metres| *metres <= measured.most_m)
            }
        }
    }

    /// Number of allowed trips.
    pub fn count(&self) -> usize {
        match &self.0 {
            Kind::Listed { trips, .. } => trips.len(),
            Kind::Measured(all) if all.most_m >= all.longest_m && all.suits.is_none() => all.from.len() * all.to.len(),
            Kind::Measured(_) => {
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
            Kind::Listed { .. } => self.those(|_, trip| trip.1 <= most_m),
            Kind::Measured(measured) => {
                Self(Kind::Measured(Measured { most_m: most_m.min(measured.most_m), ..measured.clone() }))
            }
        }
    }

    /// The trips that lead where people find what they need.
    pub(crate) fn barred(self, suits: &Suitability) -> Self {
        match self.0 {
            Kind::Listed { .. } => self.those(|demand, trip| suits.suits(demand, trip.0)),
            Kind::Measured(measured) => Self(Kind::Measured(Measured { suits: Some(suits.clone()), ..measured })),
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
