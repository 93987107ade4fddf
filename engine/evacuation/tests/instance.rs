//! Problem files: what is read, and what is refused by name.
#![allow(clippy::unwrap_used)]

use dayu_base::Finding;
use dayu_evacuation::{EvacInstance, parse_instance, plan_csv, solve_assignment, unplaced_csv};

const DEMAND: &str = "id,x,y,people,vulnerable\na,0,0,3,1\nb,10,0,2,\n";
const SHELTERS: &str = "id,x,y,kind,capacity\ns1,0,5,school,4\ns2,0,9,office,9\n";
const ARCS: &str = "demand,shelter,cost\na,s1,5\na,s2,9\nb,s1,15\n";

fn parse(header: &str, demand: &str, shelters: &str, arcs: Option<&str>) -> Result<EvacInstance, Finding> {
    parse_instance("p", header, demand, shelters, arcs)
}

fn refusal(header: &str, demand: &str, shelters: &str, arcs: Option<&str>) -> (String, String, String) {
    let finding = parse(header, demand, shelters, arcs).and_then(|instance| instance.problem()).unwrap_err();
    assert!(!finding.message.zh.is_empty() && !finding.mend.zh.is_empty());
    (finding.code, finding.file, finding.field)
}

fn of(code: &str, file: &str, field: &str) -> (String, String, String) {
    (code.into(), file.into(), field.into())
}

#[test]
fn arcs_as_a_table() {
    let instance = parse("{}", DEMAND, SHELTERS, Some(ARCS)).unwrap();
    assert_eq!(instance.demand[1].vulnerable, None);
    let problem = instance.problem().unwrap();
    let outcome = solve_assignment(&problem).unwrap();
    assert_eq!(plan_csv(&problem, &outcome), "demand,shelter,people,cost\na,s1,2,5\na,s2,1,9\nb,s1,2,15\n");
    assert_eq!(unplaced_csv(&problem, &outcome), "id,people,reason\n");
}

#[test]
fn spreadsheets_quote_and_mark() {
    let demand = "\u{feff}people,id\r\n\"3\",\"a,\"\"x\"\"\r\ny\"\r\n\r\n2,b\r\n";
    let arcs = "demand,shelter,cost\n\"a,\"\"x\"\"\r\ny\",s1,5\nb,s2,1\n";
    let problem = parse("{}", demand, SHELTERS, Some(arcs)).unwrap().problem().unwrap();
    assert_eq!(problem.demand[0].id, "a,\"x\"\r\ny");
    let outcome = solve_assignment(&problem).unwrap();
    assert_eq!(plan_csv(&problem, &outcome), "demand,shelter,people,cost\n\"a,\"\"x\"\"\r\ny\",s1,3,5\nb,s2,2,1\n");
}

/// (demand, shelter, metres) of all trips.
fn arcs(header: &str, shelters: &str, demand: &str, table: &str) -> Vec<(u32, u32, u32)> {
    let problem = parse(header, demand, shelters, Some(table)).unwrap().problem().unwrap();
    let (mut row, mut all) = (Vec::new(), Vec::new());
    for demand in 0..problem.demand.len() as u32 {
        problem.trips.row(demand, &mut row);
        all.extend(row.iter().map(|trip| (demand, trip.0, trip.1)));
    }
    all
}

#[test]
fn k_and_max_cost_bound_the_arcs() {
    let arcs = |header: &str| arcs(header, SHELTERS, DEMAND, ARCS);
    assert_eq!(arcs(r#"{"k": 1}"#), [(0, 0, 5), (1, 0, 15)]);
    assert_eq!(arcs(r#"{"max_cost": 9}"#), [(0, 0, 5), (0, 1, 9)]);
    assert_eq!(arcs(r#"{"k": 0, "policy": "sum", "split": true, "vulnerable_first": false}"#).len(), 3);
}

#[test]
fn the_nearest_of_equals_is_the_lower_id() {
    let table = "demand,shelter,cost\na,10,5\na,9,5\na,2,5\n";
    let nearest = arcs(r#"{"k": 2}"#, "id,capacity\n10,1\n9,1\n2,1\n", "id,people\na,1\n", table);
    assert_eq!(nearest, [(0, 1, 5), (0, 2, 5)]);
}

#[test]
fn a_policy_that_is_not_known_is_refused_by_name() {
    let known = parse(r#"{"policy": "longest"}"#, DEMAND, SHELTERS, Some(ARCS)).unwrap();
    assert_eq!(known.problem().unwrap().policy, dayu_evacuation::Policy::Longest);
    assert_eq!(refusal(r#"{"policy": "Sum"}"#, DEMAND, SHELTERS, Some(ARCS)), of("EVA-013", "p.json", "policy"));
    let road = refusal(r#"{"name": "r1", "nodes": 192, "links": 628, "horizon": 240}"#, DEMAND, SHELTERS, Some(ARCS));
    assert_eq!(road.0, "EVA-014");
}

#[test]
fn bad_headers() {
    let of_header = |header: &str| refusal(header, DEMAND, SHELTERS, Some(ARCS));
    assert_eq!(of_header(""), of("EVA-010", "p.json", ""));
    assert_eq!(of_header("[]"), of("EVA-010", "p.json", ""));
    assert_eq!(of_header(r#"{"max_costs": 3}"#), of("EVA-011", "p.json", "max_costs"));
    let near = parse(r#"{"max_costs": 3}"#, DEMAND, SHELTERS, Some(ARCS)).unwrap_err();
    assert!(near.mend.en.contains("\"max_cost\""));
    assert_eq!(of_header(r#"{"k": -1}"#), of("EVA-012", "p.json", "k"));
    assert_eq!(of_header(r#"{"max_cost": 1.5}"#), of("EVA-012", "p.json", "max_cost"));
    assert_eq!(of_header(r#"{"unit": "foot"}"#), of("EVA-012", "p.json", "unit"));
    assert_eq!(of_header(r#"{"salt": "x"}"#), of("EVA-012", "p.json", "salt"));
    assert_eq!(of_header(r#"{"people": 6}"#), of("EVA-017", "p.json", "people"));
    assert_eq!(of_header(r#"{"arcs": 4}"#), of("EVA-017", "p.json", "arcs"));
    assert_eq!(of_header(r#"{"arcs_sha256": "00"}"#), of("EVA-018", "p.json", "arcs_sha256"));
    assert_eq!(refusal("{}", DEMAND, SHELTERS, None), of("EVA-019", "p.json", "salt"));
    let formula = r#"{"salt": "7", "river_y": 3, "bridges_x": [1]}"#;
    assert_eq!(refusal(formula, DEMAND, SHELTERS, None), of("EVA-016", "p.demand.csv", "id,x,y"));
}

#[test]
fn bad_tables() {
    let of_demand = |demand: &str| refusal("{}", demand, SHELTERS, Some(ARCS));
    assert_eq!(of_demand(""), of("EVA-015", "p.demand.csv", ""));
    assert_eq!(of_demand("id,x\na,1\n"), of("EVA-015", "p.demand.csv", "people"));
    assert_eq!(of_demand("id,people,people\na,1,2\n"), of("EVA-015", "p.demand.csv", "people"));
    assert_eq!(of_demand("id,people\na,1,2\n"), of("EVA-015", "p.demand.csv", ""));
    assert_eq!(of_demand("id,people\na,-1\n"), of("EVA-016", "p.demand.csv", "people"));
    assert_eq!(of_demand("id,people\na,\n"), of("EVA-016", "p.demand.csv", "people"));
    assert_eq!(of_demand("id,people\na,1.5\n"), of("EVA-016", "p.demand.csv", "people"));
    assert_eq!(of_demand("id,x,people\na,nan,1\n"), of("EVA-016", "p.demand.csv", "x"));
    assert_eq!(of_demand("id,people,vulnerable\na,1,2\n"), of("EVA-016", "p.demand.csv", "vulnerable"));
    assert_eq!(of_demand("id,people\na,1\na,2\n"), of("EVA-001", "p.demand.csv", "id"));
    let shelters = refusal("{}", DEMAND, "id,capacity\ns1,-4\n", Some(ARCS));
    assert_eq!(shelters, of("EVA-016", "p.shelters.csv", "capacity"));
    let arcs = refusal("{}", DEMAND, SHELTERS, Some("demand,shelter,cost\nzz,s1,4\n"));
    assert_eq!(arcs, of("EVA-016", "p.arcs.csv", "demand"));
    let line = parse("{}", "id,people\na,1\n\nb,x\n", SHELTERS, Some(ARCS)).unwrap_err();
    assert_eq!(line.place, "line 4");
}

#[test]
fn columns_nobody_reads_are_said() {
    let instance = parse("{}", "id,people,note\na,1,hi\nb,1,ho\n", SHELTERS, Some(ARCS)).unwrap();
    assert_eq!(instance.findings.len(), 1);
    assert_eq!((instance.findings[0].code.as_str(), instance.findings[0].field.as_str()), ("EVA-020", "note"));
}
