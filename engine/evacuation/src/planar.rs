//! Whole millimetres in the plane: exact side tests, crossings, nearest points.

/// A point in whole millimetres of the projected CRS.
pub(crate) type Mm = (i64, i64);

/// From metres; coordinates are finite and below 10⁹ m (checked where they come in).
pub(crate) fn to_mm(point: (f64, f64)) -> Mm {
    ((point.0 * 1000.0).round() as i64, (point.1 * 1000.0).round() as i64)
}

/// Back to metres.
pub(crate) fn to_m(point: Mm) -> (f64, f64) {
    (point.0 as f64 / 1000.0, point.1 as f64 / 1000.0)
}

/// Whether a coordinate pair can be used at all.
pub(crate) fn usable(point: (f64, f64)) -> bool {
    point.0.abs() < 1e9 && point.1.abs() < 1e9
}

/// Straight distance, mm.
pub(crate) fn distance_mm(a: Mm, b: Mm) -> f64 {
    let (dx, dy) = ((b.0 - a.0) as f64, (b.1 - a.1) as f64);
    (dx * dx + dy * dy).sqrt()
}

/// Twice the signed area of the triangle: positive when `c` lies left of a → b. Exact.
fn side(a: Mm, b: Mm, c: Mm) -> i128 {
    i128::from(b.0 - a.0) * i128::from(c.1 - a.1) - i128::from(b.1 - a.1) * i128::from(c.0 - a.0)
}

/// Where the segments a–b and c–d cross inside both, to the nearest millimetre; `None` if they only touch or do not meet.
pub(crate) fn crossing(a: Mm, b: Mm, c: Mm, d: Mm) -> Option<Mm> {
    let (of_a, of_b) = (side(c, d, a), side(c, d, b));
    let (of_c, of_d) = (side(a, b, c), side(a, b, d));
    if of_a.signum() * of_b.signum() >= 0 || of_c.signum() * of_d.signum() >= 0 {
        return None;
    }
    let share = of_a as f64 / (of_a - of_b) as f64;
    Some(between(a, b, share))
}

/// The point at a share (0 … 1) of the way from a to b.
pub(crate) fn between(a: Mm, b: Mm, share: f64) -> Mm {
    let step = |from: i64, to: i64| from + ((to - from) as f64 * share).round() as i64;
    (step(a.0, b.0), step(a.1, b.1))
}

/// The point of the segment a–b nearest to `p` and how far along it is (0 … 1).
pub(crate) fn nearest_on(a: Mm, b: Mm, p: Mm) -> (Mm, f64) {
    let (dx, dy) = (i128::from(b.0 - a.0), i128::from(b.1 - a.1));
    let square = dx * dx + dy * dy;
    if square == 0 {
        return (a, 0.0);
    }
    let along = dx * i128::from(p.0 - a.0) + dy * i128::from(p.1 - a.1);
    let share = (along as f64 / square as f64).clamp(0.0, 1.0);
    (between(a, b, share), share)
}
