//! Terrain and per-cell parameters.

use super::named;
use crate::files::{InputFiles, Located};
use dayu_base::{Finding, Text};
use dayu_gis::{ReadRaster, Sampling, read_raster};
use dayu_scenario::{FieldSource, GridKeys, TerrainSpec};
use dayu_terrain::{GridSpec, Raster, grid_from_extent, resample_by_area};
use std::collections::BTreeMap;

/// Bed elevation on the grid that results are written at: the computational cells, or the pixels they keep.
pub(crate) struct Elevation {
    pub grid: GridSpec,
    pub bed_m: Vec<f64>,
    /// the terrain as it was read, for the map's relief; `None` for a number
    pub pixels: Option<Raster<f64>>,
    pub findings: Vec<Finding>,
}

/// Reads the terrain and lays the grid: `[grid]` keys, else the terrain's own pixels and extent.
pub(crate) fn read_elevation(
    files: &InputFiles,
    dataset: &Located,
    scenario: &Located,
    terrain: &TerrainSpec,
    crs: &str,
    keys: &GridKeys,
) -> Result<Elevation, Finding> {
    match &terrain.elevation {
        FieldSource::Number(level) => {
            let (Some(extent), Some(cell)) = (keys.extent, keys.pixel_m()) else {
                return Err(Finding::error(
                    "RUN-041",
                    Text::new(
                        "地形是一个数，但没有给出 grid.extent 与 grid.cell_m",
                        "the terrain is one number, but grid.extent and grid.cell_m are not given",
                    ),
                    Text::new("在 [grid] 给出 extent 与 cell_m", "give extent and cell_m under [grid]"),
                )
                .in_file(&scenario.name)
                .field("grid.extent"));
            };
            let grid = grid_from_extent(extent, cell).map_err(|f| named(scenario, f))?;
            Ok(Elevation { bed_m: vec![*level; grid.len()], grid, pixels: None, findings: Vec::new() })
        }
        FieldSource::Path(path) => {
            let file = dataset.beside(path);
            let (pixels, findings) =
                raster(files, "terrain", &file, crs, terrain.crs.as_deref(), terrain.nodata, Sampling::Bilinear)?;
            let cell = keys.pixel_m().unwrap_or(pixels.grid.cell_m);
            let grid =
                grid_from_extent(keys.extent.unwrap_or(pixels.grid.extent()), cell).map_err(|f| named(scenario, f))?;
            let bed_m = resample_by_area(&pixels, &grid).values;
            if bed_m.iter().all(|z| z.is_nan()) {
                return Err(Finding::error(
                    "RUN-042",
                    Text::new("计算范围内没有地形", "there is no terrain in the computed extent"),
                    Text::new(
                        "核对 grid.extent 与地形的坐标系和范围",
                        "check grid.extent against the terrain's CRS and extent",
                    ),
                )
                .in_file(&file.name)
                .field("grid.extent"));
            }
            Ok(Elevation { grid, bed_m, pixels: Some(pixels), findings })
        }
        FieldSource::Column { .. } => Err(Finding::error(
            "RUN-043",
            Text::new("高程不能取自地类表", "elevation cannot come from the land-cover table"),
            Text::new("给出栅格或一个数", "give a raster or a number"),
        )
        .in_file(&dataset.name)
        .field("terrain.elevation")),
    }
}

fn raster(
    files: &InputFiles,
    what: &str,
    file: &Located,
    crs: &str,
    source_crs: Option<&str>,
    nodata: Option<f64>,
    sampling: Sampling,
) -> Result<(Raster<f64>, Vec<Finding>), Finding> {
    files.note(what, file)?;
    let ask = ReadRaster { source_crs, declared_nodata: nodata, sampling, ..ReadRaster::new(crs, what) };
    let read = match read_raster(&file.path, &ask) {
        Err(f) if f.code == "GIS-005" && files.takes_plain_rasters() => {
            read_raster(&file.path, &ReadRaster { source_crs: Some(crs), ..ask })
        }
        other => other,
    };
    let (raster, found) = read.map_err(|f| named(file, f))?;
    Ok((raster, found.into_iter().map(|f| named(file, f)).collect()))
}

/// Classes and their parameters.
pub(crate) struct LandCover {
    classes: Raster<f64>,
    /// column → class → value
    columns: BTreeMap<String, BTreeMap<i64, f64>>,
    table: Located,
}

/// Reads the land cover of a terrain, when it has one.
pub(crate) fn read_landcover(
    files: &InputFiles,
    dataset: &Located,
    terrain: &TerrainSpec,
    crs: &str,
) -> Result<Option<(LandCover, Vec<Finding>)>, Finding> {
    let (Some(raster_path), Some(table_path)) = (&terrain.landcover, &terrain.landcover_table) else { return Ok(None) };
    let (classes, mut findings) =
        raster(files, "landcover", &dataset.beside(raster_path), crs, None, None, Sampling::Nearest)?;
    let file = dataset.beside(table_path);
    files.note("landcover", &file)?;
    let (table, found) = dayu_table::read_table(&file.path).map_err(|f| named(&file, f))?;
    findings.extend(found.into_iter().map(|f| named(&file, f)));
    let code_column = table.columns.iter().position(|c| c == "code").ok_or_else(|| {
        Finding::error(
            "RUN-044",
            Text::new("地类表没有 code 列", "the land-cover table has no column 'code'"),
            Text::new("第一列写 code，其余列写参数", "head a column 'code', the others with parameters"),
        )
        .in_file(&file.name)
        .field("code")
    })?;
    let mut columns: BTreeMap<String, BTreeMap<i64, f64>> = BTreeMap::new();
    for row in &table.rows {
        let Some(code) = row.get(code_column).and_then(|c| c.as_deref()).and_then(|c| c.trim().parse::<i64>().ok())
        else {
            continue;
        };
        for (name, value) in table.columns.iter().zip(row) {
            if let Some(v) = value.as_deref().and_then(|v| v.trim().parse::<f64>().ok()).filter(|v| v.is_finite()) {
                columns.entry(name.clone()).or_default().insert(code, v);
            }
        }
    }
    Ok(Some((LandCover { classes, columns, table: file }, findings)))
}

/// Levels on the grid; they may lie below the datum.
pub(crate) fn level_values(
    files: &InputFiles,
    key: &FieldKey<'_>,
    source: &FieldSource,
    grid: &GridSpec,
    crs: &str,
) -> Result<Vec<f64>, Finding> {
    match source {
        FieldSource::Number(v) => Ok(vec![*v; grid.len()]),
        FieldSource::Path(path) => {
            let (pixels, _) = raster(files, key.key, &key.file.beside(path), crs, None, None, Sampling::Bilinear)?;
            Ok(resample_by_area(&pixels, grid).values)
        }
        FieldSource::Column { .. } => Ok(vec![f64::NAN; grid.len()]),
    }
}

/// Where a parameter is written and what it is for.
pub(crate) struct FieldKey<'a> {
    /// key, such as `terrain.roughness`
    pub key: &'a str,
    /// file that holds the key
    pub file: &'a Located,
}

/// A parameter on the grid; every value finite and not negative.
pub(crate) fn field_values(
    files: &InputFiles,
    key: &FieldKey<'_>,
    source: &FieldSource,
    grid: &GridSpec,
    crs: &str,
    landcover: Option<&LandCover>,
) -> Result<Vec<f64>, Finding> {
    let values = match source {
        FieldSource::Number(v) => vec![*v; grid.len()],
        FieldSource::Path(path) => {
            let (pixels, _) = raster(files, key.key, &key.file.beside(path), crs, None, None, Sampling::Bilinear)?;
            resample_by_area(&pixels, grid).values
        }
        FieldSource::Column { column } => {
            let cover = landcover.ok_or_else(|| {
                Finding::error(
                    "RUN-045",
                    Text::new(format!("“{}”取自地类表，但数据集没有 landcover 与 landcover_table", key.key), format!("'{}' comes from the land-cover table, but the dataset has no landcover and landcover_table", key.key)),
                    Text::new("在 [terrain] 给出 landcover 与 landcover_table", "give landcover and landcover_table under [terrain]"),
                )
                .in_file(&key.file.name)
                .field(key.key)
            })?;
            let by_class = cover.columns.get(column).ok_or_else(|| {
                Finding::error(
                    "RUN-046",
                    Text::new(
                        format!("地类表没有“{column}”列"),
                        format!("the land-cover table has no column '{column}'"),
                    ),
                    Text::new("核对列名", "check the heading"),
                )
                .in_file(&cover.table.name)
                .field(column)
            })?;
            let per_pixel = cover
                .classes
                .values
                .iter()
                .map(|c| if c.is_nan() { f64::NAN } else { by_class.get(&(*c as i64)).copied().unwrap_or(f64::NAN) })
                .collect();
            resample_by_area(&Raster { grid: cover.classes.grid, values: per_pixel }, grid).values
        }
    };
    if let Some(cell) = values.iter().position(|v| *v < 0.0 || v.is_infinite()) {
        let (x, y) = grid.centre(cell);
        return Err(Finding::error(
            "RUN-047",
            Text::new(
                format!("“{}”有负值或无穷值 {}", key.key, values[cell]),
                format!("'{}' has a negative or infinite value {}", key.key, values[cell]),
            ),
            Text::new("改正参数，应为不小于 0 的有限数", "correct it: finite and not negative"),
        )
        .in_file(&key.file.name)
        .at(format!("x={x:.1} y={y:.1}"))
        .field(key.key));
    }
    Ok(values)
}
