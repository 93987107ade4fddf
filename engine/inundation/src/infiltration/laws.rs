//! The laws of one cell. Metres and seconds. Each takes its memory, the water there is and the length of a step, returns the
//! water taken and moves the memory on; none ever takes more than there is.

/// Share of the memory that a dry week drains: 98 %, the drying time of 7 days that SWMM takes by default for Horton and curve
/// number (Rossman & Huber 2016, Storm Water Management Model Reference Manual vol. I, ch. 4; mark D).
const WEEK_S: f64 = 7.0 * 86_400.0;

/// What is left of the memory of Horton's law and of the curve number after a dry spell, 0–1.
pub(super) fn left_after(dry_s: f64) -> f64 {
    libm::exp(libm::log(0.02) / WEEK_S * dry_s)
}

/// What is left of the wetting front of Green & Ampt after a dry spell, 0–1: it is redistributed at `√Ks ÷ 75` per hour with Ks
/// in inches per hour (Rossman & Huber 2016, ch. 4; mark D). `ksat` in m/s.
pub(super) fn front_left_after(dry_s: f64, ksat: f64) -> f64 {
    let inches_per_hour = ksat * 3600.0 / 0.0254;
    libm::exp(-inches_per_hour.sqrt() / 75.0 / 3600.0 * dry_s)
}

/// Horton in integrated form. `excess` is the water taken beyond the final rate, m: capacity = f0 − k × excess, which on ponded
/// ground is `fc + (f0 − fc) e^(−k t)` to the last digit (Akan 1992, J. Irrig. Drain. Eng. 118:828). Rates in m/s.
pub fn horton(excess: &mut f64, water_m: f64, dt_s: f64, f0: f64, fc: f64, decay: f64) -> f64 {
    let above = f0 - fc - decay * *excess;
    let gained = if decay * dt_s > 1e-12 { above * (-libm::expm1(-decay * dt_s) / decay) } else { above * dt_s };
    let capacity = fc * dt_s + gained.max(0.0);
    if water_m >= capacity {
        *excess += gained.max(0.0);
        capacity
    } else {
        // The excess cannot pass the one of ponded ground: what is taken is less.
        *excess += (water_m - fc * dt_s).max(0.0);
        water_m
    }
}

/// Green & Ampt with ponding after Mein & Larson (1973, Water Resour. Res. 9:384). `front` is the water taken in this wetting, m.
/// The water of a step is taken to arrive evenly; where ponding begins within the step, the step is split there. `head` is
/// suction × deficit, m; ponding depth does not add to it.
pub fn green_ampt(front: &mut f64, water_m: f64, dt_s: f64, ksat: f64, head: f64) -> f64 {
    let supply = water_m / dt_s;
    let unponded = if supply <= ksat { f64::INFINITY } else { ksat * head / (supply - ksat) };
    let taken = if *front + water_m <= unponded {
        water_m
    } else {
        let before = (unponded - *front).max(0.0);
        let left_s = (dt_s - before / supply).max(0.0);
        before + ponded(*front + before, left_s, ksat, head)
    };
    let taken = taken.min(water_m);
    *front += taken;
    taken
}

/// Water taken from ponded ground: the root x of `x − a ln((F + x + a) ÷ (F + a)) = K dt` by Newton's method.
fn ponded(front: f64, dt_s: f64, ksat: f64, head: f64) -> f64 {
    let drained = ksat * dt_s;
    if head <= 0.0 || drained <= 0.0 {
        return drained;
    }
    // First guess: the rate at the middle of the step.
    let b = 0.5 * drained - front;
    let mut x = b + (b * b + 2.0 * drained * (front + head)).sqrt();
    for _ in 0..20 {
        let defect = x - head * libm::log1p(x / (front + head)) - drained;
        let step = defect * (front + x + head) / (front + x);
        x -= step;
        if step.abs() <= 1e-14 * x {
            break;
        }
    }
    x
}

/// Curve number. `fallen` is the rain so far, m; returns what the rain of the step loses, at most the water there is. `retention`
/// S = 25.4 mm × (1000 ÷ CN − 10), m.
pub fn curve_number(fallen: &mut f64, water_m: f64, rain_m: f64, retention: f64, ia_ratio: f64) -> f64 {
    let before = retained(*fallen, retention, ia_ratio);
    *fallen += rain_m;
    let due = retained(*fallen, retention, ia_ratio) - before;
    due.max(0.0).min(water_m)
}

/// Rain less runoff, m: `P − (P − Ia)² ÷ (P − Ia + S)`.
fn retained(fallen: f64, retention: f64, ia_ratio: f64) -> f64 {
    let beyond = fallen - ia_ratio * retention;
    if beyond <= 0.0 { fallen } else { fallen - beyond * beyond / (beyond + retention) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MM_H: f64 = 1e-3 / 3600.0;

    fn table(text: &str) -> Vec<Vec<&str>> {
        text.lines().skip(1).map(|l| l.split(',').collect()).collect()
    }

    fn number(word: &str) -> f64 {
        word.parse().unwrap()
    }

    #[test]
    fn horton_on_ponded_ground_is_the_closed_form() {
        for row in table(include_str!("../../../../tests/cases/inf_horton_scs/expected_horton_ponded.csv")) {
            let v: Vec<f64> = row.iter().map(|w| number(w)).collect();
            for steps in [1, 7, 400] {
                let (mut excess, mut taken, dt) = (0.0, 0.0, v[3] * 3600.0 / f64::from(steps));
                for _ in 0..steps {
                    taken += horton(&mut excess, 1.0, dt, v[0] * MM_H, v[1] * MM_H, v[2] / 3600.0);
                }
                assert!((taken * 1000.0 / v[4] - 1.0).abs() < 1e-6, "{row:?} {taken}");
                let rate = horton(&mut excess, 1.0, 1e-3, v[0] * MM_H, v[1] * MM_H, v[2] / 3600.0) / 1e-3 / MM_H;
                assert!((rate / v[5] - 1.0).abs() < 1e-6, "{row:?} {rate}");
            }
        }
    }

    #[test]
    fn the_curve_number_gives_the_book_runoff_in_any_number_of_steps() {
        for row in table(include_str!("../../../../tests/cases/inf_horton_scs/expected_scs.csv")) {
            let (rain, cn, ratio, runoff) = (number(row[1]), number(row[2]), number(row[3]), number(row[4]));
            for steps in [1, 50] {
                let (mut fallen, mut lost, part) = (0.0, 0.0, rain / 1000.0 / f64::from(steps));
                for _ in 0..steps {
                    lost += curve_number(&mut fallen, part, part, 25.4 / cn - 0.254, ratio);
                }
                assert!((rain - lost * 1000.0 - runoff).abs() < 3e-6 * rain.max(1.0), "{row:?} {lost}");
            }
        }
    }

    #[test]
    fn green_ampt_under_rain_meets_the_table() {
        for (dt, tolerance) in [(10.0, 1e-4), (60.0, 1e-2), (1.0, 1e-4)] {
            let mut worst: f64 = 0.0;
            for row in table(include_str!("../../../../tests/cases/inf_green_ampt/expected_rain.csv")) {
                let [rain, deficit, psi, ksat, hours, expected] = [1, 2, 3, 4, 5, 6].map(|k| number(row[k]));
                let (mut front, mut taken) = (0.0, 0.0);
                for _ in 0..(hours * 3600.0 / dt) as usize {
                    taken +=
                        green_ampt(&mut front, rain * 10.0 * MM_H * dt, dt, ksat * 10.0 * MM_H, psi / 100.0 * deficit);
                }
                worst = worst.max((taken * 100.0 / expected - 1.0).abs());
            }
            println!("dt {dt} s: largest relative error of F {worst:.1e}");
            assert!(worst < tolerance, "{dt} {worst}");
        }
    }

    #[test]
    fn green_ampt_meets_the_textbook() {
        let (k, head) = (6.5 * MM_H, 0.167 * 0.340);
        let at = |rain_cm_h: f64, hours: f64| {
            let (mut front, dt) = (0.0, 5.0);
            for _ in 0..(hours * 3600.0 / dt) as usize {
                green_ampt(&mut front, rain_cm_h * 10.0 * MM_H * dt, dt, k, head);
            }
            front * 100.0
        };
        let expected: Vec<Vec<&str>> =
            table(include_str!("../../../../tests/cases/inf_green_ampt/expected_textbook.csv"));
        let value = |name: &str| number(expected.iter().find(|r| r[1] == name).unwrap()[2]);
        assert!((at(1e6, 1.0) / value("F_cm_at_1h_ponded") - 1.0).abs() < 1e-4);
        assert!((at(5.0, 1.0) / value("F_cm_at_1h_i=5cmh") - 1.0).abs() < 1e-4);
        // Just before and after ponding at 0.1697 h.
        let tp = value("tp_h_i=5cmh");
        assert!((at(5.0, tp) / (5.0 * tp) - 1.0).abs() < 0.01 && at(5.0, tp + 0.05) < 5.0 * (tp + 0.049));
    }

    #[test]
    fn dry_spells_give_capacity_back() {
        assert!((left_after(WEEK_S) - 0.02).abs() < 1e-12);
        assert_eq!((left_after(0.0), front_left_after(0.0, 1e-6)), (1.0, 1.0));
        assert!(front_left_after(86_400.0, 6.5 * MM_H) < front_left_after(86_400.0, 0.65 * MM_H));
        let mut excess = 0.02;
        let tired = horton(&mut excess.clone(), 1.0, 60.0, 76.0 * MM_H, 13.0 * MM_H, 4.14 / 3600.0);
        excess *= left_after(3.0 * 86_400.0);
        assert!(horton(&mut excess, 1.0, 60.0, 76.0 * MM_H, 13.0 * MM_H, 4.14 / 3600.0) > tired);
    }
}
