//! Rasters in: band 1 of any GDAL raster, as pixels stand or brought into the target CRS.

use crate::crs::{Crs, Transformer, east_north, label, same_crs};
use crate::fault::{cannot_open, cannot_read, first_failure, listen, readable_file, shown};
use crate::pixels::{check_size, clip, georeference, no_georeference, no_overlap, own_grid, reprojected_grid};
use crate::sampling::{Affine, Positions, Window};
use dayu_base::{Finding, Text};
use dayu_terrain::{GridSpec, Raster};
use gdal::raster::{GdalDataType, RasterBand};
use gdal::{Dataset, DatasetOptions, GdalOpenFlags, Metadata};
use std::path::Path;

/// How values move onto another grid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sampling {
    /// Between pixel centres: heights, depths, coefficients.
    #[default]
    Bilinear,
    /// The pixel that holds the point: classes such as land cover.
    Nearest,
}

/// What to read and where to bring it.
#[derive(Clone, Debug)]
pub struct ReadRaster<'a> {
    /// CRS of the result: `EPSG:<code>` or `local-metres`.
    pub target_crs: &'a str,
    /// CRS of the file when it says none, or says it wrongly.
    pub source_crs: Option<&'a str>,
    /// Sample onto this grid (target CRS); `None`: the file's own pixels, or square pixels of like size after reprojection.
    pub grid: Option<GridSpec>,
    /// Side of a pixel after reprojection, m; `None`: like the source's.
    pub pixel_m: Option<f64>,
    /// Only this part, `[xmin, ymin, xmax, ymax]` in the target CRS, widened to whole pixels; not with `grid`.
    pub extent_m: Option<[f64; 4]>,
    /// The "no data" value when the file declares none.
    pub declared_nodata: Option<f64>,
    /// Bilinear or nearest.
    pub sampling: Sampling,
    /// What the raster is, as the dataset names it (`elevation`, `roughness`): the field of findings.
    pub what: &'a str,
}

impl<'a> ReadRaster<'a> {
    /// The usual case: the whole file, bilinear, nothing declared beyond the file.
    pub fn new(target_crs: &'a str, what: &'a str) -> Self {
        Self {
            target_crs,
            source_crs: None,
            grid: None,
            pixel_m: None,
            extent_m: None,
            declared_nodata: None,
            sampling: Sampling::Bilinear,
            what,
        }
    }
}

/// Reads band 1 of a raster. NaN is "no data"; scale and offset are applied; row 0 is the southernmost.
///
/// # Errors
/// `GIS-001` missing, `GIS-002` empty, `GIS-003` unknown format, `GIS-004` truncated or damaged, `GIS-005` no CRS,
/// `GIS-006` unknown CRS, `GIS-007` no georeference, `GIS-008` pixels not square or rotated, `GIS-009` no data anywhere,
/// `GIS-014` no band, `GIS-015` no overlap with the wanted area, `GIS-016` not transformable, `GIS-019` too large.
pub fn read_raster(path: &Path, ask: &ReadRaster<'_>) -> Result<(Raster<f64>, Vec<Finding>), Finding> {
    read(path, ask).map_err(|f| if f.field.is_empty() { f.field(ask.what) } else { f }).map_err(|mut f| {
        if f.file.is_empty() {
            f.file = shown(path);
        }
        f
    })
}

fn read(path: &Path, ask: &ReadRaster<'_>) -> Result<(Raster<f64>, Vec<Finding>), Finding> {
    readable_file(path)?;
    let mut findings = Vec::new();
    let (opened, complaints) = listen(|| {
        let open_flags = GdalOpenFlags::GDAL_OF_READONLY | GdalOpenFlags::GDAL_OF_RASTER;
        // GDAL reads ESRI ASCII grids as 4-byte floats unless told otherwise: 1.0e-7 m would be lost on every level.
        let ascii_grid = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("asc"));
        let open_options = ascii_grid.then_some(&["DATATYPE=Float64"][..]);
        Dataset::open_ex(path, DatasetOptions { open_flags, open_options, ..Default::default() })
    });
    let dataset = opened.map_err(|e| cannot_open(path, first_failure(&complaints).unwrap_or(&e.to_string())))?;
    if dataset.raster_count() == 0 {
        return Err(Finding::error(
            "GIS-014",
            Text::new("文件不含栅格波段", "the file has no raster band"),
            Text::new(
                "请提供含单一变量的栅格；多变量文件请先导出所需变量",
                "supply a raster of one variable; export it from a multi-variable file first",
            ),
        ));
    }
    let target = Crs::parse(ask.target_crs)?;
    let source = source_crs(&dataset, ask, &target, &mut findings)?;
    let pixels = Affine(georeference(&dataset)?);
    let full = dataset.raster_size();
    let to_target = Transformer::between(&source, &target)?;
    findings.extend(to_target.finding());

    let raster = if to_target.is_identity() && ask.grid.is_none() && ask.pixel_m.is_none() {
        let whole = own_grid(&pixels, full)?;
        let grid = clip(whole, ask.extent_m)?;
        as_they_stand(path, &dataset, ask, &pixels, whole, grid, &mut findings)?
    } else {
        let grid = match ask.grid {
            Some(grid) => grid,
            None => clip(reprojected_grid(&pixels, full, &to_target, ask.pixel_m)?, ask.extent_m)?,
        };
        let to_source = Transformer::between(&target, &source)?;
        if !to_target.is_identity() {
            findings.push(reprojected(&source, ask.target_crs, grid.cell_m));
        }
        sampled(path, &dataset, ask, &pixels, grid, &to_source, &mut findings)?
    };
    for f in &mut findings {
        f.file = shown(path);
        if f.field.is_empty() {
            f.field = ask.what.into();
        }
    }
    Ok((raster, findings))
}

/// The file's pixels (or whole pixels of a part), turned so that row 0 is the southernmost.
fn as_they_stand(
    path: &Path,
    dataset: &Dataset,
    ask: &ReadRaster<'_>,
    pixels: &Affine,
    whole: GridSpec,
    grid: GridSpec,
    findings: &mut Vec<Finding>,
) -> Result<Raster<f64>, Finding> {
    let i0 = ((grid.x0_m - whole.x0_m) / whole.cell_m).round() as usize;
    let j0 = ((grid.y0_m - whole.y0_m) / whole.cell_m).round() as usize;
    let north_up = pixels.0[5] < 0.0;
    let first_row = if north_up { whole.ny - j0 - grid.ny } else { j0 };
    let window = read_window(path, dataset, ask, pixels, (i0, first_row), (grid.nx, grid.ny), findings)?;
    let mut values = window.values;
    if north_up {
        let (top, bottom) = (0..grid.ny / 2, grid.ny);
        for j in top {
            let (head, tail) = values.split_at_mut((bottom - 1 - j) * grid.nx);
            head[j * grid.nx..(j + 1) * grid.nx].swap_with_slice(&mut tail[..grid.nx]);
        }
    }
    Ok(Raster { grid, values })
}

/// Values at the cell centres of a grid.
fn sampled(
    path: &Path,
    dataset: &Dataset,
    ask: &ReadRaster<'_>,
    pixels: &Affine,
    grid: GridSpec,
    to_source: &Transformer,
    findings: &mut Vec<Finding>,
) -> Result<Raster<f64>, Finding> {
    check_size(grid.nx, grid.ny)?;
    let pixel_of = pixels.inverse().ok_or_else(no_georeference)?;
    let positions = Positions::new(grid, to_source, pixel_of)?;
    let (cols, rows) = dataset.raster_size();
    let b = positions.bounds();
    // One pixel of margin for the bilinear neighbours.
    let span = |lo: f64, hi: f64, n: usize| {
        let (a, z) = ((lo.floor() - 1.0).max(0.0), (hi.ceil() + 1.0).min(n as f64));
        (a < z).then_some((a as usize, (z - a) as usize))
    };
    let (Some((c0, nc)), Some((r0, nr))) = (span(b[0], b[2], cols), span(b[1], b[3], rows)) else {
        return Err(no_overlap());
    };
    let window = read_window(path, dataset, ask, pixels, (c0, r0), (nc, nr), findings)?;
    let values = positions.sample(&window, ask.sampling == Sampling::Bilinear);
    if values.iter().all(|v| v.is_nan()) {
        return Err(no_overlap());
    }
    Ok(Raster { grid, values })
}

/// Reads a part of band 1: "no data" and non-finite values become NaN, and are reported.
fn read_window(
    path: &Path,
    dataset: &Dataset,
    ask: &ReadRaster<'_>,
    pixels: &Affine,
    origin: (usize, usize),
    size: (usize, usize),
    findings: &mut Vec<Finding>,
) -> Result<Window, Finding> {
    check_size(size.0, size.1)?;
    let (read, complaints) = listen(|| -> gdal::errors::Result<_> {
        let band = dataset.rasterband(1)?;
        let at = (isize::try_from(origin.0)?, isize::try_from(origin.1)?);
        let values = band.read_as::<f64>(at, size, size, None)?.into_shape_and_vec().1;
        let mask = match band.mask_flags()? {
            flags if flags.is_all_valid() || flags.is_nodata() => None,
            _ => Some(band.open_mask_band()?.read_as::<u8>(at, size, size, None)?.into_shape_and_vec().1),
        };
        Ok((values, mask, band.no_data_value(), band.scale(), band.offset(), band.band_type()))
    });
    let place = format!("波段 band 1, {} × {}", size.0, size.1);
    let (mut values, mask, own_nodata, scale, offset, kind) =
        read.map_err(|e| cannot_read(path, &place, first_failure(&complaints).unwrap_or(&e.to_string())))?;
    // The library may fill what it could not read with zeros and only say so.
    if let Some(text) = first_failure(&complaints) {
        return Err(cannot_read(path, &place, text));
    }
    let nodata = own_nodata.or(ask.declared_nodata);
    let is_nodata = |v: f64| match nodata {
        Some(n) if n.is_nan() => v.is_nan(),
        // A Float32 file often states its value with more digits than it can hold.
        Some(n) => v == n || (kind == GdalDataType::Float32 && v as f32 == n as f32),
        None => false,
    };
    let mask = match mask {
        None if own_nodata.is_none() => unwritten_blocks(dataset, origin, size, findings),
        mask => mask,
    };
    let (mut odd, mut first_odd, mut holes, mut sentinels) = (0_usize, None, 0_usize, 0_usize);
    for (k, v) in values.iter_mut().enumerate() {
        if mask.as_ref().is_some_and(|m| m[k] == 0) || is_nodata(*v) {
            holes += 1;
            *v = f64::NAN;
        } else if !v.is_finite() {
            odd += 1;
            first_odd.get_or_insert(k);
            *v = f64::NAN;
        } else {
            sentinels += usize::from(nodata.is_none() && looks_like_nodata(*v));
            *v = *v * scale.unwrap_or(1.0) + offset.unwrap_or(0.0);
        }
    }
    if values.iter().all(|v| v.is_nan()) {
        return Err(Finding::error(
            "GIS-009",
            Text::new("整个范围都没有有效值（全部为无数据）", "there is no valid value: no data everywhere"),
            Text::new(
                "请检查无数据值的声明、所选波段与裁剪范围",
                "check the declared no-data value, the band and the clipped extent",
            ),
        ));
    }
    if let Some(k) = first_odd {
        let (col, row) = (origin.0 + k % size.0, origin.1 + k / size.0);
        let (x, y) = pixels.apply(col as f64 + 0.5, row as f64 + 0.5);
        findings.push(
            Finding::warning(
                "GIS-010",
                Text::new(
                    format!("{odd} 个像元为 NaN 或无穷大且未声明为无数据，按无数据处理"),
                    format!("{odd} pixels are NaN or infinite without being declared no data; taken as no data"),
                ),
                Text::new(
                    "请在源数据中修补这些像元，或声明无数据值",
                    "mend these pixels at the source, or declare the no-data value",
                ),
            )
            .at(format!(
                "第 {} 行第 {} 列 row {}, column {} ({x:.6}, {y:.6})",
                row + 1,
                col + 1,
                row + 1,
                col + 1
            )),
        );
    }
    if holes > 0 {
        let share = 100.0 * holes as f64 / values.len() as f64;
        findings.push(Finding::info(
            "GIS-011",
            Text::new(
                format!("{holes} 个像元无数据（{share:.1}%）"),
                format!("{holes} pixels have no data ({share:.1}%)"),
            ),
            Text::new(
                "区域内的空洞请用相邻数据修补；区域外无需处理",
                "fill holes inside the district; outside nothing need be done",
            ),
        ));
    }
    if sentinels > 0 {
        findings.push(Finding::warning(
            "GIS-012",
            Text::new(
                format!("未声明无数据值，但有 {sentinels} 个像元等于常用的无数据代码（如 -9999、-32768）"),
                format!("no no-data value is declared, but {sentinels} pixels hold a usual code for it (such as -9999, -32768)"),
            ),
            Text::new("若为无数据，请在数据集中声明 nodata；否则会被当作真实数值", "declare nodata in the dataset if so; else they count as real values"),
        ));
    }
    Ok(Window { origin, size, full: dataset.raster_size(), values })
}

/// Values that nobody measures, but that stand for "no data" in many files.
fn looks_like_nodata(v: f64) -> bool {
    [-9999.0, -99999.0, -32768.0, -32767.0].contains(&v) || v.abs() > 1e19
}

/// A GeoTIFF whose writer died has blocks that were never written; they read as zeros. Zeros that nobody wrote are no
/// data: 0 in the mask returned. `None` when every block is there.
fn unwritten_blocks(
    dataset: &Dataset,
    origin: (usize, usize),
    size: (usize, usize),
    findings: &mut Vec<Finding>,
) -> Option<Vec<u8>> {
    if dataset.driver().short_name() != "GTiff" {
        return None;
    }
    let band = dataset.rasterband(1).ok()?;
    let (bw, bh) = band.block_size();
    let mut mask = None;
    let mut missing = 0_usize;
    for by in origin.1 / bh..=(origin.1 + size.1 - 1) / bh {
        for bx in origin.0 / bw..=(origin.0 + size.0 - 1) / bw {
            if written(&band, bx, by) {
                continue;
            }
            missing += 1;
            let mask = mask.get_or_insert_with(|| vec![1_u8; size.0 * size.1]);
            for row in (by * bh).max(origin.1)..((by + 1) * bh).min(origin.1 + size.1) {
                let from = (row - origin.1) * size.0;
                let (a, z) = ((bx * bw).max(origin.0) - origin.0, ((bx + 1) * bw).min(origin.0 + size.0) - origin.0);
                mask[from + a..from + z].fill(0);
            }
        }
    }
    if missing > 0 {
        findings.push(Finding::warning(
            "GIS-013",
            Text::new(
                format!("{missing} 个数据块从未写入（文件可能未写完），按无数据处理而不是 0"),
                format!("{missing} blocks were never written (the file may be unfinished); taken as no data, not as 0"),
            ),
            Text::new("请重新导出该栅格并核对", "export the raster again and compare"),
        ));
    }
    mask
}

fn written(band: &RasterBand<'_>, bx: usize, by: usize) -> bool {
    let (offset, _) = listen(|| band.metadata_item(&format!("BLOCK_OFFSET_{bx}_{by}"), "TIFF"));
    offset.is_some()
}

/// The CRS declared by the caller, else the file's own.
fn source_crs(
    dataset: &Dataset,
    ask: &ReadRaster<'_>,
    target: &Crs,
    findings: &mut Vec<Finding>,
) -> Result<Crs, Finding> {
    let (own, _) = listen(|| dataset.spatial_ref().ok().filter(|s| !s.is_local()).map(east_north));
    if let Some(declared) = ask.source_crs {
        let declared = Crs::parse(declared)?;
        if let (Some(own), Some(said)) = (&own, declared.srs())
            && !same_crs(own, said)
        {
            findings.push(Finding::warning(
                "GIS-018",
                Text::new(
                    format!("文件自带坐标系 {}，数据集声明为 {}，按声明处理", label(own), label(said)),
                    format!("the file says {}, the dataset says {}; the dataset is followed", label(own), label(said)),
                ),
                Text::new("请核对哪一个正确", "check which one is right"),
            ));
        }
        return Ok(declared);
    }
    match (own, target) {
        (Some(own), Crs::Local) if !own.is_geographic() => Ok(Crs::Local),
        (Some(own), _) => Ok(Crs::Known(own)),
        (None, Crs::Local) => Ok(Crs::Local),
        (None, Crs::Known(_)) => Err(Finding::error(
            "GIS-005",
            Text::new("文件没有坐标参考系", "the file has no CRS"),
            Text::new(
                "请在 dataset.toml 中为该图层写 crs = \"EPSG:…\"，或补交 .prj / 带坐标系的文件；不做猜测",
                "write crs = \"EPSG:…\" for this layer in dataset.toml, or supply the .prj or a file with a CRS; nothing is guessed",
            ),
        )
        .field("crs")),
    }
}

fn reprojected(source: &Crs, target: &str, cell_m: f64) -> Finding {
    let from = source.srs().map_or_else(String::new, label);
    Finding::info(
        "GIS-020",
        Text::new(
            format!("已由 {from} 重投影到 {target}，像元 {cell_m} 米"),
            format!("reprojected from {from} to {target} at {cell_m} m"),
        ),
        Text::default(),
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
#[path = "raster_tests.rs"]
mod tests;
