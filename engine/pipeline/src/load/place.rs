//! Areas and lines named by a file: masks, outlines, boundaries.

use super::named;
use crate::files::{InputFiles, Located};
use dayu_base::{Finding, Text};
use geo::{Geometry, LineString, MultiPolygon};

/// What a vector file holds, in the dataset's CRS.
#[derive(Clone, Debug)]
pub(crate) struct Area {
    /// all polygons
    pub polygons: MultiPolygon<f64>,
    /// all lines
    pub lines: Vec<LineString<f64>>,
    /// all points
    pub points: Vec<(f64, f64)>,
}

/// Reads every geometry of a vector file.
pub(crate) fn read_area(
    files: &InputFiles,
    what: &str,
    file: &Located,
    crs: &str,
) -> Result<(Area, Vec<Finding>), Finding> {
    files.note(what, file)?;
    let (layer, found) = dayu_gis::read_vector(&file.path, None, None, crs).map_err(|f| named(file, f))?;
    let mut area = Area { polygons: MultiPolygon::new(Vec::new()), lines: Vec::new(), points: Vec::new() };
    for feature in layer.features {
        if let Some(geometry) = feature.geometry {
            area.add(geometry);
        }
    }
    if area.polygons.0.is_empty() && area.lines.is_empty() && area.points.is_empty() {
        return Err(Finding::error(
            "RUN-040",
            Text::new("文件里没有可用的几何", "the file holds no usable geometry"),
            Text::new("给出面、线或点要素", "supply polygons, lines or points"),
        )
        .in_file(&file.name)
        .at(what));
    }
    Ok((area, found.into_iter().map(|f| named(file, f)).collect()))
}

impl Area {
    fn add(&mut self, geometry: Geometry<f64>) {
        match geometry {
            Geometry::Polygon(p) => self.polygons.0.push(p),
            Geometry::MultiPolygon(m) => self.polygons.0.extend(m.0),
            Geometry::LineString(l) => self.lines.push(l),
            Geometry::MultiLineString(m) => self.lines.extend(m.0),
            Geometry::Point(p) => self.points.push(p.x_y()),
            Geometry::MultiPoint(m) => self.points.extend(m.0.into_iter().map(|p| p.x_y())),
            Geometry::GeometryCollection(c) => c.0.into_iter().for_each(|g| self.add(g)),
            _ => {}
        }
    }
}
