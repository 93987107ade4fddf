//! Where a raster's pixels lie: its georeference as a grid, parts of it, and the grid it gets after reprojection.

use crate::crs::Transformer;
use crate::fault::listen;
use crate::sampling::Affine;
use dayu_base::{Finding, Text};
use dayu_terrain::GridSpec;
use gdal::Dataset;

/// More pixels than this (3.2 GB as f64) are refused: the caller should name an extent.
const MOST_PIXELS: usize = 400_000_000;

pub(crate) fn georeference(dataset: &Dataset) -> Result<[f64; 6], Finding> {
    let (transform, _) = listen(|| dataset.geo_transform());
    transform.ok().filter(|g| g.iter().all(|v| v.is_finite())).ok_or_else(no_georeference)
}

pub(crate) fn no_georeference() -> Finding {
    Finding::error(
        "GIS-007",
        Text::new(
            "栅格没有地理定位（缺少角点坐标与像元大小）",
            "the raster is not georeferenced (no corner and pixel size)",
        ),
        Text::new(
            "请补交坐标文件（.tfw）或导出为带定位的 GeoTIFF",
            "supply the world file (.tfw) or export a georeferenced GeoTIFF",
        ),
    )
}

pub(crate) fn no_overlap() -> Finding {
    Finding::error(
        "GIS-015",
        Text::new("栅格与所需范围没有重叠的有效值", "the raster has no valid value in the wanted area"),
        Text::new("请检查坐标系声明与覆盖范围", "check the declared CRS and the coverage"),
    )
}

pub(crate) fn check_size(nx: usize, ny: usize) -> Result<(), Finding> {
    if nx.saturating_mul(ny) <= MOST_PIXELS {
        return Ok(());
    }
    Err(Finding::error(
        "GIS-019",
        Text::new(format!("栅格过大：{nx} × {ny} 像元"), format!("the raster is too large: {nx} × {ny} pixels")),
        Text::new(
            "请在方案 [grid] 中给出 extent，或先裁剪",
            "state [grid] extent in the scenario, or clip the raster first",
        ),
    ))
}

/// The file's pixels as a grid.
pub(crate) fn own_grid(pixels: &Affine, (nx, ny): (usize, usize)) -> Result<GridSpec, Finding> {
    let g = &pixels.0;
    let (dx, dy) = (g[1], g[5].abs());
    // What counts is how far the far corner would be off: a hundredth of a pixel.
    let square = dx > 0.0 && dy > 0.0 && (dx - dy).abs() * nx.max(ny) as f64 <= 0.01 * dx;
    let upright = g[2].abs() * ny as f64 <= 0.01 * dx && g[4].abs() * nx as f64 <= 0.01 * dx;
    if !(square && upright) {
        return Err(Finding::error(
            "GIS-008",
            Text::new(
                format!("像元不是正方形或有旋转：{dx} × {dy}"),
                format!("pixels are not square or rotated: {dx} × {dy}"),
            ),
            Text::new(
                format!("请重采样为正方形像元，例如 gdalwarp -tr {dx:.3} {dx:.3} -r bilinear 输入 输出"),
                format!("resample to square pixels, such as gdalwarp -tr {dx:.3} {dx:.3} -r bilinear in out"),
            ),
        ));
    }
    let y0_m = if g[5] < 0.0 { g[3] - ny as f64 * dx } else { g[3] };
    Ok(GridSpec { x0_m: g[0], y0_m, cell_m: dx, nx, ny })
}

/// The whole cells that cover an extent.
pub(crate) fn clip(grid: GridSpec, extent_m: Option<[f64; 4]>) -> Result<GridSpec, Finding> {
    let Some(e) = extent_m else { return Ok(grid) };
    // A side that agrees with a pixel side but for rounding does not take the next pixel in.
    const SLACK: f64 = 1e-6;
    let axis = |lo: f64, hi: f64, zero: f64, n: usize| {
        let a = ((lo - zero) / grid.cell_m + SLACK).floor().max(0.0);
        let z = ((hi - zero) / grid.cell_m - SLACK).ceil().min(n as f64);
        (a < z).then_some((a as usize, (z - a) as usize))
    };
    let (Some((i, nx)), Some((j, ny))) = (axis(e[0], e[2], grid.x0_m, grid.nx), axis(e[1], e[3], grid.y0_m, grid.ny))
    else {
        return Err(no_overlap());
    };
    Ok(GridSpec {
        x0_m: grid.x0_m + i as f64 * grid.cell_m,
        y0_m: grid.y0_m + j as f64 * grid.cell_m,
        cell_m: grid.cell_m,
        nx,
        ny,
    })
}

/// Square pixels in the target CRS that cover the source, of like size and aligned to whole multiples of it.
pub(crate) fn reprojected_grid(
    pixels: &Affine,
    (nx, ny): (usize, usize),
    to_target: &Transformer,
    pixel_m: Option<f64>,
) -> Result<GridSpec, Finding> {
    const PER_SIDE: usize = 20;
    let (w, h) = (nx as f64, ny as f64);
    let sides = (0..=PER_SIDE)
        .map(|k| k as f64 / PER_SIDE as f64)
        .flat_map(|t| [(t * w, 0.0), (t * w, h), (0.0, t * h), (w, t * h)]);
    let (mut xs, mut ys): (Vec<f64>, Vec<f64>) = sides.map(|(c, r)| pixels.apply(c, r)).unzip();
    to_target.points(&mut xs, &mut ys)?;
    let cell_m = match pixel_m {
        Some(m) => m,
        None => {
            let corner = |dc: f64, dr: f64| {
                let (x, y) = pixels.apply(w / 2.0 + dc, h / 2.0 + dr);
                to_target.point(x, y)
            };
            let (o, a, b) = (corner(0.0, 0.0)?, corner(1.0, 0.0)?, corner(0.0, 1.0)?);
            let area = ((a.0 - o.0) * (b.1 - o.1) - (a.1 - o.1) * (b.0 - o.0)).abs();
            let side = area.sqrt();
            let unit = 10_f64.powi(side.log10().floor() as i32 - 2);
            (side / unit).round() * unit
        }
    };
    if !(cell_m.is_finite() && cell_m > 0.0) {
        return Err(no_georeference());
    }
    let range = |v: &[f64]| v.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), x| (lo.min(*x), hi.max(*x)));
    let ((x0, x1), (y0, y1)) = (range(&xs), range(&ys));
    let (i0, j0) = ((x0 / cell_m).floor(), (y0 / cell_m).floor());
    let (nx, ny) = ((x1 / cell_m).ceil() - i0, (y1 / cell_m).ceil() - j0);
    check_size(nx as usize, ny as usize)?;
    Ok(GridSpec { x0_m: i0 * cell_m, y0_m: j0 * cell_m, cell_m, nx: nx as usize, ny: ny as usize })
}
