//! An assignment problem as its files describe it, from text to [`AssignmentProblem`].

use crate::formula::GridPlace;
use crate::header::{EvacHeader, parse_header};
use crate::order::sorted_by_id;
use crate::policies::CARE;
use crate::rows::{BAD_COORDINATES, DemandRow, Rows, ShelterRow, read_arcs, read_demand, read_shelters};
use crate::{AssignmentProblem, Demand, NO_CAPACITY, ShelterSite, Suitability, Trips};
use dayu_base::{Finding, Text};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// An assignment problem as read: rows in the order of the files.
#[derive(Clone, Debug, PartialEq)]
pub struct EvacInstance {
    /// name of the instance, for findings
    pub name: String,
    /// header with the rules
    pub header: EvacHeader,
    /// demand points
    pub demand: Vec<DemandRow>,
    /// shelters
    pub shelters: Vec<ShelterRow>,
    /// (demand row, shelter row, metres) of NAME.arcs.csv; `None` = the header's formula holds
    pub arcs: Option<Vec<(u32, u32, u64)>>,
    /// what is doubtful, and (severity error) what was left out
    pub findings: Vec<Finding>,
    /// figures that the header states can be checked: no row was left out
    whole: bool,
}

/// Reads the texts of NAME.json, NAME.demand.csv (id,people and x,y,vulnerable,needs,party,relatives), NAME.shelters.csv (id,capacity and
/// x,y,kind,offers,care_places,reserve_share,hazard_probability,excluded) and, if there is one, NAME.arcs.csv (demand,shelter,cost). A row
/// that cannot be used is left out and stands among the findings with severity error; the rest is answered.
///
/// # Errors
/// What leaves nothing to answer: `EVA-010` … `EVA-012` header, `EVA-014` road problem, `EVA-015` a table without its columns, `EVA-017`
/// figures of the header that do not hold, `EVA-019` neither arcs nor formula.
pub fn parse_instance(
    name: &str,
    header_json: &str,
    demand_csv: &str,
    shelters_csv: &str,
    arcs_csv: Option<&str>,
) -> Result<EvacInstance, Finding> {
    let header_file = format!("{name}.json");
    let header = parse_header(&header_file, header_json)?;
    let mut findings = Vec::new();
    let demand_file = format!("{name}.demand.csv");
    let shelters_file = format!("{name}.shelters.csv");
    let demand = read_demand(&demand_file, demand_csv, &mut findings)?;
    let shelters = read_shelters(&shelters_file, shelters_csv, &mut findings)?;
    let arcs = match arcs_csv {
        Some(text) => Some(read_arcs(&format!("{name}.arcs.csv"), text, &demand, &shelters, &mut findings)?),
        None => None,
    };
    match (&arcs, &header.formula) {
        (None, None) => {
            return Err(Finding::error(
                "EVA-019",
                Text::new("既没有弧表，也没有 salt 公式。", "There are neither arcs nor a salt formula."),
                Text::new(
                    "给出 arcs.csv，或在文件头写明 salt、river_y、bridges_x。",
                    "Give arcs.csv, or salt, river_y and bridges_x in the header.",
                ),
            )
            .in_file(header_file)
            .field("salt"));
        }
        (Some(_), Some(_)) => findings.push(
            Finding::warning(
                "EVA-021",
                Text::new(
                    "弧表与 salt 公式并存：以弧表为准。",
                    "Both arcs and a salt formula are given: the arcs count.",
                ),
                Text::new("只保留其中一种。", "Keep one of them."),
            )
            .in_file(&header_file)
            .field("salt"),
        ),
        _ => {}
    }
    let whole = !findings.iter().any(|finding| finding.severity == dayu_base::Severity::Error);
    let (Rows { rows: demand, .. }, Rows { rows: shelters, .. }) = (demand, shelters);
    let mut instance = EvacInstance { name: name.to_owned(), header, demand, shelters, arcs, findings, whole };
    if whole {
        let stated = &instance.header.stated;
        check_stated(&header_file, "n_demand", stated.n_demand, instance.demand.len() as u128)?;
        check_stated(&header_file, "n_shelter", stated.n_shelter, instance.shelters.len() as u128)?;
        let people = instance.demand.iter().map(|d| u128::from(d.people)).sum();
        check_stated(&header_file, "people", stated.people, people)?;
        let beds = instance.shelters.iter().map(|s| u128::from(s.capacity)).sum();
        check_stated(&header_file, "capacity", stated.capacity, beds)?;
    }
    instance.measure();
    if instance.shelters.is_empty() {
        instance.findings.push(
            Finding::error(
                "EVA-063",
                Text::new("没有任何场所，无人能够安置。", "There is no shelter at all: nobody can be placed."),
                Text::new("给出场所，或另行安排去处。", "Give shelters, or find other places to go."),
            )
            .in_file(shelters_file),
        );
    }
    Ok(instance)
}

/// What the formula needs of a row.
fn grid_place(id: &str, x_m: Option<f64>, y_m: Option<f64>) -> Option<GridPlace> {
    let whole = |metres: Option<f64>| metres.filter(|m| m.fract() == 0.0 && m.abs() < 1e12).map(|m| m as i64);
    Some(GridPlace { id: id.parse().ok()?, x_m: whole(x_m)?, y_m: whole(y_m)? })
}

impl EvacInstance {
    /// From rows that were not read from files; trips are `arcs` (demand row, shelter row, metres).
    pub fn of_rows(
        name: &str,
        header: EvacHeader,
        demand: Vec<DemandRow>,
        shelters: Vec<ShelterRow>,
        arcs: Vec<(u32, u32, u64)>,
    ) -> Self {
        let (findings, arcs) = (Vec::new(), Some(arcs));
        Self { name: name.to_owned(), header, demand, shelters, arcs, findings, whole: true }
    }

    /// Whether trips follow from the formula.
    pub(crate) fn measured(&self) -> bool {
        self.arcs.is_none() && self.header.formula.is_some()
    }

    /// Whether this row can be measured from, where trips are measured.
    pub(crate) fn has_place(&self, row: &DemandRow) -> bool {
        !self.measured() || grid_place(&row.id, row.x_m, row.y_m).is_some()
    }

    /// Names the rows that the formula cannot measure; such shelters get no one.
    fn measure(&mut self) {
        if !self.measured() {
            return;
        }
        let message = |id: &str| {
            Text::new(
                format!("“{id}”：salt 公式要求编号和坐标为整数（米）；由此无路可达，未参与安置。"),
                format!(
                    "\"{id}\": the salt formula needs whole numbers as id and coordinates (metres); no trip leads there."
                ),
            )
        };
        let told = |id: &str, file: String| {
            Finding::error(
                "EVA-016",
                message(id),
                Text::new("改正该行，或改用弧表。", "Correct the row, or give arcs."),
            )
            .in_file(file)
            .at(id)
            .field("id,x,y")
        };
        for row in &self.demand {
            if grid_place(&row.id, row.x_m, row.y_m).is_none() {
                self.findings.push(told(&row.id, format!("{}.demand.csv", self.name)));
            }
        }
        for row in &mut self.shelters {
            if grid_place(&row.id, row.x_m, row.y_m).is_none() {
                self.findings.push(told(&row.id, format!("{}.shelters.csv", self.name)));
                row.excluded = Some(BAD_COORDINATES.to_owned());
            }
        }
    }

    /// The problem under the rules of the header (which flags may have overridden): the `k` nearest shelters, ties by id,
    /// no trip beyond `max_cost`, nobody where what they need is not offered, no shelter that is excluded.
    ///
    /// # Errors
    /// `EVA-013` a rule that is not known, `EVA-016` places too far apart for the formula, `EVA-017` or `EVA-018` arcs that differ from what
    /// the header states of them, `EVA-061` too many words of need.
    pub fn problem(&self) -> Result<AssignmentProblem, Finding> {
        let file = format!("{}.json", self.name);
        let rules = &self.header.rules;
        let policy = rules.objective().map_err(|finding| finding.in_file(&file))?;
        let sites = self.sites();
        let trips = self.trips(&sites)?;
        let suitability = self.suitability(&sites)?;
        let plain = suitability.is_open() && sites.len() == self.shelters.len();
        let all = trips.suited(&suitability);
        let rank = ranks(&sites)?;
        // The k nearest of those that may be used: one that is left out keeps nobody from the next. Nobody may use both the care places of
        // a house and its other beds, so k counts houses.
        let left_out =
            |site: &crate::policies::Site| site.reason.as_deref().is_some_and(|reason| reason != NO_CAPACITY);
        let of_open = (rules.k > 0 && sites.iter().any(left_out)).then(|| {
            let mut suitability = suitability;
            (0..).zip(&sites).filter(|(_, site)| left_out(site)).for_each(|(at, _)| suitability.close(at));
            nearest(&all.clone().suited(&suitability), rules.k as usize, &rank)
        });
        let mut trips = if rules.k > 0 { nearest(&all, rules.k as usize, &rank) } else { all };
        let stated = &self.header.stated;
        if rules.k == stated.k && self.whole && plain {
            check_stated(&file, "arcs", stated.arcs, trips.count() as u128)?;
            if let Some(expected) = &stated.arcs_sha256 {
                self.check_hash(&file, &trips, &rank, expected)?;
            }
        }
        trips = of_open.unwrap_or(trips);
        if let Some(most) = rules.max_cost {
            trips = trips.up_to(u32::try_from(most).unwrap_or(u32::MAX));
        }
        Ok(AssignmentProblem {
            // Not stated may stand as none: the vulnerable come first only where they are known.
            demand: (self.demand.iter())
                .map(|d| {
                    let people = d.people - self.with_relatives(d);
                    let vulnerable = d.vulnerable.unwrap_or(0).min(people);
                    let care = crate::words(&d.needs).any(|word| word == CARE);
                    Demand { id: d.id.clone(), people, vulnerable, party: d.party.clone(), whole: d.whole, care }
                })
                .collect(),
            shelters: (sites.into_iter())
                .map(|site| {
                    let care_of = self.house_of_care(&site);
                    ShelterSite { id: site.id, capacity: site.beds, care_of }
                })
                .collect(),
            trips,
            policy,
            vulnerable_first: rules.vulnerable_first,
            split: rules.split,
        })
    }

    /// All trips that the files give.
    pub(crate) fn trips(&self, sites: &[crate::policies::Site]) -> Result<Trips, Finding> {
        let (Some(formula), None) = (&self.header.formula, &self.arcs) else {
            let mut arcs = self.arcs.clone().unwrap_or_default();
            // Care places are as far as the rest of the house.
            let of_care: Vec<_> = (self.shelters.len() as u32..)
                .zip(&sites[self.shelters.len()..])
                .flat_map(|(at, site)| {
                    arcs.iter()
                        .filter(|arc| arc.1 as usize == site.row)
                        .map(move |arc| (arc.0, at, arc.2))
                        .collect::<Vec<_>>()
                })
                .collect();
            arcs.extend(of_care);
            let name = |d: u32, s: u32| format!("{} → {}", self.demand[d as usize].id, sites[s as usize].id);
            return Trips::named(self.demand.len(), sites.len(), &arcs, name)
                .map_err(|finding| finding.in_file(format!("{}.arcs.csv", self.name)));
        };
        let from: Vec<_> = self.demand.iter().map(|d| grid_place(&d.id, d.x_m, d.y_m)).collect();
        let to: Vec<_> =
            sites.iter().map(|site| &self.shelters[site.row]).map(|s| grid_place(&s.id, s.x_m, s.y_m)).collect();
        // Who cannot be measured has no trips; somewhere they must stand.
        let anywhere = from.iter().chain(&to).flatten().next().copied().unwrap_or(GridPlace { id: 0, x_m: 0, y_m: 0 });
        let placed = |all: Vec<Option<GridPlace>>| all.into_iter().map(|place| place.unwrap_or(anywhere)).collect();
        Trips::measured(formula, placed(from), placed(to), u32::MAX).ok_or_else(|| {
            Finding::error(
                "EVA-016",
                Text::new(
                    "坐标相距过远：按公式路程可达 10⁸ 米。",
                    "The coordinates lie so far apart that a trip could reach 10⁸ m.",
                ),
                Text::new(
                    "坐标以米为单位；核对 x、y、river_y 与 bridges_x。",
                    "Coordinates are metres: check x, y, river_y and bridges_x.",
                ),
            )
            .in_file(format!("{}.demand.csv", self.name))
            .field("x,y")
        })
    }

    /// What each point needs and each site offers.
    pub(crate) fn suitability(&self, sites: &[crate::policies::Site]) -> Result<Suitability, Finding> {
        let needs: Vec<&str> = self.demand.iter().map(|d| d.needs.as_str()).collect();
        let offers: Vec<&str> = sites.iter().map(|site| site.offers.as_str()).collect();
        let kept_for: Vec<&str> = (0..sites.len()).map(|at| if at < self.shelters.len() { "" } else { CARE }).collect();
        let mut suitability = Suitability::with_kept(&needs, &offers, &kept_for)
            .map_err(|finding| finding.in_file(format!("{}.demand.csv", self.name)))?;
        for (at, row) in self.demand.iter().enumerate() {
            if !self.has_place(row) {
                suitability.strand(at);
            }
        }
        Ok(suitability)
    }

    fn check_hash(&self, file: &str, trips: &Trips, rank: &[u32], expected: &str) -> Result<(), Finding> {
        let by_id = sorted_by_id("demand", self.demand.iter().map(|d| d.id.as_str()))?;
        let mut digest = Sha256::new();
        for some in by_id.chunks(1024) {
            let lines: Vec<String> = some
                .par_iter()
                .map_init(Vec::new, |row, &demand| {
                    trips.row(demand, row);
                    row.sort_unstable_by_key(|trip| (trip.1, rank[trip.0 as usize]));
                    let mut lines = String::with_capacity(16 * row.len());
                    let id = &self.demand[demand as usize].id;
                    for &(shelter, metres) in row.iter() {
                        // Writing to a String cannot fail.
                        let _ = writeln!(lines, "{id},{},{metres}", self.shelters[shelter as usize].id);
                    }
                    lines
                })
                .collect();
            lines.iter().for_each(|lines| digest.update(lines));
        }
        let found = digest.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        if found == expected {
            return Ok(());
        }
        Err(Finding::error(
            "EVA-018",
            Text::new(
                format!("弧的 SHA-256 为 {found}，与文件头所写不符。"),
                format!("The SHA-256 of the arcs is {found}, not what the header states."),
            ),
            Text::new(
                "文件头与表不是同一实例，或表被改动：重新取得。",
                "Header and tables are not of one instance, or a table was changed: get them again.",
            ),
        )
        .in_file(file)
        .field("arcs_sha256"))
    }
}

/// Place of each site in the order of ids.
fn ranks(sites: &[crate::policies::Site]) -> Result<Vec<u32>, Finding> {
    let by_id = sorted_by_id("shelters", sites.iter().map(|s| s.id.as_str()))?;
    let mut rank = vec![0_u32; by_id.len()];
    for (place, &shelter) in (0..).zip(&by_id) {
        rank[shelter as usize] = place;
    }
    Ok(rank)
}

/// The k nearest trips of each point, ties by the rank of the shelter.
fn nearest(trips: &Trips, k: usize, rank: &[u32]) -> Trips {
    let rows = (0..trips.demands() as u32)
        .into_par_iter()
        .map_init(Vec::new, |row, demand| {
            trips.nearest(demand, k, rank, row);
            row.clone()
        })
        .collect();
    Trips::of_rows(rows)
}

fn check_stated(file: &str, key: &str, stated: Option<u64>, found: u128) -> Result<(), Finding> {
    match stated {
        Some(stated) if u128::from(stated) != found => Err(Finding::error(
            "EVA-017",
            Text::new(
                format!("文件头写 {key} = {stated}，实际为 {found}。"),
                format!("The header states {key} = {stated}, but it is {found}."),
            ),
            Text::new(
                "文件不完整或不配套：重新取得，或改正文件头。",
                "A file is cut short or of another instance: get it again, or correct the header.",
            ),
        )
        .in_file(file)
        .field(key)),
        _ => Ok(()),
    }
}
