//! Geometries of a file brought into the target CRS, with what is wrong with each.

use crate::crs::{Crs, Transformer};
use crate::fault::listen;
use dayu_base::{Finding, Text};
use gdal::vector::Feature;
use geo::{BoundingRect, Coord, CoordsIter, Geometry, MapCoords};

/// Brings geometries into the target CRS and notes what is wrong with them.
pub(crate) struct Placing {
    transformer: Transformer,
    geographic: bool,
    /// What was wrong so far.
    pub(crate) findings: Vec<Finding>,
}

/// So many single findings of one layer are listed; a layer that is wrong as a whole needs no thousand lines.
const LISTED: usize = 50;

impl Placing {
    pub(crate) fn new(source: &Crs, target: &Crs, findings: &mut Vec<Finding>) -> Result<Self, Finding> {
        let transformer = Transformer::between(source, target)?;
        findings.extend(transformer.finding());
        let geographic = source.srs().is_some_and(gdal::spatial_ref::SpatialRef::is_geographic);
        Ok(Self { transformer, geographic, findings: Vec::new() })
    }

    fn note(&mut self, fid: u64, finding: Finding) {
        if self.findings.len() < LISTED {
            self.findings.push(finding.at(format!("要素 feature {fid}")));
        }
    }

    /// Geometry in the target CRS and the file's own longitude and latitude; `None` where unusable, and noted.
    pub(crate) fn geometry(&mut self, feature: &Feature<'_>, fid: u64) -> (Option<Geometry<f64>>, Option<(f64, f64)>) {
        // Complaints about one geometry are that geometry's, not the file's.
        let (parts, complaints) = listen(|| {
            let geometry = feature.geometry_by_index(0).ok().filter(|g| !g.is_empty())?;
            let mut flat = geometry.clone();
            flat.flatten_to_2d();
            Some((flat.is_valid(), flat.geometry_name(), flat.to_geo()))
        });
        let Some((valid, kind, converted)) = parts else {
            self.note(
                fid,
                Finding::warning(
                    "GIS-022",
                    Text::new("要素没有几何或几何为空", "the feature has no geometry, or an empty one"),
                    Text::new(
                        "请补画该要素；没有位置的对象不参与计算",
                        "draw the feature; an object without a place is not computed",
                    ),
                ),
            );
            return (None, None);
        };
        let Ok(raw) = converted else {
            self.note(
                fid,
                Finding::warning(
                    "GIS-023",
                    Text::new(format!("不支持的几何类型 {kind}"), format!("geometry type {kind} is not supported")),
                    Text::new("请把曲线转换为折线后再提供", "convert curves to straight segments first"),
                ),
            );
            return (None, None);
        };
        if !valid {
            let reason = complaints.first().map(|c| c.text.clone()).unwrap_or_default();
            self.note(
                fid,
                Finding::warning(
                    "GIS-027",
                    Text::new(format!("几何无效：{reason}"), format!("invalid geometry: {reason}")),
                    Text::new(
                        "请在 GIS 软件中“修复几何”；自相交面的面积与归属可能有误",
                        "run 'fix geometries' in a GIS; area and containment may be wrong",
                    ),
                ),
            );
        }
        let middle = match &raw {
            Geometry::Point(p) => Some((p.x(), p.y())),
            other => other.bounding_rect().map(|r| (r.center().x, r.center().y)),
        };
        let lon_lat = middle.filter(|_| self.geographic);
        match self.placed(&raw) {
            Ok(geometry) => (Some(geometry), lon_lat),
            Err(finding) => {
                self.note(fid, finding);
                (None, lon_lat)
            }
        }
    }

    fn placed(&self, raw: &Geometry<f64>) -> Result<Geometry<f64>, Finding> {
        if self.geographic
            && let Some(c) = raw.coords_iter().find(|c| c.x.abs() > 360.0 || c.y.abs() > 360.0)
        {
            return Err(Finding::error(
                "GIS-028",
                Text::new(
                    format!("坐标 ({}, {}) 不是经纬度，但文件声明（或 GeoJSON 默认）为经纬度", c.x, c.y),
                    format!(
                        "the coordinates ({}, {}) are no longitude and latitude, but the file says (GeoJSON: implies) so",
                        c.x, c.y
                    ),
                ),
                Text::new(
                    "请在 dataset.toml 中为该图层写明平面坐标系 crs",
                    "state the projected crs of this layer in dataset.toml",
                ),
            ));
        }
        let (mut xs, mut ys): (Vec<f64>, Vec<f64>) = raw.coords_iter().map(|c| (c.x, c.y)).unzip();
        self.transformer.points(&mut xs, &mut ys)?;
        // map_coords visits coordinates in the order of coords_iter.
        let next = std::cell::Cell::new(0_usize);
        Ok(raw.map_coords(|_| {
            let k = next.replace(next.get() + 1);
            Coord { x: xs[k], y: ys[k] }
        }))
    }
}
