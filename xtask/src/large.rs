//! A district of many cells for measurements of memory: 5 m pixels on gentle hills, streets and blocks, roughness as a raster, points that
//! are watched (so that first and last times of six depths are kept), five result rasters. Nothing in it is real.

use anyhow::{Context, Result, anyhow};
use dayu_gis::{CogOptions, CogType, Overview, write_cog_of};
use dayu_terrain::GridSpec;
use std::fmt::Write;
use std::path::Path;

const CRS: &str = "EPSG:4549";
const CELL_M: f64 = 5.0;

/// Writes dataset and scenario of `columns` × `rows` cells into a folder; the same bytes every time.
pub fn write(dir: &Path, columns: usize, rows: usize, points: usize, duration_s: u32) -> Result<()> {
    std::fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
    let grid = GridSpec { x0_m: 480_000.0, y0_m: 3_330_000.0, cell_m: CELL_M, nx: columns, ny: rows };
    let bed = |cell: usize| {
        let (i, j) = (cell % columns, cell / columns);
        let (x, y) = (i as f64 * CELL_M, j as f64 * CELL_M);
        let hills = 6.0 * libm::sin(x / 410.0) * libm::cos(y / 530.0) + 1.5 * libm::cos(x / 97.0) * libm::sin(y / 71.0);
        let is_block = i % 12 >= 3 && j % 12 >= 3 && (i / 12 + 2 * (j / 12)) % 5 != 0;
        30.0 + hills - 0.002 * (x % 5000.0) + if is_block { 8.0 } else { 0.0 }
    };
    let street = |cell: usize| if (cell % columns) % 12 < 3 || (cell / columns) % 12 < 3 { 0.02 } else { 0.05 };
    let fields: [(&str, &dyn Fn(usize) -> f64); 2] = [("terrain.tif", &bed), ("roughness.tif", &street)];
    for (name, values) in fields {
        let how = CogOptions {
            kind: CogType::Float32,
            nodata: -9999.0,
            overview: Overview::Nearest,
            tags: &[("origin", "synthetic")],
        };
        write_cog_of(&dir.join(name), &grid, values, CRS, &how).map_err(|f| anyhow!("{f}"))?;
    }
    let mut table = String::from("id,name,x,y,warn_depth_m,close_depth_m\n");
    for k in 0..points {
        // Spread over the area by two irrational steps.
        let place = |step: f64, cells: usize| (0.05 + 0.9 * ((k as f64 * step) % 1.0)) * cells as f64 * CELL_M;
        let (x, y) = (grid.x0_m + place(0.618_033_988_75, columns), grid.y0_m + place(0.754_877_666_25, rows));
        writeln!(table, "P{k},构造点 {k},{x:.1},{y:.1},0.15,0.27")?;
    }
    let text = |name: &str, text: &str| std::fs::write(dir.join(name), text).with_context(|| name.to_string());
    text("waterlogging_points.csv", &table)?;
    text("dataset.toml", &dataset())?;
    text("scenario.toml", &scenario(duration_s))
}

fn dataset() -> String {
    format!(
        r#"format = 1
id = "large"
name = {{ zh = "内存测量用构造区", en = "Constructed area for measurements of memory" }}
crs = "{CRS}"
vertical_datum = "local"
origin = "synthetic"

[[source]]
layer = "terrain"
title = "构造地形 5 m"
origin = "synthetic"

[terrain]
elevation = "terrain.tif"
roughness = "roughness.tif"

[layers.waterlogging_points]
path = "waterlogging_points.csv"
crs = "{CRS}"
"#
    )
}

fn scenario(duration_s: u32) -> String {
    format!(
        r#"format = 1
id = "large"
title = {{ zh = "内存测量", en = "Measurement of memory" }}
kind = "benchmark"
dataset = "."
start = 2026-07-01T00:00:00+08:00
duration_s = {duration_s}

[grid]
cell_m = {CELL_M}

[[rain]]
kind = "uniform"
mm_h = 360

[losses]
drain_capacity_mm_h = 20

[[boundary]]
kind = "free"
where = {{ edge = "all" }}

[output]
interval_s = {duration_s}
rasters = ["max_depth", "arrival", "duration", "max_speed", "max_hazard"]
"#
    )
}
