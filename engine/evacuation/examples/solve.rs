//! Temporary: solves instances and writes answers.
#![allow(clippy::unwrap_used, clippy::print_stdout)]
use dayu_evacuation::*;
use std::time::Instant;
fn main() {
    let mut args = std::env::args().skip(1);
    let (dir, out) = (args.next().unwrap(), args.next().unwrap());
    for name in args {
        let (name, k) = name.split_once(':').map(|(n, k)| (n.to_owned(), Some(k.parse().unwrap()))).unwrap_or((name.clone(), None));
        let read = |e: &str| std::fs::read_to_string(format!("{dir}/{name}.{e}")).unwrap();
        let (h, d, s) = (read("json"), read("demand.csv"), read("shelters.csv"));
        let t0 = Instant::now();
        let mut inst = parse_instance(&name, &h, &d, &s, None).unwrap();
        if let Some(k) = k { inst.header.rules.k = k; }
        let t1 = Instant::now();
        let problem = inst.problem().unwrap();
        let t2 = Instant::now();
        let a = solve_assignment(&problem).unwrap();
        let t3 = Instant::now();
        println!("{name} arcs {} parse {:?} build {:?} solve {:?} unplaced {} pm {} longest {} gap {}", problem.arcs.len(), t1-t0, t2-t1, t3-t2, a.people-a.placed, a.person_metres, a.longest_m, a.gap());
        std::fs::write(format!("{out}/{name}.plan.csv"), plan_csv(&problem, &a)).unwrap();
        std::fs::write(format!("{out}/{name}.dual.csv"), certificate_csv(&problem, &a)).unwrap();
        std::fs::write(format!("{out}/{name}.unplaced.csv"), unplaced_csv(&problem, &a)).unwrap();
    }
}
