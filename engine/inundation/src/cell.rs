//! Formulas of one cell or one face. Everything here is plain arithmetic without branches on data, so that the loops over rows
//! become vector code, and uses no fused multiply-add, so that scalar and vector code give the same bits.

/// Acceleration of gravity, m/s².
pub(crate) const GRAVITY: f64 = 9.81;

/// Friction is that of a film of at least this depth, m: keeps its powers within 32 bits.
const FRICTION_FILM_M: f32 = 1e-7;

/// Water thinner than this does not flow, m: far below any drop, far above the rounding of a level.
pub(crate) const FILM_M: f64 = 1e-12;

/// Sheets thinner than this leave a cell by its steepest face alone, m; from twice this depth on by all (see [`face_flow`]).
pub(crate) const SHEET_M: f64 = 0.001;

/// Share of the two neighbouring discharges in the momentum of a face, (1 − θ) ÷ 2 with θ = 0.9 (de Almeida et al. 2012, eq. 27).
pub(crate) const NEIGHBOUR_SHARE: f64 = 0.05;

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

/// What a face sees at the start of a step.
#[derive(Clone, Copy)]
pub(crate) struct Face {
    /// level behind (west or south), m
    pub eta_behind_m: f64,
    /// level ahead (east or north), m
    pub eta_ahead_m: f64,
    /// higher bed of the two cells, m; +∞ = closed
    pub sill_m: f64,
    /// +1 (−1): the cell behind (ahead) is the higher one and has a steeper way down; 0 otherwise
    pub side_way: f32,
    /// g n², m^(1/3)
    pub drag: f32,
    /// unit discharge here, at the face behind and at the face ahead, m²/s
    pub q: f64,
    /// see `q`
    pub q_behind: f64,
    /// see `q`
    pub q_ahead: f64,
    /// mean unit discharge across, of the four faces around, m²/s
    pub q_across: f64,
}

/// Momentum of a face before friction.
#[derive(Clone, Copy)]
pub(crate) struct Push {
    /// unit discharge that the face would have without friction, m²/s
    pub momentum: f64,
    /// flow depth, m, at least [`FILM_M`]
    pub depth_m: f32,
    /// 1 = water flows, 0 = closed or dry
    pub open: f32,
}

/// First part of [`face_flow`]: 64-bit, since levels are subtracted.
#[inline(always)]
pub(crate) fn push(f: Face, g_dt_dx: f64) -> Push {
    let over_sill = larger(f.eta_behind_m, f.eta_ahead_m) - f.sill_m;
    let opening = smaller(larger(over_sill * (1.0 / SHEET_M) - 1.0, 0.0), 1.0);
    let is_side_way = f64::from(f.side_way) * (f.eta_behind_m - f.eta_ahead_m) > 0.0;
    let flow_depth = over_sill * if is_side_way { opening } else { 1.0 };
    // A factor, not a branch: a branch would keep the loop over faces scalar.
    let open = if flow_depth > FILM_M { 1.0 } else { 0.0 };
    let h = larger(flow_depth, FILM_M);
    // A neighbour that carries nothing (dry or wall) has no say: it would act as a brake at every bend.
    let behind = if f.q_behind == 0.0 { 0.0 } else { f.q_behind - f.q };
    let ahead = if f.q_ahead == 0.0 { 0.0 } else { f.q_ahead - f.q };
    let momentum = (f.q + NEIGHBOUR_SHARE * (behind + ahead)) - g_dt_dx * h * (f.eta_ahead_m - f.eta_behind_m);
    Push { momentum, depth_m: h as f32, open }
}

/// Second part: friction `dt g n² ÷ h^(7/3)` and `1 ÷ h`.
#[inline(always)]
pub(crate) fn friction(depth_m: f32, dt_drag: f32) -> (f32, f32) {
    let y = inverse_cube_root(if depth_m > FRICTION_FILM_M { depth_m } else { FRICTION_FILM_M });
    let (y2, y3) = (y * y, y * y * y);
    (dt_drag * (y2 * y2 * y3), y3)
}

/// Third part: twice the reciprocal of the share that friction would leave without flow across.
#[inline(always)]
pub(crate) fn root(friction: f32, size: f32) -> f32 {
    1.0 + (1.0 + 4.0 * friction * size).sqrt()
}

/// Last part: the share of the momentum that friction leaves, 0–1.
#[inline(always)]
pub(crate) fn kept(friction: f32, root: f32, size: f32, across: f32, open: f32) -> f32 {
    let side = across * root;
    open * root / (root + friction * (4.0 * (size * size) + side * side).sqrt())
}

/// Unit discharge (m²/s) and speed (m/s, without sign) of a face after a step of `dt_s`; `g_dt_dx` = g dt ÷ dx.
///
/// Local inertial momentum (Bates, Horritt & Fewtrell 2010, eq. 11; q-centred as de Almeida et al. 2012; friction along the
/// vector of flow as de Almeida & Bates 2013). Manning friction is taken at the new discharge instead of the old: the root of
/// `F q² + q = M` in closed form (M momentum without friction, F = dt g n² ÷ h^(7/3)), so thin films on steep ground neither
/// overshoot nor oscillate. Flow across enters with its old value.
///
/// Levels, momentum and water are 64-bit. Friction is a factor between 0 and 1, for which 32 bits are ample; twice as many fit
/// into a vector. The parts are apart so that the loops over a row stay short enough for the processor to overlap them.
///
/// Sheets of rain water on a slope run down its steepest face only, after the routing of direct rainfall by Sampson et al. (2013,
/// Hydrol. Process. 27:467), but with their own Manning velocity: so the rain of a crest cell goes to one catchment. Between
/// [`SHEET_M`] and twice that depth the other ways down open gradually; ways up, and level ground, are never closed.
pub(crate) fn face_flow(f: Face, dt_s: f32, g_dt_dx: f64) -> (f64, f32) {
    let p = push(f, g_dt_dx);
    let (size, across) = (p.momentum.abs() as f32, f.q_across as f32);
    let (friction, per_depth) = friction(p.depth_m, dt_s * f.drag);
    let kept = kept(friction, root(friction, size), size, across, p.open);
    (p.momentum * f64::from(kept), size * kept * per_depth)
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

    fn face(slope: f64, depth: f64, n: f64) -> Face {
        let (eta_behind_m, eta_ahead_m) = (depth + slope * 5.0, depth - slope * 5.0);
        Face {
            eta_behind_m,
            eta_ahead_m,
            sill_m: slope * 5.0,
            side_way: 0.0,
            drag: (GRAVITY * n * n) as f32,
            q: 0.0,
            q_behind: 0.0,
            q_ahead: 0.0,
            q_across: 0.0,
        }
    }

    #[test]
    fn steady_flow_is_manning_and_is_reached_without_overshoot() {
        for (depth, slope, dt) in [(0.001, 0.05, 20.0), (0.01, 0.02, 8.0), (0.5, 0.001, 3.0)] {
            let mut f = face(slope, depth, 0.05);
            let manning = libm::pow(depth, 5.0 / 3.0) * libm::sqrt(slope) / 0.05;
            for _ in 0..2000 {
                let (q, u) = face_flow(f, dt as f32, GRAVITY * dt / 10.0);
                assert!(q >= f.q * (1.0 - 1e-6) && q <= manning * (1.0 + 1e-6));
                assert!((f64::from(u) * depth - q).abs() <= 1e-6 * q);
                f.q = q;
            }
            assert!((f.q / manning - 1.0).abs() < 1e-6, "{} {manning}", f.q);
        }
    }

    #[test]
    fn thin_sheets_keep_to_the_steepest_way() {
        let flow = |depth: f64, side_way: f32| face_flow(Face { side_way, ..face(0.02, depth, 0.05) }, 1.0, 1.0).0;
        assert!(flow(0.0009, 0.0) > 0.0 && flow(0.0009, -1.0) == flow(0.0009, 0.0));
        assert_eq!(flow(0.0008, 1.0), 0.0);
        assert!(flow(0.0015, 1.0) > 0.0 && flow(0.0015, 1.0) < flow(0.0015, 0.0));
        assert_eq!(flow(0.0021, 1.0), flow(0.0021, 0.0));
    }

    #[test]
    fn closed_dry_and_level_faces_carry_nothing() {
        let closed = Face { sill_m: f64::INFINITY, q: 3.0, ..face(0.01, 1.0, 0.03) };
        assert_eq!(face_flow(closed, 5.0, 1.0), (0.0, 0.0));
        let level = face(0.0, 1.0, 0.0);
        assert_eq!(face_flow(level, 5.0, 1.0), (0.0, 0.0));
        let dry = Face { eta_behind_m: 2.0, eta_ahead_m: 1.0, sill_m: 2.0, ..face(0.0, 1.0, 0.03) };
        assert_eq!(face_flow(dry, 5.0, 1.0), (0.0, 0.0));
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
