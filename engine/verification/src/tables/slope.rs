//! Slopes.

use super::Given;
use crate::source::{Folder, Wrong};
use crate::table::Table;
use dayu_slopes::{FiniteDepth, Ground, IntensityDuration, factor_of_safety, iverson_head_m};

pub(super) fn infinite(table: &Table) -> Result<Vec<f64>, Wrong> {
    let column = |name: &str| table.numbers(name);
    let (slope, phi, c, z, weight, wet) = (
        column("slope_deg")?,
        column("phi_deg")?,
        column("c_Pa")?,
        column("Z_m")?,
        column("gamma_s_Nm3")?,
        column("m_watertable_ratio")?,
    );
    let row = |k: usize| {
        let ground = Ground {
            slope_deg: slope[k],
            cohesion_pa: c[k],
            friction_deg: phi[k],
            weight_n_m3: weight[k],
            // Still water: base, table, conductivity and diffusivity do not enter.
            base_m: z[k],
            water_table_m: z[k],
            conductivity_m_s: 1e-6,
            diffusivity_m2_s: 1e-6,
        };
        let cosine = libm::cos(slope[k].to_radians());
        factor_of_safety(&ground, z[k], wet[k] * z[k] * cosine * cosine)
    };
    Ok((0..z.len()).map(row).collect())
}

fn ground(given: &Given) -> Result<Ground, Wrong> {
    Ok(Ground {
        slope_deg: given.number("slope_deg")?,
        cohesion_pa: given.number("cohesion_pa")?,
        friction_deg: given.number("friction_deg")?,
        weight_n_m3: given.number("weight_n_m3")?,
        base_m: given.number("base_m")?,
        water_table_m: given.number("water_table_m")?,
        conductivity_m_s: given.number("conductivity_m_s")?,
        diffusivity_m2_s: given.number("diffusivity_m2_s")?,
    })
}

pub(super) fn iverson(table: &Table, given: &Given, safety: bool) -> Result<Vec<f64>, Wrong> {
    let ground = ground(given)?;
    let (z, t, rain, ratio) =
        (table.numbers("Z_m")?, table.numbers("t_h")?, table.numbers("rain_h")?, table.numbers("Iz_over_Kz")?);
    let row = |k: usize| {
        let head = iverson_head_m(&ground, z[k], t[k] * 3600.0, rain[k] * 3600.0, ratio[k]);
        if safety { factor_of_safety(&ground, z[k], head) } else { head }
    };
    Ok((0..z.len()).map(row).collect())
}

/// `tell` gets the soil after the rain so far, the ground and the depth.
pub(super) fn finite_depth(
    case: &dyn Folder,
    table: &Table,
    given: &Given,
    tell: impl Fn(&FiniteDepth, &Ground, f64) -> f64,
) -> Result<Vec<f64>, Wrong> {
    let ground = ground(given)?;
    let rain = given.table(case, "rain")?;
    let (from, until, rate) = (rain.numbers("t0_s")?, rain.numbers("t1_s")?, rain.numbers("I_ms")?);
    let (z, t) = (table.numbers("Z_m")?, table.numbers("t_h")?);
    let row = |k: usize| {
        let end = t[k] * 3600.0;
        let mut soil = FiniteDepth::new(&ground, z[k]);
        let mut instants: Vec<f64> = from.iter().chain(&until).copied().filter(|t| *t < end).collect();
        instants.extend([0.0, end]);
        instants.sort_by(f64::total_cmp);
        for w in instants.windows(2) {
            let falls = (0..rate.len()).find(|r| from[*r] <= w[0] && w[0] < until[*r]).map_or(0.0, |r| rate[r]);
            soil.advance(falls, w[1] - w[0]);
        }
        tell(&soil, &ground, z[k])
    };
    Ok((0..z.len()).map(row).collect())
}

pub(super) fn intensity(table: &Table, sum: bool) -> Result<Vec<f64>, Wrong> {
    let (names, durations) = (table.words("threshold")?, table.numbers("D_h")?);
    names
        .iter()
        .zip(durations)
        .map(|(name, d)| {
            let curve = IntensityDuration::ALL.iter().find(|c| c.id == *name);
            let curve = curve.ok_or_else(|| Wrong::new(format!("no threshold {name}")))?;
            Ok(curve.mm_h(d).map_or(f64::NAN, |i| if sum { i * d } else { i }))
        })
        .collect()
}
