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
    let demand = "\u{feff}people,id\r\n\"3\",\"a,\"\"x\"\" y\"\r\n\r\n2,b\r\n";
    let arcs = "demand,shelter,cost\n\"a,\"\"x\"\" y\",s1,5\nb,s2,1\n";
    let problem = parse("{}", demand, SHELTERS, Some(arcs)).unwrap().problem().unwrap();
    assert_eq!(problem.demand[0].id, "a,\"x\" y");
    let outcome = solve_assignment(&problem).unwrap();
    assert_eq!(plan_csv(&problem, &outcome), "demand,shelter,people,cost\n\"a,\"\"x\"\" y\",s1,3,5\nb,s2,2,1\n");
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
    let wide = "id,x,y,people\n1,0,0,3\n2,900000000,0,1\n";
    assert_eq!(refusal(formula, wide, "id,x,y,capacity\n1,0,5,9\n", None), of("EVA-016", "p.demand.csv", "x,y"));
    assert_eq!(of_header(r#"{"reserve_share": 2}"#), of("EVA-012", "p.json", "reserve_share"));
}

#[test]
fn tables_without_their_columns_are_refused() {
    let of_demand = |demand: &str| refusal("{}", demand, SHELTERS, Some(ARCS));
    assert_eq!(of_demand(""), of("EVA-015", "p.demand.csv", ""));
    assert_eq!(of_demand("id,x\na,1\n"), of("EVA-015", "p.demand.csv", "people"));
    assert_eq!(of_demand("id,people,people\na,1,2\n"), of("EVA-015", "p.demand.csv", "people"));
}

/// Codes and places of the errors, and what became of everybody: plan, those without a bed.
fn answered(header: &str, demand: &str, shelters: &str, arcs: Option<&str>) -> (Vec<(String, String)>, String, String) {
    let instance = parse(header, demand, shelters, arcs).unwrap();
    let problem = instance.problem().unwrap();
    let mut outcome = solve_assignment(&problem).unwrap();
    instance.name_reasons(&mut outcome);
    let errors = instance.findings.iter().filter(|f| f.severity == dayu_base::Severity::Error);
    let errors = errors.map(|f| (f.code.clone(), f.place.clone())).collect();
    let body = |text: String| text.lines().skip(1).collect::<Vec<_>>().join(" ");
    (errors, body(plan_csv(&problem, &outcome)), body(unplaced_csv(&problem, &outcome)))
}

fn told(codes: &[(&str, &str)]) -> Vec<(String, String)> {
    codes.iter().map(|(code, place)| ((*code).to_owned(), (*place).to_owned())).collect()
}

#[test]
fn a_bad_row_is_named_and_the_rest_is_answered() {
    let of_demand = |demand: &str| answered("{}", demand, SHELTERS, Some(ARCS));
    let good = "b,s1,2,15";
    for bad in ["a,-1", "a,", "a,1.5", "a,x", "a,10000000000000", "a,18446744073709551616", "a,1,2"] {
        let code = if bad == "a,1,2" { "EVA-015" } else { "EVA-016" };
        let (errors, plan, left) = of_demand(&format!("id,people\n{bad}\nb,2\n"));
        // Arcs of a row that cannot even be read by its columns name an id that nobody knows.
        assert_eq!(errors[0], (code.to_owned(), "line 2".to_owned()), "{bad}");
        assert_eq!((plan.as_str(), left.as_str()), (good, ""), "{bad}");
    }
    // The first of two rows counts; nobody is counted twice.
    let (errors, plan, _) = of_demand("id,people\na,1\na,2\nb,2\n");
    assert_eq!((errors, plan.as_str()), (told(&[("EVA-001", "line 3")]), "a,s1,1,5 b,s1,2,15"));
    // People whose row is doubtful elsewhere get their bed.
    let (errors, plan, _) = of_demand("id,x,people,vulnerable\na,nan,1,2\nb,1,2,y\n");
    let three = [("EVA-016", "line 2"), ("EVA-016", "line 2"), ("EVA-016", "line 3")];
    assert_eq!((errors, plan.as_str()), (told(&three), "a,s1,1,5 b,s1,2,15"));
    let shelters = |shelters: &str| answered("{}", DEMAND, shelters, Some(ARCS));
    for bad in ["s1,-4", "s1,", "s1,many"] {
        let (errors, plan, left) = shelters(&format!("id,capacity\n{bad}\ns2,9\n"));
        assert_eq!(errors, told(&[("EVA-016", "line 2")]));
        assert_eq!((plan.as_str(), left.as_str()), ("a,s2,3,9", "b,2,no_reachable_shelter"));
    }
    // Beds are not counted twice.
    let (errors, plan, left) = shelters("id,capacity\ns1,1\ns1,9\ns2,0\n");
    assert_eq!(errors, told(&[("EVA-001", "line 3")]));
    assert_eq!((plan.as_str(), left.as_str()), ("a,s1,1,5", "a,2,shelters_full b,2,shelters_full"));
    let line = parse("{}", "id,people\na,1\n\nb,x\n", SHELTERS, Some(ARCS)).unwrap();
    assert_eq!(line.findings[0].place, "line 4");
}

#[test]
fn bad_arcs_are_left_out_and_the_longer_of_two_counts() {
    let arcs = "demand,shelter,cost\nzz,s1,4\na,s1,x\na,s1,7\na,s1,5\nb,s2,100000000\nb,s9,1\nb,s1,15\n";
    let (errors, plan, left) = answered("{}", DEMAND, SHELTERS, Some(arcs));
    let codes: Vec<&str> = errors.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(codes, ["EVA-016", "EVA-016", "EVA-016", "EVA-016", "EVA-003"]);
    assert_eq!((plan.as_str(), left.as_str()), ("a,s1,3,7 b,s1,1,15", "b,1,shelters_full"));
    let many: String = (0..50).map(|at| format!("nobody{at},s1,4\n")).collect();
    let (errors, ..) = answered("{}", DEMAND, SHELTERS, Some(&format!("demand,shelter,cost\n{many}")));
    assert_eq!((errors.len(), errors[20].0.as_str()), (21, "EVA-062"));
}

#[test]
fn a_stray_quote_costs_its_row_and_no_other() {
    let of_demand =
        |demand: &str| answered("{}", demand, SHELTERS, Some("demand,shelter,cost\na,s2,5\nb,s2,1\nc,s2,1\nd,s2,1\n"));
    // Not closed, inside a bare field, text after it; each line once, and the rows around them are placed.
    for bad in ["b,5,\"mill", "b,5,5\" Road", "b,5,\"mill\" x", "\"b,5,", "b,\"5\"5,"] {
        let (errors, plan, left) = of_demand(&format!("id,people,party\na,3,\n{bad}\nc,2,\"Lane, 7\"\nd,1,\"x\"\n"));
        assert_eq!(errors[0], ("EVA-015".to_owned(), "line 3".to_owned()), "{bad}");
        assert_eq!((plan.as_str(), left.as_str()), ("a,s2,3,5 c,s2,2,1 d,s2,1,1", ""), "{bad}");
    }
    // A quote that is closed rows later takes none of them with it.
    let (errors, plan, _) = of_demand("id,people,party\na,3,\"mill\nb,2,\nc,2,\nd,1,7\"\n");
    assert_eq!(errors[..2], told(&[("EVA-015", "line 2"), ("EVA-015", "line 5")])[..]);
    assert_eq!(plan, "b,s2,2,1 c,s2,2,1");
    assert_eq!(refusal("{}", "id,\"people\na,1\n", SHELTERS, Some(ARCS)).0, "EVA-015");
}

#[test]
fn beds_for_care_stay_free_for_care() {
    let arcs = "demand,shelter,cost\na,S,100\nb,S,900\n";
    let (errors, plan, left) =
        answered("{}", "id,people,needs\na,10,\nb,5,care\n", "id,capacity,care_places\nS,10,5\n", Some(arcs));
    assert_eq!(errors, told(&[]));
    assert_eq!((plan.as_str(), left.as_str()), ("a,S,5,100 b,S,5,900", "a,5,shelters_full"));
    // Nobody needs care: the places stay empty all the same, and another shelter may have their id.
    let (_, plan, _) = answered(
        "{}",
        "id,people\na,10\n",
        "id,capacity,care_places\nS,10,5\nS#care,9,\n",
        Some("demand,shelter,cost\na,S,100\na,S#care,200\n"),
    );
    assert_eq!(plan, "a,S,5,100 a,S#care,5,200");
}

#[test]
fn the_k_nearest_are_houses_that_may_be_used() {
    let arcs = "demand,shelter,cost\na,S,100\na,T,200\n";
    let (_, plan, _) = answered(
        r#"{"k": 1, "max_hazard_probability": 0.1}"#,
        "id,people\na,10\n",
        "id,capacity,hazard_probability\nS,15,0.9\nT,15,0\n",
        Some(arcs),
    );
    assert_eq!(plan, "a,T,10,200");
    let (_, plan, left) =
        answered(r#"{"k": 2}"#, "id,people\na,10\n", "id,capacity,care_places\nS,10,5\nT,15,\n", Some(arcs));
    assert_eq!((plan.as_str(), left.as_str()), ("a,S,5,100 a,T,5,200", ""));
    // A full house counts, as k says; one that is left out does not count.
    let (_, plan, left) = answered(r#"{"k": 1}"#, "id,people\na,10\n", "id,capacity\nS,0\nT,15\n", Some(arcs));
    assert_eq!((plan.as_str(), left.as_str()), ("", "a,10,no_reachable_shelter"));
}

#[test]
fn needs_are_the_reason_only_where_they_are() {
    let reasons = |shelters: &str, arcs: &str| {
        answered("{}", "id,people,needs\na,10,care\n", shelters, Some(&format!("demand,shelter,cost\n{arcs}"))).2
    };
    assert_eq!(reasons("id,capacity,offers\nS,0,care\n", "a,S,100\n"), "a,10,no_reachable_shelter");
    assert_eq!(reasons("id,capacity,offers\nS,0,care\nT,9,\n", "a,S,100\na,T,9\n"), "a,10,no_reachable_shelter");
    assert_eq!(reasons("id,capacity,offers\nS,9,care\nT,9,\n", "a,T,100\n"), "a,10,no_suitable_shelter");
    assert_eq!(reasons("id,capacity,offers\nS,9,care\n", ""), "a,10,no_reachable_shelter");
}

#[test]
fn shares_are_exact_and_the_unknown_is_told() {
    let header = r#"{"reserve_share": 0.07, "relatives_share": 0.29, "vulnerable_first": true}"#;
    let instance =
        parse(header, "id,people\na,100\n", "id,capacity\nS,100\n", Some("demand,shelter,cost\na,S,1\n")).unwrap();
    assert_eq!(instance.sites()[0].beds, 93);
    assert_eq!(instance.relatives(), [(0, 29)]);
    assert_eq!(instance.policy_findings().unwrap()[0].code, "EVA-085");
}

#[test]
fn no_shelter_at_all_is_an_answer() {
    let (errors, plan, left) = answered("{}", DEMAND, "id,capacity\n", Some("demand,shelter,cost\n"));
    assert_eq!(errors, told(&[("EVA-063", "")]));
    assert_eq!((plan.as_str(), left.as_str()), ("", "a,3,no_reachable_shelter b,2,no_reachable_shelter"));
}

#[test]
fn places_that_the_formula_cannot_use_are_named() {
    let formula = r#"{"salt": "7", "river_y": 30, "bridges_x": [1]}"#;
    let demand = "id,x,y,people\n1,0,0,3\nx,0,0,2\n3,,0,4\n";
    let (errors, plan, left) = answered(formula, demand, "id,x,y,capacity\n1,0,5,9\n2,0.5,0,9\n", None);
    assert_eq!(errors, told(&[("EVA-016", "x"), ("EVA-016", "3"), ("EVA-016", "2")]));
    assert!(plan.starts_with("1,1,3,") && !plan.contains(' '), "{plan}");
    assert_eq!(left, "3,4,bad_coordinates x,2,bad_coordinates");
}

#[test]
fn people_go_where_they_find_what_they_need() {
    let demand = "id,people,vulnerable,needs,relatives\na,3,,care,1\nb,2,,pets；women,\nc,4,,,\n";
    let shelters = "id,capacity,offers,care_places,reserve_share,hazard_probability,excluded\n\
                    s1,10,women pets,1,0.1,0.02,\ns2,9,care,,,0.5,\ns3,9,,,,,\ns4,9,,,,0,under repair\n";
    let arcs = "demand,shelter,cost\na,s1,5\na,s2,1\nb,s1,3\nb,s3,1\nc,s3,1\nc,s1,2\nc,s4,1\n";
    let header = r#"{"max_hazard_probability": 0.1}"#;
    let instance = parse(header, demand, shelters, Some(arcs)).unwrap();
    let problem = instance.problem().unwrap();
    let mut outcome = solve_assignment(&problem).unwrap();
    assert_eq!(instance.name_reasons(&mut outcome).unwrap().code, "EVA-069");
    // One care place in s1, kept free at a tenth rounded up: none is left; s2 is too likely under water. Both would suit: beds lack.
    assert_eq!(plan_csv(&problem, &outcome), "demand,shelter,people,cost\nb,s1,2,3\nc,s1,4,2\n");
    assert_eq!(unplaced_csv(&problem, &outcome), "id,people,reason\na,2,no_reachable_shelter\n");
    assert_eq!(instance.relatives_csv().as_deref(), Some("id,people\na,1\n"));
    assert_eq!(
        instance.shelters_csv(&problem, &outcome),
        "shelter,capacity,usable,assigned,reason,places\ns1,9,8,6,,\ns1,1,0,0,,care\ns2,9,0,0,hazard_too_likely,\n\
         s3,9,0,0,hazard_unknown,\ns4,9,0,0,under repair,\n"
    );
    let codes: Vec<String> = instance.policy_findings().unwrap().into_iter().map(|f| f.code).collect();
    assert_eq!(codes, ["EVA-064", "EVA-065"]);
    // Care may be had where it is offered, and a need that nobody meets is told.
    let open = parse("{}", &demand.replace("pets；women", "boat"), shelters, Some(arcs)).unwrap();
    let problem = open.problem().unwrap();
    let mut outcome = solve_assignment(&problem).unwrap();
    assert_eq!(open.name_reasons(&mut outcome).unwrap().code, "EVA-069");
    assert_eq!(plan_csv(&problem, &outcome), "demand,shelter,people,cost\na,s2,2,1\nc,s3,4,1\n");
    assert_eq!(unplaced_csv(&problem, &outcome), "id,people,reason\nb,2,no_suitable_shelter\n");
    assert_eq!(open.policy_findings().unwrap()[0].code, "EVA-066");
}

#[test]
fn a_party_stays_together_where_points_are_not_split() {
    let demand = "id,people,party\na,3,v\nb,2,v\nc,4,\n";
    let arcs = "demand,shelter,cost\na,s1,1\nb,s1,1\nc,s1,5\na,s2,2\nb,s2,9\nc,s2,9\n";
    let instance = parse(r#"{"split": false}"#, demand, SHELTERS, Some(arcs)).unwrap();
    let problem = instance.problem().unwrap();
    let outcome = solve_assignment(&problem).unwrap();
    assert_eq!(plan_csv(&problem, &outcome), "demand,shelter,people,cost\na,s2,3,2\nb,s2,2,9\nc,s1,4,5\n");
    let mut parted = outcome.clone();
    parted.moves[0].shelter = 0;
    parted.moves[0].cost = 1;
    assert_eq!(dayu_evacuation::verify_certificate(&problem, &parted).unwrap_err().code, "EVA-006");
    let split = parse("{}", demand, SHELTERS, Some(arcs)).unwrap();
    assert_eq!(split.policy_findings().unwrap()[0].code, "EVA-067");
}

#[test]
fn columns_nobody_reads_are_said() {
    let instance = parse("{}", "id,people,note\na,1,hi\nb,1,ho\n", SHELTERS, Some(ARCS)).unwrap();
    assert_eq!(instance.findings.len(), 1);
    assert_eq!((instance.findings[0].code.as_str(), instance.findings[0].field.as_str()), ("EVA-020", "note"));
}

#[test]
fn too_small_a_k_is_told_where_it_leaves_people_out() {
    let arcs = "demand,shelter,cost\na,S,0\na,T,200\nb,S,0\nb,T,300\n";
    let of = |header: &str| {
        let instance = parse(header, "id,people\na,10\nb,5\n", "id,capacity\nS,8\nT,15\n", Some(arcs)).unwrap();
        let problem = instance.problem().unwrap();
        let outcome = solve_assignment(&problem).unwrap();
        (plan_csv(&problem, &outcome), instance.beds_beyond_k(&problem, &outcome))
    };
    let (plan, told) = of(r#"{"k": 1}"#);
    assert!(plan.ends_with(",0\n"), "a trip of no length is a trip: {plan}");
    let told = told.unwrap();
    assert_eq!((told.code.as_str(), told.field.as_str()), ("EVA-140", "k"));
    assert!(told.message.en.starts_with("7 people"), "{}", told.message.en);
    assert_eq!(of(r#"{"k": 2}"#).1, None);
    // The others are beyond the longest trip: no larger k would help.
    assert_eq!(of(r#"{"k": 1, "max_cost": 100}"#).1, None);
}
