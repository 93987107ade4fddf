//! Walls, dykes, kerbs and lines of sandbags on faces.

use crate::face::{CLOSED, Face, GRAVITY, SIDE_WAY, StepFactors, Wanted, flow, passing};

/// Unit discharge of a broad-crested weir (m²/s) at a head over the crest upstream and downstream (m): critical flow,
/// `(2/3)^(3/2) √g H^(3/2)`, and once the water downstream stands above two thirds of that head, `H₂ √(2 g (H − H₂))`, which joins it
/// there (Bos 1989, 1.10).
pub(crate) fn weir_m2_s(head_m: f64, tail_m: f64) -> f64 {
    if 3.0 * tail_m <= 2.0 * head_m {
        let third = head_m * (2.0 / 3.0);
        third * (GRAVITY * third).sqrt()
    } else {
        tail_m * (2.0 * GRAVITY * (head_m - tail_m)).sqrt()
    }
}

/// Discharge of a face with a crest that stands `above` units over the higher bed: the flow of the face with a raised sill, but no
/// more than a broad-crested weir lets over.
///
/// The limit is that of critical flow over the crest, `(2/3)^(3/2) √g H^(3/2)` for a head H upstream, and once the water downstream
/// stands above two thirds of that head, `H₂ √(2 g (H − H₂))`, which joins it there (Bos 1989, Discharge measurement structures, 1.10).
pub(crate) fn weir_limited(f: Face, above: i32, k: StepFactors) -> Wanted {
    if f.rise == CLOSED {
        return Wanted::default();
    }
    let rise = f.rise & !SIDE_WAY;
    let (behind, ahead) = (i64::from(f.behind), i64::from(f.ahead) + i64::from(rise));
    let crest = i64::from(rise.max(0)) + i64::from(above);
    let (head, tail) = (behind.max(ahead) - crest, (behind.min(ahead) - crest).max(0));
    if head <= 0 {
        return Wanted::default();
    }
    let (head_m, tail_m) = (head as f32 * k.unit_m, tail as f32 * k.unit_m);
    let fall = (ahead - behind) as f32;
    let free = flow(f, head_m, fall, true, k);
    let g = GRAVITY as f32;
    let most = if 3 * tail <= 2 * head {
        let third = head_m * (2.0 / 3.0);
        third * (g * third).sqrt()
    } else {
        tail_m * (2.0 * g * (head_m - tail_m)).sqrt()
    };
    // Over a crest the water has no say but its levels: what flows against them is the momentum of water that stands apart.
    let downwards = if fall == 0.0 || (free.q > 0.0) == (fall < 0.0) { free.q } else { 0.0 };
    let q = downwards.clamp(-most, most);
    Wanted { q, passes: passing(q, k), speed: q.abs() / head_m }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::Unit;

    fn steady(behind_m: f64, ahead_m: f64, crest_m: f64) -> f32 {
        let unit = Unit::for_depth(4.0);
        let units = |m: f64| unit.count(m) as i32;
        let (dt, dx) = (0.2, 5.0);
        let k = StepFactors {
            unit_m: unit.metres() as f32,
            push: (GRAVITY * dt / dx * unit.metres()) as f32,
            drag: (GRAVITY * dt) as f32,
            sheet: 0,
            passes: (dt / dx / unit.metres()) as f32,
        };
        let mut f = Face {
            behind: units(behind_m),
            ahead: units(ahead_m),
            rise: 0,
            roughness: 0.06,
            q: 0.0,
            q_behind: 0.0,
            q_ahead: 0.0,
            q_across: 0.0,
        };
        for _ in 0..500 {
            f.q = weir_limited(f, units(crest_m), k).q;
        }
        f.q
    }

    #[test]
    fn overtopping_is_that_of_a_broad_crested_weir() {
        assert_eq!(steady(1.0, 0.0, 1.0), 0.0);
        for head in [0.05_f64, 0.2, 1.0] {
            let weir = 1.705 * head.powf(1.5);
            assert!((f64::from(steady(1.0 + head, 0.0, 1.0)) / weir - 1.0).abs() < 0.001);
            assert!((f64::from(steady(0.2, 1.0 + head, 1.0)) / -weir - 1.0).abs() < 0.001);
        }
        // Drowned: less, and nothing once level.
        let drowned = f64::from(steady(1.5, 1.45, 1.0));
        assert!(drowned > 0.0 && drowned <= 0.45 * (2.0 * 9.81 * 0.05_f64).sqrt() * 1.001, "{drowned}");
        assert!(steady(1.5, 1.5, 1.0).abs() < 1e-6);
    }
}
