//! Where an object stands, and whether its coordinates can be trusted.

use crate::Layer;
use crate::outline::{Fit, Outline};
use crate::raw::RawAsset;
use crate::sheet::Sheet;
use dayu_base::{Finding, Text};
use geo::{CoordsIter, Euclidean, Geometry, InteriorPoint, InterpolatableLine};

/// The representative point of a row whose coordinates can be trusted; `None` (and a finding) otherwise.
pub(crate) fn check_place(
    layer: Layer,
    raw: &RawAsset,
    id: &str,
    outline: Option<&Outline>,
    sheet: &mut Sheet,
) -> Option<(f64, f64)> {
    let zh = layer.zh();
    let mut report = |f: Finding| sheet.add(layer.id(), f.in_file(&raw.file).at(&raw.row).field("geometry"));
    let shown = raw.lon_lat_guess.map_or(String::new(), |(lon, lat)| format!("（{lon}, {lat}）"));
    // |latitude| > 90 can only be a longitude; such rows cannot be projected, so they may come without a geometry.
    let impossible = raw.lon_lat_guess.is_some_and(|(lon, lat)| lat.abs() > 90.0 && lon.abs() <= 90.0);
    let swapped = || {
        Finding::error(
            "REG-006",
            Text::new(
                format!("{zh}“{id}”经纬度疑似颠倒{shown}，未采用"),
                format!("'{id}': longitude and latitude look exchanged {shown}; it was left out"),
            ),
            Text::new("交换 lon、lat 两列", "exchange the columns lon and lat"),
        )
    };
    let gcj02 = || {
        Finding::error(
            "REG-007",
            Text::new(
                format!("{zh}“{id}”仅按 GCJ-02 解读才在辖区内{shown}，疑似 GCJ-02 坐标，未采用"),
                format!("'{id}' lies in the district only when read as GCJ-02 {shown}; it was left out"),
            ),
            Text::new(
                "把该图层坐标转换为 CGCS2000（EPSG:4490）后再导入",
                "convert the layer to CGCS2000 (EPSG:4490) first",
            ),
        )
    };
    let Some(geometry) = raw.geometry.as_ref().filter(|g| g.coords_count() > 0) else {
        report(if impossible {
            swapped()
        } else {
            Finding::error(
                "REG-004",
                Text::new(format!("{zh}“{id}”没有位置，未采用"), format!("'{id}' has no geometry; it was left out")),
                Text::new("补充坐标", "give its coordinates"),
            )
        });
        return None;
    };
    let finite = geometry.coords_iter().all(|c| c.x.is_finite() && c.y.is_finite());
    let point = if finite { representative_point(geometry) } else { None };
    let Some(point) = point else {
        let fit = outline.map_or(Fit::Outside, |o| o.other_reading(&raw.alternates));
        report(match fit {
            _ if impossible => swapped(),
            Fit::Swapped => swapped(),
            Fit::Gcj02 => gcj02(),
            Fit::Inside | Fit::Outside => Finding::error(
                "REG-005",
                Text::new(
                    format!("{zh}“{id}”坐标不是有限数{shown}，未采用"),
                    format!("coordinates of '{id}' are not finite {shown}; it was left out"),
                ),
                Text::new("核对坐标与坐标系", "check the coordinates and their CRS"),
            ),
        });
        return None;
    };
    match outline.map_or(Fit::Inside, |o| o.fit(geometry, &raw.alternates)) {
        _ if impossible => {
            report(swapped());
            None
        }
        Fit::Inside => Some(point),
        Fit::Swapped => {
            report(swapped());
            None
        }
        Fit::Gcj02 => {
            report(gcj02());
            None
        }
        Fit::Outside => {
            report(Finding::warning(
                "REG-008",
                Text::new(
                    format!("{zh}“{id}”在辖区边界之外{shown}"),
                    format!("'{id}' lies outside the district {shown}"),
                ),
                Text::new(
                    "核对坐标；确属辖区外的对象可保留",
                    "check the coordinates; keep it when it really lies outside",
                ),
            ));
            Some(point)
        }
    }
}

/// A point of the object itself: the middle of a line (by length), a point inside a polygon.
fn representative_point(geometry: &Geometry<f64>) -> Option<(f64, f64)> {
    let point = match geometry {
        Geometry::Point(p) => Some(*p),
        Geometry::LineString(l) => l.point_at_ratio_from_start(&Euclidean, 0.5).or_else(|| l.interior_point()),
        other => other.interior_point(),
    }?;
    (point.x().is_finite() && point.y().is_finite()).then_some((point.x(), point.y()))
}
