//! Infiltration: the laws of one cell in many steps, as the solvers call them.

use super::Given;
use crate::source::Wrong;
use crate::table::Table;
use dayu_inundation::infiltration_laws::{curve_number as lost, green_ampt as soaked, horton as taken};

const MM_H: f64 = 1e-3 / 3600.0;
const CM: f64 = 0.01;

/// Water taken in, m, under rain of one rate for a time in steps of about `step_s`.
fn under_rain(rain_m_s: f64, seconds: f64, step_s: f64, ksat_m_s: f64, head_m: f64) -> f64 {
    let steps = (seconds / step_s).ceil().max(1.0);
    let dt = seconds / steps;
    let mut front = 0.0;
    (0..steps as usize).map(|_| soaked(&mut front, rain_m_s * dt, dt, ksat_m_s, head_m)).sum()
}

pub(super) fn green_ampt(table: &Table, given: &Given) -> Result<Vec<f64>, Wrong> {
    let step_s = given.number("step_s")?;
    let column = |name: &str| table.numbers(name);
    let (rain, deficit, psi, k_sat, hours) =
        (column("rain_cmh")?, column("dtheta")?, column("psi_cm")?, column("K_cmh")?, column("t_h")?);
    let row = |k: usize| {
        let (rate, ksat) = (rain[k] * CM / 3600.0, k_sat[k] * CM / 3600.0);
        under_rain(rate, hours[k] * 3600.0, step_s, ksat, psi[k] * CM * deficit[k]) / CM
    };
    Ok((0..rain.len()).map(row).collect())
}

/// Examples of Chow, Maidment & Mays (1988): one soil, quantities by name.
pub(super) fn textbook(table: &Table, given: &Given) -> Result<Vec<f64>, Wrong> {
    let step_s = given.number("step_s")?;
    let (ksat, head) = (given.number("ksat_cm_h")? * CM / 3600.0, given.number("head_cm")? * CM);
    let depth = |cm_h: f64, hours: f64| under_rain(cm_h * CM / 3600.0, hours * 3600.0, step_s, ksat, head) / CM;
    // Rate over the last second of the hour.
    let rate = |cm_h: f64, hours: f64| {
        let second = 1.0 / 3600.0;
        (depth(cm_h, hours) - depth(cm_h, hours - second)) / second
    };
    // Ponding begins where less is taken than falls: between two times an hour apart, by halving.
    let ponding = |cm_h: f64| {
        let (mut dry, mut wet) = (0.0, 24.0);
        for _ in 0..40 {
            let middle = 0.5 * (dry + wet);
            if depth(cm_h, middle) < cm_h * middle * (1.0 - 1e-9) { wet = middle } else { dry = middle }
        }
        dry
    };
    const PONDED: f64 = 1e6;
    table
        .words("quantity")?
        .into_iter()
        .map(|name| {
            Ok(match name {
                "F_cm_at_1h_ponded" => depth(PONDED, 1.0),
                "f_cmh_at_1h_ponded" => rate(PONDED, 1.0),
                "F_cm_at_1h_i=5cmh" => depth(5.0, 1.0),
                "f_cmh_at_1h_i=5cmh" => rate(5.0, 1.0),
                "tp_h_i=5cmh" => ponding(5.0),
                "tp_h_i=1cmh" => ponding(1.0),
                "Fp_cm_i=5cmh" => 5.0 * ponding(5.0),
                "Fp_cm_i=1cmh" => ponding(1.0),
                other => return Err(Wrong::new(format!("no quantity {other}"))),
            })
        })
        .collect()
}

pub(super) fn horton(table: &Table, rate: bool) -> Result<Vec<f64>, Wrong> {
    let column = |name: &str| table.numbers(name);
    let (f0, fc, decay, hours) = (column("f0_mmh")?, column("fc_mmh")?, column("k_per_h")?, column("t_h")?);
    /// Steps of a row: the integrated form does not depend on them.
    const STEPS: usize = 50;
    let row = |k: usize| {
        let law = |excess: &mut f64, dt: f64| taken(excess, 1.0, dt, f0[k] * MM_H, fc[k] * MM_H, decay[k] / 3600.0);
        let (mut excess, dt) = (0.0, hours[k] * 3600.0 / STEPS as f64);
        let depth: f64 = (0..STEPS).map(|_| law(&mut excess, dt)).sum();
        if rate { law(&mut excess, 1e-3) / 1e-3 / MM_H } else { depth * 1e3 }
    };
    Ok((0..f0.len()).map(row).collect())
}

pub(super) fn curve_number(table: &Table) -> Result<Vec<f64>, Wrong> {
    let (rain, cn, ratio) = (table.numbers("P_mm")?, table.numbers("CN")?, table.numbers("lambda")?);
    const STEPS: usize = 50;
    let row = |k: usize| {
        let (mut fallen, part) = (0.0, rain[k] / 1e3 / STEPS as f64);
        let retention = 25.4 / cn[k] - 0.254;
        let kept: f64 = (0..STEPS).map(|_| lost(&mut fallen, part, part, retention, ratio[k])).sum();
        rain[k] - kept * 1e3
    };
    Ok((0..rain.len()).map(row).collect())
}
