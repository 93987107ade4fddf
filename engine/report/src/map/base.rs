//! The ground and the water as images, made once per run and shared by the sheets and pages of all levels.

use dayu_base::{Finding, Text};
use dayu_package::MapProduct;
use dayu_terrain::{GridSpec, Raster};

/// Longest side of an image, pixels; larger grids are averaged (ground) or take the deepest (water).
const LONGEST_SIDE: usize = 1600;

/// A depth class W1–W6: limits from the class table of shared thresholds (§1.3, a default of this program).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DepthClass {
    /// W1 …
    pub id: &'static str,
    /// lower limit, m; the upper one is the next class's lower
    pub from_m: f64,
    /// words
    pub zh: &'static str,
    /// fill
    pub rgb: [u8; 3],
}

/// W1–W6, light to dark blue, the two worst turning violet so that they stay apart in grey print.
pub const DEPTH_CLASSES: [DepthClass; 6] = [
    DepthClass { id: "W1", from_m: 0.05, zh: "轻微", rgb: [0xb5, 0xdf, 0xf3] },
    DepthClass { id: "W2", from_m: 0.15, zh: "轻度", rgb: [0x74, 0xbf, 0xe8] },
    DepthClass { id: "W3", from_m: 0.27, zh: "中度", rgb: [0x37, 0x94, 0xd6] },
    DepthClass { id: "W4", from_m: 0.50, zh: "较重", rgb: [0x1d, 0x67, 0xb6] },
    DepthClass { id: "W5", from_m: 1.00, zh: "严重", rgb: [0x2b, 0x3f, 0x93] },
    DepthClass { id: "W6", from_m: 2.00, zh: "极重", rgb: [0x3d, 0x14, 0x5f] },
];

/// Number of the class of a depth: 0 = below W1 or unknown.
pub fn depth_class(depth_m: f64) -> usize {
    DEPTH_CLASSES.iter().take_while(|c| depth_m >= c.from_m).count()
}

/// Ground and water images with the box they cover.
#[derive(Clone, Debug, PartialEq)]
pub struct MapBase {
    /// `[xmin, ymin, xmax, ymax]` of both images, m
    pub extent_m: [f64; 4],
    /// shaded relief, opaque PNG (pixels outside the computed area are near white)
    pub relief_png: Vec<u8>,
    /// depth classes, transparent where dry, PNG
    pub depth_png: Vec<u8>,
    /// chance of flooding and the drawn members; empty for a single run
    pub members: Vec<Overlay>,
}

/// An image of the members on a box of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Overlay {
    /// what it shows, with its number of members
    pub title: String,
    /// `[xmin, ymin, xmax, ymax]`, m
    pub extent_m: [f64; 4],
    /// colours and words of its classes
    pub classes: Vec<([u8; 3], String)>,
    /// classes, transparent elsewhere, PNG
    pub png: Vec<u8>,
}

/// Classes of the chance of flooding: least share, words, fill.
const CHANCE_CLASSES: [(f64, &str, [u8; 3]); 3] = [
    (0.1, "10%–50%", [0xf6, 0xd8, 0x6b]),
    (0.5, "50%–90%", [0xf0, 0x8c, 0x2e]),
    (0.9, "90% 及以上", [0xb5, 0x1f, 0x3a]),
];

fn chance_class(share: f64) -> usize {
    CHANCE_CLASSES.iter().take_while(|c| share >= c.0).count()
}

/// Images of the members.
fn overlays(map: &MapProduct) -> Result<Vec<Overlay>, Finding> {
    let Some(maps) = &map.members else { return Ok(Vec::new()) };
    let draw = |raster: &Raster<f64>, title: String, classes: Vec<([u8; 3], String)>, class: fn(f64) -> usize| {
        check(raster, "members")?;
        let drawn = coarsen(raster, |_, n, max| if n == 0 { f64::NAN } else { max });
        let pixels: Vec<u8> = drawn.values.iter().map(|v| class(*v) as u8).collect();
        let mut palette = vec![0, 0, 0];
        palette.extend(classes.iter().flat_map(|c| c.0));
        let mut alpha = vec![0];
        alpha.resize(classes.len() + 1, 220);
        let png = indexed_png(drawn.grid.nx, drawn.grid.ny, &flip(&pixels, drawn.grid.nx), &palette, &alpha)?;
        Ok(Overlay { title, extent_m: drawn.grid.extent(), classes, png })
    };
    let chances = CHANCE_CLASSES.iter().map(|c| (c.2, c.1.to_string())).collect();
    let mut list = vec![draw(&maps.chance, format!("达 0.15 m 的成员比例：{}", maps.words.zh), chances, chance_class)?];
    for member in &maps.drawn {
        let classes = DEPTH_CLASSES.iter().map(|c| (c.rgb, c.id.to_string())).collect();
        let title = format!("成员 {}（按淹没面积第 {}% 位）最大水深", member.number, member.percent);
        list.push(draw(&member.max_depth_m, title, classes, depth_class)?);
    }
    Ok(list)
}

impl MapBase {
    /// Draws the images of a run. The rasters are the same at every level: prepare once, use for all packages.
    ///
    /// # Errors
    /// `RPT-010` when a raster has no cells or not as many values as cells; `RPT-011` when an image cannot be encoded.
    pub fn prepare(map: &MapProduct) -> Result<Self, Finding> {
        check(&map.elevation_m, "elevation_m")?;
        check(&map.max_depth_m, "max_depth_m")?;
        let ground = coarsen(&map.elevation_m, |sum, n, _| if n == 0 { f64::NAN } else { sum / n as f64 });
        // Depths are drawn on the ground's box; their grid may be another one.
        let water = coarsen(&map.max_depth_m, |_, n, max| if n == 0 { f64::NAN } else { max });
        let relief = relief(&ground);
        let depth: Vec<u8> = on_box(&water, &ground.grid).iter().map(|&d| depth_class(d) as u8).collect();
        let grid = ground.grid;
        let mut palette = vec![0, 0, 0];
        palette.extend(DEPTH_CLASSES.iter().flat_map(|c| c.rgb));
        let alpha = [0, 215, 225, 235, 240, 240, 240];
        Ok(Self {
            extent_m: grid.extent(),
            relief_png: indexed_png(grid.nx, grid.ny, &flip(&relief, grid.nx), &relief_palette(), &[])?,
            depth_png: indexed_png(grid.nx, grid.ny, &flip(&depth, grid.nx), &palette, &alpha)?,
            members: overlays(map)?,
        })
    }
}

fn check(raster: &Raster<f64>, name: &str) -> Result<(), Finding> {
    let grid = raster.grid;
    if grid.is_empty() || raster.values.len() != grid.len() || !(grid.cell_m > 0.0 && grid.cell_m.is_finite()) {
        let words = format!("{}×{} / {}", grid.nx, grid.ny, raster.values.len());
        return Err(Finding::error(
            "RPT-010",
            Text::new(
                format!("栅格“{name}”为空或尺寸不符：{words}"),
                format!("raster '{name}' is empty or has the wrong size: {words}"),
            ),
            Text::new("检查地形数据与计算范围", "check the terrain and the extent of the run"),
        )
        .field(name));
    }
    Ok(())
}

/// Fewer, larger cells when the grid is too large for an image; `join` gets (sum, count, maximum) of the finite values.
fn coarsen(raster: &Raster<f64>, join: fn(f64, usize, f64) -> f64) -> Raster<f64> {
    let old = raster.grid;
    let k = old.nx.max(old.ny).div_ceil(LONGEST_SIDE);
    if k <= 1 {
        return raster.clone();
    }
    let grid = GridSpec { cell_m: old.cell_m * k as f64, nx: old.nx.div_ceil(k), ny: old.ny.div_ceil(k), ..old };
    let mut values = Vec::with_capacity(grid.len());
    for j in 0..grid.ny {
        for i in 0..grid.nx {
            let (mut sum, mut n, mut max) = (0.0, 0, f64::NEG_INFINITY);
            for y in j * k..((j + 1) * k).min(old.ny) {
                for &v in &raster.values[y * old.nx + i * k..y * old.nx + ((i + 1) * k).min(old.nx)] {
                    if v.is_finite() {
                        (sum, n, max) = (sum + v, n + 1, max.max(v));
                    }
                }
            }
            values.push(join(sum, n, max));
        }
    }
    Raster { grid, values }
}

/// Values of a raster at the cell centres of another grid; NaN outside.
fn on_box(raster: &Raster<f64>, grid: &GridSpec) -> Vec<f64> {
    if raster.grid == *grid {
        return raster.values.clone();
    }
    (0..grid.len())
        .map(|c| {
            let (x, y) = grid.centre(c);
            raster.grid.cell_at(x, y).map_or(f64::NAN, |k| raster.values[k])
        })
        .collect()
}

/// Steps of height tint and of shade: together with one colour for "outside" they fill a palette of 256.
const TINTS: usize = 8;
const SHADES: usize = 31;

/// Palette index per cell: height tint × shade, lit from the north-west at 45° (Horn 1981 slopes), heights exaggerated
/// so that flat districts show their form.
fn relief(ground: &Raster<f64>) -> Vec<u8> {
    let (grid, z) = (ground.grid, &ground.values);
    let at = |i: isize, j: isize, centre: f64| {
        let (i, j) = (i.clamp(0, grid.nx as isize - 1) as usize, j.clamp(0, grid.ny as isize - 1) as usize);
        let v = z[j * grid.nx + i];
        if v.is_finite() { v } else { centre }
    };
    let gradient = |cell: usize| {
        let (i, j, c) = ((cell % grid.nx) as isize, (cell / grid.nx) as isize, z[cell]);
        let east = at(i + 1, j + 1, c) + 2.0 * at(i + 1, j, c) + at(i + 1, j - 1, c);
        let west = at(i - 1, j + 1, c) + 2.0 * at(i - 1, j, c) + at(i - 1, j - 1, c);
        let north = at(i - 1, j + 1, c) + 2.0 * at(i, j + 1, c) + at(i + 1, j + 1, c);
        let south = at(i - 1, j - 1, c) + 2.0 * at(i, j - 1, c) + at(i + 1, j - 1, c);
        ((east - west) / (8.0 * grid.cell_m), (north - south) / (8.0 * grid.cell_m))
    };
    let mut known: Vec<f64> = z.iter().copied().filter(|v| v.is_finite()).collect();
    known.sort_by(f64::total_cmp);
    let (mut steep, mut n) = (0.0, 0usize);
    for cell in (0..grid.len()).filter(|&c| z[c].is_finite()) {
        let (gx, gy) = gradient(cell);
        steep += (gx * gx + gy * gy).sqrt();
        n += 1;
    }
    let mean = if n == 0 { 0.0 } else { steep / n as f64 };
    let exaggeration = if mean > 0.0 { (0.12 / mean).clamp(1.0, 6.0) } else { 1.0 };
    // Tints change at equal shares of the area, so that hills do not leave the plain in one colour.
    let limits: Vec<f64> = (1..TINTS).filter_map(|k| known.get(k * known.len() / TINTS).copied()).collect();
    let half = 0.5f64.sqrt();
    // Unit vector to the light: azimuth 315°, altitude 45°.
    let light = (-half * half, half * half, half);
    (0..grid.len())
        .map(|cell| {
            if !z[cell].is_finite() {
                return 255;
            }
            let (gx, gy) = gradient(cell);
            let (nx, ny) = (-gx * exaggeration, -gy * exaggeration);
            let shade = ((nx * light.0 + ny * light.1 + light.2) / (nx * nx + ny * ny + 1.0).sqrt()).clamp(0.0, 1.0);
            let tint = limits.iter().take_while(|&&l| z[cell] > l).count();
            (tint * SHADES + (shade * (SHADES - 1) as f64).round() as usize) as u8
        })
        .collect()
}

/// Soft green-grey of the plain to warm grey of the tops; flat ground (shade 0.71) keeps the tint nearly as it is.
fn relief_palette() -> Vec<u8> {
    let (low, high) = ([235.0, 240.0, 230.0], [226.0, 221.0, 207.0]);
    let mut palette = Vec::with_capacity(768);
    for tint in 0..TINTS {
        let t = tint as f64 / (TINTS - 1) as f64;
        for shade in 0..SHADES {
            let s = 0.62 + 0.54 * (shade as f64 / (SHADES - 1) as f64);
            for k in 0..3 {
                let v: f64 = low[k] + t * (high[k] - low[k]);
                palette.push((v * s).round().clamp(0.0, 255.0) as u8);
            }
        }
    }
    palette.resize(255 * 3, 250);
    palette.extend([250, 250, 249]);
    palette
}

/// North row first, as images want it.
fn flip(values: &[u8], nx: usize) -> Vec<u8> {
    values.chunks_exact(nx).rev().flatten().copied().collect()
}

fn indexed_png(nx: usize, ny: usize, pixels: &[u8], palette: &[u8], alpha: &[u8]) -> Result<Vec<u8>, Finding> {
    let mut bytes = Vec::new();
    let size = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let mut encoder = png::Encoder::new(&mut bytes, size(nx), size(ny));
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette);
    if !alpha.is_empty() {
        encoder.set_trns(alpha);
    }
    // Indexed pixels gain nothing from differences between neighbours.
    encoder.set_filter(png::Filter::NoFilter);
    encoder.set_compression(png::Compression::Balanced);
    let written = encoder.write_header().and_then(|mut w| {
        w.write_image_data(pixels)?;
        w.finish()
    });
    written.map_err(|e| {
        Finding::error(
            "RPT-011",
            Text::new(format!("底图编码失败：{e}"), format!("the base image could not be encoded: {e}")),
            Text::new(
                "这是程序缺陷，请连同本次输入一并报告",
                "this is a defect of the program: report it with the input",
            ),
        )
    })?;
    Ok(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn classes_change_at_their_limits() {
        let classes: Vec<usize> =
            [f64::NAN, 0.0, 0.049, 0.05, 0.15, 0.27, 0.5, 1.0, 2.0, 9.0].map(depth_class).to_vec();
        assert_eq!(classes, [0, 0, 0, 1, 2, 3, 4, 5, 6, 6]);
    }

    #[test]
    fn large_grids_keep_their_deepest_water_and_their_box() {
        let grid = GridSpec { x0_m: 5.0, y0_m: 7.0, cell_m: 1.0, nx: 3300, ny: 2 };
        let mut raster = Raster::filled(grid, f64::NAN);
        raster.values[3300] = 1.5;
        let small = coarsen(&raster, |_, n, max| if n == 0 { f64::NAN } else { max });
        assert_eq!((small.grid.nx, small.grid.ny, small.grid.cell_m), (1100, 1, 3.0));
        assert_eq!(small.values[0], 1.5);
        assert!(small.values[1].is_nan());
    }

    #[test]
    fn a_slope_towards_the_light_is_lighter() {
        let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 10.0, nx: 9, ny: 3 };
        let tent = |c: usize| 10.0 - ((c % 9) as f64 - 4.0).abs();
        let shades = relief(&Raster { grid, values: (0..27).map(tent).collect() });
        let shade = |c: usize| shades[c] as usize % SHADES;
        assert!(shade(9 + 2) > shade(9 + 6), "west flank {} east flank {}", shade(11), shade(15));
    }

    #[test]
    fn an_empty_raster_is_refused() {
        let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 10.0, nx: 0, ny: 3 };
        assert_eq!(check(&Raster::filled(grid, 0.0), "elevation_m").err().unwrap().code, "RPT-010");
    }
}
