//! Where a place of the district stands on the paper: millimetres from the upper left corner of the map frame.

use dayu_package::MapProduct;
use geo::BoundingRect;

/// Width of the map frame on the A3 sheet, mm.
pub const FRAME_WIDTH_MM: f64 = 298.0;
/// Height of the map frame, mm.
pub const FRAME_HEIGHT_MM: f64 = 234.0;

/// Projection of the dataset's metres onto the map frame: one scale, north up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// x of the frame's left side, m
    pub west_m: f64,
    /// y of the frame's upper side, m
    pub north_m: f64,
    /// metres of ground on one millimetre of paper
    pub m_per_mm: f64,
}

impl Frame {
    /// Frame that holds the district's outline (or, without one, the computed area) with a small margin.
    pub fn around(map: &MapProduct) -> Self {
        let [mut x0, mut y0, mut x1, mut y1] = map.elevation_m.grid.extent();
        if let Some(rect) = map.outline.as_ref().and_then(BoundingRect::bounding_rect) {
            (x0, y0, x1, y1) = (rect.min().x, rect.min().y, rect.max().x, rect.max().y);
        }
        let (width, height) = ((x1 - x0).max(1.0), (y1 - y0).max(1.0));
        // 4 % on each side keeps the outline and its labels off the frame.
        let m_per_mm = (width / FRAME_WIDTH_MM).max(height / FRAME_HEIGHT_MM) * 1.08;
        Self {
            west_m: (x0 + x1) / 2.0 - m_per_mm * FRAME_WIDTH_MM / 2.0,
            north_m: (y0 + y1) / 2.0 + m_per_mm * FRAME_HEIGHT_MM / 2.0,
            m_per_mm,
        }
    }

    /// Paper position of a place, mm right and down.
    pub fn place(&self, x_m: f64, y_m: f64) -> (f64, f64) {
        ((x_m - self.west_m) / self.m_per_mm, (self.north_m - y_m) / self.m_per_mm)
    }

    /// True when a paper position lies in the frame, at least `inset_mm` from its sides.
    pub fn holds(&self, (x, y): (f64, f64), inset_mm: f64) -> bool {
        x >= inset_mm && y >= inset_mm && x <= FRAME_WIDTH_MM - inset_mm && y <= FRAME_HEIGHT_MM - inset_mm
    }

    /// Denominator of the scale, two digits kept (1 : 82 000).
    pub fn denominator(&self) -> f64 {
        let exact = self.m_per_mm * 1000.0;
        let unit = (power_below(exact) / 10.0).max(1.0);
        (exact / unit).round() * unit
    }

    /// Length of a scale bar of a round number of metres, at most `longest_mm` on paper: (m, mm).
    pub fn scale_bar(&self, longest_mm: f64) -> (f64, f64) {
        let length = round_below(self.m_per_mm * longest_mm);
        (length, length / self.m_per_mm)
    }

    /// Coordinate lines about every 70 mm: (metres, mm from the left) and (metres, mm from the top).
    pub fn ticks(&self) -> (Vec<(f64, f64)>, Vec<(f64, f64)>) {
        let step = round_below(self.m_per_mm * 90.0);
        let east = (0..)
            .map(|k| ((self.west_m / step).ceil() + f64::from(k)) * step)
            .map(|x| (x, self.place(x, 0.0).0))
            .take_while(|t| t.1 <= FRAME_WIDTH_MM)
            .collect();
        let south_m = self.north_m - self.m_per_mm * FRAME_HEIGHT_MM;
        let north = (0..)
            .map(|k| ((south_m / step).ceil() + f64::from(k)) * step)
            .map(|y| (y, self.place(0.0, y).1))
            .take_while(|t| t.1 >= 0.0)
            .collect();
        (east, north)
    }
}

/// The largest 1, 2 or 5 × 10ⁿ that is not above a length (of at least one metre).
fn round_below(length: f64) -> f64 {
    let unit = power_below(length);
    [5.0, 2.0, 1.0].into_iter().map(|k| k * unit).find(|&l| l <= length * (1.0 + 1e-9)).unwrap_or(unit)
}

/// The largest power of ten that is not above a length of at least one; by division, so that it is exact everywhere.
fn power_below(length: f64) -> f64 {
    let mut power = 1.0;
    while power * 10.0 <= length && power < 1e9 {
        power *= 10.0;
    }
    power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_round() {
        let rounded: Vec<f64> = [1.0, 1.9, 2.0, 4.9, 5.0, 9.9, 10.0, 7300.0].map(round_below).to_vec();
        assert_eq!(rounded, [1.0, 1.0, 2.0, 2.0, 5.0, 5.0, 10.0, 5000.0]);
    }

    #[test]
    fn places_scale_and_ticks_agree() {
        let frame = Frame { west_m: 500_000.0, north_m: 3_300_000.0, m_per_mm: 82.4 };
        assert_eq!(frame.place(500_824.0, 3_299_176.0), (10.0, 10.0));
        assert_eq!(frame.denominator(), 82_000.0);
        let (metres, mm) = frame.scale_bar(60.0);
        assert_eq!(metres, 2000.0);
        assert!((mm * 82.4 - metres).abs() < 1e-9);
        let (east, north) = frame.ticks();
        assert_eq!(east[0], (500_000.0, 0.0));
        assert!(north.iter().all(|t| t.1 >= 0.0 && t.1 <= FRAME_HEIGHT_MM));
    }
}
