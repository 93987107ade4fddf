//! Layer `links`: culverts, underpasses, bridge openings and weirs of the district, as `[[link]]` of a scenario has them.

use super::rows::Row;
use crate::files::Located;
use dayu_base::{Finding, Text};
use dayu_scenario::{LinkSpec, link_findings};
use geo::{Geometry, LineString};

/// A link of the district that may be computed.
#[derive(Clone, Debug)]
pub(crate) struct DistrictLink {
    pub spec: LinkSpec,
    /// file and row, for messages
    pub file: String,
    pub place: String,
}

/// Links of the rows of a layer; a row that cannot be used is left out and named. The ends are the first and last vertex of a line, or
/// the columns `from_x, from_y, to_x, to_y` in the dataset's CRS.
pub(crate) fn links_of(file: &Located, rows: Vec<Row>) -> (Vec<DistrictLink>, Vec<Finding>) {
    let (mut links, mut findings) = (Vec::new(), Vec::new());
    for row in rows {
        let mut reader = Reader { row, faults: Vec::new() };
        let spec = reader.link();
        let place = reader.row.place.clone();
        let mut faults = reader.faults;
        if let Some(spec) = spec.as_ref().filter(|_| faults.is_empty()) {
            faults = link_findings(spec);
        }
        let is_sound = faults.is_empty();
        findings.extend(faults.into_iter().map(|f| f.in_file(&file.name).at(place.clone())));
        if let Some(spec) = spec.filter(|_| is_sound) {
            links.push(DistrictLink { spec, file: file.name.clone(), place });
        }
    }
    (links, findings)
}

struct Reader {
    row: Row,
    faults: Vec<Finding>,
}

impl Reader {
    fn link(&mut self) -> Option<LinkSpec> {
        let ends = self.ends();
        let kind = self.row.take("kind");
        if kind.is_none() {
            self.missing("kind");
        }
        let (width_m, invert_m) = (self.required("width_m"), self.required("invert_m"));
        let id = self.row.take("id");
        let numbers =
            ["height_m", "invert_to_m", "length_m", "roughness", "entry_loss", "exit_loss", "discharge_coefficient"];
        let [height_m, invert_to_m, length_m, roughness, entry_loss, exit_loss, discharge_coefficient] =
            numbers.map(|key| self.number(key));
        let (from, to) = ends?;
        Some(LinkSpec {
            kind: kind?,
            id,
            from,
            to,
            width_m: width_m?,
            height_m,
            invert_m: invert_m?,
            invert_to_m,
            length_m,
            roughness,
            entry_loss,
            exit_loss,
            discharge_coefficient,
        })
    }

    fn ends(&mut self) -> Option<([f64; 2], [f64; 2])> {
        if let Some((from, to)) = self.row.geometry.as_ref().and_then(line_ends) {
            return Some((from, to));
        }
        let [from_x, from_y, to_x, to_y] = ["from_x", "from_y", "to_x", "to_y"].map(|key| self.required(key));
        Some(([from_x?, from_y?], [to_x?, to_y?]))
    }

    fn required(&mut self, key: &str) -> Option<f64> {
        let before = self.faults.len();
        let value = self.number(key);
        if value.is_none() && self.faults.len() == before {
            self.missing(key);
        }
        value
    }

    /// A finite number, or `None` where the cell is empty.
    fn number(&mut self, key: &str) -> Option<f64> {
        let text = self.row.take(key)?;
        let value = text.trim().parse::<f64>().ok().filter(|v| v.is_finite());
        if value.is_none() {
            self.faults.push(
                Finding::error(
                    "RUN-203",
                    Text::new(
                        format!("“{text}”不是有限数，该连通构造物未计入"),
                        format!("'{text}' is no finite number; the link is left out"),
                    ),
                    Text::new("改正该值", "correct the value"),
                )
                .field(key),
            );
        }
        value
    }

    fn missing(&mut self, key: &str) {
        self.faults.push(
            Finding::error(
                "RUN-204",
                Text::new(
                    format!("缺少“{key}”，该连通构造物未计入"),
                    format!("'{key}' is missing; the link is left out"),
                ),
                Text::new(
                    "补全该列；端点可由线要素或 from_x、from_y、to_x、to_y 给出",
                    "complete the column; the ends come from a line or from from_x, from_y, to_x, to_y",
                ),
            )
            .field(key),
        );
    }
}

/// First and last vertex of a line.
fn line_ends(geometry: &Geometry<f64>) -> Option<([f64; 2], [f64; 2])> {
    let of = |line: &LineString<f64>| {
        let (first, last) = (line.0.first()?, line.0.last()?);
        Some(([first.x, first.y], [last.x, last.y]))
    };
    match geometry {
        Geometry::LineString(line) => of(line),
        Geometry::MultiLineString(lines) if lines.0.len() == 1 => of(&lines.0[0]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dayu_assets::Alternates;
    use std::path::PathBuf;

    fn row(geometry: Option<Geometry<f64>>, values: &[(&str, &str)]) -> Row {
        Row {
            place: "第2行 row 2".into(),
            geometry,
            lon_lat: None,
            alternates: Alternates::default(),
            values: values.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect(),
        }
    }

    #[test]
    fn a_row_is_a_link_or_a_finding_with_its_column() {
        let file = Located { path: PathBuf::from("links.csv"), name: "links.csv".into() };
        let line = Geometry::LineString(LineString::from(vec![(1.0, 2.0), (5.0, 2.0), (9.0, 4.0)]));
        let whole = [("kind", "culvert"), ("id", "C1"), ("width_m", "2"), ("height_m", "1.5"), ("invert_m", "3")];
        let (links, findings) = links_of(&file, vec![row(Some(line.clone()), &whole)]);
        assert!(findings.is_empty());
        assert_eq!((links[0].spec.from, links[0].spec.to), ([1.0, 2.0], [9.0, 4.0]));
        let spoilt = |geometry: Option<Geometry<f64>>, key: &str, value: Option<&str>| {
            let mut values: Vec<(&str, &str)> = whole.iter().copied().filter(|(k, _)| *k != key).collect();
            values.extend(value.map(|v| (key, v)));
            let (links, findings) = links_of(&file, vec![row(geometry, &values)]);
            assert!(links.is_empty());
            let f = &findings[0];
            assert_eq!((f.file.as_str(), f.place.as_str()), ("links.csv", "第2行 row 2"));
            format!("{} {}", f.code, f.field)
        };
        assert_eq!(spoilt(Some(line.clone()), "width_m", Some("wide")), "RUN-203 width_m");
        assert_eq!(spoilt(Some(line.clone()), "invert_m", None), "RUN-204 invert_m");
        assert_eq!(spoilt(Some(line.clone()), "kind", Some("tunnel")), "SCN-013 kind");
        assert_eq!(spoilt(Some(line.clone()), "width_m", Some("-1")), "SCN-011 width_m");
        assert_eq!(spoilt(Some(line), "height_m", None), "SCN-012 height_m");
        assert_eq!(spoilt(None, "id", None), "RUN-204 from_x");
    }
}
