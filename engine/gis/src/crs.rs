//! Coordinate reference systems and point transformation.

use crate::fault::{first_failure, listen};
use dayu_base::{Finding, Text};
use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, CoordTransformOptions, SpatialRef};

/// The CRS word for coordinates that are used as they stand: metres in a frame of their own.
pub const LOCAL_METRES: &str = "local-metres";

/// A CRS as the datasets name it.
pub(crate) enum Crs {
    /// Metres in a frame of their own.
    Local,
    /// Known to the EPSG registry; axes always east, north.
    Known(SpatialRef),
}

impl Crs {
    /// Reads `EPSG:<code>` or `local-metres`.
    pub(crate) fn parse(text: &str) -> Result<Self, Finding> {
        let text = text.trim();
        if text.eq_ignore_ascii_case(LOCAL_METRES) {
            return Ok(Self::Local);
        }
        // Only codes: GDAL's free-text parser would also open files and web addresses.
        let code =
            text.get(..5).filter(|p| p.eq_ignore_ascii_case("EPSG:")).and_then(|_| text[5..].parse::<u32>().ok());
        let Some(code) = code else { return Err(unknown_crs(text, "")) };
        let (srs, complaints) = listen(|| SpatialRef::from_epsg(code));
        match srs {
            Ok(srs) => Ok(Self::Known(east_north(srs))),
            Err(_) => Err(unknown_crs(text, first_failure(&complaints).unwrap_or_default())),
        }
    }

    /// The definition inside, when there is one.
    pub(crate) fn srs(&self) -> Option<&SpatialRef> {
        match self {
            Self::Local => None,
            Self::Known(srs) => Some(srs),
        }
    }
}

fn unknown_crs(text: &str, reason: &str) -> Finding {
    Finding::error(
        "GIS-006",
        Text::new(
            format!("未知的坐标参考系“{text}” {reason}").trim_end(),
            format!("unknown CRS '{text}' {reason}").trim_end(),
        ),
        Text::new(
            "请写成 EPSG:代码（例如 EPSG:4547、EPSG:4490）或 local-metres",
            "write EPSG:<code> (such as EPSG:4547, EPSG:4490) or local-metres",
        ),
    )
    .field("crs")
}

/// Makes every CRS speak (east, north), as files and people do.
pub(crate) fn east_north(mut srs: SpatialRef) -> SpatialRef {
    srs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    srs
}

/// A CRS in words for messages: `EPSG:4326`, else its name.
pub(crate) fn label(srs: &SpatialRef) -> String {
    let (authority, _) = listen(|| srs.authority().ok());
    authority.or_else(|| srs.name()).unwrap_or_else(|| "?".into())
}

/// What a dataset must know of its CRS before it uses it.
#[derive(Clone, Debug, PartialEq)]
pub struct CrsFacts {
    /// Official name; `local-metres` for a frame of its own.
    pub name: String,
    /// Longitude and latitude in degrees.
    pub geographic: bool,
    /// Plane coordinates in metres: fit for computing.
    pub projected_metres: bool,
    /// Area of use in degrees, `[west, south, east, north]`; `None` when the registry states none.
    pub area_deg: Option<[f64; 4]>,
}

/// Looks a CRS up.
///
/// # Errors
/// `GIS-006` when the text is neither `EPSG:<code>` of the registry nor `local-metres`.
pub fn describe_crs(text: &str) -> Result<CrsFacts, Finding> {
    Ok(match Crs::parse(text)? {
        Crs::Local => CrsFacts { name: LOCAL_METRES.into(), geographic: false, projected_metres: true, area_deg: None },
        Crs::Known(srs) => CrsFacts {
            name: srs.name().unwrap_or_default(),
            geographic: srs.is_geographic(),
            projected_metres: srs.is_projected() && (srs.linear_units() - 1.0).abs() < 1e-9,
            area_deg: srs
                .area_of_use()
                .map(|a| [a.west_lon_degree, a.south_lat_degree, a.east_lon_degree, a.north_lat_degree]),
        },
    })
}

/// Moves points from one CRS to another, axes always (east, north) or (longitude, latitude).
pub struct Transformer {
    /// `None`: coordinates stay as they are.
    operation: Option<CoordTransform>,
    from: String,
    to: String,
    approximate: bool,
}

impl Transformer {
    /// Prepares the transformation between two CRS, each `EPSG:<code>` or `local-metres`.
    ///
    /// # Errors
    /// `GIS-006` for an unknown CRS; `GIS-016` when no way leads from one to the other: `local-metres` has no place on
    /// the Earth, and degrees are no metres.
    pub fn new(from: &str, to: &str) -> Result<Self, Finding> {
        Self::between(&Crs::parse(from)?, &Crs::parse(to)?)
    }

    /// As [`Transformer::new`], from parsed systems.
    pub(crate) fn between(from: &Crs, to: &Crs) -> Result<Self, Finding> {
        match (from, to) {
            (Crs::Known(a), Crs::Known(b)) => Self::known(a, b),
            (Crs::Known(a), Crs::Local) if a.is_geographic() => {
                Err(no_way(&label(a), LOCAL_METRES, "经纬度不是米 / degrees are no metres"))
            }
            (Crs::Local, Crs::Known(b)) => {
                Err(no_way(LOCAL_METRES, &label(b), "自设坐标无法定位 / a local frame has no place on the Earth"))
            }
            _ => Ok(Self { operation: None, from: LOCAL_METRES.into(), to: LOCAL_METRES.into(), approximate: false }),
        }
    }

    fn known(from: &SpatialRef, to: &SpatialRef) -> Result<Self, Finding> {
        let (names, same) = ((label(from), label(to)), same_crs(from, to));
        if same {
            return Ok(Self { operation: None, from: names.0, to: names.1, approximate: false });
        }
        // A "ballpark" operation ignores the shift between two datums (up to some 100 m between old Chinese systems and
        // CGCS2000). Taken only when nothing better is known, and then said.
        let (strict, _) = listen(|| {
            let mut options = CoordTransformOptions::new()?;
            options.set_ballpark_allowed(false)?;
            CoordTransform::new_with_options(from, to, &options)
        });
        if let Ok(operation) = strict {
            return Ok(Self { operation: Some(operation), from: names.0, to: names.1, approximate: false });
        }
        let (loose, complaints) = listen(|| CoordTransform::new(from, to));
        match loose {
            Ok(operation) => {
                let approximate = !(is_earth_centred(from) && is_earth_centred(to));
                Ok(Self { operation: Some(operation), from: names.0, to: names.1, approximate })
            }
            Err(e) => Err(no_way(&names.0, &names.1, first_failure(&complaints).unwrap_or(&e.to_string()))),
        }
    }

    /// True when points stay exactly as they are.
    pub fn is_identity(&self) -> bool {
        self.operation.is_none()
    }

    /// Said when the shift between the two datums is unknown and was left out (may be some 100 m).
    pub fn finding(&self) -> Option<Finding> {
        self.approximate.then(|| {
            Finding::warning(
                "GIS-017",
                Text::new(
                    format!("{} 与 {} 之间没有已知的基准转换参数，位置可能偏差数十至上百米", self.from, self.to),
                    format!(
                        "no datum shift is known between {} and {}; places may be off by tens to a hundred metres",
                        self.from, self.to
                    ),
                ),
                Text::new(
                    "请由测绘部门转换为 CGCS2000 后再提供",
                    "have the survey office convert the data to the dataset's datum first",
                ),
            )
            .field("crs")
        })
    }

    /// Transforms one point.
    ///
    /// # Errors
    /// `GIS-016` when a coordinate is not finite or lies where the transformation is not defined.
    pub fn point(&self, x: f64, y: f64) -> Result<(f64, f64), Finding> {
        let (mut xs, mut ys) = ([x], [y]);
        self.points(&mut xs, &mut ys)?;
        Ok((xs[0], ys[0]))
    }

    /// Transforms many points in place; on an error the slices are of no use.
    ///
    /// # Errors
    /// As [`Transformer::point`], naming the first point that fails.
    pub fn points(&self, xs: &mut [f64], ys: &mut [f64]) -> Result<(), Finding> {
        if let Some(k) = xs.iter().zip(ys.iter()).position(|(x, y)| !(x.is_finite() && y.is_finite())) {
            return Err(self.outside(xs[k], ys[k], ""));
        }
        let Some(operation) = &self.operation else { return Ok(()) };
        let first = (xs.first().copied().unwrap_or(f64::NAN), ys.first().copied().unwrap_or(f64::NAN));
        let (result, complaints) = listen(|| operation.transform_coords(xs, ys, &mut []));
        if result.is_err() || xs.iter().chain(ys.iter()).any(|v| !v.is_finite()) {
            return Err(self.outside(first.0, first.1, first_failure(&complaints).unwrap_or_default()));
        }
        Ok(())
    }

    fn outside(&self, x: f64, y: f64, reason: &str) -> Finding {
        Finding::error(
            "GIS-016",
            Text::new(
                format!("坐标 ({x}, {y}) 无法由 {} 转换到 {} {reason}", self.from, self.to).trim_end(),
                format!("the coordinates ({x}, {y}) cannot be transformed from {} to {} {reason}", self.from, self.to)
                    .trim_end(),
            ),
            Text::new(
                "请检查坐标系声明、经纬度是否颠倒、单位是否为度或米",
                "check the declared CRS, swapped longitude and latitude, and degrees against metres",
            ),
        )
        .at(format!("({x}, {y})"))
    }
}

/// Datums tied to the same international frame: they agree within a metre or so, which no terrain or register here can
/// tell (EPSG states the transformations between WGS 84 and these with accuracies of 1 m or better).
fn is_earth_centred(srs: &SpatialRef) -> bool {
    const FRAMES: [&str; 4] = ["WGS 84", "China Geodetic Coordinate System 2000", "ETRS89", "SIRGAS 2000"];
    let (name, _) = listen(|| srs.geog_cs().ok().and_then(|g| g.name()));
    name.is_some_and(|n| FRAMES.contains(&n.as_str()))
}

fn no_way(from: &str, to: &str, reason: &str) -> Finding {
    Finding::error(
        "GIS-016",
        Text::new(
            format!("无法由 {from} 转换到 {to}：{reason}"),
            format!("no transformation from {from} to {to}: {reason}"),
        ),
        Text::new("请检查数据集与图层的 crs", "check the crs of dataset and layer"),
    )
    .field("crs")
}

/// Same system, whatever words define it.
pub(crate) fn same_crs(a: &SpatialRef, b: &SpatialRef) -> bool {
    let (same, _) = listen(|| a == b || matches!((a.authority(), b.authority()), (Ok(a), Ok(b)) if a == b));
    same
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn points_move_east_north() {
        let t = Transformer::new("EPSG:4490", "EPSG:4547").unwrap();
        // On the central meridian 114°E of the zone, false easting 500 km: x is exactly 500 000 m.
        let (x, y) = t.point(114.0, 22.55).unwrap();
        assert!((x - 500_000.0).abs() < 1e-3, "{x}");
        assert!((y - 2_494_700.0).abs() < 2_000.0, "{y}");
        let back = Transformer::new("EPSG:4547", "EPSG:4490").unwrap().point(x, y).unwrap();
        assert!((back.0 - 114.0).abs() < 1e-9 && (back.1 - 22.55).abs() < 1e-9);
        assert!(t.finding().is_none());
    }

    #[test]
    fn datums_in_use_have_a_known_shift() {
        for (from, to) in [
            ("EPSG:4326", "EPSG:31982"),
            ("EPSG:4326", "EPSG:4547"),
            ("EPSG:4490", "EPSG:4549"),
            ("EPSG:4326", "EPSG:4549"),
        ] {
            let t = Transformer::new(from, to).unwrap();
            assert!(t.finding().is_none(), "{from} {to}");
        }
        // Beijing 1954 to CGCS2000: no published shift
        assert_eq!(Transformer::new("EPSG:4214", "EPSG:4547").unwrap().finding().unwrap().code, "GIS-017");
        let (x, y) = Transformer::new("EPSG:4326", "EPSG:31982").unwrap().point(-51.2, -30.03).unwrap();
        assert!((470_000.0..490_000.0).contains(&x) && (6_670_000.0..6_685_000.0).contains(&y), "{x} {y}");
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        for bad in ["", "EPSG:", "EPSG:99999999", "4326", "http://example.invalid/crs", "+proj=utm"] {
            assert_eq!(describe_crs(bad).unwrap_err().code, "GIS-006", "{bad}");
        }
        assert_eq!(Transformer::new("EPSG:4326", "local-metres").err().unwrap().code, "GIS-016");
        assert_eq!(Transformer::new("local-metres", "EPSG:4547").err().unwrap().code, "GIS-016");
        let t = Transformer::new("local-metres", "local-metres").unwrap();
        assert_eq!(t.point(3.5, -2.0).unwrap(), (3.5, -2.0));
        assert_eq!(t.point(f64::NAN, 0.0).unwrap_err().code, "GIS-016");
        let t = Transformer::new("EPSG:4326", "EPSG:31982").unwrap();
        assert_eq!(t.point(500_000.0, 6_670_000.0).unwrap_err().code, "GIS-016");
    }

    #[test]
    fn facts_of_a_crs() {
        let f = describe_crs("EPSG:4547").unwrap();
        assert!(f.projected_metres && !f.geographic && f.area_deg.is_some());
        let f = describe_crs("epsg:4490").unwrap();
        assert!(f.geographic && !f.projected_metres);
        assert!(describe_crs("local-metres").unwrap().projected_metres);
    }
}
