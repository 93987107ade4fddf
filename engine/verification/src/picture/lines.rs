//! Profiles, hydrographs and marks.

use super::{Drawn, HALF, WHOLE, metrics};
use crate::book::Picture;
use crate::measure::{answer_profile, answer_series, mark_points, model_profile, model_series};
use crate::metric::{Metric, Profile, SeriesCheck, Stat};
use crate::norm::interpolate;
use crate::plot::chart::{Chart, Manner, Panel, Series};
use crate::plot::{ANSWER, PEERS};
use dayu_base::Text;

/// A picture of each profile that is compared, at most these many.
const MOST_PROFILES: usize = 6;
/// The same for series.
const MOST_SERIES: usize = 8;

fn named(quantity: &str) -> (&'static str, &'static str, &'static str) {
    match quantity {
        "level" => ("水位", "level", "m"),
        "q" => ("单宽流量", "unit discharge", "m²/s"),
        "u" => ("东向流速", "velocity u", "m/s"),
        "v" => ("北向流速", "velocity v", "m/s"),
        "speed" => ("流速", "speed", "m/s"),
        _ => ("水深", "depth", "m"),
    }
}

fn answer(points: Vec<(f64, f64)>) -> Series {
    Series { label: "答案 answer".into(), colour: ANSWER.into(), manner: Manner::Circles, points }
}

pub(super) fn profiles(drawn: &[Drawn<'_>]) -> Vec<Picture> {
    let same = |a: &Profile, b: &Profile| {
        (&a.expected, &a.rows, &a.column, &a.quantity, a.at) == (&b.expected, &b.rows, &b.column, &b.quantity, b.at)
    };
    let mut wanted: Vec<&Profile> = Vec::new();
    for (_, metric) in metrics(drawn) {
        if let Metric::Profile(a) = metric
            && !wanted.iter().any(|w| same(w, a))
        {
            wanted.push(a);
        }
    }
    wanted.truncate(MOST_PROFILES);
    let users = |a: &Profile| {
        let uses = |d: &&Drawn<'_>| d.spec.checks.iter().any(|c| matches!(&c.metric, Metric::Profile(b) if same(a, b)));
        drawn.iter().filter(uses).collect::<Vec<_>>()
    };
    wanted.into_iter().filter_map(|a| profile(a, &users(a))).collect()
}

/// Value with the ground where the answer has it, and the residual below.
fn profile(a: &Profile, users: &[&Drawn<'_>]) -> Option<Picture> {
    let first = users.first()?;
    let (xs, ys) = answer_profile(first.run, a).ok()?;
    let table = first.run.expected(&a.expected, a.rows.as_ref()).ok()?;
    let bed = if a.quantity == "depth" && table.has("z_m") { table.numbers("z_m").ok() } else { None };
    let raised = |x: f64, v: f64| bed.as_ref().map_or(v, |z| v + interpolate(x, &xs, z));
    let (mut upper, mut lower) = (Vec::new(), Vec::new());
    if let Some(bed) = &bed {
        let points = xs.iter().copied().zip(bed.iter().copied()).collect();
        upper.push(Series { label: "地面 bed".into(), colour: "#d9cdb8".into(), manner: Manner::Ground, points });
    }
    upper.push(answer(xs.iter().zip(&ys).map(|(x, y)| (*x, raised(*x, *y))).collect()));
    for d in users {
        let Ok((_, model)) = model_profile(d.run, &a.quantity, a.at, a.y) else { continue };
        let line = |label: String, points| Series { label, colour: d.colour.into(), manner: d.manner, points };
        upper.push(line(d.label(), model.iter().map(|(x, v)| (*x, raised(*x, *v))).collect()));
        lower.push(line(String::new(), model.iter().map(|(x, v)| (*x, v - interpolate(*x, &xs, &ys))).collect()));
    }
    let (zh, en, unit) = named(if bed.is_some() { "level" } else { &a.quantity });
    let condition = a.rows.as_ref().map(|(k, v)| format!("，{k} = {v}")).unwrap_or_default();
    let chart = Chart {
        width: HALF,
        x_label: "x (m)".into(),
        panels: vec![
            Panel { y_label: format!("{zh} {en} ({unit})"), height: 150.0, series: upper, zero: false },
            Panel { y_label: format!("误差 error ({unit})"), height: 64.0, series: lower, zero: true },
        ],
        names: Vec::new(),
        powers: false,
    };
    Some(Picture {
        title: Text::new(
            format!("{zh}纵剖面，t = {} s{condition}", a.at),
            format!("Profile of {en}, t = {} s{}", a.at, condition.replace('，', ", ")),
        ),
        caption: Text::new("上：计算与答案；下：计算减答案。", "Above: model and answer; below: model minus answer."),
        wide: false,
        svg: chart.svg(),
    })
}

/// The place of a series: flow or gauge, and quantity.
fn place(a: &SeriesCheck) -> (Option<&str>, Option<&str>, &str) {
    (a.flow.as_deref(), a.gauge.as_deref(), &a.quantity)
}

pub(super) fn series(drawn: &[Drawn<'_>]) -> Vec<Picture> {
    let mut wanted: Vec<(Option<&str>, Option<&str>, &str)> = Vec::new();
    for (_, metric) in metrics(drawn) {
        if let Metric::Series(a) = metric
            && !wanted.contains(&place(a))
        {
            wanted.push(place(a));
        }
        if let Metric::Period(a) = metric {
            let at = (a.flow.as_deref(), a.gauge.as_deref(), a.quantity.as_str());
            if !wanted.contains(&at) {
                wanted.push(at);
            }
        }
    }
    wanted.truncate(MOST_SERIES);
    wanted.into_iter().filter_map(|at| hydrograph(at, drawn)).collect()
}

fn hydrograph(at: (Option<&str>, Option<&str>, &str), drawn: &[Drawn<'_>]) -> Option<Picture> {
    let (flow, gauge, quantity) = at;
    let (mut list, mut known) = (Vec::new(), false);
    let mut marks = Vec::new();
    let (mut scale, mut answered) = (1.0, None);
    for d in drawn {
        let checks: Vec<&SeriesCheck> = d
            .spec
            .checks
            .iter()
            .filter_map(|c| match &c.metric {
                Metric::Series(a) if place(a) == at => Some(a),
                _ => None,
            })
            .collect();
        let period = d.spec.checks.iter().any(|c| {
            matches!(&c.metric, Metric::Period(a) if (a.flow.as_deref(), a.gauge.as_deref(), a.quantity.as_str()) == at)
        });
        if checks.is_empty() && !period {
            continue;
        }
        if let Some(with) = checks.iter().find(|a| a.expected.is_some() && a.stat == Stat::Rmse).or(checks.first()) {
            // A run of another width answers to another scale: on one axis it would look wrong.
            if *answered.get_or_insert(with.scale) != with.scale {
                continue;
            }
            scale = with.sign;
            if !known && let Ok(Some((t, v))) = answer_series(d.run, with) {
                list.insert(0, answer(t.into_iter().zip(v).collect()));
                known = true;
            }
        }
        let Ok((t, v)) = model_series(d.run, flow, scale, gauge, quantity) else { continue };
        for a in checks {
            let span = (a.from.unwrap_or(t[0]), a.to.unwrap_or(t[t.len() - 1]));
            if let (Some(value), Stat::Peak | Stat::Mean | Stat::End) = (a.value, a.stat) {
                let level = vec![(span.0, value), (span.1, value)];
                let mark = Series {
                    label: "已知值 known value".into(),
                    colour: "#777777".into(),
                    manner: Manner::Dashed,
                    points: level,
                };
                if !marks.contains(&mark) {
                    marks.push(mark);
                }
            }
        }
        list.push(Series {
            label: d.label(),
            colour: d.colour.into(),
            manner: d.manner,
            points: t.into_iter().zip(v).collect(),
        });
    }
    if list.is_empty() {
        return None;
    }
    list.extend(marks);
    let (zh, en, unit) = if flow.is_some() { ("流量", "discharge", "m³/s") } else { named(quantity) };
    let name = flow.or(gauge).unwrap_or_default();
    let chart = Chart {
        width: HALF,
        x_label: "时间 time (s)".into(),
        panels: vec![Panel { y_label: format!("{zh} {en} ({unit})"), height: 170.0, series: list, zero: false }],
        names: Vec::new(),
        powers: false,
    };
    Some(Picture {
        title: Text::new(format!("{name} 处{zh}过程"), format!("{en} at {name}")),
        caption: Text::default(),
        wide: false,
        svg: chart.svg(),
    })
}

/// Levels at marks; the band of the observations and peers behind.
pub(super) fn marks(drawn: &[Drawn<'_>]) -> Option<Picture> {
    let users: Vec<_> = drawn
        .iter()
        .filter_map(|d| {
            let of = |banded: bool| {
                d.spec.checks.iter().find_map(|c| match &c.metric {
                    Metric::Marks(a) if a.band.is_empty() != banded => Some(a),
                    _ => None,
                })
            };
            let a = of(true).or_else(|| of(false))?;
            mark_points(d.run, a).ok().map(|p| (d, a, p))
        })
        .collect();
    let (_, a, points) = users.first()?;
    let mut list = Vec::new();
    // Levels of a hillside differ by metres, errors by centimetres: everything is drawn relative to the mark.
    let spread = points.iter().enumerate().flat_map(|(k, p)| {
        let (lo, hi) = p.band_m.iter().fold((p.mark_m, p.mark_m), |(l, h), v| (l.min(*v), h.max(*v)));
        [(k as f64, lo - a.widen - p.mark_m), (k as f64, hi + a.widen - p.mark_m)]
    });
    if !a.band.is_empty() {
        list.push(Series {
            label: "允许带 accepted band".into(),
            colour: "#dddddd".into(),
            manner: Manner::Bars,
            points: spread.collect(),
        });
    }
    for (n, column) in a.band.iter().enumerate().filter(|(_, c)| **c != a.column) {
        let each = points.iter().enumerate().map(|(k, p)| (k as f64, p.band_m[n] - p.mark_m)).collect();
        let label = column.trim_end_matches("_wse_m").replace('_', " ");
        list.push(Series { label, colour: PEERS[n % PEERS.len()].into(), manner: Manner::Dashed, points: each });
    }
    for (d, _, points) in &users {
        let each: Vec<(f64, f64)> = points.iter().enumerate().map(|(k, p)| (k as f64, p.model_m - p.mark_m)).collect();
        list.push(Series { label: d.label(), colour: d.colour.into(), manner: d.manner, points: each.clone() });
        list.push(Series { label: String::new(), colour: d.colour.into(), manner: Manner::Circles, points: each });
    }
    let chart = Chart {
        width: WHOLE,
        x_label: "测点 point".into(),
        panels: vec![Panel {
            y_label: "计算减实测 model − mark (m)".into(), height: 190.0, series: list, zero: true
        }],
        names: points.iter().map(|p| p.id.clone()).collect(),
        powers: false,
    };
    Some(Picture {
        title: Text::new("与实测洪痕的差", "Difference from observed marks"),
        caption: Text::new(
            "0 线为实测洪痕；灰带为实测与同行模型的范围加允许余量。",
            "The zero line is the observed mark; the grey band spans marks and peers, widened by the tolerance.",
        ),
        wide: true,
        svg: chart.svg(),
    })
}
