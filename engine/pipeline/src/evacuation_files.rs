//! The evacuation answers of a run as files, and as lines of the map.

use crate::Failure;
use crate::boards;
use crate::composing::Composer;
use crate::evacuate::{CARE_PLACES, PROBLEM, RELATIVES, outcome_json};
use crate::movement::STEP_S;
use crate::publish::Draft;
use crate::replanning::{Earlier, replan_json};
use crate::run::Judged;
use crate::vehicle_orders::carried_csv;
use dayu_base::{ResponseLevel, sha256_hex};
use dayu_evacuation::{care_csv, certificate_csv, plan_csv, unplaced_csv};
use dayu_package::{EvacuationFacts, EvacuationProduct, PlanProof, RouteLine};
use dayu_plan::LevelPlan;
use geo::LineString;
use serde_json::json;

/// Ways of the people of a level.
pub(crate) fn routes(judged: &Judged, level: ResponseLevel) -> Vec<RouteLine> {
    let Some((plan, shelters)) = judged.evacuations.get(&level) else { return Vec::new() };
    plan.routes
        .iter()
        .map(|r| RouteLine {
            transfer_id: plan.problem.demand[r.demand as usize].id.clone(),
            shelter_id: shelters[r.shelter as usize].clone(),
            people: r.people,
            length_m: r.metres as f64,
            line: LineString::from(r.line.clone()),
        })
        .collect()
}

/// The annexes of a level and the proof of its plan; `None` = nobody moves.
pub(crate) fn product(composer: &Composer<'_>, judged: &Judged, plan: &LevelPlan) -> Option<EvacuationProduct> {
    let proof = judged.evacuations.get(&plan.level).map(|(plan, _)| {
        let outcome = &plan.outcome;
        let (value, gap) = (outcome.value(), outcome.gap());
        PlanProof {
            people: outcome.people,
            unplaced: outcome.left(),
            vulnerable_first: plan.problem.vulnerable_first,
            person_metres: outcome.person_metres,
            gap,
            gap_relative: if value == 0 { 0.0 } else { gap as f64 / value as f64 },
        }
    });
    let hours = boards::shelter_hours(judged.movements.get(&plan.level), plan);
    composer.evacuation(plan, &EvacuationFacts { proof, hours })
}

/// `evacuation/<level>/` (contract §6).
pub(crate) fn write_evacuations(draft: &Draft, judged: &Judged, composer: &Composer<'_>) -> Result<(), Failure> {
    let crs = &judged.inputs.district.spec.crs;
    if let Some(walking) = judged.walking.as_ref().filter(|_| !judged.evacuations.is_empty()) {
        let events = walking.roads.change_events(|edge| walking.road_id(edge).to_string());
        draft.write("evacuation/change_events.xml", events.as_bytes())?;
    }
    for (level, (plan, shelters)) in &judged.evacuations {
        let folder = format!("evacuation/{}", level.id());
        let put = |name: &str, text: String| draft.write(&format!("{folder}/{name}"), text.as_bytes());
        put("plan.csv", plan_csv(&plan.problem, &plan.outcome))?;
        let further =
            [(RELATIVES, plan.instance.relatives_csv()), (CARE_PLACES, care_csv(&plan.problem, &plan.outcome))];
        for (file, text) in further {
            text.map(|text| put(file, text)).transpose()?;
        }
        put("shelters.csv", plan.instance.shelters_csv(&plan.problem, &plan.outcome))?;
        put("unplaced.csv", unplaced_csv(&plan.problem, &plan.outcome))?;
        put("certificate.csv", certificate_csv(&plan.problem, &plan.outcome))?;
        // The answer carries its question, as `dayu evacuate` does, so that it can be verified wherever it goes.
        let asked = plan.instance.files();
        let mut inputs = serde_json::Map::new();
        let vehicles = judged.vehicles.get(level);
        let earlier = plan.kept.as_ref().zip(judged.earlier.get(level)).map(|(kept, before)| {
            let carried = vehicles.map(|v| (v.told.clone(), v.changes.rows.clone())).unwrap_or_default();
            let keep = &before.keep;
            let earlier = Earlier::of(keep.before.clone(), keep.done.clone(), carried);
            (earlier, kept, keep.within)
        });
        if let Some(vehicles) = vehicles.filter(|vehicles| !vehicles.orders.is_empty()) {
            put("carried.csv", carried_csv(&vehicles.orders))?;
        }
        if let Some((earlier, kept, _)) = &earlier {
            for (part, text) in earlier.question() {
                inputs.insert(format!("{}.{part}.csv", level.id()), json!(sha256_hex(text.as_bytes())));
            }
            let mut put = |file: &str, text: &str| Ok(put(file, text.to_owned())?);
            earlier.write(&mut put, level.id(), &plan.problem, &kept.orders, &kept.replan)?;
        }
        for (ending, text) in [
            ("json", asked.header),
            ("demand.csv", asked.demand),
            ("shelters.csv", asked.shelters),
            ("arcs.csv", asked.arcs),
        ] {
            let file = format!("{}.{ending}", level.id());
            put(&format!("{PROBLEM}/{file}"), text.clone())?;
            inputs.insert(file, json!(sha256_hex(text.as_bytes())));
        }
        if let (Some(moved), Some(walking)) = (judged.movements.get(level), &judged.walking) {
            put("link_load.csv", boards::link_load(&judged.inputs, walking, moved))?;
        }
        if let Some(of_level) = judged.decision.levels.iter().find(|l| l.level == *level) {
            let product = product(composer, judged, of_level);
            for annex in product.iter().flat_map(|p| &p.annexes).filter(|a| a.id.starts_with("transfer_")) {
                put(&format!("{}.csv", annex.id), boards::annex_csv(annex))?;
            }
            let board = |walking| boards::shelter_board(&judged.inputs, walking, judged.movements.get(level), of_level);
            if let Some(board) = judged.walking.as_ref().and_then(board) {
                put("shelter_board.csv", board)?;
            }
            if let Some(tours) = boards::tours(&judged.inputs, of_level) {
                put("tours.csv", tours)?;
            }
            let walk_m_s = judged.walking.as_ref().map(|walking| walking.roads.walk_m_s);
            if let Some(notes) = boards::household_notes(&judged.inputs, of_level, walk_m_s) {
                put("protected/households.csv", notes)?;
            }
        }
        let features: Vec<dayu_gis::OutFeature> = plan
            .routes
            .iter()
            .map(|r| dayu_gis::OutFeature {
                geometry: Some(geo::Geometry::LineString(LineString::from(r.line.clone()))),
                values: vec![
                    dayu_gis::Value::Text(plan.problem.demand[r.demand as usize].id.clone()),
                    dayu_gis::Value::Text(shelters[r.shelter as usize].clone()),
                    dayu_gis::Value::Integer(r.people as i64),
                    dayu_gis::Value::Integer(r.metres as i64),
                ],
            })
            .collect();
        let fields = [
            ("demand", dayu_gis::FieldKind::Text),
            ("shelter", dayu_gis::FieldKind::Text),
            ("people", dayu_gis::FieldKind::Integer),
            ("metres", dayu_gis::FieldKind::Integer),
        ]
        .map(|(n, k)| (n.to_string(), k));
        let path = draft.path().join(&folder).join("routes.geojson");
        dayu_gis::write_vector(&path, dayu_gis::VectorFormat::GeoJson, "routes", crs, &fields, &features)?;
        let mut summary = outcome_json(&plan.problem, &plan.outcome);
        if let serde_json::Value::Object(map) = &mut summary {
            map.insert("policy".into(), json!(plan.problem.policy.name()));
            map.insert("split".into(), json!(plan.problem.split));
            map.insert("vulnerable_first".into(), json!(plan.problem.vulnerable_first));
            let (rules, policies) = (&plan.instance.header.rules, &plan.instance.header.policies);
            map.insert("max_cost".into(), json!(rules.max_cost));
            map.insert("max_hazard_probability".into(), json!(policies.max_hazard_probability));
            map.insert("reserve_share".into(), json!(policies.reserve_share));
            let with_relatives: u64 = plan.instance.relatives().iter().map(|(_, people)| people).sum();
            map.insert("with_relatives".into(), json!(with_relatives));
            if let Some(of_level) = judged.decision.levels.iter().find(|l| l.level == *level) {
                let rides = || of_level.transfers.iter().flat_map(|row| &row.rides);
                let people =
                    |led: bool| rides().filter(|r| r.led == led).fold(0_u64, |sum, r| sum.saturating_add(r.people));
                map.insert(
                    "carried".into(),
                    json!({ "trips": rides().count(), "fetched": people(false), "led": people(true),
                        "ordered_before": vehicles.map_or(0, |v| v.changes.ordered),
                        "kept": vehicles.map_or(0, |v| v.changes.kept),
                        "unplaced_after": of_level.totals.unplaced }),
                );
            }
            map.insert("k".into(), json!(0));
            if let Some((earlier, kept, within)) = &earlier {
                map.insert("replan".into(), replan_json(&kept.replan, *within, earlier.moved()));
            }
            map.insert("inputs".into(), serde_json::Value::Object(inputs));
            map.insert("version".into(), json!(env!("CARGO_PKG_VERSION")));
            map.insert("findings".into(), json!(plan.findings));
            if let Some(moved) = judged.movements.get(level) {
                let minutes = |step: Option<u32>| step.map(|s| f64::from(s * STEP_S) / 60.0);
                map.insert(
                    "movement".into(),
                    json!({
                        "on_foot": moved.plan.people,
                        "through_in_time": moved.plan.sheltered,
                        "last_arrival_min_after_order": minutes(moved.plan.last_arrival),
                        "mean_arrival_min_after_order": moved.plan.sum_arrival_steps as f64 * f64::from(STEP_S)
                            / 60.0 / (moved.plan.sheltered.max(1) as f64),
                    }),
                );
            }
        }
        put("summary.json", crate::pretty(&summary))?;
    }
    Ok(())
}
