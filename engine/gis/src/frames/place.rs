//! Which pixel holds which cell: affine rasters (also rotated, also 0–360° of longitude) and curvilinear ones.

use crate::crs::Transformer;
use crate::pixels::{check_size, no_georeference, no_overlap};
use crate::sampling::{Affine, Positions};
use dayu_base::{Finding, Text};
use dayu_terrain::GridSpec;

/// Cell or point that no pixel holds.
pub const NO_PIXEL: u32 = u32::MAX;

/// Where the pixels of a file lie.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Layout {
    /// columns, rows
    pub size: (usize, usize),
    pub shape: Shape,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    Affine([f64; 6]),
    /// centre of every pixel in the CRS of the file, row by row
    Curvilinear {
        x: Vec<f64>,
        y: Vec<f64>,
    },
}

/// Cells and further places.
pub(crate) struct Target<'a> {
    pub grid: GridSpec,
    pub points: &'a [(f64, f64)],
}

/// Pixel of every cell and point, and the part of the file they lie in.
#[derive(Clone, Debug)]
pub struct Placement {
    /// Number of the pixel in [`super::Frame::values`] of each cell; [`NO_PIXEL`] = none.
    pub pixel_of_cell: Vec<u32>,
    /// The same of each further point.
    pub pixel_of_point: Vec<u32>,
    /// column and row of each used pixel
    pub(crate) pixels: Vec<(usize, usize)>,
    pub(crate) origin: (usize, usize),
    pub(crate) size: (usize, usize),
    pub(crate) layout: Layout,
}

impl Layout {
    /// Refuses fields that do not lie on the pixels of the series (`GIS-044`): a shift of half a pixel moves the rain by half a
    /// pixel, silently.
    pub(crate) fn same_as(&self, other: &Self) -> Result<(), Finding> {
        let refuse = |zh: String, en: String| {
            Err(Finding::error(
                "GIS-044",
                Text::new(
                    format!("该场与序列的第一个场不在同一网格：{zh}"),
                    format!("the field is not on the grid of the series: {en}"),
                ),
                Text::new(
                    "同一序列只用同一网格的产品；半像元偏移多为“像元中心”与“角点”混用",
                    "use one grid per series; half a pixel usually means centres taken for corners",
                ),
            ))
        };
        if self.size != other.size {
            return refuse(
                format!("{:?} 对 {:?} 像元", other.size, self.size),
                format!("{:?} against {:?} pixels", other.size, self.size),
            );
        }
        match (&self.shape, &other.shape) {
            (Shape::Affine(a), Shape::Affine(b)) => {
                let (width, height) = (a[1].abs() + a[2].abs(), a[4].abs() + a[5].abs());
                let (dx, dy) = ((b[0] - a[0]) / width, (b[3] - a[3]) / height);
                let along = |k: usize, n: usize, side: f64| (a[k] - b[k]).abs() * n as f64 / side;
                let turned = along(1, self.size.0, width)
                    .max(along(5, self.size.1, height))
                    .max(along(2, self.size.1, width))
                    .max(along(4, self.size.0, height));
                if dx.abs() > 0.01 || dy.abs() > 0.01 || turned > 0.1 {
                    return refuse(
                        format!("偏移 {dx:.2}、{dy:.2} 像元"),
                        format!("shifted by {dx:.2}, {dy:.2} pixels"),
                    );
                }
                Ok(())
            }
            (Shape::Curvilinear { x, y }, Shape::Curvilinear { x: u, y: v }) => {
                let off = x.iter().zip(u).chain(y.iter().zip(v)).any(|(a, b)| (a - b).abs() > 1e-4 * a.abs().max(1.0));
                if off { refuse("经纬度不同".into(), "other coordinates".into()) } else { Ok(()) }
            }
            _ => refuse("一个为仿射、一个为曲线网格".into(), "one affine, one curvilinear".into()),
        }
    }
}

/// Finds the pixel of every cell and point.
pub(crate) fn place(
    layout: Layout,
    target: &Target<'_>,
    to_source: &Transformer,
    to_target: &Transformer,
    geographic: bool,
    findings: &mut Vec<Finding>,
) -> Result<Placement, Finding> {
    check_size(target.grid.nx, target.grid.ny)?;
    let found = match &layout.shape {
        Shape::Affine(a) => affine(&Affine(*a), layout.size, target, to_source, geographic, findings)?,
        Shape::Curvilinear { x, y } => curvilinear(x, y, layout.size, target, to_target)?,
    };
    let mut pixels: Vec<(usize, usize)> = found.iter().flatten().map(|&(c, r)| (r, c)).collect();
    pixels.sort_unstable();
    pixels.dedup();
    let number = |at: &Option<(usize, usize)>| match at {
        Some((c, r)) => pixels.binary_search(&(*r, *c)).map_or(NO_PIXEL, |k| k as u32),
        None => NO_PIXEL,
    };
    let cells = target.grid.len();
    let pixel_of_cell: Vec<u32> = found[..cells].iter().map(number).collect();
    let pixel_of_point: Vec<u32> = found[cells..].iter().map(number).collect();
    let outside = pixel_of_cell.iter().filter(|p| **p == NO_PIXEL).count();
    if outside == cells {
        return Err(no_overlap());
    }
    if outside > 0 {
        findings.push(Finding::warning(
            "GIS-041",
            Text::new(
                format!("{outside} 个计算单元（共 {cells} 个）在雨量场之外：那里的雨未知"),
                format!("{outside} of {cells} cells lie outside the field: rain is unknown there"),
            ),
            Text::new(
                "换用覆盖全区的产品，或缩小 grid.extent",
                "use a product that covers the district, or a smaller grid.extent",
            ),
        ));
    }
    let (rows, cols): (Vec<usize>, Vec<usize>) = pixels.iter().copied().unzip();
    let bounds = |v: &[usize]| (v.iter().min().copied().unwrap_or(0), v.iter().max().copied().unwrap_or(0));
    let ((r0, r1), (c0, c1)) = (bounds(&rows), bounds(&cols));
    Ok(Placement {
        pixel_of_cell,
        pixel_of_point,
        pixels: pixels.into_iter().map(|(r, c)| (c, r)).collect(),
        origin: (c0, r0),
        size: (c1 - c0 + 1, r1 - r0 + 1),
        layout,
    })
}

type Pixel = Option<(usize, usize)>;

fn affine(
    pixels: &Affine,
    (nx, ny): (usize, usize),
    target: &Target<'_>,
    to_source: &Transformer,
    geographic: bool,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Pixel>, Finding> {
    let inverse = pixels.inverse().ok_or_else(no_georeference)?;
    let g = &pixels.0;
    let rotated = g[2].abs() * ny as f64 > 0.01 * g[1].abs() || g[4].abs() * nx as f64 > 0.01 * g[5].abs();
    if rotated {
        findings.push(Finding::info(
            "GIS-047",
            Text::new(
                "雨量场的网格有旋转，按旋转后的像元取值",
                "the field's grid is rotated; cells take the rotated pixels",
            ),
            Text::new("核对文件的地理定位", "check the file's georeference"),
        ));
    }
    // A whole turn of longitude in pixels: files of 0–360° and of −180–180° name the same places.
    let turn = if geographic && !rotated && g[1] != 0.0 { Some((360.0 / g[1]).abs()) } else { None };
    let mut turned = false;
    let mut hold = |col: f64, row: f64| -> Pixel {
        let inside = |v: f64, n: usize| v >= 0.0 && v < n as f64;
        let shifts = [0.0, turn.unwrap_or(0.0), -turn.unwrap_or(0.0)];
        let shift = shifts.into_iter().find(|s| inside(col + s, nx))?;
        turned |= shift != 0.0;
        inside(row, ny).then_some(((col + shift) as usize, row as usize))
    };
    let positions = Positions::new(target.grid, to_source, inverse)?;
    let mut found = Vec::with_capacity(target.grid.len() + target.points.len());
    for j in 0..target.grid.ny {
        for i in 0..target.grid.nx {
            let (col, row) = positions.at(i, j);
            found.push(hold(col, row));
        }
    }
    for (x, y) in target.points {
        let (x, y) = to_source.point(*x, *y)?;
        let (col, row) = inverse.apply(x, y);
        found.push(hold(col, row));
    }
    if turned {
        findings.push(Finding::info(
            "GIS-048",
            Text::new("雨量场的经度为 0–360° 制，已换算", "the field counts longitude from 0 to 360°; converted"),
            Text::default(),
        ));
    }
    Ok(found)
}

/// Nearest pixel centre, not farther than the pixels are apart.
fn curvilinear(
    x: &[f64],
    y: &[f64],
    (nx, ny): (usize, usize),
    target: &Target<'_>,
    to_target: &Transformer,
) -> Result<Vec<Pixel>, Finding> {
    let (mut xs, mut ys) = (x.to_vec(), y.to_vec());
    for (row, (xs, ys)) in xs.chunks_exact_mut(nx).zip(ys.chunks_exact_mut(nx)).enumerate() {
        if to_target.points(xs, ys).is_err() {
            // Some pixels of a continent lie beyond the map of one zone: they hold no cell.
            for c in 0..nx {
                let moved = to_target.point(x[row * nx + c], y[row * nx + c]);
                (xs[c], ys[c]) = moved.unwrap_or((f64::NAN, f64::NAN));
            }
        }
    }
    if nx < 2 || ny < 2 {
        return Err(no_georeference());
    }
    let at = |c: usize, r: usize| (xs[r * nx + c], ys[r * nx + c]);
    let distance = |a: (f64, f64), b: (f64, f64)| ((a.0 - b.0) * (a.0 - b.0) + (a.1 - b.1) * (a.1 - b.1)).sqrt();
    let points = || (0..target.grid.len()).map(|k| target.grid.centre(k)).chain(target.points.iter().copied());
    let (mut x0, mut y0, mut x1, mut y1) = (f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY);
    for (px, py) in points() {
        (x0, y0, x1, y1) = (x0.min(px), y0.min(py), x1.max(px), y1.max(py));
    }
    // The pixel nearest to the middle of the cells tells how far apart pixels are there.
    let middle = (0.5 * (x0 + x1), 0.5 * (y0 + y1));
    let nearest = (0..xs.len())
        .map(|k| (distance((xs[k], ys[k]), middle), k))
        .filter(|(d, _)| d.is_finite())
        .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
        .map(|(_, k)| ((k % nx).max(1), (k / nx).max(1)));
    let (c, r) = nearest.ok_or_else(no_overlap)?;
    let step = distance(at(c, r), at(c - 1, r)).max(distance(at(c, r), at(c, r - 1)));
    if !(step.is_finite() && step > 0.0) {
        return Err(no_georeference());
    }
    // Centres near the cells in square bins of one step.
    let (columns, lines) = (((x1 - x0) / step).floor() as usize + 3, ((y1 - y0) / step).floor() as usize + 3);
    check_size(columns, lines)?;
    let bin = |px: f64, py: f64| {
        let (i, j) = (((px - x0) / step).floor() + 1.0, ((py - y0) / step).floor() + 1.0);
        (i >= 0.0 && j >= 0.0 && i < columns as f64 && j < lines as f64).then_some((i as usize, j as usize))
    };
    let mut bins: Vec<Vec<usize>> = vec![Vec::new(); columns * lines];
    for k in 0..xs.len() {
        if let Some((i, j)) = bin(xs[k], ys[k]) {
            bins[j * columns + i].push(k);
        }
    }
    Ok(points()
        .map(|(px, py)| {
            let (i, j) = bin(px, py)?;
            let around = (j.saturating_sub(1)..(j + 2).min(lines))
                .flat_map(|b| (i.saturating_sub(1)..(i + 2).min(columns)).map(move |a| (a, b)));
            let near = around.flat_map(|(a, b)| bins[b * columns + a].iter().copied());
            let (far, k) = near
                .map(|k| (distance((xs[k], ys[k]), (px, py)), k))
                .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))?;
            (far <= 0.75 * step).then_some((k % nx, k / nx))
        })
        .collect())
}
