//! Time to place 644 169 people from 5 000 points in 200 shelters over a million arcs, exactly (instance m095). The reference in
//! the same run is the check of the proof, which reads every arc once: no exact answer can be had, or trusted, for less.
#![allow(clippy::print_stdout)]

use dayu_base::Finding;
use dayu_benches::{Spread, machine_line};
use dayu_evacuation::{parse_instance, solve_assignment, verify_certificate};
use std::error::Error;

const REPEATS: usize = 5;

macro_rules! data {
    ($name:literal) => {
        include_str!(concat!("../../engine/evacuation/tests/data/", $name))
    };
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("assignment m095 · {}", machine_line());
    let told = |finding: Finding| finding.to_string();
    let parse =
        || parse_instance("m095", data!("m095.json"), data!("m095.demand.csv"), data!("m095.shelters.csv"), None);
    let instance = parse().map_err(told)?;
    let problem = instance.problem().map_err(told)?;
    let outcome = solve_assignment(&problem).map_err(told)?;
    let known: serde_json::Value = serde_json::from_str(data!("m095.reference.json"))?;
    let optimum = (known["unplaced"].as_u64(), known["person_metres"].as_u64().map(u128::from));
    if optimum != (Some(outcome.people - outcome.placed), Some(outcome.person_metres)) {
        return Err("the answer is not the known optimum".into());
    }
    let ms = |spread: Spread| spread.times(1e3);
    println!(
        "{} points, {} shelters, {} arcs; ms, least / median / most of {REPEATS}; optimum equals the known one, gap {}",
        problem.demand.len(),
        problem.shelters.len(),
        problem.trips.count(),
        outcome.gap()
    );
    let build = Spread::of_times(REPEATS, || (), |()| instance.problem());
    println!("  make the arcs from the formula and check their SHA-256: {:.1}", ms(build));
    let solve = Spread::of_times(REPEATS, || (), |()| solve_assignment(&problem));
    println!("  solve, proof checked, one thread: {:.1}", ms(solve));
    let check = Spread::of_times(REPEATS, || (), |()| verify_certificate(&problem, &outcome));
    println!(
        "  reference, check of the proof alone: {:.2} → the solution costs {:.0} times as much",
        ms(check),
        solve.middle / check.middle
    );
    Ok(())
}
