//! Launch rules against hand-made tables of cases.
#![allow(clippy::unwrap_used, clippy::panic)]

mod world;

use dayu_base::{HazardChain, Instant, ResponseLevel, RiskColour, Zone};
use dayu_plan::{
    DerivedSignal, Facts, Recommendation, Signal, SignalKind, StationState, TyphoonClass, TyphoonFact, TyphoonState,
    WaterState,
};
use world::{World, XIAN, XIHU, plan, point, rain, slipping, slope, unknown, wet};

const HOUR_S: f64 = 3600.0;

fn red(hour: f64) -> Signal {
    signal(hour, RiskColour::Red)
}
fn signal(hour: f64, colour: RiskColour) -> Signal {
    Signal { at_s: hour * HOUR_S, area: "全区".into(), kind: SignalKind::Rain, colour, official: true }
}
fn chain(world: &World, text: &str, chain: HazardChain) -> Recommendation {
    world.decide(&plan(text)).recommendations.into_iter().find(|r| r.chain == chain).unwrap()
}
fn xian(world: &World) -> (Option<ResponseLevel>, Option<ResponseLevel>) {
    let r = chain(world, XIAN, HazardChain::Flood);
    (r.level, r.cannot_exclude)
}
/// Everything outside the model is known and quiet.
fn quiet() -> Facts {
    let normal = StationState { id: "r1".into(), state: WaterState::Normal, at_s: 0.0 };
    Facts {
        rivers: Some(vec![normal.clone()]),
        reservoirs: Some(vec![normal]),
        typhoon: TyphoonFact::Absent,
        lower_levels: Some(Vec::new()),
        disasters: Some(Vec::new()),
    }
}
fn dry() -> World {
    World {
        rain: rain(&[(3.0, 1.0, 2.0, 0.0, 2.0), (24.0, 1.0, 2.0, 0.0, 2.0)], 0.0),
        facts: quiet(),
        ..World::default()
    }
}

#[test]
fn xian_2024_conditions() {
    use ResponseLevel::{Attention, I};
    let with = |change: &dyn Fn(&mut World)| {
        let mut w = dry();
        change(&mut w);
        xian(&w)
    };
    // quiet: nothing proposed, nothing left open
    assert_eq!(with(&|_| {}), (None, None));
    // any signal of blue or above
    assert_eq!(with(&|w| w.signals = Some(vec![signal(2.0, RiskColour::Blue)])), (Some(Attention), None));
    assert_eq!(with(&|w| w.signals = Some(vec![red(2.0)])), (Some(Attention), None));
    // two red signals: exactly 12 h apart counts, more does not, one issue for two areas is one
    assert_eq!(with(&|w| w.signals = Some(vec![red(2.0), red(14.0)])), (Some(I), None));
    assert_eq!(with(&|w| w.signals = Some(vec![red(2.0), red(14.1)])), (Some(Attention), None));
    assert_eq!(with(&|w| w.signals = Some(vec![red(2.0), red(2.0)])), (Some(Attention), None));
    // rain: the threshold itself counts
    for (h3, h24, level) in [(119.9, 249.9, None), (120.0, 100.0, Some(I)), (100.0, 250.0, Some(I))] {
        let windows = [(3.0, 1.0, h3, 3.0 * HOUR_S, h3), (24.0, 1.0, h24, 24.0 * HOUR_S, h24)];
        assert_eq!(with(&|w| w.rain = rain(&windows, 0.0)), (level, None), "{h3} {h24}");
    }
    // rivers: two at the very urgent state
    let urgent = |n: usize| -> Vec<StationState> {
        (0..n).map(|k| StationState { id: format!("r{k}"), state: WaterState::VeryUrgent, at_s: 0.0 }).collect()
    };
    assert_eq!(with(&|w| w.facts.rivers = Some(urgent(1))), (None, None));
    assert_eq!(with(&|w| w.facts.rivers = Some(urgent(2))), (Some(I), None));
    // disasters in two districts
    let flood = || ("extraordinary_flood_district".to_string(), HOUR_S);
    assert_eq!(with(&|w| w.facts.disasters = Some(vec![flood()])), (None, None));
    assert_eq!(with(&|w| w.facts.disasters = Some(vec![flood(), flood()])), (Some(I), None));
}

#[test]
fn unknown_is_never_not_met() {
    use ResponseLevel::{Attention, I};
    // no gauges: level I cannot be excluded
    let mut w = dry();
    w.facts.rivers = None;
    assert_eq!(xian(&w), (None, Some(I)));
    // no list of signals: attention cannot be excluded, nor I
    let mut w = dry();
    w.signals = None;
    assert_eq!(xian(&w), (None, Some(I)));
    let trace = chain(&w, XIAN, HazardChain::Flood).trace;
    assert!(trace.iter().filter(|t| t.condition.zh.contains("信号")).all(|t| t.held.is_none() && t.basis == "unknown"));
    // a colour derived from rain is not a signal
    let mut w = dry();
    w.signals = Some(vec![Signal { official: false, ..signal(1.0, RiskColour::Orange) }]);
    assert_eq!(xian(&w), (None, Some(Attention)));
    // nor is one proposed from the rain, with or without a list: it leaves open what an official one would decide
    for signals in [None, Some(Vec::new())] {
        let mut w = dry();
        w.signals = signals.clone();
        w.derived = vec![DerivedSignal {
            area: "甲镇".into(),
            kind: SignalKind::Rain,
            colour: RiskColour::Orange,
            window_h: 3.0,
            value: 62.0,
            reached_s: Some(3.0 * HOUR_S),
            due_s: Some(0.0),
        }];
        let r = chain(&w, XIAN, HazardChain::Flood);
        assert_eq!(r.level, None);
        assert!(r.cannot_exclude.is_some());
        assert!(
            r.trace.iter().any(|t| t.held.is_none() && t.value.as_deref().is_some_and(|v| v.contains("非官方"))),
            "{r:#?}"
        );
        // due only after what is known: not a fact yet
        w.derived[0].due_s = Some(1e9);
        w.signals = Some(Vec::new());
        assert_eq!(xian(&w), (None, None));
    }
    // a missing rain window
    let mut w = dry();
    w.rain = rain(&[(3.0, 1.0, 2.0, 0.0, 2.0)], 0.0);
    assert_eq!(xian(&w), (None, Some(I)));
    // once I holds, nothing is above it
    w.signals = Some(vec![red(1.0), red(2.0)]);
    assert_eq!(xian(&w), (Some(I), None));
}

#[test]
fn trace_says_value_age_and_first_time() {
    let mut w = dry();
    w.signals = Some(vec![signal(2.0, RiskColour::Blue), signal(5.0, RiskColour::Yellow)]);
    w.as_of_s = 6.0 * HOUR_S;
    let r = chain(&w, XIAN, HazardChain::Flood);
    assert_eq!(r.trace.len(), 7);
    assert!(r.trace.windows(2).all(|p| p[0].level >= p[1].level), "highest level first");
    let t = r.trace.last().unwrap();
    assert_eq!((t.held, t.basis.as_str()), (Some(true), "observed"));
    assert_eq!((t.first_held_s, t.data_age_s), (Some(2.0 * HOUR_S), Some(HOUR_S)));
    assert_eq!(t.value.as_deref(), Some("黄色（全区）"));
    // a signal issued after as_of is not known yet
    w.as_of_s = HOUR_S;
    assert_eq!(xian(&w).0, None);
}

#[test]
fn observed_and_forecast_rain_are_told_apart() {
    let mut w = dry();
    w.as_of_s = 0.0;
    w.rain = rain(&[(3.0, 60.0, 130.0, 4.0 * HOUR_S, 0.0), (24.0, 60.0, 130.0, 24.0 * HOUR_S, 0.0)], 3.0 * HOUR_S);
    let p = plan(XIAN);
    let held = |text: &str| {
        let mut p = p.clone();
        let swapped = toml::to_string(&p).unwrap().replace("forecast_or_observed", text);
        p = plan(&swapped);
        let r = w.decide(&p).recommendations.remove(0);
        let t = r.trace.iter().find(|t| t.threshold == "120 mm").unwrap().clone();
        (t.held, t.basis)
    };
    assert_eq!(held("forecast_or_observed"), (Some(true), "forecast".into()));
    assert_eq!(held("observed"), (Some(false), "observed".into()));
    assert_eq!(held("forecast"), (Some(true), "forecast".into()));
}

#[test]
fn ponding_counts_points_depth_and_time() {
    let min = 60.0;
    // (peaks, minutes above everything, level)
    type Case<'a> = (&'a [f64], f64, Option<ResponseLevel>);
    let cases: [Case<'_>; 6] = [
        (&[0.10, 0.14], 600.0, None),
        (&[0.15], 31.0, Some(ResponseLevel::Attention)),
        (&[0.15], 5.0, None),
        (&[0.35], 60.0, Some(ResponseLevel::IV)),
        (&[0.35, 0.35, 0.35, 0.35, 0.35], 60.0, Some(ResponseLevel::III)),
        (&[0.55, 0.60, 0.50], 60.0, Some(ResponseLevel::II)),
    ];
    for (peaks, minutes, level) in cases {
        let mut w = World { facts: quiet(), ..dry() };
        for (n, peak) in peaks.iter().enumerate() {
            let a = point(&format!("p{n}"), None);
            w.objects.push(wet(&a, *peak, HOUR_S - 1.0, HOUR_S, HOUR_S + minutes * min));
            w.assets.push(a);
        }
        let r = chain(&w, XIHU, HazardChain::Flood);
        assert_eq!(r.level, level, "{peaks:?} {minutes}");
    }
}

#[test]
fn points_without_a_result_leave_the_level_open() {
    let mut w = dry();
    w.rain = rain(&[1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 24.0].map(|h| (h, 1.0, 2.0, 0.0, 2.0)), 0.0);
    for n in 0..3 {
        let a = point(&format!("p{n}"), None);
        w.objects.push(unknown(&a));
        w.assets.push(a);
    }
    let r = chain(&w, XIHU, HazardChain::Flood);
    // three unknown points might be three at 0.5 m (Ⅱ), but not five at 0.3 m (Ⅲ)
    assert_eq!((r.level, r.cannot_exclude), (None, Some(ResponseLevel::II)));
    let iii = r.trace.iter().find(|t| t.threshold.starts_with("5 处")).unwrap();
    assert_eq!(iii.held, Some(false));
}

#[test]
fn slopes_and_typhoon() {
    let a = slope("s1", "g1", 10);
    let mut w = dry();
    w.objects = vec![slipping(&a, RiskColour::Orange, Some(HOUR_S), Some(2.0 * HOUR_S))];
    w.assets = vec![a];
    let r = chain(&w, XIHU, HazardChain::Geohazard);
    assert_eq!(r.level, Some(ResponseLevel::III));
    let act = r.trace.iter().find(|t| t.held == Some(true) && t.level == ResponseLevel::III).unwrap();
    assert_eq!(act.first_held_s, Some(2.0 * HOUR_S));

    let state = TyphoonState { class: Some(TyphoonClass::STY), influence_in_h: Some(20.0), ..TyphoonState::default() };
    w.facts.typhoon = TyphoonFact::Present(state);
    let r = chain(&w, XIHU, HazardChain::Typhoon);
    // strong typhoon within 24 h: Ⅲ; the wind is unknown, so Ⅰ stays open
    assert_eq!((r.level, r.cannot_exclude), (Some(ResponseLevel::III), Some(ResponseLevel::I)));
    w.facts.typhoon = TyphoonFact::Absent;
    let r = chain(&w, XIHU, HazardChain::Typhoon);
    assert_eq!((r.level, r.cannot_exclude), (None, None), "{:#?}", r.trace);
    w.facts.typhoon = TyphoonFact::Unknown;
    assert_eq!(chain(&w, XIHU, HazardChain::Typhoon).cannot_exclude, Some(ResponseLevel::I));
}

#[test]
fn not_a_number_is_unknown_not_safe() {
    let mut w = dry();
    w.rain = rain(&[(3.0, 1.0, f64::NAN, 0.0, 2.0), (24.0, 1.0, 2.0, 0.0, 2.0)], 0.0);
    assert_eq!(xian(&w), (None, Some(ResponseLevel::I)));
    let a = point("p1", None);
    w.objects = vec![wet(&a, f64::NAN, HOUR_S, HOUR_S, HOUR_S)];
    w.assets = vec![a];
    let trace = chain(&w, XIHU, HazardChain::Flood).trace;
    assert!(trace.iter().filter(|t| t.threshold.starts_with("1 处")).all(|t| t.held.is_none()));
}

#[test]
fn a_run_shorter_than_the_window_can_fulfil_but_never_exclude() {
    let mut w = dry();
    w.rain = rain(&[(3.0, 1.0, 110.0, HOUR_S, 110.0), (12.0, 1.0, 240.0, HOUR_S, 240.0)], 0.0);
    assert_eq!(xian(&w), (None, Some(ResponseLevel::I)));
    w.rain = rain(&[(3.0, 1.0, 110.0, HOUR_S, 110.0), (12.0, 1.0, 251.0, HOUR_S, 251.0)], 0.0);
    assert_eq!(xian(&w), (Some(ResponseLevel::I), None));
}

#[test]
fn local_hours_follow_the_zone() {
    let start: Instant = "2021-07-25T00:00:00Z".parse().unwrap();
    assert_eq!(Zone::named("Asia/Shanghai").unwrap().hour(start), 8);
}
