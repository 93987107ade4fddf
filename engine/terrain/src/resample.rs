use crate::{GridSpec, Raster};
use rayon::prelude::*;

/// Share of a cell that must be known for the cell to be known.
const KNOWN_SHARE: f64 = 0.5;

/// Source pixels that overlap one target column (or row): first pixel and the overlapping lengths, m.
struct Overlap {
    first: usize,
    lengths_m: Vec<f64>,
}

fn overlaps(from: (f64, f64, usize), to: (f64, f64, usize)) -> Vec<Overlap> {
    let ((source_0, source_cell, source_n), (target_0, target_cell, target_n)) = (from, to);
    // Overlaps thinner than a billionth of a pixel are rounding of the corners.
    let sliver = 1e-9 * source_cell.min(target_cell);
    (0..target_n)
        .map(|k| {
            let (low, high) = (target_0 + k as f64 * target_cell, target_0 + (k + 1) as f64 * target_cell);
            let pixel = |x: f64| (x - source_0) / source_cell;
            let first = pixel(low + sliver).floor().max(0.0) as usize;
            let last = pixel(high - sliver).floor();
            if last < 0.0 || first >= source_n {
                return Overlap { first: 0, lengths_m: Vec::new() };
            }
            let lengths_m = (first..=(last as usize).min(source_n - 1))
                .map(|p| {
                    let (a, b) = (source_0 + p as f64 * source_cell, source_0 + (p + 1) as f64 * source_cell);
                    (b.min(high) - a.max(low)).max(0.0)
                })
                .collect();
            Overlap { first, lengths_m }
        })
        .collect()
}

/// Moves a raster onto another grid: each cell is the mean of the pixels it overlaps, weighted by area. NaN pixels (no data)
/// are left out; a cell of which less than half the area is known becomes NaN. On the same grid values are copied as they stand.
pub fn resample_by_area(source: &Raster<f64>, onto: &GridSpec) -> Raster<f64> {
    let (s, t) = (&source.grid, onto);
    let columns = overlaps((s.x0_m, s.cell_m, s.nx), (t.x0_m, t.cell_m, t.nx));
    let rows = overlaps((s.y0_m, s.cell_m, s.ny), (t.y0_m, t.cell_m, t.ny));
    let needed_m2 = KNOWN_SHARE * t.cell_area_m2() * (1.0 - 1e-9);
    let mut values = vec![f64::NAN; t.len()];
    values.par_chunks_mut(t.nx.max(1)).zip(&rows).for_each(|(line, row)| {
        for (value, column) in line.iter_mut().zip(&columns) {
            *value = mean(source, row, column, needed_m2);
        }
    });
    Raster { grid: *t, values }
}

fn mean(source: &Raster<f64>, row: &Overlap, column: &Overlap, needed_m2: f64) -> f64 {
    let (mut sum, mut area_m2, mut count, mut only) = (0.0, 0.0, 0_usize, f64::NAN);
    for (dj, dy) in row.lengths_m.iter().enumerate() {
        let start = (row.first + dj) * source.grid.nx + column.first;
        let pixels = &source.values[start..start + column.lengths_m.len()];
        for (pixel, dx) in pixels.iter().zip(&column.lengths_m) {
            if !pixel.is_nan() {
                sum += pixel * (dx * dy);
                area_m2 += dx * dy;
                count += 1;
                only = *pixel;
            }
        }
    }
    match count {
        _ if area_m2 < needed_m2 => f64::NAN,
        // One pixel: its own bits, not bits that went through a product and a quotient.
        1 => only,
        _ => sum / area_m2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(x0_m: f64, y0_m: f64, cell_m: f64, nx: usize, ny: usize) -> GridSpec {
        GridSpec { x0_m, y0_m, cell_m, nx, ny }
    }

    #[test]
    fn same_grid_keeps_the_bits() {
        let g = grid(0.3, 0.7, 0.1, 7, 5);
        let source = Raster { grid: g, values: (0..35).map(|k| (k as f64).sin()).collect() };
        assert_eq!(resample_by_area(&source, &g), source);
    }

    #[test]
    fn unlike_pixels_are_averaged_by_area() {
        let source = Raster { grid: grid(0.0, 0.0, 1.0, 4, 1), values: vec![1.0, 2.0, 3.0, 4.0] };
        let coarse = resample_by_area(&source, &grid(0.0, 0.0, 1.5, 2, 1));
        // Row 0 covers only 1 m of 1.5 m: two thirds known.
        assert!((coarse.values[0] - (1.0 + 0.5 * 2.0) / 1.5).abs() < 1e-12);
        assert!((coarse.values[1] - (0.5 * 2.0 + 3.0) / 1.5).abs() < 1e-12);
    }

    #[test]
    fn less_than_half_known_is_unknown() {
        let nan = f64::NAN;
        let source = Raster { grid: grid(0.0, 0.0, 1.0, 4, 2), values: vec![1.0, nan, 5.0, nan, nan, nan, 7.0, nan] };
        let coarse = resample_by_area(&source, &grid(0.0, 0.0, 2.0, 3, 1));
        assert!(coarse.values[0].is_nan());
        assert_eq!(coarse.values[1], 6.0);
        assert!(coarse.values[2].is_nan(), "outside the source");
    }

    #[test]
    fn a_constant_stays_constant_and_the_mean_is_kept() {
        let source =
            Raster { grid: grid(-3.0, 2.0, 0.7, 30, 20), values: (0..600).map(|k| f64::from(k % 17)).collect() };
        let onto = grid(-3.0, 2.0, 2.1, 10, 6);
        let coarse = resample_by_area(&source, &onto);
        let part: f64 = source.values[..18 * 30].iter().sum::<f64>() / 540.0;
        assert!((coarse.values.iter().sum::<f64>() / 60.0 - part).abs() < 1e-12);
    }
}
