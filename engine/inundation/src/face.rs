//! Formulas of one face or one cell, and their loops over short runs of them.
//!
//! Depths are whole numbers of a small unit (see [`crate::unit`]); discharges are 32-bit. Everything is plain arithmetic without
//! branches on data, so that the loops become vector code, and uses no fused multiply-add and no library function, so that
//! scalar code and vectors of any width give the same bits.

use crate::critical::Approach;
use crate::prefetch::Coming;

/// Acceleration of gravity, m/s².
pub(crate) const GRAVITY: f64 = 9.81;

/// Difference of beds that marks a closed face.
pub(crate) const CLOSED: i32 = i32::MAX;

/// Last bit of a difference of beds, which are even: the higher of the two cells has a steeper way down than this face.
pub(crate) const SIDE_WAY: i32 = 1;

/// Sheets thinner than this leave a cell by its steepest face alone, m; from twice this depth on by all (see [`wanted`]).
pub(crate) const SHEET_M: f64 = 0.001;

/// A discharge smaller than this is none, m²/s: keeps numbers from fading into the slow range below the normal ones.
const STILL_M2_S: f32 = 1e-15;

/// Most that passes a face in a step, units: sums over the faces of a cell stay within 32 bits.
pub(crate) const MOST_UNITS: f32 = 536_870_912.0;

/// Share of the two neighbouring discharges in the momentum of a face, (1 − θ) ÷ 2 with θ = 0.9 (de Almeida et al. 2012, eq. 27).
pub(crate) const NEIGHBOUR_SHARE: f64 = 0.05;

/// What is the same for every face in a step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StepFactors {
    /// m in a unit
    pub unit_m: f32,
    /// g dt ÷ dx × unit: level difference in units → momentum per depth, m/s
    pub push: f32,
    /// g dt: square of the sum of two Manning n → 4 dt g n²
    pub drag: f32,
    /// [`SHEET_M`] in units
    pub sheet: i32,
    /// dt ÷ dx ÷ unit: unit discharge → units of depth that pass
    pub passes: f32,
}

/// `x^(-1/3)` for normal positive x, within 5 millionths: a first guess from the exponent bits (cube within −9 and +12 % of 1 ÷ x), then
/// one step with the polynomial of third degree that is nearest to `(1 − e)^(-1/3)` over the errors e of that guess (interpolation at
/// Chebyshev's points). No division, no library call, no branch.
#[inline(always)]
pub(crate) fn inverse_cube_root(x: f32) -> f32 {
    // The upper 24 bits as a number; adding 2^23 puts a number below 2^23 into the mantissa bits.
    const MAGIC: f32 = 8_388_608.0;
    let upper = (x.to_bits() >> 8).cast_signed() as f32;
    let guess = (5_546_746.0 - upper * (1.0 / 3.0)) + MAGIC;
    let y = f32::from_bits(guess.to_bits() << 8);
    let e = 1.0 - x * (y * y * y);
    y + y * (e * (0.333_350_32 + e * (0.223_299_17 + e * 0.167_461_43)))
}

/// What a face sees at the start of a step. Behind = west or south, ahead = east or north.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Face {
    /// depth behind, units
    pub behind: i32,
    /// depth ahead, units
    pub ahead: i32,
    /// bed ahead − bed behind, units, with [`SIDE_WAY`], or [`CLOSED`]
    pub rise: i32,
    /// sum of the Manning n of the two cells
    pub roughness: f32,
    /// unit discharge, m²/s
    pub q: f32,
    /// of the face behind
    pub q_behind: f32,
    /// of the face ahead
    pub q_ahead: f32,
    /// sum of the discharges of the four faces around that run across
    pub q_across: f32,
}

/// What a face wants to carry.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Wanted {
    /// unit discharge, m²/s
    pub q: f32,
    /// what passes in the step, units of depth
    pub passes: i32,
    /// speed, m/s, without sign
    pub speed: f32,
}

/// Unit discharge of a face after a step.
///
/// Local inertial momentum (Bates, Horritt & Fewtrell 2010, eq. 11; q-centred as de Almeida et al. 2012; friction along the
/// vector of flow as de Almeida & Bates 2013). Manning friction is taken at the new discharge instead of the old: the root of
/// `F q² + q = M` in closed form (M momentum without friction, F = dt g n² ÷ h^(7/3)), so thin films on steep ground neither
/// overshoot nor oscillate. Flow across enters with its old value.
///
/// Sheets of rain water on a slope run down its steepest face only, after the routing of direct rainfall by Sampson et al. (2013,
/// Hydrol. Process. 27:467), but with their own Manning velocity: so the rain of a crest cell goes to one catchment. Between
/// [`SHEET_M`] and twice that depth the other ways down open gradually; level ground is never closed. No face carries more than
/// [`crate::critical`] allows.
#[cfg(test)]
pub(crate) fn wanted(f: Face, k: StepFactors) -> Wanted {
    let (h, fall, is_open) = water_over(f.behind, f.ahead, f.rise, k);
    let w = flow(f, h, fall, is_open, k);
    let (friction, per_depth) = friction(h, f.roughness, k);
    let approach = Approach::new(friction, per_depth, w.q, f.rise);
    let q = approach.limited(w.q, k);
    Wanted { q, passes: passing(q, k), speed: q.abs() * per_depth }
}

/// Flow depth of a face (m), difference of levels (units), and whether water can pass.
#[inline(always)]
fn water_over(behind: i32, ahead: i32, marked_rise: i32, k: StepFactors) -> (f32, f32, bool) {
    // Whole numbers: level water gives exactly 0, and no elevation above the sea takes digits from a depth.
    let rise = marked_rise & !SIDE_WAY;
    let raised = ahead.wrapping_add(rise);
    let top = if raised > behind { raised } else { behind };
    let sill = if rise > 0 { rise } else { 0 };
    let over_sill = top.wrapping_sub(sill);
    let fall = raised.wrapping_sub(behind) as f32;
    // Nothing below a sheet's depth, everything from twice that on.
    let sheet = k.sheet & (marked_rise & SIDE_WAY).wrapping_neg();
    let beyond = over_sill.wrapping_sub(sheet).wrapping_mul(2);
    let flow_depth = if beyond < over_sill { beyond } else { over_sill };
    let is_open = (flow_depth > 0) & (marked_rise != CLOSED);
    ((if flow_depth > 1 { flow_depth } else { 1 }) as f32 * k.unit_m, fall, is_open)
}

/// Momentum without friction, m²/s; 0 where nothing flows.
#[inline(always)]
fn momentum(q: f32, q_behind: f32, q_ahead: f32, water: (f32, f32, bool), k: StepFactors) -> f32 {
    let (h, fall, is_open) = water;
    // A neighbour that carries nothing (dry or wall) has no say: it would act as a brake at every bend.
    let behind = if q_behind == 0.0 { 0.0 } else { q_behind - q };
    let ahead = if q_ahead == 0.0 { 0.0 } else { q_ahead - q };
    let momentum = (q + NEIGHBOUR_SHARE as f32 * (behind + ahead)) - k.push * h * fall;
    if is_open & (momentum.abs() > STILL_M2_S) { momentum } else { 0.0 }
}

/// Four times F (the fours of the closed form go into one factor), s/m², and 1 ÷ depth, 1/m.
#[inline(always)]
fn friction(h: f32, roughness: f32, k: StepFactors) -> (f32, f32) {
    let y = inverse_cube_root(h);
    let (y2, per_depth) = (y * y, y * y * y);
    (k.drag * (roughness * roughness) * (y2 * y2 * per_depth), per_depth)
}

/// `1 + √(1 + 4 F |M|)`
#[inline(always)]
fn root(friction: f32, momentum: f32) -> f32 {
    1.0 + (1.0 + friction * momentum.abs()).sqrt()
}

/// Share of the momentum that friction leaves.
#[inline(always)]
fn share(friction: f32, momentum: f32, q_across: f32, root: f32) -> f32 {
    let side = q_across * (root * 0.0625);
    root / (root + friction * (0.25 * (momentum * momentum) + side * side).sqrt())
}

/// [`wanted`] from the flow depth (m) and the difference of levels (units) on.
#[inline(always)]
pub(crate) fn flow(f: Face, h: f32, fall: f32, is_open: bool, k: StepFactors) -> Wanted {
    let momentum = momentum(f.q, f.q_behind, f.q_ahead, (h, fall, is_open), k);
    let (friction, per_depth) = friction(h, f.roughness, k);
    let root = root(friction, momentum);
    let q = momentum * share(friction, momentum, f.q_across, root);
    Wanted { q, passes: passing(q, k), speed: q.abs() * per_depth }
}

/// Units of depth that a discharge moves in the step, rounded.
#[inline(always)]
pub(crate) fn passing(q: f32, k: StepFactors) -> i32 {
    let exact = q * k.passes;
    let exact = if exact < MOST_UNITS { exact } else { MOST_UNITS };
    nearest(if exact > -MOST_UNITS { exact } else { -MOST_UNITS })
}

/// So many units and fewer are rounded by one sum.
const FEW_UNITS: f32 = 4_194_304.0;

/// [`passing`] of a discharge that moves less than [`FEW_UNITS`], the same number.
#[inline(always)]
fn few_passing(q: f32, k: StepFactors) -> i32 {
    const MAGIC: f32 = 12_582_912.0;
    (q * k.passes + MAGIC).to_bits().cast_signed().wrapping_sub(MAGIC.to_bits().cast_signed())
}

/// The nearest whole number (half to even, so that mirrored flows move as much) of one within ± 2^30. In two parts that add
/// 1.5 × 2^23, which leaves a whole number in the mantissa bits: the conversion of the language, with its rules for numbers out of
/// range, is not vector code everywhere.
#[inline(always)]
pub(crate) fn nearest(x: f32) -> i32 {
    const MAGIC: f32 = 12_582_912.0;
    const OFFSET: u32 = (MAGIC.to_bits() << 12).wrapping_add(MAGIC.to_bits());
    let coarse = x * (1.0 / 4096.0) + MAGIC;
    let fine = (x - (coarse - MAGIC) * 4096.0) + MAGIC;
    (coarse.to_bits() << 12).wrapping_add(fine.to_bits()).wrapping_sub(OFFSET).cast_signed()
}

/// Faces of one row that are computed together, `n` each; all slices start at the first of them.
pub(crate) struct FaceRow<'a> {
    pub behind: &'a [i32],
    pub ahead: &'a [i32],
    pub rise: &'a [i32],
    pub n_behind: &'a [f32],
    pub n_ahead: &'a [f32],
    pub q: &'a [f32],
    pub q_behind: &'a [f32],
    pub q_ahead: &'a [f32],
    /// the four discharges around, in pairs that mirror images and the diagonal keep
    pub across: [&'a [f32]; 4],
    pub coming: Coming<'a>,
}

/// What a row of faces wants.
pub(crate) struct WantedRow<'a> {
    pub q: &'a mut [f32],
    pub passes: &'a mut [i32],
    pub speed: &'a mut [f32],
}

/// Faces computed together, many or, in short rows, few.
const MANY: usize = 128;
const FEW: usize = 16;

/// Writes what the faces of a row want.
#[inline(always)]
pub(crate) fn wanted_row(row: &FaceRow, k: StepFactors, out: &mut WantedRow) {
    let n = out.q.len();
    if n < FEW {
        return (0..n).for_each(|face| wanted_run::<1>(row, face, k, out));
    }
    let mut first = 0;
    while first + MANY <= n {
        row.coming.bring::<MANY>(first);
        wanted_run::<MANY>(row, first, k, out);
        first += MANY;
    }
    while first < n {
        row.coming.bring::<FEW>(first.min(n - FEW));
        // The last ones together with some that are done: the same again, but all at once.
        wanted_run::<FEW>(row, first.min(n - FEW), k, out);
        first += FEW;
    }
}

/// What `N` faces want. A face is a chain of some 40 operations that wait for one another, two roots and a division among them, and
/// the processor looks ahead over little more than one such chain. So the formula is cut in two, each part done for all faces before
/// the next: then it always finds operations that need not wait. What the second part needs of the first waits where its answer goes.
#[inline(always)]
fn wanted_run<const N: usize>(row: &FaceRow, first: usize, k: StepFactors, out: &mut WantedRow) {
    let (q, passes) = (array_mut::<_, N>(out.q, first), array_mut::<_, N>(out.passes, first));
    let speed = array_mut::<_, N>(out.speed, first);
    momenta(row, first, k, q, passes, speed);
    let [a, b, c, d] = row.across;
    let across = [array::<_, N>(a, first), array::<_, N>(b, first), array::<_, N>(c, first), array::<_, N>(d, first)];
    if discharges(array::<_, N>(row.rise, first), across, k, q, passes, speed) {
        cut_to_limit(row, first..first + N, k, out);
    }
}

/// First part: momentum into `m`, the bits of friction into `f`, 1 ÷ depth into `p`.
#[inline(always)]
fn momenta<const N: usize>(
    row: &FaceRow,
    first: usize,
    k: StepFactors,
    m: &mut [f32; N],
    f: &mut [i32; N],
    p: &mut [f32; N],
) {
    let (behind, ahead, rise) =
        (array::<_, N>(row.behind, first), array::<_, N>(row.ahead, first), array::<_, N>(row.rise, first));
    let (n_behind, n_ahead) = (array::<_, N>(row.n_behind, first), array::<_, N>(row.n_ahead, first));
    let (q, q_behind, q_ahead) =
        (array::<_, N>(row.q, first), array::<_, N>(row.q_behind, first), array::<_, N>(row.q_ahead, first));
    for i in 0..N {
        let water = water_over(behind[i], ahead[i], rise[i], k);
        m[i] = momentum(q[i], q_behind[i], q_ahead[i], water, k);
        let (friction, per_depth) = friction(water.0, n_behind[i] + n_ahead[i], k);
        f[i] = friction.to_bits().cast_signed();
        p[i] = per_depth;
    }
}

/// Second part: discharge, units and speed in the place of what [`momenta`] left there. True when a face is beyond its limit.
#[inline(always)]
fn discharges<const N: usize>(
    rise: &[i32; N],
    [a, b, c, d]: [&[f32; N]; 4],
    k: StepFactors,
    q: &mut [f32; N],
    passes: &mut [i32; N],
    speed: &mut [f32; N],
) -> bool {
    let (mut beyond, mut most) = (0, 0);
    for i in 0..N {
        let (momentum, friction, per_depth) = (q[i], f32::from_bits(passes[i].cast_unsigned()), speed[i]);
        let root = root(friction, momentum);
        let share = share(friction, momentum, (a[i] + b[i]) + (c[i] + d[i]), root);
        let carried = momentum * share;
        beyond |= i32::from(Approach::new(friction, per_depth, momentum, rise[i]).is_beyond(carried, k));
        // Bits of numbers that are not negative are in order; not-a-number comes last.
        most = carried.abs().to_bits().cast_signed().max(most);
        (q[i], speed[i]) = (carried, carried.abs() * per_depth);
    }
    if f32::from_bits(most.cast_unsigned()) * k.passes < FEW_UNITS {
        for i in 0..N {
            passes[i] = few_passing(q[i], k);
        }
    } else {
        for i in 0..N {
            passes[i] = passing(q[i], k);
        }
    }
    beyond != 0
}

/// Cuts some faces to their limit: few need it, so that what was forgotten is computed again.
#[cold]
#[inline(never)]
fn cut_to_limit(row: &FaceRow, faces: std::ops::Range<usize>, k: StepFactors, out: &mut WantedRow) {
    for i in faces {
        let (h, _, _) = water_over(row.behind[i], row.ahead[i], row.rise[i], k);
        let (friction, per_depth) = friction(h, row.n_behind[i] + row.n_ahead[i], k);
        // The discharge has the direction of the momentum.
        let q = Approach::new(friction, per_depth, out.q[i], row.rise[i]).limited(out.q[i], k);
        (out.q[i], out.passes[i], out.speed[i]) = (q, passing(q, k), q.abs() * per_depth);
    }
}

/// `N` values from `first`.
#[inline(always)]
pub(crate) fn array<T, const N: usize>(values: &[T], first: usize) -> &[T; N] {
    match values[first..].first_chunk::<N>() {
        Some(array) => array,
        None => unreachable!("runs are cut to their length"),
    }
}

/// `N` values from `first`, to be written.
#[inline(always)]
pub(crate) fn array_mut<T, const N: usize>(values: &mut [T], first: usize) -> &mut [T; N] {
    match values[first..].first_chunk_mut::<N>() {
        Some(array) => array,
        None => unreachable!("runs are cut to their length"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::Unit;

    #[test]
    fn inverse_cube_root_is_accurate() {
        let mut worst: f64 = 0.0;
        for k in 0..200_000 {
            let x = (1e-9 * 10f64.powf(f64::from(k) * 13.0 / 200_000.0)) as f32;
            let y = f64::from(inverse_cube_root(x));
            worst = worst.max((y * libm::cbrt(f64::from(x)) - 1.0).abs());
        }
        assert!(worst < 5e-6, "{worst:e}");
    }

    #[test]
    fn rounding_is_to_the_nearest_and_mirrored() {
        for x in [0.0_f32, 0.49, 0.51, 1.5, 2.5, 4095.4, 4096.6, 123_456.7, 16_777_215.0, 268_435_456.0, 536_870_912.0]
        {
            assert_eq!(f64::from(nearest(x)), f64::from(x).round_ties_even(), "{x}");
            assert_eq!(nearest(-x), -nearest(x));
        }
    }

    #[test]
    fn few_units_are_rounded_as_many_are() {
        let k = StepFactors { passes: 1.0, ..factors(1.0, 1.0, Unit::for_depth(1.0)) };
        for x in
            [0.0, 0.3, 0.5, 1.5, 2.5, -0.5, -1.5, 4096.5, 123_456.75, 2_047.5, 4_194_303.5, 4_194_303.25, 1e-30_f32]
        {
            assert_eq!((few_passing(x, k), few_passing(-x, k)), (passing(x, k), passing(-x, k)), "{x}");
        }
    }

    fn factors(dt_s: f64, dx_m: f64, unit: Unit) -> StepFactors {
        StepFactors {
            unit_m: unit.metres() as f32,
            push: (GRAVITY * dt_s / dx_m * unit.metres()) as f32,
            drag: (GRAVITY * dt_s) as f32,
            sheet: unit.count(SHEET_M) as i32,
            passes: (dt_s / dx_m / unit.metres()) as f32,
        }
    }

    fn face(slope: f64, depth_m: f64, n: f32, unit: Unit) -> Face {
        let depth = unit.count(depth_m) as i32;
        let rise = -(unit.bed(slope * 10.0) as i32);
        Face {
            behind: depth,
            ahead: depth,
            rise,
            roughness: 2.0 * n,
            q: 0.0,
            q_behind: 0.0,
            q_ahead: 0.0,
            q_across: 0.0,
        }
    }

    #[test]
    fn steady_flow_is_manning_and_is_reached_without_overshoot() {
        let unit = Unit::for_depth(1.0);
        for (depth, slope, dt) in [(0.001, 0.05, 20.0), (0.01, 0.02, 8.0), (0.5, 0.001, 3.0)] {
            let (mut f, k) = (face(slope, depth, 0.05, unit), factors(dt, 10.0, unit));
            let manning = libm::pow(depth, 5.0 / 3.0) * libm::sqrt(slope) / 0.05;
            for _ in 0..2000 {
                let w = wanted(f, k);
                assert!(f64::from(w.q) >= f64::from(f.q) * (1.0 - 1e-5) && f64::from(w.q) <= manning * (1.0 + 1e-5));
                assert!((f64::from(w.speed) * depth - f64::from(w.q)).abs() <= 2e-5 * f64::from(w.q));
                assert!(
                    (f64::from(w.passes) * unit.metres() * 10.0 / dt - f64::from(w.q)).abs()
                        < 10.0 / dt * unit.metres()
                );
                f.q = w.q;
            }
            assert!((f64::from(f.q) / manning - 1.0).abs() < 2e-5, "{} {manning}", f.q);
        }
    }

    #[test]
    fn thin_sheets_keep_to_the_steepest_way() {
        let unit = Unit::for_depth(1.0);
        let flow = |depth: f64, mark: i32| {
            let f = face(0.02, depth, 0.05, unit);
            wanted(Face { rise: f.rise | mark, ..f }, factors(1.0, 10.0, unit)).q
        };
        assert!(flow(0.0008, 0) > 0.0);
        assert_eq!(flow(0.0008, SIDE_WAY), 0.0);
        assert!(flow(0.0015, SIDE_WAY) > 0.0 && flow(0.0015, SIDE_WAY) < flow(0.0015, 0));
        assert_eq!(flow(0.0021, SIDE_WAY), flow(0.0021, 0));
    }

    #[test]
    fn closed_dry_and_level_faces_carry_nothing() {
        let unit = Unit::for_depth(1.0);
        let (f, k) = (face(0.01, 1.0, 0.03, unit), factors(5.0, 10.0, unit));
        for (behind, ahead) in [(0, 0), (1, 1), (1 << 28, 1), (1, 1 << 28), (7, 1 << 29), (1 << 29, 0)] {
            assert_eq!(wanted(Face { rise: CLOSED, behind, ahead, q: 3.0, ..f }, k).q, 0.0);
        }
        assert_eq!(wanted(face(0.0, 1.0, 0.0, unit), k), Wanted::default());
        // A dry higher cell, and water below its sill.
        let dry = Face { behind: 0, ahead: unit.count(0.09) as i32, ..f };
        assert_eq!(wanted(dry, k).q, 0.0);
    }
}
