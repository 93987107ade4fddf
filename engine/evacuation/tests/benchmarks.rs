//! Published instances: the exact optimum, its proof, and the tables that carry them.
#![allow(clippy::unwrap_used)]

use dayu_evacuation::{certificate_csv, parse_instance, plan_csv, solve_assignment, unplaced_csv, verify_certificate};
use serde_json::Value;

macro_rules! instance {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!("data/", $name, ".json")),
            include_str!(concat!("data/", $name, ".demand.csv")),
            include_str!(concat!("data/", $name, ".shelters.csv")),
            include_str!(concat!("data/", $name, ".reference.json")),
        )
    };
}

fn agrees((name, header, demand, shelters, reference): (&str, &str, &str, &str, &str)) {
    let instance = parse_instance(name, header, demand, shelters, None).unwrap();
    assert_eq!(instance.findings, []);
    // The arcs are checked against the SHA-256 in the header here.
    let problem = instance.problem().unwrap();
    let outcome = solve_assignment(&problem).unwrap();
    let reference: Value = serde_json::from_str(reference).unwrap();
    assert_eq!(Some(outcome.people - outcome.placed), reference["unplaced"].as_u64());
    assert_eq!(Some(outcome.person_metres), reference["person_metres"].as_u64().map(u128::from));
    assert_eq!(outcome.gap(), 0);
    verify_certificate(&problem, &outcome).unwrap();

    let plan = plan_csv(&problem, &outcome);
    assert_eq!(plan.lines().next(), Some("demand,shelter,people,cost"));
    let sums = plan.lines().skip(1).map(|line| {
        let fields: Vec<u64> = line.split(',').map(|field| field.parse().unwrap()).collect();
        (fields[2], u128::from(fields[2] * fields[3]))
    });
    let (people, person_metres) = sums.fold((0, 0), |sum, row| (sum.0 + row.0, sum.1 + row.1));
    assert_eq!((people, person_metres), (outcome.placed, outcome.person_metres));
    let proof = certificate_csv(&problem, &outcome);
    assert_eq!(proof.lines().next(), Some("kind,id,value"));
    assert_eq!(proof.lines().count(), 1 + problem.demand.len() + problem.shelters.len());
    assert_eq!(unplaced_csv(&problem, &outcome).lines().next(), Some("id,people,reason"));
    assert_eq!(unplaced_csv(&problem, &outcome).lines().count(), 1 + outcome.unplaced.len());
}

#[test]
fn s070_with_beds_to_spare() {
    agrees(instance!("s070"));
}

#[test]
fn s105_with_too_few_beds() {
    agrees(instance!("s105"));
}

#[test]
fn m095_with_a_million_arcs() {
    agrees(instance!("m095"));
}

#[test]
fn the_order_of_rows_does_not_change_a_byte() {
    let (name, header, demand, shelters, _) = instance!("s105");
    let answer = |demand: &str, shelters: &str| {
        let problem = parse_instance(name, header, demand, shelters, None).unwrap().problem().unwrap();
        let outcome = solve_assignment(&problem).unwrap();
        (plan_csv(&problem, &outcome), unplaced_csv(&problem, &outcome), certificate_csv(&problem, &outcome))
    };
    let reversed = |text: &str| {
        let mut lines: Vec<&str> = text.lines().collect();
        lines[1..].reverse();
        lines.join("\r\n")
    };
    assert_eq!(answer(demand, shelters), answer(&reversed(demand), &reversed(shelters)));
}
