//! An assignment problem as its files describe it, from text to [`AssignmentProblem`].

use crate::header::{EvacHeader, TripFormula, parse_header};
use crate::order::sorted_by_id;
use crate::sheet::Sheet;
use crate::{AssignmentProblem, Demand, ShelterSite, Trips};
use dayu_base::{Finding, Text};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;

/// A row of NAME.demand.csv.
#[derive(Clone, Debug, PartialEq)]
pub struct DemandRow {
    /// unique key
    pub id: String,
    /// easting, m; `None` = not stated
    pub x_m: Option<f64>,
    /// northing, m; `None` = not stated
    pub y_m: Option<f64>,
    /// persons
    pub people: u64,
    /// of them needing help; `None` = not stated
    pub vulnerable: Option<u64>,
}

/// A row of NAME.shelters.csv.
#[derive(Clone, Debug, PartialEq)]
pub struct ShelterRow {
    /// unique key
    pub id: String,
    /// easting, m; `None` = not stated
    pub x_m: Option<f64>,
    /// northing, m; `None` = not stated
    pub y_m: Option<f64>,
    /// kind of building, as written
    pub kind: Option<String>,
    /// beds
    pub capacity: u64,
}

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
    /// warnings
    pub findings: Vec<Finding>,
}

/// Reads the texts of NAME.json, NAME.demand.csv (id,x,y,people,vulnerable), NAME.shelters.csv (id,x,y,kind,capacity) and, if there
/// is one, NAME.arcs.csv (demand,shelter,cost).
///
/// # Errors
/// The first finding of severity error: `EVA-001` ids, `EVA-010` … `EVA-012` header, `EVA-014` road problem, `EVA-015`, `EVA-016`
/// tables, `EVA-017` figures of the header that do not hold, `EVA-019` neither arcs nor formula.
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
    let (demand, shelters) = (
        read_demand(&format!("{name}.demand.csv"), demand_csv, &mut findings)?,
        read_shelters(&format!("{name}.shelters.csv"), shelters_csv, &mut findings)?,
    );
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
    let stated = &header.stated;
    check_stated(&header_file, "n_demand", stated.n_demand, demand.len() as u128)?;
    check_stated(&header_file, "n_shelter", stated.n_shelter, shelters.len() as u128)?;
    check_stated(&header_file, "people", stated.people, demand.iter().map(|d| u128::from(d.people)).sum())?;
    check_stated(&header_file, "capacity", stated.capacity, shelters.iter().map(|s| u128::from(s.capacity)).sum())?;
    Ok(EvacInstance { name: name.to_owned(), header, demand, shelters, arcs, findings })
}

impl EvacInstance {
    /// The problem under the rules of the header (which flags may have overridden): the `k` nearest shelters, ties by id,
    /// no trip beyond `max_cost`.
    ///
    /// # Errors
    /// `EVA-013` a rule that is not known, `EVA-016` a place the formula cannot use, `EVA-017` or `EVA-018` arcs that differ from what the
    /// header states of them.
    pub fn problem(&self) -> Result<AssignmentProblem, Finding> {
        let file = format!("{}.json", self.name);
        let rules = &self.header.rules;
        let policy = rules.objective().map_err(|finding| finding.in_file(&file))?;
        let rank = self.shelter_ranks()?;
        let mut trips = self.trips()?;
        if rules.k > 0 {
            trips = nearest(&trips, rules.k as usize, &rank);
        }
        let stated = &self.header.stated;
        if rules.k == stated.k {
            check_stated(&file, "arcs", stated.arcs, trips.count() as u128)?;
            if let Some(expected) = &stated.arcs_sha256 {
                self.check_hash(&file, &trips, &rank, expected)?;
            }
        }
        if let Some(most) = rules.max_cost {
            trips = trips.up_to(u32::try_from(most).unwrap_or(u32::MAX));
        }
        Ok(AssignmentProblem {
            // Not stated may stand as none: the vulnerable come first only where they are known.
            demand: (self.demand.iter())
                .map(|d| Demand {
                    id: d.id.clone(),
                    people: d.people,
                    vulnerable: d.vulnerable.unwrap_or(0),
                    party: None,
                })
                .collect(),
            shelters: (self.shelters.iter()).map(|s| ShelterSite { id: s.id.clone(), capacity: s.capacity }).collect(),
            trips,
            policy,
            vulnerable_first: rules.vulnerable_first,
            split: rules.split,
        })
    }

    /// Place of each shelter in the order of ids.
    fn shelter_ranks(&self) -> Result<Vec<u32>, Finding> {
        let by_id = sorted_by_id("shelters", self.shelters.iter().map(|s| s.id.as_str()))?;
        let mut rank = vec![0_u32; by_id.len()];
        for (place, &shelter) in (0..).zip(&by_id) {
            rank[shelter as usize] = place;
        }
        Ok(rank)
    }

    /// All trips that the files give.
    fn trips(&self) -> Result<Trips, Finding> {
        let (demands, shelters) = (self.demand.len(), self.shelters.len());
        let formula = match (&self.arcs, &self.header.formula) {
            (None, Some(formula)) => formula,
            (arcs, _) => {
                let arcs = arcs.as_deref().unwrap_or_default();
                let name =
                    |d: u32, s: u32| format!("{} → {}", self.demand[d as usize].id, self.shelters[s as usize].id);
                return Trips::named(demands, shelters, arcs, name)
                    .map_err(|finding| finding.in_file(format!("{}.arcs.csv", self.name)));
            }
        };
        let demand_file = format!("{}.demand.csv", self.name);
        let from = places(&demand_file, self.demand.iter().map(|d| (d.id.as_str(), d.x_m, d.y_m)))?;
        let shelter_file = format!("{}.shelters.csv", self.name);
        let to = places(&shelter_file, self.shelters.iter().map(|s| (s.id.as_str(), s.x_m, s.y_m)))?;
        Trips::measured(formula, from, to, u32::MAX).ok_or_else(|| {
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
            .in_file(demand_file)
            .field("x,y")
        })
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

/// Place of the trip formula: id and whole metres.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GridPlace {
    /// id as a number
    pub id: u32,
    /// easting, m
    pub x_m: i64,
    /// northing, m
    pub y_m: i64,
}

/// Trip from a demand point to a shelter, m: street-grid distance, the river crossed at the best bridge, times a winding factor of
/// 1.00 to 1.35 drawn by SplitMix64 (Steele, Lea, Flood 2014) from both ids. All divisions floor.
pub fn trip_m(formula: &TripFormula, demand: GridPlace, shelter: GridPlace) -> u64 {
    let same_bank = (demand.y_m > formula.river_y_m) == (shelter.y_m > formula.river_y_m);
    let across = formula.bridges_x_m.iter().map(|b| demand.x_m.abs_diff(*b) + b.abs_diff(shelter.x_m)).min();
    let dx_m = across.filter(|_| !same_bank).unwrap_or_else(|| demand.x_m.abs_diff(shelter.x_m));
    let base_m = dx_m + demand.y_m.abs_diff(shelter.y_m);
    let pair = u64::from(demand.id) << 32 | u64::from(shelter.id);
    base_m * (100 + mix(formula.salt ^ pair) % 36) / 100
}

fn mix(z: u64) -> u64 {
    let z = z.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn places<'a>(
    file: &str,
    rows: impl Iterator<Item = (&'a str, Option<f64>, Option<f64>)>,
) -> Result<Vec<GridPlace>, Finding> {
    let whole = |metres: Option<f64>| metres.filter(|m| m.fract() == 0.0 && m.abs() < 1e12).map(|m| m as i64);
    rows.map(|(id, x_m, y_m)| match (id.parse(), whole(x_m), whole(y_m)) {
        (Ok(id), Some(x_m), Some(y_m)) => Ok(GridPlace { id, x_m, y_m }),
        _ => Err(Finding::error(
            "EVA-016",
            Text::new(
                "salt 公式要求编号和坐标为整数（米）。",
                "The salt formula needs whole numbers as id and coordinates (metres).",
            ),
            Text::new("改正该行，或改用弧表。", "Correct the row, or give arcs instead."),
        )
        .in_file(file)
        .at(id)
        .field("id,x,y")),
    })
    .collect()
}

fn read_demand(file: &str, text: &str, findings: &mut Vec<Finding>) -> Result<Vec<DemandRow>, Finding> {
    let sheet = Sheet::read(file, text, &["id", "people"], &["x", "y", "vulnerable"])?;
    note_unread(file, &sheet.unread, findings);
    let mut rows = Vec::with_capacity(sheet.rows.len());
    for (line, row) in &sheet.rows {
        let people = sheet.count(*line, row, 1)?;
        let vulnerable = sheet.optional_count(*line, row, 4)?;
        if let Some(most) = vulnerable.filter(|most| *most > people) {
            let text = most.to_string();
            return Err(sheet.value(*line, 4, &text, "大于该点人数", "is more than the people there"));
        }
        let (x_m, y_m) = (sheet.number(*line, row, 2)?, sheet.number(*line, row, 3)?);
        rows.push(DemandRow { id: Sheet::text(row, 0).to_owned(), x_m, y_m, people, vulnerable });
    }
    sorted_by_id("demand", rows.iter().map(|row| row.id.as_str())).map_err(|finding| finding.in_file(file))?;
    Ok(rows)
}

fn read_shelters(file: &str, text: &str, findings: &mut Vec<Finding>) -> Result<Vec<ShelterRow>, Finding> {
    let sheet = Sheet::read(file, text, &["id", "capacity"], &["x", "y", "kind"])?;
    note_unread(file, &sheet.unread, findings);
    let mut rows = Vec::with_capacity(sheet.rows.len());
    for (line, row) in &sheet.rows {
        let capacity = sheet.count(*line, row, 1)?;
        let (x_m, y_m) = (sheet.number(*line, row, 2)?, sheet.number(*line, row, 3)?);
        let kind = Some(Sheet::text(row, 4)).filter(|kind| !kind.is_empty()).map(str::to_owned);
        rows.push(ShelterRow { id: Sheet::text(row, 0).to_owned(), x_m, y_m, kind, capacity });
    }
    sorted_by_id("shelters", rows.iter().map(|row| row.id.as_str())).map_err(|finding| finding.in_file(file))?;
    Ok(rows)
}

fn read_arcs(
    file: &str,
    text: &str,
    demand: &[DemandRow],
    shelters: &[ShelterRow],
    findings: &mut Vec<Finding>,
) -> Result<Vec<(u32, u32, u64)>, Finding> {
    let demand: BTreeMap<&str, u32> = demand.iter().map(|d| d.id.as_str()).zip(0..).collect();
    let shelters: BTreeMap<&str, u32> = shelters.iter().map(|s| s.id.as_str()).zip(0..).collect();
    let sheet = Sheet::read(file, text, &["demand", "shelter", "cost"], &[])?;
    note_unread(file, &sheet.unread, findings);
    let mut arcs = Vec::with_capacity(sheet.rows.len());
    for (line, row) in &sheet.rows {
        let at = |index: &BTreeMap<&str, u32>, column: usize| {
            let id = Sheet::text(row, column);
            index.get(id).copied().ok_or_else(|| sheet.value(*line, column, id, "不是已有的编号", "is no known id"))
        };
        arcs.push((at(&demand, 0)?, at(&shelters, 1)?, sheet.count(*line, row, 2)?));
    }
    Ok(arcs)
}

fn note_unread(file: &str, columns: &[String], findings: &mut Vec<Finding>) {
    for column in columns {
        findings.push(
            Finding::warning(
                "EVA-020",
                Text::new(format!("列“{column}”未被读取。"), format!("The column \"{column}\" is not read.")),
                Text::new("如属笔误，改为约定的列名。", "If it is a slip, use the agreed name."),
            )
            .in_file(file)
            .field(column),
        );
    }
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
