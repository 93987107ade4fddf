//! Who is moved, counted once, and where they go.
#![allow(clippy::unwrap_used, clippy::panic)]

mod world;

use dayu_assets::{Asset, Details, Household, Layer};
use dayu_base::{ResponseLevel, RiskColour};
use dayu_plan::{DemandPlace, DepartBy, EvacAnswer, Housed, LastDeparture, LevelPlan};
use proptest::prelude::*;
use world::{World, XIHU, asset, block, everyone_fits, house, plan, slipping, slope, wet};

const HOUR_S: f64 = 3600.0;

fn household(id: u32, block: &str, object: Option<&str>, category: &str, people: u64, vulnerable: u64) -> Household {
    Household {
        household_id: format!("h{id}"),
        region: "g1".into(),
        block_id: Some(block.into()),
        object_id: object.map(Into::into),
        category: category.into(),
        people,
        vulnerable,
        need: String::new(),
        helper_id: None,
        head_id: None,
    }
}

fn at(world: &World, level: ResponseLevel) -> LevelPlan {
    let decision = world.decide(&plan(XIHU));
    decision.levels.into_iter().find(|l| l.level == level).unwrap()
}
/// (row id, people, vulnerable, to house)
fn rows(level: &LevelPlan) -> Vec<(&str, u64, u64, u64)> {
    level.transfers.iter().map(|r| (r.id.as_str(), r.people, r.vulnerable, r.to_house)).collect()
}
fn flooded(assets: Vec<Asset>, depth_m: f64) -> World {
    let objects = assets.iter().map(|a| wet(a, depth_m, HOUR_S, 3.0 * HOUR_S, 20.0 * HOUR_S)).collect();
    World { assets, objects, ..World::default() }
}

#[test]
fn residents_of_a_house_leave_their_block() {
    // Block of 100 (10 vulnerable); a D-class house in it with 6 (2), registered as one household.
    let mut w = flooded(vec![block("b1", "g1", 100, 10), house("d1", "g1", "D", 6, 2)], 0.40);
    w.households = vec![household(1, "b1", Some("d1"), "T3", 6, 2)];
    // Ⅳ: only the vulnerable of the house, one level before T3
    assert_eq!(rows(&at(&w, ResponseLevel::IV)), [("T7:d1", 2, 2, 2)]);
    // Ⅲ: the house whole (6 − ⌊6 × 0.3⌋ = 5 to house); the block's remaining 8 vulnerable, one level before T6
    assert_eq!(rows(&at(&w, ResponseLevel::III)), [("T3:d1", 6, 2, 5), ("T7:b1", 8, 8, 8)]);
    // Ⅱ: 100 − 6 − 8 = 86 others (86 − ⌊25.8⌋ = 61 to house); nobody twice
    let ii = at(&w, ResponseLevel::II);
    assert_eq!(rows(&ii), [("T3:d1", 6, 2, 5), ("T7:b1", 8, 8, 8), ("T6:b1", 86, 0, 61)]);
    assert_eq!((ii.totals.to_move, ii.totals.to_house, ii.totals.unplaced, ii.totals.affected), (100, 74, 0, 7));
}

#[test]
fn people_of_an_unregistered_house_leave_the_only_block_of_their_grid() {
    let w = flooded(vec![block("b1", "g1", 100, 0), house("d1", "g1", "C", 6, 0), block("b2", "g2", 50, 0)], 0.40);
    assert_eq!(at(&w, ResponseLevel::II).totals.to_move, 150);
    // two blocks in the grid: the nearer one
    let mut w =
        flooded(vec![block("b1", "g1", 100, 0), house("d1", "g1", "C级", 6, 0), block("b2", "g1", 50, 0)], 0.40);
    (w.assets[0].x_m, w.assets[2].x_m) = (90.0, -80.0);
    let (decision, findings) = w.decide_with(&plan(XIHU), &everyone_fits);
    let ii = &decision.levels[3];
    assert_eq!(rows(ii), [("T3:d1", 6, 0, 5), ("T6:b1", 100, 0, 70), ("T6:b2", 44, 0, 31)]);
    assert!(findings.iter().any(|f| f.code == "PLN-023"));
    // no block in its grid: nothing to take it from, and said
    let w = flooded(vec![block("b1", "g1", 100, 0), house("d1", "g2", "C", 6, 0)], 0.40);
    let (decision, findings) = w.decide_with(&plan(XIHU), &everyone_fits);
    assert_eq!(decision.levels[3].totals.to_move, 106);
    assert!(findings.iter().any(|f| f.code == "PLN-028"));
}

#[test]
fn one_shed_is_one_row() {
    let shed = |id: &str, in_water| {
        asset(id, Layer::WorkSheds, "g1", Details::WorkShed { people: Some(20), in_water: Some(in_water), needs: None })
    };
    let w = flooded(vec![shed("w1", true), shed("w2", false)], 0.0);
    assert_eq!(rows(&at(&w, ResponseLevel::IV)), [("T11:w1", 20, 0, 14)]);
    assert_eq!(rows(&at(&w, ResponseLevel::III)), [("T11:w1", 20, 0, 14), ("T2:w2", 20, 0, 14)]);
}

#[test]
fn slopes_by_colour() {
    let slopes = [("s1", RiskColour::Blue), ("s2", RiskColour::Yellow), ("s3", RiskColour::Orange)];
    let mut w = World::default();
    for (id, colour) in slopes {
        let a = slope(id, "g9", 10);
        w.objects.push(slipping(&a, colour, Some(HOUR_S), (colour == RiskColour::Orange).then_some(2.0 * HOUR_S)));
        w.assets.push(a);
    }
    let ids = |l| at(&w, l).transfers.iter().map(|r| r.object_id.clone()).collect::<Vec<_>>();
    assert!(ids(ResponseLevel::IV).is_empty());
    assert_eq!(ids(ResponseLevel::III), ["s2", "s3"]);
    assert_eq!(ids(ResponseLevel::I), ["s2", "s3"]);
    // Whom a stronger measure takes, the weaker leaves; at every level each slope keeps a duty.
    let duties = |l, id: &str| -> Vec<String> {
        let own = at(&w, l).measures.into_iter().filter(|m| m.object_id.as_deref() == Some(id));
        own.map(|m| m.action.zh).collect()
    };
    for l in [ResponseLevel::III, ResponseLevel::II, ResponseLevel::I] {
        assert!(duties(l, "s1").iter().all(|d| d.contains("加密巡查")), "{:?}", duties(l, "s1"));
        for id in ["s1", "s2", "s3"] {
            assert!(!duties(l, id).is_empty(), "{id} at {l:?}");
        }
        assert!(duties(l, "s2").iter().all(|d| d.contains("转移")), "{:?}", duties(l, "s2"));
    }
}

#[test]
fn unknown_people_are_said_not_zero() {
    let a = asset(
        "d1",
        Layer::OldHouses,
        "g1",
        Details::OldHouse { grade: Some("D".into()), people: None, vulnerable: None, needs: None },
    );
    let ungraded = asset(
        "d2",
        Layer::OldHouses,
        "g1",
        Details::OldHouse { grade: None, people: Some(4), vulnerable: None, needs: None },
    );
    let w = flooded(vec![a, ungraded], 0.0);
    let (decision, findings) = w.decide_with(&plan(XIHU), &everyone_fits);
    assert!(decision.levels[2].transfers.is_empty());
    assert!(
        findings.iter().any(|f| f.code == "PLN-021" && f.place == "T3" && f.message.zh.contains("d1")),
        "{findings:#?}"
    );
    assert!(findings.iter().any(|f| f.code == "PLN-022" && f.place == "T3" && f.message.zh.contains("d2")));
    // categories without a register are said as well
    for c in ["T1", "T5", "T10"] {
        assert!(findings.iter().any(|f| f.code == "PLN-020" && f.place == c));
    }
}

#[test]
fn deadlines() {
    // Start 08:00 local; the wettest hour ends at 6 h (14:00), as of the start of the forecast: away by 13:00.
    let mut w = flooded(vec![house("d1", "g1", "D", 6, 0), block("b1", "g1", 100, 0)], 0.60);
    w.as_of_s = 0.0;
    let ii = at(&w, ResponseLevel::II);
    assert_eq!(ii.transfers[0].deadline_s, Some(5.0 * HOUR_S));
    // T6 before 0.30 m: rises 0.60 m in 2 h from 1 h on → 2 h
    assert_eq!((ii.transfers[1].id.as_str(), ii.transfers[1].deadline_s), ("T6:b1", Some(2.0 * HOUR_S)));
    // Peak at 15 h = 23:00: brought forward to dusk, 18:00 = 10 h
    w.rain.peak_at_s = Some(15.0 * HOUR_S);
    assert_eq!(at(&w, ResponseLevel::II).transfers[0].deadline_s, Some(10.0 * HOUR_S));
    // Peak at 20 h = 04:00 next day: still that dusk
    w.rain.peak_at_s = Some(20.0 * HOUR_S);
    assert_eq!(at(&w, ResponseLevel::II).transfers[0].deadline_s, Some(10.0 * HOUR_S));
    // Peak unknown: unknown, and said
    w.rain.peak_at_s = None;
    let row = at(&w, ResponseLevel::II).transfers.remove(0);
    assert_eq!(row.deadline_s, None);
    assert!(row.deadline_note.zh.contains("未知"));
    // T2: wind unknown, so dusk
    let shed =
        asset("w1", Layer::WorkSheds, "g1", Details::WorkShed { people: Some(20), in_water: Some(false), needs: None });
    w.assets.push(shed);
    let iii = at(&w, ResponseLevel::III);
    let t2 = iii.transfers.iter().find(|r| r.category == "T2").unwrap();
    assert_eq!(t2.deadline_s, Some(10.0 * HOUR_S));
    assert!(t2.deadline_note.zh.contains("10级大风到达前（时间未知）"));
}

#[test]
fn unplaced_and_wrong_answers() {
    let w = flooded(vec![house("d1", "g1", "D", 10, 0)], 0.0);
    let short = |places: &[DemandPlace]| EvacAnswer {
        rows: places
            .iter()
            .map(|p| Housed {
                shelters: vec![("s1".into(), 2, 300), ("s2".into(), 1, 900)],
                rides: Vec::new(),
                moved: 0,
                unplaced: vec![(p.people - 3, "shelters_full".into())],
                through_s: None,
                departure: None,
            })
            .collect(),
        findings: Vec::new(),
    };
    let (decision, _) = w.decide_with(&plan(XIHU), &short);
    let iii = &decision.levels[2];
    assert_eq!((iii.totals.to_move, iii.totals.to_house, iii.totals.unplaced), (10, 7, 4));
    assert_eq!(iii.transfers[0].longest_m, Some(900));
    assert_eq!(iii.unplaced[0].reason.zh, "可到达的安置点床位已满");
    // an answer that loses people is not used
    let wrong = |_: &[DemandPlace]| EvacAnswer::default();
    let (decision, findings) = w.decide_with(&plan(XIHU), &wrong);
    assert_eq!(decision.levels[2].totals.unplaced, 7);
    assert!(findings.iter().any(|f| f.code == "PLN-024"));
}

/// One made-up household: block, object it stands at, members, vulnerable members, registered as T7.
type Member = (usize, Option<usize>, u64, u64, bool);

fn member() -> impl Strategy<Value = Member> {
    (0..3_usize, proptest::option::of(0..4_usize), 1..6_u64, 0..6_u64, any::<bool>())
        .prop_map(|(b, o, n, v, t7)| (b, o, n, v.min(n), t7))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    /// Against a count person by person: everybody who must move is counted once, nobody else is.
    #[test]
    fn each_person_is_counted_once(
        members in proptest::collection::vec(member(), 0..40),
        depth in proptest::collection::vec(0.0..0.6_f64, 3),
        colour in 0..4_usize,
    ) {
        // objects 0, 1: houses of class D and B; 2, 3: slopes
        let colours = [RiskColour::Low, RiskColour::Blue, RiskColour::Yellow, RiskColour::Orange];
        let of = |o: usize| members.iter().filter(move |m| m.1 == Some(o));
        let sum = |o: usize| (of(o).map(|m| m.2).sum::<u64>(), of(o).map(|m| m.3).sum::<u64>());
        let mut w = World::default();
        for (b, depth) in depth.iter().enumerate() {
            let here = || members.iter().filter(|m| m.0 == b);
            let a = block(&format!("b{b}"), &format!("g{b}"), here().map(|m| m.2).sum(), here().map(|m| m.3).sum());
            w.objects.push(wet(&a, *depth, HOUR_S, 2.0 * HOUR_S, 9.0 * HOUR_S));
            w.assets.push(a);
        }
        for (o, grade) in ["D", "B"].iter().enumerate() {
            let a = house(&format!("o{o}"), "g0", grade, sum(o).0, sum(o).1);
            w.objects.push(wet(&a, 0.0, HOUR_S, 2.0 * HOUR_S, 9.0 * HOUR_S));
            w.assets.push(a);
        }
        for o in 2..4 {
            let a = slope(&format!("o{o}"), "g1", sum(o).0);
            let c = if o == 2 { colours[colour] } else { RiskColour::Low };
            w.objects.push(slipping(&a, c, (c >= RiskColour::Yellow).then_some(HOUR_S), None));
            w.assets.push(a);
        }
        w.households = members
            .iter()
            .enumerate()
            .map(|(n, m)| {
                let object = m.1.map(|o| format!("o{o}"));
                household(n as u32, &format!("b{}", m.0), object.as_deref(), if m.4 { "T7" } else { "T6" }, m.2, m.3)
            })
            .collect();

        let decision = w.decide(&plan(XIHU));
        let mut before = 0;
        for level in &decision.levels {
            use ResponseLevel::{II, III, IV};
            let l = level.level;
            // first level at which everybody at a place moves, and one level earlier its vulnerable
            let place = |o: Option<usize>| match o {
                Some(0) => Some(III),
                Some(2) if colours[colour] >= RiskColour::Yellow => Some(III),
                _ => None,
            };
            let earlier = |l: ResponseLevel| match l { III => IV, II => III, other => other };
            let expected: u64 = members
                .iter()
                .map(|m| {
                    let area = if depth[m.0] >= 0.30 { Some(II) } else { None };
                    let whole = [place(m.1), area].into_iter().flatten().any(|from| l >= from);
                    let first = [place(m.1), area].into_iter().flatten().any(|from| l >= earlier(from));
                    let t7 = if m.4 { m.2 } else { m.3 };
                    if whole { m.2 } else if first { t7 } else { 0 }
                })
                .sum();
            prop_assert_eq!(level.totals.to_move, expected, "{:?} {:#?}", l, level.transfers);
            prop_assert!(level.totals.to_move >= before, "fewer people at a higher level");
            before = level.totals.to_move;
            prop_assert!(level.totals.unplaced <= level.totals.to_house && level.totals.to_house <= level.totals.to_move);
            for r in &level.transfers {
                prop_assert!(r.vulnerable <= r.people && r.to_house <= r.people && r.people > 0);
                prop_assert_eq!(r.shelters.iter().map(|s| s.1).chain(r.unplaced.iter().map(|u| u.0)).sum::<u64>(), r.to_house);
            }
        }
    }
}

#[test]
fn a_shelter_in_danger_is_never_opened() {
    let shelter = |id: &str, x_m: f64| {
        let details = Details::Shelter {
            grade: None,
            standardised: None,
            capacity_people: Some(100),
            usable_area_m2: None,
            state: Some("standby".into()),
            video_id: None,
            offers: None,
            care_places: None,
            reserve_share: None,
        };
        dayu_assets::Asset { x_m, ..asset(id, Layer::Shelters, "g1", details) }
    };
    let hill = slope("s1", "g1", 0);
    let (near, far, drowned) = (shelter("n1", 49.0), shelter("f1", 51.0), shelter("d1", 500.0));
    let objects = vec![
        slipping(&hill, RiskColour::Orange, Some(HOUR_S), Some(2.0 * HOUR_S)),
        wet(&near, 0.0, HOUR_S, 2.0 * HOUR_S, 9.0 * HOUR_S),
        wet(&far, 0.0, HOUR_S, 2.0 * HOUR_S, 9.0 * HOUR_S),
        wet(&drowned, 0.20, HOUR_S, 2.0 * HOUR_S, 9.0 * HOUR_S),
    ];
    let mut w = World { objects, ..World::default() };
    w.assets = vec![hill, near, far, drowned];
    let level = at(&w, ResponseLevel::III);
    let said = |id: &str| {
        let own = level.measures.iter().filter(|m| m.object_id.as_deref() == Some(id));
        own.map(|m| m.action.zh.clone()).collect::<Vec<_>>()
    };
    assert!(!said("n1").is_empty() && said("n1").iter().all(|a| a.starts_with("邻近危险边坡（s1）：不得开放")));
    assert!(!said("d1").is_empty() && said("d1").iter().all(|a| a.starts_with("受淹：不得开放")));
    assert!(said("f1").iter().any(|a| a.starts_with("开放避灾安置场所")));
}

#[test]
fn a_shelter_is_ready_before_the_first_people_arrive() {
    // Everybody goes to s1, 100 people of a block that goes under 0.30 m an hour after the start, half an hour after the level opens.
    let details = Details::Shelter {
        grade: None,
        standardised: None,
        capacity_people: Some(1000),
        usable_area_m2: None,
        state: Some("standby".into()),
        video_id: None,
        offers: None,
        care_places: None,
        reserve_share: None,
    };
    let (used, idle) =
        (asset("s1", Layer::Shelters, "g1", details.clone()), asset("s2", Layer::Shelters, "g1", details));
    let home = block("b1", "g1", 100, 0);
    let objects = vec![
        wet(&home, 0.60, 0.0, 600.0, 20.0 * HOUR_S),
        wet(&used, 0.0, 0.0, 600.0, 1.0),
        wet(&idle, 0.0, 0.0, 600.0, 1.0),
    ];
    let mut w = World { as_of_s: 0.0, objects, ..World::default() };
    for shelter in [&used, &idle] {
        if let Some(o) = w.objects.iter_mut().find(|o| o.object_id == shelter.id) {
            o.x_m = 900.0;
        }
    }
    w.assets = vec![home, used, idle];
    let ii = at(&w, ResponseLevel::II);
    let first =
        ii.transfers.iter().filter(|t| !t.shelters.is_empty()).filter_map(|t| t.deadline_s).min_by(f64::total_cmp);
    let opening = |id: &str| {
        let own = ii.measures.iter().find(|m| m.object_id.as_deref() == Some(id) && m.action.zh.starts_with("开放"));
        own.map(|m| (m.deadline_s, m.deadline_note.zh.clone())).unwrap()
    };
    assert_eq!(first, Some(300.0));
    assert_eq!(opening("s1").0, first);
    assert!(opening("s1").1.contains("首批转移人员"));
    assert_eq!(opening("s2").0, Some(HOUR_S), "nobody goes there: the plan's own time holds");
}

#[test]
fn a_road_that_closes_brings_the_deadline_forward_and_says_when_it_is_too_late() {
    let w = flooded(vec![house("d1", "g1", "D", 10, 0)], 0.0);
    let usual = w.decide(&plan(XIHU)).levels[2].transfers[0].deadline_s;
    let leave = |at_s: f64| {
        let answer = move |places: &[DemandPlace]| {
            let mut answer = everyone_fits(places);
            for row in &mut answer.rows {
                row.departure = Some(LastDeparture {
                    assigned: None,
                    any: DepartBy::At(at_s),
                    prepare_s: 2400.0,
                    decided_by: Some("road-7".into()),
                    won: Vec::new(),
                    members: 1,
                    holds_90: None,
                    holds_50: None,
                    decided_by_90: None,
                });
            }
            answer
        };
        let (decision, _) = w.decide_with(&plan(XIHU), &answer);
        decision.levels[2].transfers[0].clone()
    };
    let early = leave(1.0);
    assert!(early.deadline_s.is_some_and(|due| usual.is_none_or(|usual| due <= usual)));
    assert_eq!(early.departure.as_ref().and_then(LastDeparture::order_by_s), Some(1.0 - 2400.0));
    let late = leave(1e9);
    assert_eq!(late.deadline_s, usual.or(Some(1e9)), "a road that closes later changes nothing");
}
