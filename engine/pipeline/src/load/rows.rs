//! Rows of a layer, whatever file they came from: CSV with x,y or lon,lat, Parquet, or any vector file.

use super::named;
use crate::files::{InputFiles, Located};
use dayu_assets::{Alternates, gcj02_to_wgs84};
use dayu_base::{Finding, Text};
use dayu_gis::Transformer;
use dayu_scenario::LayerSpec;
use geo::{Geometry, Point};
use std::collections::BTreeMap;

/// One row before it means anything.
pub(super) struct Row {
    /// 第12行 row 12, or FID 7
    pub place: String,
    /// m, dataset CRS
    pub geometry: Option<Geometry<f64>>,
    /// raw degrees, when the source was geographic
    pub lon_lat: Option<(f64, f64)>,
    /// other readings of the degrees, m, dataset CRS
    pub alternates: Alternates,
    /// our column name → value; empty values are absent
    pub values: BTreeMap<String, String>,
}

impl Row {
    pub fn take(&mut self, key: &str) -> Option<String> {
        self.values.remove(key)
    }
}

/// Reads a layer's rows in file order.
pub(super) fn read_rows(
    files: &InputFiles,
    layer: &str,
    file: &Located,
    spec: &LayerSpec,
    dataset_crs: &str,
) -> Result<(Vec<Row>, Vec<Finding>), Finding> {
    files.note(layer, file)?;
    let is_table = file
        .path
        .extension()
        .is_some_and(|e| ["csv", "txt", "tsv", "parquet"].iter().any(|x| e.eq_ignore_ascii_case(x)));
    let (mut rows, findings) =
        if is_table { table_rows(file, spec, dataset_crs)? } else { vector_rows(file, spec, dataset_crs)? };
    // `columns` maps our names to the user's headings.
    let ours: BTreeMap<&str, &str> = spec.columns.iter().map(|(our, theirs)| (theirs.as_str(), our.as_str())).collect();
    for row in &mut rows {
        row.values = std::mem::take(&mut row.values)
            .into_iter()
            .map(|(k, v)| (ours.get(k.as_str()).map_or(k.clone(), |o| (*o).to_string()), v))
            .collect();
    }
    Ok((rows, findings))
}

fn vector_rows(file: &Located, spec: &LayerSpec, dataset_crs: &str) -> Result<(Vec<Row>, Vec<Finding>), Finding> {
    let (layer, findings) = dayu_gis::read_vector(&file.path, spec.layer.as_deref(), spec.crs.as_deref(), dataset_crs)
        .map_err(|f| named(file, f))?;
    let geographic = Geographic::to(dataset_crs, spec.crs.as_deref().unwrap_or("EPSG:4490"));
    let rows = layer
        .features
        .into_iter()
        .map(|feature| Row {
            place: format!("FID {}", feature.fid),
            alternates: feature.lon_lat.map(|(lon, lat)| geographic.alternates(lon, lat)).unwrap_or_default(),
            geometry: feature.geometry,
            lon_lat: feature.lon_lat,
            values: layer.fields.iter().cloned().zip(feature.values).filter_map(|(k, v)| Some((k, v?))).collect(),
        })
        .collect();
    Ok((rows, findings.into_iter().map(|f| named(file, f)).collect()))
}

fn table_rows(file: &Located, spec: &LayerSpec, dataset_crs: &str) -> Result<(Vec<Row>, Vec<Finding>), Finding> {
    let (table, findings) = dayu_table::read_table(&file.path).map_err(|f| named(file, f))?;
    let mut findings: Vec<Finding> = findings.into_iter().map(|f| named(file, f)).collect();
    let heading = |our: &str| spec.columns.get(our).cloned().unwrap_or_else(|| our.to_string());
    let column = |our: &str| table.columns.iter().position(|c| *c == heading(our));
    let plane = column("x").zip(column("y"));
    let degrees = column("lon").zip(column("lat"));
    let geographic = match (plane, degrees, spec.crs.as_deref()) {
        (None, Some(_), None) => {
            return Err(Finding::error(
                "RUN-030",
                Text::new("有 lon、lat 两列，但没有说明坐标系", "there are columns lon and lat, but no CRS is stated"),
                Text::new(
                    "在 dataset.toml 该图层写 crs = \"EPSG:4490\"（CGCS2000）或 \"EPSG:4326\"；GCJ-02 需先转换",
                    "write crs = \"EPSG:4490\" (CGCS2000) or \"EPSG:4326\" for this layer in dataset.toml; convert GCJ-02 first",
                ),
            )
            .in_file(&file.name)
            .field("crs"));
        }
        (None, Some(_), Some(crs)) => Some(Geographic::to(dataset_crs, crs)),
        _ => None,
    };
    // x,y stand in the dataset's CRS unless the layer says otherwise.
    let plane_crs = spec.crs.as_deref().unwrap_or(dataset_crs);
    let transform = Transformer::new(plane_crs, dataset_crs).map_err(|f| named(file, f))?;
    let mut rows = Vec::with_capacity(table.rows.len());
    for (k, values) in table.rows.iter().enumerate() {
        // Row 1 holds the headings.
        let place = format!("第{}行 row {}", k + 2, k + 2);
        let mut number = |c: usize| -> Option<f64> {
            let text = values.get(c)?.as_deref()?;
            match text.trim().parse::<f64>() {
                Ok(v) if v.is_finite() => Some(v),
                _ => {
                    findings.push(
                        Finding::error(
                            "RUN-031",
                            Text::new(
                                format!("坐标“{text}”不是有限数，该行无位置"),
                                format!("coordinate '{text}' is no finite number; the row has no place"),
                            ),
                            Text::new("改正坐标", "correct the coordinate"),
                        )
                        .in_file(&file.name)
                        .at(&place)
                        .field(&table.columns[c]),
                    );
                    None
                }
            }
        };
        let (mut geometry, mut lon_lat, mut alternates) = (None, None, Alternates::default());
        if let Some((cx, cy)) = plane {
            if let (Some(x), Some(y)) = (number(cx), number(cy)) {
                match transform.point(x, y) {
                    Ok(p) => geometry = Some(Geometry::Point(Point::from(p))),
                    Err(f) => findings.push(named(file, f).at(&place)),
                }
            }
        } else if let (Some((cx, cy)), Some(geographic)) = (degrees, &geographic)
            && let (Some(lon), Some(lat)) = (number(cx), number(cy))
        {
            lon_lat = Some((lon, lat));
            alternates = geographic.alternates(lon, lat);
            match geographic.place(lon, lat) {
                Some(p) => geometry = Some(Geometry::Point(Point::from(p))),
                None if alternates.swapped.is_some() => {}
                None => findings.push(
                    Finding::error(
                        "RUN-032",
                        Text::new(
                            format!("经纬度 ({lon}, {lat}) 无法投影"),
                            format!("longitude, latitude ({lon}, {lat}) cannot be projected"),
                        ),
                        Text::new("核对经纬度是否颠倒、是否为度", "check whether they are swapped and in degrees"),
                    )
                    .in_file(&file.name)
                    .at(&place)
                    .field("lon"),
                ),
            }
        }
        let values =
            table.columns.iter().cloned().zip(values.iter().cloned()).filter_map(|(k, v)| Some((k, v?))).collect();
        rows.push(Row { place, geometry, lon_lat, alternates, values });
    }
    Ok((rows, findings))
}

/// Degrees to the dataset's CRS, with the readings that betray swapped axes or GCJ-02.
struct Geographic(Option<Transformer>);

impl Geographic {
    fn to(dataset_crs: &str, from: &str) -> Self {
        Self(Transformer::new(from, dataset_crs).ok())
    }
    fn place(&self, lon: f64, lat: f64) -> Option<(f64, f64)> {
        if !(lon.abs() <= 180.0 && lat.abs() <= 90.0) {
            return None;
        }
        self.0.as_ref()?.point(lon, lat).ok()
    }
    fn alternates(&self, lon: f64, lat: f64) -> Alternates {
        let (wgs_lon, wgs_lat) = gcj02_to_wgs84(lon, lat);
        Alternates { swapped: self.place(lat, lon), gcj02: self.place(wgs_lon, wgs_lat) }
    }
}
