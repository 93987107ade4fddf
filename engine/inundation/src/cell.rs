//! Formulas of one cell or one face for the schemes whose depths are 64-bit numbers. Everything here is plain arithmetic without
//! branches on data, so that the loops over rows become vector code, and uses no fused multiply-add, so that scalar and vector code
//! give the same bits.

pub(crate) use crate::face::{GRAVITY, NEIGHBOUR_SHARE};

/// Friction is that of a film of at least this depth, m: keeps its powers within 32 bits.
const FRICTION_FILM_M: f32 = 1e-7;

/// Water thinner than this does not flow, m: far below any drop, far above the rounding of a level.
pub(crate) const FILM_M: f64 = 1e-12;

/// The larger of two numbers; unlike `f64::max` without rules for NaN, which cost time in the inner loops.
#[inline(always)]
pub(crate) fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// The smaller of two numbers.
#[inline(always)]
pub(crate) fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// `x^(-1/3)` for normal positive x, to about three units in the last place: a first guess from the exponent bits (within 3.5 %),
/// then one step of Householder's method of sixth order. No division, no library call, no branch.
#[inline(always)]
pub(crate) fn inverse_cube_root(x: f32) -> f32 {
    // The upper 24 bits as a number; adding 2^23 puts a number below 2^23 into the mantissa bits.
    const MAGIC: f32 = 8_388_608.0;
    let upper = (x.to_bits() >> 8).cast_signed() as f32;
    let guess = (5_546_746.0 - upper * (1.0 / 3.0)) + MAGIC;
    let y = f32::from_bits(guess.to_bits() << 8);
    let e = 1.0 - x * (y * y * y);
    y + y * (e * (1.0 / 3.0 + e * (2.0 / 9.0 + e * (14.0 / 81.0 + e * (35.0 / 243.0 + e * (91.0 / 729.0))))))
}

/// Friction `dt g n² ÷ h^(7/3)` and `1 ÷ h`.
#[inline(always)]
pub(crate) fn friction(depth_m: f32, dt_drag: f32) -> (f32, f32) {
    let y = inverse_cube_root(if depth_m > FRICTION_FILM_M { depth_m } else { FRICTION_FILM_M });
    let (y2, y3) = (y * y, y * y * y);
    (dt_drag * (y2 * y2 * y3), y3)
}

/// Twice the reciprocal of the share that friction would leave without flow across.
#[inline(always)]
pub(crate) fn root(friction: f32, size: f32) -> f32 {
    1.0 + (1.0 + 4.0 * friction * size).sqrt()
}

/// The share of the momentum that friction leaves, 0–1.
#[inline(always)]
pub(crate) fn kept(friction: f32, root: f32, size: f32, across: f32, open: f32) -> f32 {
    let side = across * root;
    open * root / (root + friction * (4.0 * (size * size) + side * side).sqrt())
}

/// Unit discharge of normal flow (Manning), m²/s; without friction the critical discharge.
pub(crate) fn normal_discharge(depth_m: f64, roughness: f64, slope: f64) -> f64 {
    if depth_m <= FILM_M || slope <= 0.0 {
        0.0
    } else if roughness > 0.0 {
        depth_m * libm::cbrt(depth_m * depth_m) * slope.sqrt() / roughness
    } else {
        depth_m * (GRAVITY * depth_m).sqrt()
    }
}

/// ARR 2019 hazard class 1–6 of a wet cell: the lowest whose limits of depth × speed, depth and speed all hold
/// (Ball et al. 2019, book 6, chapter 7; Smith, Davey & Cox 2014).
pub(crate) fn arr_class(depth_m: f64, speed_m_s: f64) -> u8 {
    const LIMITS: [(f64, f64, f64); 5] =
        [(0.3, 0.3, 2.0), (0.6, 0.5, 2.0), (0.6, 1.2, 2.0), (1.0, 2.0, 2.0), (4.0, 4.0, 4.0)];
    let product = depth_m * speed_m_s;
    LIMITS
        .iter()
        .zip(1_u8..)
        .find(|((dv, d, v), _)| product <= *dv && depth_m <= *d && speed_m_s <= *v)
        .map_or(6, |(_, class)| class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverse_cube_root_is_accurate() {
        let mut worst: f64 = 0.0;
        for k in 0..200_000 {
            let x = (1e-7 * 10f64.powf(f64::from(k) * 11.0 / 200_000.0)) as f32;
            let y = f64::from(inverse_cube_root(x));
            worst = worst.max((y * libm::cbrt(f64::from(x)) - 1.0).abs());
        }
        assert!(worst < 5e-7, "{worst:e}");
    }

    #[test]
    fn hazard_classes_follow_the_table() {
        for (d, v, class) in [
            (0.1, 0.5, 1),
            (0.3, 1.0, 1),
            (0.4, 0.0, 2),
            (0.9, 0.0, 3),
            (0.5, 1.3, 4),
            (1.5, 0.2, 4),
            (0.05, 2.5, 5),
            (3.0, 1.0, 5),
            (2.0, 2.5, 6),
            (4.5, 0.0, 6),
            (0.2, 4.5, 6),
        ] {
            assert_eq!(arr_class(d, v), class, "{d} m, {v} m/s");
        }
    }
}
