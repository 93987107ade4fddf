//! In time: gauges and flows.

use crate::metric::{Period, SeriesCheck, Stat};
use crate::norm::{Fold, arrival, interpolate};
use crate::run::Run;
use crate::source::{Wrong, need};

/// Times and values.
pub(crate) type Rows = (Vec<f64>, Vec<f64>);

/// The model's series of a gauge or a flow.
pub(crate) fn model_series(
    run: &Run<'_>,
    flow: Option<&str>,
    sign: f64,
    gauge: Option<&str>,
    quantity: &str,
) -> Result<Rows, Wrong> {
    match (flow, gauge) {
        (Some(flow), _) => {
            let (t, v) = run.series("flows.csv", flow, "m3_s")?;
            Ok((t, v.into_iter().map(|x| sign * x).collect()))
        }
        (None, Some(gauge)) => {
            let unit = if ["u", "v", "speed"].contains(&quantity) { "_m_s" } else { "_m" };
            run.series("gauges.csv", gauge, &format!("{quantity}{unit}"))
        }
        (None, None) => Err(Wrong::new("a series needs 'flow' or 'gauge'")),
    }
}

/// The answer's series within `from..=to`, blanks left out; `None` when the answer is one value.
pub(crate) fn answer_series(run: &Run<'_>, a: &SeriesCheck) -> Result<Option<Rows>, Wrong> {
    let (Some(expected), Some(column)) = (&a.expected, &a.column) else { return Ok(None) };
    let rows = run.expected(expected, a.rows.as_ref())?;
    let (times, values) = (rows.numbers(&a.time)?, rows.known_numbers(column)?);
    let (lo, hi) = (a.from.unwrap_or(f64::NEG_INFINITY), a.to.unwrap_or(f64::INFINITY));
    let known = times.into_iter().zip(values).filter_map(|(t, v)| v.map(|v| (t, v * a.scale)));
    let (t, v): Rows = known.filter(|(t, _)| lo <= *t && *t <= hi).unzip();
    need(!t.is_empty(), || format!("{expected}: no row of {column} in the wanted time"))?;
    Ok(Some((t, v)))
}

pub(super) fn series(run: &Run<'_>, a: &SeriesCheck) -> Result<f64, Wrong> {
    let (t, v) = model_series(run, a.flow.as_deref(), a.sign, a.gauge.as_deref(), &a.quantity)?;
    let answer = answer_series(run, a)?;
    if a.stat == Stat::Rmse {
        let (ot, ov) = answer.ok_or_else(|| Wrong::new("rmse needs 'expected' and 'column'"))?;
        let (first, last) = (ot[0], ot[ot.len() - 1]);
        need(t[0] <= first + 1e-6 && t[t.len() - 1] >= last - 1.0, || {
            format!("series covers {}..{} s, expected {first}..{last}", t[0], t[t.len() - 1])
        })?;
        let errors: Vec<f64> = ot.iter().zip(&ov).map(|(x, y)| interpolate(*x, &t, &v) - y).collect();
        return Ok(Fold::Rmse.of(&errors)? / a.divide);
    }
    let got = statistic(a, &t, &v, a.model_level.or(a.level))?;
    let want = match (a.value, answer) {
        (Some(value), _) => value,
        (None, Some((ot, ov))) => statistic(a, &ot, &ov, a.level)?,
        (None, None) => return Err(Wrong::new("a series needs 'value' or 'expected' and 'column'")),
    };
    Ok((got - want).abs() / if a.relative { want.abs() } else { a.divide })
}

fn statistic(a: &SeriesCheck, t: &[f64], v: &[f64], level: Option<f64>) -> Result<f64, Wrong> {
    let (lo, hi) = (a.from.unwrap_or(f64::NEG_INFINITY), a.to.unwrap_or(f64::INFINITY));
    let within: Vec<(f64, f64)> =
        t.iter().zip(v).map(|(x, y)| (*x, *y)).filter(|(x, _)| lo <= *x && *x <= hi).collect();
    let Some(last) = within.last() else { return Err(Wrong::new(format!("no rows between {lo} and {hi} s"))) };
    let mut peak = within[0];
    for p in &within {
        if p.1 > peak.1 {
            peak = *p;
        }
    }
    Ok(match a.stat {
        Stat::Peak => peak.1,
        Stat::PeakTime => peak.0,
        Stat::Mean => within.iter().map(|p| p.1).sum::<f64>() / within.len() as f64,
        Stat::End => last.1,
        Stat::Arrival => arrival(t, v, level.ok_or_else(|| Wrong::new("arrival needs 'level'"))?)?,
        Stat::Rmse => return Err(Wrong::new("rmse needs 'expected' and 'column'")),
    })
}

pub(super) fn period(run: &Run<'_>, a: &Period) -> Result<f64, Wrong> {
    let (t, v) = model_series(run, a.flow.as_deref(), a.sign, a.gauge.as_deref(), &a.quantity)?;
    let (low, high) = v.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(*x), h.max(*x)));
    let mid = 0.5 * (high + low);
    let mut up = Vec::new();
    for i in 0..t.len() - 1 {
        if v[i] < mid && mid <= v[i + 1] {
            up.push(t[i] + (t[i + 1] - t[i]) * (mid - v[i]) / (v[i + 1] - v[i]));
        }
    }
    need(up.len() >= 2, || "fewer than two oscillations".into())?;
    Ok(((up[up.len() - 1] - up[0]) / (up.len() - 1) as f64 / a.value - 1.0).abs())
}
