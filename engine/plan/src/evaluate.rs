use crate::reach::{Reach, reaches_colour, reaches_depth};
use crate::wording::number;
use crate::{
    Basis, Condition, DecideInput, DerivedSignal, Place, RainQuery, Signal, SignalKind, StationState, TyphoonFact,
    WaterState,
};
use dayu_assets::Layer;
use dayu_base::RiskColour;

/// What a condition came to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Evaluated {
    /// `None` = cannot be judged
    pub held: Option<bool>,
    /// value found, with unit
    pub value: Option<String>,
    /// observed | forecast | unknown
    pub basis: &'static str,
    /// age of the data at `as_of`, s
    pub age_s: Option<f64>,
    /// first time it held, s from start
    pub at_s: Option<f64>,
}

const UNKNOWN: Evaluated = Evaluated { held: None, value: None, basis: "unknown", age_s: None, at_s: None };

fn at_as_of(held: bool, value: String, at_s: Option<f64>, data_s: Option<f64>, input: &DecideInput<'_>) -> Evaluated {
    Evaluated {
        held: Some(held),
        value: Some(value),
        basis: "observed",
        age_s: data_s.map(|t| (input.as_of_s - t).max(0.0)),
        at_s: at_s.filter(|_| held),
    }
}

/// Evaluates one condition with what is known at `as_of`.
pub(crate) fn evaluate(condition: &Condition, input: &DecideInput<'_>) -> Evaluated {
    match condition {
        Condition::Signal { signal, colour_at_least } => signals(*signal, *colour_at_least, 1, f64::INFINITY, input),
        Condition::GeohazardWarning { colour_at_least } => {
            signals(SignalKind::Geohazard, *colour_at_least, 1, f64::INFINITY, input)
        }
        Condition::SignalCount { signal, colour, count, within_h } => {
            signals(*signal, *colour, *count, within_h * 3600.0, input)
        }
        Condition::Rain { window_h, mm, place, basis } => rain(*window_h, *mm, *place, *basis, input),
        Condition::HourlyRainClass { mm_h, basis, .. } => rain(1.0, *mm_h, Place::Point, *basis, input),
        Condition::Ponding { layer, depth_m, duration_min, points, basis } => {
            ponding(*layer, *depth_m, *duration_min * 60.0, *points, *basis, input)
        }
        Condition::Slope { colour_at_least, count } => slopes(*colour_at_least, *count, input),
        Condition::River { stations, state } => water(input.facts.rivers.as_deref(), *stations, *state, "站", input),
        Condition::Reservoir { reservoirs, state } => {
            water(input.facts.reservoirs.as_deref(), *reservoirs, *state, "座", input)
        }
        Condition::Typhoon { .. } => typhoon(condition, input),
        Condition::LowerLevelCount { level_at_least, count } => {
            let Some(list) = &input.facts.lower_levels else { return UNKNOWN };
            let times = list.iter().filter(|(_, l, t)| l >= level_at_least && *t <= input.as_of_s).map(|(_, _, t)| *t);
            counted(times.collect(), *count, "个", input)
        }
        Condition::Disaster { event, count, .. } => {
            let Some(list) = &input.facts.disasters else { return UNKNOWN };
            let times = list.iter().filter(|(e, t)| e == event && *t <= input.as_of_s).map(|(_, t)| *t);
            counted(times.collect(), *count, "起", input)
        }
        Condition::Manual { .. } => UNKNOWN,
    }
}

fn counted(mut times: Vec<f64>, count: u32, unit: &str, input: &DecideInput<'_>) -> Evaluated {
    times.sort_by(f64::total_cmp);
    let nth = times.get((count as usize).saturating_sub(1)).copied();
    at_as_of(nth.is_some(), format!("{} {unit}", times.len()), nth, times.last().copied(), input)
}

/// Signals are known from their issue on, never before; several rows of one instant are one issue. A colour that was only derived
/// from rain leaves the condition open.
fn signals(kind: SignalKind, colour: RiskColour, count: u32, within_s: f64, input: &DecideInput<'_>) -> Evaluated {
    let open = |unofficial: RiskColour| Evaluated {
        value: Some(format!("{}色（按雨量或风力推算，非官方发布）", unofficial.zh())),
        ..UNKNOWN
    };
    let due = |d: &&DerivedSignal| d.kind == kind && d.due_s.is_some_and(|t| t <= input.as_of_s);
    let derived = input.derived.iter().filter(due).map(|d| d.colour).max().filter(|c| *c >= colour);
    let Some(list) = input.signals else { return derived.map_or(UNKNOWN, open) };
    let known = || list.iter().filter(|s| s.kind == kind && s.at_s <= input.as_of_s);
    let issues = |official_only: bool| {
        let mut t: Vec<f64> =
            known().filter(|s| s.colour >= colour && (s.official || !official_only)).map(|s| s.at_s).collect();
        t.sort_by(f64::total_cmp);
        t.dedup();
        t
    };
    let span = (count as usize).max(1);
    let first = |times: &[f64]| times.windows(span).find(|w| w[span - 1] - w[0] <= within_s).map(|w| w[span - 1]);
    let official = issues(true);
    let newest = known().map(|s| s.at_s).max_by(f64::total_cmp);
    let strongest: Option<&Signal> = known().filter(|s| s.official).max_by_key(|s| s.colour);
    let value = match (count, strongest) {
        (2.., _) => format!("{} 次", official.len()),
        (_, Some(s)) => format!("{}色（{}）", s.colour.zh(), s.area),
        (_, None) => "无".to_string(),
    };
    if let Some(at) = first(&official) {
        return at_as_of(true, value, Some(at), newest, input);
    }
    if first(&issues(false)).is_some() {
        return open(known().filter(|s| !s.official).map(|s| s.colour).max().unwrap_or(RiskColour::Unknown));
    }
    // What several official issues within hours would have been, rain cannot tell.
    if let Some(derived) = derived
        && count <= 1
    {
        return open(derived);
    }
    at_as_of(false, value, None, newest, input)
}

fn rain(window_h: f64, mm: f64, place: Place, basis: Basis, input: &DecideInput<'_>) -> Evaluated {
    let Some(w) = input.impact.rain.windows.iter().find(|w| (w.window_h - window_h).abs() < 1e-9) else {
        return shorter_rain(window_h, mm, place, basis, input);
    };
    let areal = place == Place::Areal;
    let whole = if areal { w.areal_mm } else { w.point_mm }.filter(|v| v.is_finite());
    let seen_mm = w.observed_point_mm.filter(|v| v.is_finite());
    let all_observed = input.as_of_s >= input.duration_s;
    let reached = whole.is_some_and(|v| v >= mm);
    let first = input.rain_reached.filter(|_| reached).map(|f| f(RainQuery { window_h, mm, areal }));
    // Without the exact answer the end of the wettest window is the latest possible first time.
    let latest = w.at_s.filter(|_| reached && !areal);
    let at_s = first.flatten().or(latest);
    let (held, value) = match basis {
        Basis::ForecastOrObserved => (whole.map(|v| v >= mm), whole),
        Basis::Observed if all_observed => (whole.map(|v| v >= mm), whole),
        Basis::Observed if !areal => (seen_mm.map(|v| v >= mm), seen_mm),
        Basis::Observed => match (whole, first) {
            (Some(v), _) if v < mm => (Some(false), whole),
            (_, Some(t)) => (Some(t.is_some_and(|t| t <= input.as_of_s)), whole),
            _ => (None, whole),
        },
        Basis::Forecast if all_observed => (None, None),
        Basis::Forecast => match whole {
            Some(v) if v < mm => (Some(false), whole),
            Some(_) if w.at_s.is_some_and(|t| t > input.as_of_s) || at_s.is_some_and(|t| t > input.as_of_s) => {
                (Some(true), whole)
            }
            _ => (None, whole),
        },
    };
    let observed = all_observed
        || basis == Basis::Observed
        || at_s.is_some_and(|t| t <= input.as_of_s)
        || (!areal && seen_mm.is_some_and(|v| v >= mm));
    Evaluated {
        held,
        value: value.map(|v| format!("{v:.1} mm")),
        basis: basis_word(held, observed && basis != Basis::Forecast),
        age_s: data_age(input),
        at_s: at_s.filter(|_| held == Some(true)),
    }
}

/// A window longer than the run: what fell in a shorter one fell in it too, so the condition may hold; it can never be
/// excluded, for the rain before the start is not known.
fn shorter_rain(window_h: f64, mm: f64, place: Place, basis: Basis, input: &DecideInput<'_>) -> Evaluated {
    let shorter = input.impact.rain.windows.iter().filter(|w| w.window_h < window_h);
    let Some(longest) = shorter.max_by(|a, b| a.window_h.total_cmp(&b.window_h)) else { return UNKNOWN };
    let found = rain(longest.window_h, mm, place, basis, input);
    if found.held == Some(true) {
        found
    } else {
        Evaluated { value: found.value.map(|v| format!("≥ {v}")), ..UNKNOWN }
    }
}

fn basis_word(held: Option<bool>, observed: bool) -> &'static str {
    match (held, observed) {
        (None, _) => "unknown",
        (_, true) => "observed",
        (_, false) => "forecast",
    }
}

fn data_age(input: &DecideInput<'_>) -> Option<f64> {
    input.data_time_s.map(|t| (input.as_of_s - t).max(0.0))
}

/// Objects that fulfil, those that do not, those unknown → the verdict on "at least `count`".
#[derive(Default)]
struct Tally {
    times: Vec<Option<f64>>,
    unknown: usize,
    total: usize,
}

impl Tally {
    fn verdict(self, count: u32, value: String, input: &DecideInput<'_>) -> Evaluated {
        if self.total == 0 {
            return UNKNOWN;
        }
        let need = count as usize;
        let held = match self.times.len() {
            n if n >= need => Some(true),
            n if n + self.unknown >= need => None,
            _ => Some(false),
        };
        let mut known: Vec<f64> = self.times.iter().flatten().copied().collect();
        known.sort_by(f64::total_cmp);
        let at_s = known.get(need.saturating_sub(1)).copied().filter(|_| held == Some(true));
        let observed = at_s.map_or(input.as_of_s >= input.duration_s, |t| t <= input.as_of_s);
        let more = if self.unknown > 0 { format!("，另 {} 处未知", self.unknown) } else { String::new() };
        Evaluated {
            held,
            value: Some(format!("{value}{more}")),
            basis: basis_word(held, observed),
            age_s: data_age(input),
            at_s,
        }
    }
}

fn ponding(layer: Layer, depth_m: f64, lasting_s: f64, count: u32, basis: Basis, input: &DecideInput<'_>) -> Evaluated {
    let mut tally = Tally::default();
    let mut deepest: Option<f64> = None;
    for object in input.impact.objects.iter().filter(|o| o.layer == layer) {
        tally.total += 1;
        if let (dayu_impact::Quantity::Depth, Some(p)) = (object.quantity, object.peak) {
            deepest = Some(deepest.map_or(p, |d: f64| d.max(p)));
        }
        let Reach::Yes { at_s, until_s } = reaches_depth(object, depth_m) else {
            tally.unknown += usize::from(reaches_depth(object, depth_m) == Reach::Unknown);
            continue;
        };
        // Time above 0.15 m bounds the time above anything deeper; first-to-last bounds it too.
        let span = match (at_s, until_s) {
            (Some(a), Some(u)) => Some(u - a),
            _ => None,
        };
        let bound = if depth_m >= 0.15 { object.duration_s } else { None };
        let lasted = match (span, bound) {
            (Some(s), Some(b)) => Some(s.min(b)),
            (s, b) => s.or(b),
        };
        let still = until_s.is_some_and(|u| u >= input.duration_s);
        let enough = if lasting_s <= 0.0 { Some(true) } else { lasted.map(|l| l >= lasting_s) };
        let held_at = at_s.map(|a| a + lasting_s.max(0.0));
        match (enough, held_at) {
            (Some(false), _) if !still => {}
            (Some(true), Some(t)) if basis.admits(t, input.as_of_s) => tally.times.push(Some(t)),
            (Some(true), Some(_)) => {}
            (Some(true), None) if basis == Basis::ForecastOrObserved => tally.times.push(None),
            _ => tally.unknown += 1,
        }
    }
    let deep = deepest.map_or_else(|| "未知".to_string(), |d| format!("{d:.2} m"));
    let value = format!("{} 处（最深 {deep}）", tally.times.len());
    tally.verdict(count, value, input)
}

fn slopes(colour: RiskColour, count: u32, input: &DecideInput<'_>) -> Evaluated {
    let mut tally = Tally::default();
    for object in input.impact.objects.iter().filter(|o| o.layer == Layer::Slopes) {
        tally.total += 1;
        match reaches_colour(object, colour) {
            Reach::Yes { at_s, .. } => tally.times.push(at_s),
            Reach::Unknown => tally.unknown += 1,
            Reach::No => {}
        }
    }
    let value = format!("{} 处", tally.times.len());
    tally.verdict(count, value, input)
}

fn water(
    list: Option<&[StationState]>,
    count: u32,
    state: WaterState,
    unit: &str,
    input: &DecideInput<'_>,
) -> Evaluated {
    let Some(list) = list.filter(|l| !l.is_empty()) else { return UNKNOWN };
    let newest = list.iter().map(|s| s.at_s).filter(|t| *t <= input.as_of_s).max_by(f64::total_cmp);
    let times = list.iter().filter(|s| s.state >= state && s.at_s <= input.as_of_s).map(|s| s.at_s);
    let mut found = counted(times.collect(), count, unit, input);
    found.age_s = newest.map(|t| input.as_of_s - t);
    found
}

fn typhoon(condition: &Condition, input: &DecideInput<'_>) -> Evaluated {
    let Condition::Typhoon { class_at_least, within_km, influence_within_h, wind_at_least } = condition else {
        return UNKNOWN;
    };
    let state = match &input.facts.typhoon {
        TyphoonFact::Unknown => return UNKNOWN,
        TyphoonFact::Absent => return at_as_of(false, "无台风".into(), None, None, input),
        TyphoonFact::Present(state) => state,
    };
    let parts = [
        class_at_least.map(|c| state.class.map(|v| v >= c)),
        within_km.map(|km| state.distance_km.map(|v| v <= km)),
        influence_within_h.map(|h| match state.influence_in_h {
            Some(v) => Some(v <= h),
            // Beyond the time that was looked at nothing is known.
            None => state.no_influence_within_h.filter(|none| h <= *none).map(|_| false),
        }),
        wind_at_least.map(|w| state.wind.map(|v| v >= w)),
    ];
    let asked: Vec<Option<bool>> = parts.into_iter().flatten().collect();
    let held = if asked.contains(&Some(false)) {
        Some(false)
    } else if asked.contains(&None) {
        None
    } else {
        Some(true)
    };
    let words = [
        state.class.map(|c| c.text().zh),
        state.distance_km.map(|v| format!("距 {} km", number(v))),
        state.influence_in_h.map(|v| format!("{} h 后影响", number(v))),
        state.wind.map(|v| format!("{v} 级")),
    ];
    let value: Vec<String> = words.into_iter().flatten().collect();
    Evaluated {
        held,
        value: (!value.is_empty()).then(|| value.join("，")),
        basis: basis_word(held, false),
        age_s: state.at_s.map(|t| (input.as_of_s - t).max(0.0)),
        at_s: state.at_s.filter(|_| held == Some(true)),
    }
}
