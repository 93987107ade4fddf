//! `dayu evacuate` for a road problem: people on roads that close, with the bound that says how good the plan is (contract §6).

use crate::evacuate::{EvacuateOptions, EvacuationReport, PROBLEM, differs, whole};
use crate::files::{InputFiles, Located};
use crate::publish::Draft;
use crate::{Failure, Progress, Stage};
use dayu_base::{Finding, Text};
use dayu_evacuation::{
    Effort, FlowPlan, RoadFiles, RoadProblem, change_events_xml, flow_certificate_csv, flow_plan_csv,
    flow_routes_geojson, flow_trips, flow_unplaced_csv, link_load_csv, parse_road_problem, shelter_board_csv,
    solve_road_problem, verify_flow_answer,
};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Instant as Clock;

/// Rules of the assignment that a road problem does not know; given as flags they are refused, not ignored.
fn refuse_flags(options: &EvacuateOptions) -> Result<(), Finding> {
    let given = [
        ("policy", options.policy.as_deref().is_some_and(|p| p != "sum")),
        ("split", options.split == Some(false)),
        ("max_cost", options.max_cost.is_some()),
        ("k", options.k.is_some_and(|k| k != 0)),
        ("from", options.from.is_some()),
    ];
    match given.into_iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((flag, _)) => Err(Finding::error(
            "EVA-013",
            Text::new(
                format!("道路疏散问题不支持 {flag}，未作计算。"),
                format!("A road problem does not know {flag}; nothing was computed."),
            ),
            Text::new("去掉该选项。", "Leave the option out."),
        )
        .field(flag)),
    }
}

pub(crate) fn evacuate_roads(
    name: &str,
    header: &Located,
    options: &EvacuateOptions,
    files: &InputFiles,
    draft: Draft,
    progress: Progress<'_>,
) -> Result<EvacuationReport, Failure> {
    let clock = Clock::now();
    refuse_flags(options)?;
    let read = |part: &str| files.read_text(part, &header.beside(&format!("{name}.{part}.csv")));
    let (nodes, links, sources, shelters) = (read("nodes")?, read("links")?, read("sources")?, read("shelters")?);
    let text = files.read_text("problem", header)?;
    let parts = RoadFiles { header: &text, nodes: &nodes, links: &links, sources: &sources, shelters: &shelters };
    let (problem, findings) = parse_road_problem(name, parts)?;
    let first = options.vulnerable_first.unwrap_or(problem.is_vulnerable_first());
    let problem = problem.vulnerable_first(first);
    let load_s = clock.elapsed().as_secs_f64();
    let clock = Clock::now();
    progress(Stage::Decide, 0.0);
    let plan = solve_road_problem(&problem, Effort::default())?;
    let solve_s = clock.elapsed().as_secs_f64();
    let clock = Clock::now();
    let step_s = f64::from(problem.step_s());
    let closings = problem.links().iter().filter_map(|l| Some((l.id.as_str(), f64::from(l.close_step?) * step_s)));
    // The answer carries its question, so that it can be verified wherever it goes.
    draft.write(&format!("{PROBLEM}/{name}.json"), text.as_bytes())?;
    for (part, text) in [("nodes", &nodes), ("links", &links), ("sources", &sources), ("shelters", &shelters)] {
        draft.write(&format!("{PROBLEM}/{name}.{part}.csv"), text.as_bytes())?;
    }
    draft.write("plan.csv", flow_plan_csv(&problem, &plan).as_bytes())?;
    draft.write("unplaced.csv", flow_unplaced_csv(&problem, &plan).as_bytes())?;
    draft.write("certificate.csv", flow_certificate_csv(&problem, &plan.prices).as_bytes())?;
    draft.write("link_load.csv", link_load_csv(&problem, &plan).as_bytes())?;
    draft.write("shelter_board.csv", shelter_board_csv(&problem, &plan).as_bytes())?;
    draft.write("routes.geojson", flow_routes_geojson(&problem, &flow_trips(&problem, &plan)).as_bytes())?;
    draft.write("change_events.xml", change_events_xml(closings).as_bytes())?;
    let mut summary = flow_json(&problem, &plan);
    if let Value::Object(map) = &mut summary {
        let wall = json!({ "load": load_s, "solve": solve_s, "write": clock.elapsed().as_secs_f64() });
        map.insert("wall_s".into(), wall);
        map.insert("threads".into(), json!(rayon::current_num_threads()));
        map.insert("version".into(), json!(env!("CARGO_PKG_VERSION")));
        let inputs =
            files.list().into_iter().map(|(n, f)| (n, Value::String(f.sha256))).collect::<serde_json::Map<_, _>>();
        map.insert("inputs".into(), Value::Object(inputs));
        map.insert("findings".into(), json!(findings));
    }
    draft.write("summary.json", crate::pretty(&summary).as_bytes())?;
    draft.publish()?;
    progress(Stage::Done, 1.0);
    Ok(EvacuationReport { summary, findings })
}

/// Checks an answer of [`evacuate_roads`] without the solver: its plan walked again over the roads of the problem `name` that `header`
/// heads, the reasons of those left, the bound from the prices, the figures of its summary.
pub(crate) fn verify_roads(answer: &Path, header: &Located, name: &str, summary: &Value) -> Result<Value, Failure> {
    let asked = InputFiles::default();
    let read = |part: &str| asked.read_text(part, &header.beside(&format!("{name}.{part}.csv")));
    let (nodes, links, sources, shelters) = (read("nodes")?, read("links")?, read("sources")?, read("shelters")?);
    let text = asked.read_text("problem", header)?;
    for (name, file) in asked.list() {
        if summary["inputs"][&name] != json!(file.sha256) {
            return Err(differs(&name, "SHA-256").into());
        }
    }
    let parts = RoadFiles { header: &text, nodes: &nodes, links: &links, sources: &sources, shelters: &shelters };
    let (problem, _) = parse_road_problem(name, parts)?;
    let wrong = |field: &str| Failure::from(differs("summary.json", field));
    let first = summary["vulnerable_first"].as_bool().ok_or_else(|| wrong("vulnerable_first"))?;
    let problem = problem.vulnerable_first(first);
    let files = InputFiles::default();
    let part = |name: &str| files.read_text(name, &Located { path: answer.join(name), name: name.to_owned() });
    let plan = verify_flow_answer(&problem, &part("plan.csv")?, &part("unplaced.csv")?, &part("certificate.csv")?)?;
    let mut found = flow_json(&problem, &plan);
    if let Value::Object(found) = &mut found {
        // How the greedy plan fared is history, not part of the answer; the relative gap follows from whole numbers that are compared.
        found.remove("greedy");
        for (key, value) in found.iter().filter(|(key, _)| *key != "gap_relative") {
            if &summary[key] != value {
                return Err(wrong(key));
            }
        }
        found.insert("verified".into(), json!(true));
    }
    Ok(found)
}

/// The figures of a road plan that `summary.json` carries.
pub(crate) fn flow_json(problem: &RoadProblem, plan: &FlowPlan) -> Value {
    let relative = if plan.value == 0 { 0.0 } else { plan.gap() as f64 / plan.value as f64 };
    json!({
        "format": 1,
        "kind": "road",
        "policy": "sum",
        "split": true,
        "vulnerable_first": problem.is_vulnerable_first(),
        "max_cost": null,
        "k": 0,
        "nodes": problem.nodes().len(),
        "links": problem.links().len(),
        "sources": problem.sources().len(),
        "shelters": problem.shelters().len(),
        "horizon": problem.horizon(),
        "step_s": problem.step_s(),
        "people": plan.people,
        "placed": plan.sheltered,
        "unplaced": plan.people - plan.sheltered,
        "sum_arrival_steps": whole(i128::try_from(plan.sum_arrival_steps).unwrap_or(i128::MAX)),
        "last_arrival": plan.last_arrival,
        "lower_bound": whole(plan.lower_bound),
        "gap": whole(plan.gap()),
        "gap_relative": relative,
        "greedy": { "sum_arrival_steps": whole(i128::try_from(plan.greedy.0).unwrap_or(i128::MAX)), "unplaced": plan.greedy.1 },
    })
}
