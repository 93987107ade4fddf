//! Measures, closures and reports of each level.
#![allow(clippy::unwrap_used, clippy::panic)]

mod world;

use dayu_assets::{Details, Layer};
use dayu_base::ResponseLevel;
use dayu_plan::{Closure, Decision};
use world::{PORTO_ALEGRE, World, XIAN, XIHU, asset, everyone_fits, plan, point, rain, unknown, wet};

const HOUR_S: f64 = 3600.0;

fn level(decision: &Decision, level: ResponseLevel) -> &dayu_plan::LevelPlan {
    decision.levels.iter().find(|l| l.level == level).unwrap()
}

/// p1 without and p2 with a closure depth of its own, an underpass, an unknown point.
fn district() -> World {
    let underpass =
        Details::Underpass { warn_depth_m: None, close_depth_m: None, closure_executor: Some("一大队".into()) };
    let assets = vec![
        point("p1", None),
        point("p2", Some(0.50)),
        point("p3", None),
        asset("u1", Layer::Underpasses, "g1", underpass),
    ];
    // 0.60 m at 3 h, from 1 h on: 0.15 m at 1.5 h, 0.27 m at 1.9 h, 0.30 m at 2 h, 0.50 m at 2 h 40 min
    let mut objects: Vec<_> = assets.iter().map(|a| wet(a, 0.60, HOUR_S, 3.0 * HOUR_S, 20.0 * HOUR_S)).collect();
    objects[2] = unknown(&assets[2]);
    World { assets, objects, as_of_s: 0.0, ..World::default() }
}

#[test]
fn closures_by_depth_and_lead() {
    let (decision, findings) = district().decide_with(&plan(XIHU), &everyone_fits);
    let closed = |l| -> Vec<(String, f64, f64)> {
        let row = |c: &Closure| (c.object_id.clone(), c.close_depth_m, c.close_by_s.unwrap() / 60.0);
        level(&decision, l).closures.iter().map(row).collect()
    };
    assert!(closed(ResponseLevel::Attention).is_empty());
    // 15 min before the depth: u1 1.9 h, p1 2 h, p2 160 min
    let iv = closed(ResponseLevel::IV);
    let expect = [("u1", 0.27, 99.0), ("p1", 0.30, 105.0), ("p2", 0.50, 145.0)];
    assert_eq!(iv.len(), 3);
    for (found, want) in iv.iter().zip(expect) {
        assert_eq!((found.0.as_str(), found.1), (want.0, want.1));
        assert!((found.2 - want.2).abs() < 1e-6, "{found:?}");
    }
    // Ⅱ: 15 cm closes every point, whatever its own depth
    let ii = closed(ResponseLevel::II);
    assert_eq!(ii.iter().map(|c| (c.0.as_str(), c.1)).collect::<Vec<_>>(), [("p1", 0.15), ("p2", 0.15), ("u1", 0.27)]);
    let u1 = level(&decision, ResponseLevel::II).closures.iter().find(|c| c.object_id == "u1").unwrap();
    assert_eq!((u1.executor.as_str(), u1.reopen_s, u1.peak_m), ("一大队", Some(20.0 * HOUR_S), Some(0.60)));
    assert!(findings.iter().any(|f| f.code == "PLN-022" && f.field == "closure" && f.message.zh.contains("p3")));
}

#[test]
fn measures_grow_and_replace() {
    let decision = district().decide(&plan(XIHU));
    for l in &decision.levels {
        let mut ids: Vec<&str> = l.measures.iter().map(|m| m.id.as_str()).collect();
        let objects = l.measures.iter().position(|m| m.object_id.is_some()).unwrap();
        assert!(l.measures[objects..].iter().all(|m| m.object_id.is_some()), "district-wide first");
        ids.sort_unstable();
        let n = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), n, "ids are unique within {:?}", l.level);
    }
    let has = |l, words: &str| level(&decision, l).measures.iter().any(|m| m.action.zh.contains(words));
    // the deputy commander gives way to the commander
    assert!(has(ResponseLevel::III, "副指挥坐镇") && !has(ResponseLevel::II, "副指挥坐镇"));
    // the crew of each point stays when guards join it
    let crews = |l| level(&decision, l).measures.iter().filter(|m| m.action.zh.contains("一点一方案")).count();
    assert_eq!(
        [ResponseLevel::Attention, ResponseLevel::IV, ResponseLevel::II, ResponseLevel::I].map(crews),
        [0, 3, 3, 3]
    );
    // not reached in the computation, but a deadline of the level remains
    let iv = level(&decision, ResponseLevel::IV);
    let crew = iv
        .measures
        .iter()
        .find(|m| m.action.zh.contains("一点一方案") && m.object_id.as_deref() == Some("p1"))
        .unwrap();
    assert_eq!(crew.deadline_s, Some(HOUR_S), "within 60 min of the opening, before the threshold at 1.5 h");
}

#[test]
fn a_replay_counts_from_when_the_rule_held() {
    let mut w = district();
    w.as_of_s = w.duration_s;
    w.rain = rain(&[(6.0, 10.0, 60.0, 2.0 * HOUR_S, 60.0)], 2.0 * HOUR_S);
    let decision = w.decide(&plan(XIHU));
    let starts = |l| level(&decision, l).measures.iter().map(|m| m.start_s).next().unwrap();
    // one point at 0.30 m for 20 min holds at 2 h 20 min; the rain rule held at 2 h
    assert_eq!(starts(ResponseLevel::IV), Some(2.0 * HOUR_S));
    let i = level(&decision, ResponseLevel::I);
    let own = i.measures.iter().find(|m| m.id.starts_with("I-")).unwrap();
    assert_eq!((own.start_s, own.deadline_s), (None, None));
    assert!(own.deadline_note.zh.contains("未达启动条件"));
}

#[test]
fn reports_tighten() {
    let decision = district().decide(&plan(XIHU));
    let every = |l| level(&decision, l).reports.iter().filter_map(|r| r.every_min).collect::<Vec<_>>();
    let got = ResponseLevel::ALL.map(every);
    assert_eq!(got, [vec![360], vec![240], vec![60], vec![60], vec![30]]);
    assert!(level(&decision, ResponseLevel::I).reports.iter().any(|r| r.text.zh.contains("越级")));
    let xian = district().decide(&plan(XIAN));
    assert!(level(&xian, ResponseLevel::II).reports.iter().any(|r| r.zero_report && r.every_min == Some(60)));
    assert!(level(&xian, ResponseLevel::IV).reports.iter().all(|r| !r.zero_report));
}

#[test]
fn every_chain_and_level_stands_in_the_decision() {
    let chains = |text| district().decide(&plan(text)).recommendations.len();
    assert_eq!([chains(XIHU), chains(PORTO_ALEGRE), chains(XIAN)], [3, 2, 1]);
    for text in [XIHU, PORTO_ALEGRE, XIAN] {
        let decision = district().decide(&plan(text));
        assert_eq!(decision.levels.iter().map(|l| l.level).collect::<Vec<_>>(), ResponseLevel::ALL);
        assert_eq!(decision, district().decide(&plan(text)), "same inputs, same decision");
    }
}

#[test]
fn a_plan_of_a_later_day_is_said() {
    let mut w = district();
    w.start = "2020-07-06T00:00:00Z";
    let (_, findings) = w.decide_with(&plan(XIHU), &everyone_fits);
    assert!(findings.iter().any(|f| f.code == "PLN-025"));
    w.start = "2021-07-25T00:00:00Z";
    w.signals = None;
    let (_, findings) = w.decide_with(&plan(XIHU), &everyone_fits);
    assert!(findings.iter().all(|f| f.code != "PLN-025"));
    assert!(findings.iter().any(|f| f.code == "PLN-026"));
}
