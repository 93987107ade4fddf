//! An assignment problem as the files that [`crate::parse_instance`] reads, so that an answer can carry its question.

use crate::EvacInstance;
use crate::order::id_order;
use crate::sheet::quoted;
use serde_json::{Map, json};
use std::fmt::Write;

/// Texts of NAME.json, NAME.demand.csv, NAME.shelters.csv and NAME.arcs.csv.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemFiles {
    /// rules and policies
    pub header: String,
    /// people; columns that no row fills are left out
    pub demand: String,
    /// beds; columns that no row fills are left out
    pub shelters: String,
    /// demand,shelter,cost (m); every trip before policies bar some
    pub arcs: String,
}

/// A column: its heading, and the field of a row.
type Column<'a, R> = (&'static str, &'a dyn Fn(&R) -> String);

impl EvacInstance {
    /// The files of the problem; rows are in the order of ids, trips are listed.
    pub fn files(&self) -> ProblemFiles {
        let text = |text: &str| quoted(text).into_owned();
        let number = |number: Option<f64>| number.map_or_else(String::new, |n| n.to_string());
        let count = |count: Option<u64>| count.map_or_else(String::new, |n| n.to_string());
        let demand: [Column<'_, crate::DemandRow>; 9] = [
            ("id", &|d| text(&d.id)),
            ("people", &|d| d.people.to_string()),
            ("x", &|d| number(d.x_m)),
            ("y", &|d| number(d.y_m)),
            ("vulnerable", &|d| count(d.vulnerable)),
            ("needs", &|d| text(&d.needs)),
            ("party", &|d| text(d.party.as_deref().unwrap_or(""))),
            ("relatives", &|d| count(d.relatives)),
            ("whole", &|d| if d.whole { "1".to_owned() } else { String::new() }),
        ];
        let shelters: [Column<'_, crate::ShelterRow>; 10] = [
            ("id", &|s| text(&s.id)),
            ("capacity", &|s| s.capacity.to_string()),
            ("x", &|s| number(s.x_m)),
            ("y", &|s| number(s.y_m)),
            ("kind", &|s| text(s.kind.as_deref().unwrap_or(""))),
            ("offers", &|s| text(&s.offers)),
            ("care_places", &|s| count(s.care_places)),
            ("reserve_share", &|s| number(s.reserve_share)),
            ("hazard_probability", &|s| number(s.hazard_probability)),
            ("excluded", &|s| text(s.excluded.as_deref().unwrap_or(""))),
        ];
        ProblemFiles {
            header: self.header_json(),
            demand: table(&self.demand, |d| &d.id, &demand),
            shelters: table(&self.shelters, |s| &s.id, &shelters),
            arcs: self.arcs_csv(),
        }
    }

    fn header_json(&self) -> String {
        let (rules, policies) = (&self.header.rules, &self.header.policies);
        let mut map = Map::new();
        map.insert("name".into(), json!(self.name));
        map.insert("n_demand".into(), json!(self.demand.len()));
        map.insert("n_shelter".into(), json!(self.shelters.len()));
        map.insert("policy".into(), json!(rules.policy));
        map.insert("split".into(), json!(rules.split));
        map.insert("vulnerable_first".into(), json!(rules.vulnerable_first));
        map.insert("k".into(), json!(rules.k));
        if let Some(most) = rules.max_cost {
            map.insert("max_cost".into(), json!(most));
        }
        let shares = [
            ("max_hazard_probability", policies.max_hazard_probability),
            ("reserve_share", policies.reserve_share),
            ("relatives_share", policies.relatives_share),
        ];
        for (key, share) in shares.into_iter().filter_map(|(key, share)| Some((key, share?))) {
            map.insert(key.into(), json!(share));
        }
        format!("{:#}\n", serde_json::Value::Object(map))
    }

    fn arcs_csv(&self) -> String {
        let mut arcs: Vec<_> = self.arcs.iter().flatten().collect();
        let ids = |arc: &(u32, u32, u64)| (&*self.demand[arc.0 as usize].id, &*self.shelters[arc.1 as usize].id);
        arcs.sort_by(|a, b| id_order(ids(a).0, ids(b).0).then_with(|| id_order(ids(a).1, ids(b).1)));
        arcs.into_iter().fold(String::from("demand,shelter,cost\n"), |mut text, arc| {
            let (demand, shelter) = ids(arc);
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{},{},{}", quoted(demand), quoted(shelter), arc.2);
            text
        })
    }
}

/// A table in the order of ids, without columns that are empty but for the first two.
fn table<R>(rows: &[R], id: impl Fn(&R) -> &str, columns: &[Column<'_, R>]) -> String {
    let mut rows: Vec<&R> = rows.iter().collect();
    rows.sort_by(|a, b| id_order(id(a), id(b)));
    let filled: Vec<_> = (columns.iter().enumerate())
        .filter(|(at, column)| *at < 2 || rows.iter().any(|row| !(column.1)(row).is_empty()))
        .map(|(_, column)| column)
        .collect();
    let line = |fields: Vec<String>| fields.join(",") + "\n";
    let mut text = line(filled.iter().map(|column| column.0.to_owned()).collect());
    for row in rows {
        text.push_str(&line(filled.iter().map(|column| (column.1)(row)).collect()));
    }
    text
}
