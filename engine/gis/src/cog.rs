//! Rasters out: cloud-optimised GeoTIFF, the same bytes every time.

use crate::crs::Crs;
use crate::fault::{Complaint, cannot_write, first_failure, listen, shown};
use dayu_base::{Finding, Text};
use dayu_terrain::{GridSpec, Raster};
use gdal::errors::Result as GdalResult;
use gdal::raster::{Buffer, GdalType, RasterCreationOptions};
use gdal::{Dataset, DriverManager, Metadata};
use std::path::{Path, PathBuf};

/// Number type of a written raster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CogType {
    /// 4-byte float: depths, levels, speeds.
    Float32,
    /// 8-byte float: comparison runs.
    Float64,
    /// −32 768 … 32 767, rounded.
    Int16,
    /// 0 … 255, rounded: classes.
    Byte,
}

/// What a coarser overview pixel shows of the pixels under it. Never an average: an average of depths hides the deep spot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overview {
    /// The largest value: depth, speed, hazard, duration.
    #[default]
    Max,
    /// The smallest value: arrival time.
    Min,
    /// One of them: ground, land cover.
    Nearest,
}

/// How a raster is written.
#[derive(Clone, Copy, Debug)]
pub struct CogOptions<'a> {
    /// number type
    pub kind: CogType,
    /// written where the raster is NaN
    pub nodata: f64,
    /// what overviews show
    pub overview: Overview,
    /// free metadata, such as unit, datum and origin
    pub tags: &'a [(&'a str, &'a str)],
}

/// Tile side in pixels, and the size at which overviews end.
const TILE: usize = 512;

/// Writes a raster as COG with overviews by maximum; see [`write_cog_with`].
///
/// # Errors
/// As [`write_cog_with`].
pub fn write_cog(
    path: &Path,
    raster: &Raster<f64>,
    crs: &str,
    kind: CogType,
    nodata: f64,
    tags: &[(&str, &str)],
) -> Result<(), Finding> {
    write_cog_with(path, raster, crs, &CogOptions { kind, nodata, overview: Overview::Max, tags })
}

/// Writes a raster as cloud-optimised GeoTIFF: DEFLATE with predictor, 512-pixel tiles, NaN replaced by `nodata`, one
/// thread, no clock. Written under another name, read back and compared, then renamed: a file under the final name is
/// whole.
///
/// # Errors
/// `GIS-030` when the disk is full or the folder refuses; `GIS-031` when a value does not fit the number type or equals
/// `nodata`; `GIS-032` when what was written does not read back the same; `GIS-006` for an unknown CRS.
pub fn write_cog_with(path: &Path, raster: &Raster<f64>, crs: &str, how: &CogOptions<'_>) -> Result<(), Finding> {
    if raster.values.len() != raster.grid.len() {
        return Err(cannot_write(path, "栅格大小不符 / the raster is of the wrong size"));
    }
    write_cog_of(path, &raster.grid, &|cell| raster.values[cell], crs, how)
}

/// [`write_cog_with`] of values that are asked for cell by cell (south row first): of a large grid no second copy is held.
///
/// # Errors
/// As [`write_cog_with`].
pub fn write_cog_of(
    path: &Path,
    grid: &GridSpec,
    values: &dyn Fn(usize) -> f64,
    crs: &str,
    how: &CogOptions<'_>,
) -> Result<(), Finding> {
    let crs = Crs::parse(crs).map_err(|f| f.in_file(shown(path)))?;
    if grid.is_empty() {
        return Err(cannot_write(path, "栅格为空 / the raster is empty"));
    }
    let field = Field { grid, values };
    match how.kind {
        CogType::Float32 => typed::<f32>(path, &field, &crs, how, |v| Some(v as f32).filter(|w| w.is_finite())),
        CogType::Float64 => typed::<f64>(path, &field, &crs, how, |v| Some(v).filter(|w| w.is_finite())),
        CogType::Int16 => typed::<i16>(path, &field, &crs, how, |v| {
            let r = v.round();
            (f64::from(i16::MIN)..=f64::from(i16::MAX)).contains(&r).then_some(r as i16)
        }),
        CogType::Byte => typed::<u8>(path, &field, &crs, how, |v| {
            let r = v.round();
            (0.0..=255.0).contains(&r).then_some(r as u8)
        }),
    }
}

/// A pixel type that can be compared.
trait Pixel: GdalType + Copy + PartialEq + PartialOrd {}
impl<T: GdalType + Copy + PartialEq + PartialOrd> Pixel for T {}

/// Values of the cells of a grid, south row first.
struct Field<'a> {
    grid: &'a GridSpec,
    values: &'a dyn Fn(usize) -> f64,
}

fn typed<T: Pixel>(
    path: &Path,
    field: &Field<'_>,
    crs: &Crs,
    how: &CogOptions<'_>,
    fit: impl Fn(f64) -> Option<T>,
) -> Result<(), Finding> {
    let nodata = fit(how.nodata).ok_or_else(|| does_not_fit(path, "nodata", how.nodata))?;
    let (nx, ny) = (field.grid.nx, field.grid.ny);
    // Files have the northern row first.
    let mut pixels = Vec::with_capacity(nx * ny);
    for j in (0..ny).rev() {
        for i in 0..nx {
            let v = (field.values)(j * nx + i);
            let w = if v.is_nan() { Some(nodata) } else { fit(v).filter(|w| *w != nodata) };
            pixels.push(w.ok_or_else(|| does_not_fit(path, &format!("({i}, {j})"), v))?);
        }
    }
    let part = part_name(path);
    let outcome = write_part(&part, path, field.grid, crs, how, pixels, nodata);
    let outcome = outcome.and_then(|()| std::fs::rename(&part, path).map_err(|e| cannot_write(path, &e.to_string())));
    if outcome.is_err() {
        // Best effort: the error that matters is already on its way.
        let _ = std::fs::remove_file(&part);
    }
    outcome
}

fn write_part<T: Pixel>(
    part: &Path,
    path: &Path,
    grid: &GridSpec,
    crs: &Crs,
    how: &CogOptions<'_>,
    pixels: Vec<T>,
    nodata: T,
) -> Result<(), Finding> {
    let (nx, ny) = (grid.nx, grid.ny);
    let mut pixels = Buffer::new((nx, ny), pixels);
    let (done, complaints) = listen(|| -> GdalResult<()> {
        let mut memory = in_memory(grid, crs, how, &mut pixels)?;
        overviews(&mut memory, pixels.data(), nodata, how.overview)?;
        let predictor = "PREDICTOR=YES";
        let options = RasterCreationOptions::from_iter([
            "COMPRESS=DEFLATE",
            "LEVEL=6",
            predictor,
            "BLOCKSIZE=512",
            "NUM_THREADS=1",
            "OVERVIEWS=AUTO",
            "OVERVIEW_RESAMPLING=NEAREST",
            "BIGTIFF=IF_SAFER",
        ]);
        memory.create_copy(&DriverManager::get_driver_by_name("COG")?, part, &options)?.close()
    });
    failed(path, done, &complaints)?;
    // Before release 3.7 the library does not report a failed last write when a file is closed: read all of it back.
    let (same, complaints) = listen(|| -> GdalResult<bool> {
        let band_of = Dataset::open(part)?;
        let band = band_of.rasterband(1)?;
        // A row of tiles at a time.
        for first in (0..ny).step_by(TILE) {
            let rows = TILE.min(ny - first);
            let read = band.read_as::<T>((0, isize::try_from(first)?), (nx, rows), (nx, rows), None)?;
            if read.data() != &pixels.data()[first * nx..(first + rows) * nx] {
                return Ok(false);
            }
        }
        Ok(true)
    });
    match (same, first_failure(&complaints)) {
        (Ok(true), None) => Ok(()),
        (Ok(true) | Err(_), Some(reason)) => Err(cannot_write(path, reason)),
        (Err(e), None) => Err(cannot_write(path, &e.to_string())),
        (Ok(false), _) => Err(Finding::error(
            "GIS-032",
            Text::new("写入后回读不一致", "what was written does not read back the same"),
            Text::new("请检查磁盘空间与硬件后重做", "check disk space and hardware, then repeat"),
        )
        .in_file(shown(path))),
    }
}

fn in_memory<T: Pixel>(g: &GridSpec, crs: &Crs, how: &CogOptions<'_>, pixels: &mut Buffer<T>) -> GdalResult<Dataset> {
    let mut dataset = DriverManager::get_driver_by_name("MEM")?.create_with_band_type::<T, _>("", g.nx, g.ny, 1)?;
    dataset.set_geo_transform(&[g.x0_m, g.cell_m, 0.0, g.y0_m + g.ny as f64 * g.cell_m, 0.0, -g.cell_m])?;
    if let Some(srs) = crs.srs() {
        dataset.set_spatial_ref(srs)?;
    }
    for (key, value) in how.tags {
        dataset.set_metadata_item(key, value, "")?;
    }
    let mut band = dataset.rasterband(1)?;
    band.set_no_data_value(Some(how.nodata))?;
    band.write((0, 0), (g.nx, g.ny), pixels)?;
    Ok(dataset)
}

/// Overviews made here: this release of the library cannot take the maximum.
fn overviews<T: Pixel>(dataset: &mut Dataset, pixels: &[T], nodata: T, rule: Overview) -> GdalResult<()> {
    let (nx, ny) = dataset.raster_size();
    let mut factors = Vec::new();
    let mut factor = 2;
    while nx.max(ny).div_ceil(factor / 2) > TILE {
        factors.push(i32::try_from(factor)?);
        factor *= 2;
    }
    if factors.is_empty() {
        return Ok(());
    }
    dataset.build_overviews("NEAREST", &factors, &[])?;
    if rule == Overview::Nearest {
        return Ok(());
    }
    let band = dataset.rasterband(1)?;
    for (k, factor) in factors.iter().enumerate() {
        let mut overview = band.overview(k)?;
        let (w, h) = overview.size();
        let f = usize::try_from(*factor)?;
        let mut coarse = Vec::with_capacity(w * h);
        for j in 0..h {
            for i in 0..w {
                let mut best = nodata;
                for row in j * f..((j + 1) * f).min(ny) {
                    for v in &pixels[row * nx + (i * f).min(nx)..row * nx + ((i + 1) * f).min(nx)] {
                        let better = if rule == Overview::Max { *v > best } else { *v < best };
                        if *v != nodata && (best == nodata || better) {
                            best = *v;
                        }
                    }
                }
                coarse.push(best);
            }
        }
        overview.write((0, 0), (w, h), &mut Buffer::new((w, h), coarse))?;
    }
    Ok(())
}

fn failed(path: &Path, done: GdalResult<()>, complaints: &[Complaint]) -> Result<(), Finding> {
    match (done, first_failure(complaints)) {
        (Ok(()), None) => Ok(()),
        (_, Some(reason)) => Err(cannot_write(path, reason)),
        (Err(e), None) => Err(cannot_write(path, &e.to_string())),
    }
}

fn does_not_fit(path: &Path, place: &str, value: f64) -> Finding {
    Finding::error(
        "GIS-031",
        Text::new(
            format!("数值 {value} 无法用所选类型表示，或与无数据值相同"),
            format!("the value {value} does not fit the number type, or equals the no-data value"),
        ),
        Text::new("请换用 Float32 / Float64 或另选无数据值", "use Float32 / Float64 or another no-data value"),
    )
    .in_file(shown(path))
    .at(place)
}

/// Name beside the final one under which a file grows.
pub(crate) fn part_name(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    path.with_file_name(format!(".part-{name}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
#[path = "cog_tests.rs"]
mod tests;
