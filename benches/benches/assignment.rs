//! Time to place 644 169 people from 5 000 points in 200 shelters over a million arcs, exactly (instance m095). The reference in
//! the same run is the check of the proof, which reads every arc once: no exact answer can be had, or trusted, for less.
#![allow(clippy::print_stdout)]

use dayu_base::Finding;
use dayu_benches::{Spread, machine_line};
use dayu_evacuation::{
    AssignmentOutcome, AssignmentProblem, Members, Order, ShelterSite, WITHIN_DEFAULT, least_change, parse_instance,
    robust_plan, solve_assignment, verify_certificate,
};
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
    changed(&problem, &outcome, solve.middle)?;
    members(&problem, &outcome)
}

/// The fullest shelter closes: the plan that keeps most orders, against the optimum made anew.
fn changed(problem: &AssignmentProblem, before: &AssignmentOutcome, cold_s: f64) -> Result<(), Box<dyn Error>> {
    let orders: Vec<Order> = (before.moves.iter())
        .map(|m| Order {
            demand: problem.demand[m.demand as usize].id.clone(),
            shelter: problem.shelters[m.shelter as usize].id.clone(),
            people: m.people,
        })
        .collect();
    let mut after = problem.clone();
    if let Some(fullest) = after.shelters.iter_mut().max_by_key(|site| site.capacity) {
        fullest.capacity = 0;
    }
    let plan = least_change(&after, &orders, WITHIN_DEFAULT).map_err(|finding| finding.to_string())?;
    let again = Spread::of_times(REPEATS, || (), |()| least_change(&after, &orders, WITHIN_DEFAULT));
    println!(
        "  the fullest shelter closes, fewest orders changed: {:.1}, {:.1} times a plan from nothing; {} of {} people keep their \
         shelter, at most {} could; {} without a bed",
        again.times(1e3),
        again.middle / cold_s,
        plan.kept,
        plan.ordered,
        plan.kept_at_most,
        plan.outcome.left()
    );
    Ok(())
}

/// A hundred members in which every thirtieth shelter, another each time, is closed: each to its optimum, and one plan for all.
fn members(problem: &AssignmentProblem, nominal: &AssignmentOutcome) -> Result<(), Box<dyn Error>> {
    let beds = |member: usize| {
        let open = |(at, site): (usize, &ShelterSite)| if (at + member) % 30 == 0 { 0 } else { site.capacity };
        problem.shelters.iter().enumerate().map(open).collect()
    };
    let members = Members {
        ids: (0..100).map(|at| format!("{at}")).collect(),
        beds: (0..100).map(beds).collect(),
        arrived_without_bed: vec![0; 100],
    };
    let robust = robust_plan(problem, nominal, &members).map_err(|finding| finding.to_string())?;
    let all = Spread::of_times(REPEATS, || (), |()| robust_plan(problem, nominal, &members));
    println!(
        "  a hundred members, each to its optimum, and one plan for all, all threads: {:.0}; without their bed on average {:.0} \
         (nominal plan), {:.0} (robust plan)",
        all.times(1e3),
        robust.compared.nominal.expected(),
        robust.compared.robust.expected()
    );
    Ok(())
}
