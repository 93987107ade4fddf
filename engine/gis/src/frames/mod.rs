//! Fields in time: every band of a GRIB2, NetCDF, RADOLAN or GeoTIFF file as one field, with its instant, interval and unit as the
//! file tells them, on the pixels that the cells of a grid fall into. No value is resampled: a cell takes its pixel.

mod grib;
mod netcdf;
mod open;
mod place;
mod radolan;
mod times;

pub(crate) use netcdf::open_arrays;
pub use place::{NO_PIXEL, Placement};

use crate::crs::{Crs, Transformer};
use crate::fault::{cannot_read, first_failure, listen, readable_file, shown};
use dayu_base::{Finding, Text};
use dayu_terrain::GridSpec;
use place::Target;
use std::path::Path;

/// What to read and for which cells.
#[derive(Clone, Copy, Debug)]
pub struct ReadFrames<'a> {
    /// CRS of the grid: `EPSG:<code>` or `local-metres`.
    pub target_crs: &'a str,
    /// CRS of the file when it says none.
    pub source_crs: Option<&'a str>,
    /// Variable (NetCDF) or element (GRIB) when the file has more than one.
    pub variable: Option<&'a str>,
    /// Cells.
    pub grid: GridSpec,
    /// Further places (rain stations), m.
    pub points: &'a [(f64, f64)],
}

/// One field.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Instant the file gives, seconds since 1970-01-01T00:00:00Z; `None` = it gives none.
    pub stamp_unix_s: Option<f64>,
    /// The stamp is the begin of the interval; else its end.
    pub stamp_is_begin: bool,
    /// Length of the interval the values sum over, s; `None` = not told.
    pub length_s: Option<f64>,
    /// Values of the placement's pixels, scale and offset applied; NaN = no data.
    pub values: Vec<f64>,
}

/// The fields of one file.
#[derive(Clone, Debug)]
pub struct Frames {
    /// Fields in the order of the file.
    pub frames: Vec<Frame>,
    /// Unit as the file writes it.
    pub unit: Option<String>,
    /// Pixel of every cell and point.
    pub placement: Placement,
    /// Why the file's axis of time gives no instants (`GIS-070` its calendar, `GIS-071` its unit); the frames then have no stamps.
    pub no_instants: Option<Finding>,
    /// What must be said of the file.
    pub findings: Vec<Finding>,
}

/// Rain of more than this in one field is no rain but a code for "no data" that the file does not declare (9.96921e36, 1e20), mm or mm/h.
const IMPOSSIBLE: f64 = 10_000.0;
/// A negative value smaller than this share of the field's largest, or than this in whatever unit (ERA5 packs metres), is zero.
const PACKING: f64 = 1e-4;
const PACKING_LEAST: f64 = 1e-6;

/// Reads every field of a file. `like` is the placement of an earlier file of the same series: the fields must lie on its pixels.
///
/// # Errors
/// Beside those of [`crate::read_raster`]: `GIS-040` a GRIB packing that GDAL cannot decode, `GIS-043` a damaged RADOLAN file,
/// `GIS-044` pixels unlike those of the series, `GIS-045` the variable is not named or not there, `GIS-046` more dimensions than
/// time and place, `GIS-049` a packed file, `GIS-015` no pixel for any cell.
pub fn read_frames(path: &Path, ask: &ReadFrames<'_>, like: Option<&Placement>) -> Result<Frames, Finding> {
    let named = |mut f: Finding| {
        if f.file.is_empty() {
            f.file = shown(path);
        }
        f
    };
    read(path, ask, like)
        .map(|mut frames| {
            frames.findings = std::mem::take(&mut frames.findings).into_iter().map(named).collect();
            frames
        })
        .map_err(named)
}

fn read(path: &Path, ask: &ReadFrames<'_>, like: Option<&Placement>) -> Result<Frames, Finding> {
    readable_file(path)?;
    let mut findings = Vec::new();
    let target = Crs::parse(ask.target_crs)?;
    let opened = open::open(path, ask)?;
    let layout = opened.layout()?;
    let placement = match like {
        Some(earlier) => {
            earlier.layout.same_as(&layout)?;
            earlier.clone()
        }
        None => {
            let source = opened.crs(ask.source_crs, &target)?;
            let to_source = Transformer::between(&target, &source)?;
            let to_target = Transformer::between(&source, &target)?;
            let geographic = source.srs().is_some_and(gdal::spatial_ref::SpatialRef::is_geographic);
            let cells = Target { grid: ask.grid, points: ask.points };
            place::place(layout, &cells, &to_source, &to_target, geographic, &mut findings)?
        }
    };
    let mut frames = Vec::new();
    let (mut odd, mut first_odd) = (0_usize, None);
    for (number, times) in opened.times(path)?.into_iter().enumerate() {
        let window = opened.window(number, placement.origin, placement.size).map_err(|reason| {
            let place = format!("场 field {}", number + 1);
            cannot_read(path, &place, &reason)
        })?;
        let most = window.iter().copied().filter(|v| (0.0..IMPOSSIBLE).contains(v)).fold(0.0, f64::max);
        // Packed values of a dry place miss zero by the last digit, to either side.
        let packing = (PACKING * most).max(PACKING_LEAST);
        let mut values = Vec::with_capacity(placement.pixels.len());
        for &(col, row) in &placement.pixels {
            let k = (row - placement.origin.1) * placement.size.0 + (col - placement.origin.0);
            let v = window[k];
            if v.is_nan() || (0.0..IMPOSSIBLE).contains(&v) {
                values.push(v);
            } else if (-packing..0.0).contains(&v) {
                values.push(0.0);
            } else {
                odd += 1;
                first_odd.get_or_insert((number, col, row, v));
                values.push(f64::NAN);
            }
        }
        frames.push(Frame {
            stamp_unix_s: times.stamp_unix_s,
            stamp_is_begin: times.stamp_is_begin,
            length_s: times.length_s,
            values,
        });
    }
    if let Some((number, col, row, v)) = first_odd {
        findings.push(
            Finding::warning(
                "GIS-042",
                Text::new(
                    format!("{odd} 个像元值为负或大得不可能（首个 {v}），文件未声明为无数据，按缺测处理"),
                    format!("{odd} pixels are negative or impossibly large (first {v}) without being declared no data; taken as unknown"),
                ),
                Text::new("核对产品的缺测代码（如 -32768、9.96921e36、-3）", "check the product's codes for missing values (such as -32768, 9.96921e36, -3)"),
            )
            .at(format!("场 {} 第 {} 行第 {} 列 field {}, row {}, column {}", number + 1, row + 1, col + 1, number + 1, row + 1, col + 1)),
        );
    }
    Ok(Frames { frames, unit: opened.unit(), placement, no_instants: opened.no_instants(), findings })
}

/// The first failure GDAL reported, else the error itself.
fn reason<T>(result: gdal::errors::Result<T>, complaints: &[crate::fault::Complaint]) -> Result<T, String> {
    match (result, first_failure(complaints)) {
        (_, Some(text)) => Err(text.to_string()),
        (Err(e), None) => Err(e.to_string()),
        (Ok(v), None) => Ok(v),
    }
}

/// Runs GDAL work that must not complain.
fn quietly<T>(work: impl FnOnce() -> gdal::errors::Result<T>) -> Result<T, String> {
    let (result, complaints) = listen(work);
    reason(result, &complaints)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
#[path = "../frames_tests.rs"]
mod tests;
