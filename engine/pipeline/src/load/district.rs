//! A district: its registers, region tree, duties and protected households.

use super::links::{DistrictLink, links_of};
use super::named;
use super::place::read_area;
use super::rows::{Row, read_rows};
use crate::Failure;
use crate::files::{InputFiles, Located};
use dayu_assets::{Household, Layer, RawAsset, RawRegion, RawResponsibility, Registry, RegistryInput, build_registry};
use dayu_base::{Finding, Instant, Origin, Severity, Text, Zone};
use dayu_scenario::{DatasetSpec, LayerSpec, parse_dataset};
use geo::{Geometry, MultiPolygon};
use std::collections::BTreeMap;
use std::path::Path;

/// Layers that hold no objects of their own.
const OTHER_LAYERS: [&str; 5] = ["regions", "responsibility", "contacts", "households", "links"];

/// A loaded district.
pub struct District {
    /// its dataset.toml
    pub spec: DatasetSpec,
    /// objects, regions, duties
    pub registry: Registry,
    /// protected: registered households; only counts may leave
    pub households: Vec<Household>,
    /// outline, m, dataset CRS
    pub outline: Option<MultiPolygon<f64>>,
    /// permanent water, m, dataset CRS
    pub water: Option<MultiPolygon<f64>>,
    /// culverts, underpasses, bridge openings and weirs
    pub(crate) links: Vec<DistrictLink>,
    /// zone of printed times
    pub zone: Zone,
    /// what is wrong with the data
    pub findings: Vec<Finding>,
    /// the dataset file
    pub(crate) file: Located,
}

/// Loads the registers of a dataset folder.
///
/// # Errors
/// When dataset.toml itself cannot be used. What is wrong in a layer is a finding of the district.
pub fn load_district(folder: &Path) -> Result<District, Failure> {
    let name = folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let file = Located { path: folder.to_path_buf(), name }.inside("dataset.toml");
    load(&InputFiles::default(), file)
}

pub(crate) fn load(files: &InputFiles, file: Located) -> Result<District, Failure> {
    let text = files.read_text("dataset", &file)?;
    let spec = parse_dataset(&file.name, &text)?;
    let mut findings = Vec::new();
    let crs = dayu_gis::describe_crs(&spec.crs).map_err(|f| named(&file, f).field("crs"))?;
    if !crs.projected_metres {
        return Err(Finding::error(
            "RUN-033",
            Text::new(
                format!("坐标系 {} 不是以米为单位的投影坐标系", spec.crs),
                format!("the CRS {} is not projected in metres", spec.crs),
            ),
            Text::new(
                "改用高斯-克吕格 3 度带，如 EPSG:4549；或 local-metres",
                "use a projected CRS such as EPSG:4549, or local-metres",
            ),
        )
        .in_file(&file.name)
        .field("crs")
        .into());
    }
    not_computed(&spec, &file)?;
    let zone = Zone::named(&spec.time_zone).map_err(|n| {
        Finding::error(
            "RUN-034",
            Text::new(format!("未知时区“{n}”"), format!("unknown time zone '{n}'")),
            Text::new("例如 Asia/Shanghai", "for instance Asia/Shanghai"),
        )
        .in_file(&file.name)
        .field("time_zone")
    })?;
    for layer in spec.layers.keys() {
        if Layer::from_id(layer).is_none() && !OTHER_LAYERS.contains(&layer.as_str()) {
            let valid: Vec<&str> = Layer::ALL.iter().map(|l| l.id()).chain(OTHER_LAYERS).collect();
            return Err(Finding::error(
                "SCN-002",
                Text::new(format!("不认识的图层“{layer}”"), format!("unknown layer '{layer}'")),
                Text::new(format!("有效图层：{}", valid.join("、")), format!("valid layers: {}", valid.join(", "))),
            )
            .in_file(&file.name)
            .field(format!("layers.{layer}"))
            .into());
        }
    }
    let area = |written: &Option<String>, what: &str, findings: &mut Vec<Finding>| {
        let written = written.as_ref()?;
        match read_area(files, what, &file.beside(written), &spec.crs) {
            Ok((area, found)) => {
                findings.extend(found);
                Some(area.polygons)
            }
            Err(f) => {
                findings.push(f);
                None
            }
        }
    };
    let terrain = spec.terrain.as_ref();
    let outline = area(&terrain.and_then(|t| t.outline.clone()), "outline", &mut findings);
    let water = area(&terrain.and_then(|t| t.water.clone()), "water", &mut findings);
    let mut reader = Reader { files, file: &file, spec: &spec, zone: &zone, findings };
    let input = RegistryInput {
        layers: reader.assets(),
        regions: reader.regions(),
        responsibilities: reader.responsibilities(),
        outline: outline.clone(),
    };
    let households = reader.households();
    let links = reader.links();
    let mut findings = reader.findings;
    let has_registers = !spec.layers.is_empty();
    let (registry, found) = build_registry(input);
    // A bare terrain (a verification case) has no registers to miss.
    findings.extend(found.into_iter().filter(|f| has_registers || f.severity != Severity::Info));
    let outline = outline
        .or_else(|| registry.regions().all().iter().find(|r| r.parent.is_none()).and_then(|r| r.outline.clone()));
    Ok(District { registry, households, outline, water, links, zone, findings, file, spec })
}

/// Keys of the dataset that this version does not compute, or that would do nothing: refused by name.
fn not_computed(spec: &DatasetSpec, file: &Located) -> Result<(), Finding> {
    let refuse = |key: &str, zh: &str, en: &str| {
        Err(Finding::error(
            "SCN-010",
            Text::new(
                format!("本版本尚不能计算或不起作用：{zh}"),
                format!("not computed by this version, or without effect: {en}"),
            ),
            Text::new(format!("去掉“{key}”"), format!("remove '{key}'")),
        )
        .in_file(&file.name)
        .field(key))
    };
    if spec.drainage.is_some() {
        return refuse("drainage.network", "排水管网", "a drainage network");
    }
    if let Some(t) = &spec.terrain {
        if t.raise_m.is_some() && t.treatment.as_deref() != Some("raise") {
            return refuse(
                "terrain.raise_m",
                "没有 treatment = \"raise\" 的抬高值",
                "a rise without treatment = \"raise\"",
            );
        }
        if t.treatment.is_some() && t.buildings.is_none() {
            return refuse("terrain.treatment", "没有 buildings 的建筑处理", "a treatment without buildings");
        }
        if t.landcover.is_some() != t.landcover_table.is_some() {
            return refuse(
                "terrain.landcover",
                "landcover 与 landcover_table 须同时给出",
                "landcover and landcover_table go together",
            );
        }
    }
    Ok(())
}

struct Reader<'a> {
    files: &'a InputFiles,
    file: &'a Located,
    spec: &'a DatasetSpec,
    zone: &'a Zone,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    /// Rows of a layer; `None` when the dataset has no such layer. A layer that cannot be read is an error finding, not an end.
    fn rows(&mut self, layer: &str) -> Option<(Located, Vec<Row>)> {
        let spec: LayerSpec = self.spec.layers.get(layer)?.clone();
        let file = self.file.beside(&spec.path);
        match read_rows(self.files, layer, &file, &spec, &self.spec.crs) {
            Ok((rows, found)) => {
                self.findings.extend(found);
                Some((file, rows))
            }
            Err(f) => {
                self.findings.push(f.at(layer));
                None
            }
        }
    }

    fn assets(&mut self) -> BTreeMap<Layer, Vec<RawAsset>> {
        let mut layers = BTreeMap::new();
        for layer in Layer::ALL {
            let source_origin = self.origin_of(layer.id());
            let Some((file, rows)) = self.rows(layer.id()) else { continue };
            let raw = rows
                .into_iter()
                .map(|mut row| {
                    let origin = row.take("origin").and_then(|o| Origin::from_id(&o)).unwrap_or(source_origin);
                    let (name_origin, position_origin) = (row.take("name_origin"), row.take("position_origin"));
                    let data_time = self.time(&file, &row.place, row.values.get("data_time").cloned());
                    row.take("data_time");
                    for used in ["x", "y", "lon", "lat"] {
                        row.take(used);
                    }
                    RawAsset {
                        file: file.name.clone(),
                        id: row.take("id"),
                        name: row.take("name"),
                        region: row.take("region"),
                        row: row.place,
                        geometry: row.geometry,
                        lon_lat_guess: row.lon_lat,
                        alternates: row.alternates,
                        origin,
                        name_origin,
                        position_origin,
                        data_time,
                        attributes: row.values,
                    }
                })
                .collect();
            layers.insert(layer, raw);
        }
        layers
    }

    fn time(&mut self, file: &Located, place: &str, text: Option<String>) -> Option<Instant> {
        let text = text?;
        let parsed = instant_of(&text, self.zone);
        if parsed.is_none() {
            self.findings.push(
                Finding::warning(
                    "RUN-035",
                    Text::new(
                        format!("无法识别时间“{text}”，视为未知"),
                        format!("time '{text}' is not understood; taken as unknown"),
                    ),
                    Text::new(
                        "写成 2021-07-25 或 2021-07-25T08:00:00+08:00",
                        "write 2021-07-25 or 2021-07-25T08:00:00+08:00",
                    ),
                )
                .in_file(&file.name)
                .at(place)
                .field("data_time"),
            );
        }
        parsed
    }

    fn origin_of(&self, layer: &str) -> Origin {
        self.spec.sources.iter().find(|s| s.layer == layer).map_or(self.spec.origin, |s| s.origin)
    }

    fn regions(&mut self) -> Option<Vec<RawRegion>> {
        let (file, rows) = self.rows("regions")?;
        let outlines = self.outlines();
        let raw = rows
            .into_iter()
            .map(|mut row| {
                let code = row.take("code");
                let own = row.geometry.take().and_then(polygons);
                RawRegion {
                    file: file.name.clone(),
                    parent: row.take("parent"),
                    level: row.take("level"),
                    name: row.take("name"),
                    population: row.take("population"),
                    outline: own.or_else(|| code.as_ref().and_then(|c| outlines.get(c).cloned())),
                    row: row.place,
                    code,
                }
            })
            .collect();
        Some(raw)
    }

    /// Outlines that stand in a file beside the region table, by code.
    fn outlines(&mut self) -> BTreeMap<String, MultiPolygon<f64>> {
        let Some(spec) = self.spec.layers.get("regions").cloned() else { return BTreeMap::new() };
        let Some(path) = &spec.outlines else { return BTreeMap::new() };
        let file = self.file.beside(path);
        let vector = LayerSpec { columns: BTreeMap::new(), ..spec.clone() };
        match read_rows(self.files, "regions", &file, &vector, &self.spec.crs) {
            Ok((rows, found)) => {
                self.findings.extend(found);
                rows.into_iter().filter_map(|mut r| Some((r.take("code")?, polygons(r.geometry?)?))).collect()
            }
            Err(f) => {
                self.findings.push(f.at("regions"));
                BTreeMap::new()
            }
        }
    }

    fn responsibilities(&mut self) -> Option<Vec<RawResponsibility>> {
        let (file, rows) = self.rows("responsibility")?;
        Some(
            rows.into_iter()
                .map(|mut row| RawResponsibility {
                    file: file.name.clone(),
                    scope: row.take("scope"),
                    role: row.take("role"),
                    level: row.take("level"),
                    person_id: row.take("person_id"),
                    post: row.take("post"),
                    substitute_id: row.take("substitute_id"),
                    row: row.place,
                })
                .collect(),
        )
    }

    fn links(&mut self) -> Vec<DistrictLink> {
        let Some((file, rows)) = self.rows("links") else { return Vec::new() };
        let (links, found) = links_of(&file, rows);
        self.findings.extend(found);
        links
    }

    /// Protected. Findings name the row, never a person.
    fn households(&mut self) -> Vec<Household> {
        let Some((file, rows)) = self.rows("households") else { return Vec::new() };
        let mut households: Vec<Household> = Vec::with_capacity(rows.len());
        for mut row in rows {
            let people = row.take("people").and_then(|v| v.trim().parse::<u64>().ok());
            let vulnerable = row.take("vulnerable").map_or(Some(0), |v| v.trim().parse::<u64>().ok());
            let parts = (row.take("household_id"), row.take("category"), people, vulnerable);
            if let (Some(household_id), Some(category), Some(people), Some(vulnerable)) = parts {
                households.push(Household {
                    household_id,
                    region: row.take("region").unwrap_or_default(),
                    block_id: row.take("block_id"),
                    object_id: row.take("object_id"),
                    category,
                    people,
                    vulnerable: vulnerable.min(people),
                    need: row.take("need").unwrap_or_default(),
                    helper_id: row.take("helper_id"),
                    head_id: row.take("head_id"),
                });
            } else {
                self.findings.push(
                    Finding::error(
                        "RUN-036",
                        Text::new(
                            "该户缺少户号、类别或人数，未计入",
                            "the household lacks id, category or number of people and was left out",
                        ),
                        Text::new(
                            "补全 household_id、category、people、vulnerable",
                            "complete household_id, category, people, vulnerable",
                        ),
                    )
                    .in_file(&file.name)
                    .at(&row.place),
                );
            }
        }
        households.sort_by(|a, b| a.household_id.cmp(&b.household_id));
        let before = households.len();
        households.dedup_by(|a, b| a.household_id == b.household_id);
        if households.len() < before {
            self.findings.push(
                Finding::error(
                    "RUN-037",
                    Text::new(
                        format!("有 {} 条重复户号，只保留第一条", before - households.len()),
                        format!("{} repeated household ids; the first of each was kept", before - households.len()),
                    ),
                    Text::new("删除重复户", "remove the repeated households"),
                )
                .in_file(&file.name)
                .field("household_id"),
            );
        }
        households
    }
}

fn polygons(geometry: Geometry<f64>) -> Option<MultiPolygon<f64>> {
    match geometry {
        Geometry::Polygon(p) => Some(MultiPolygon::new(vec![p])),
        Geometry::MultiPolygon(m) => Some(m),
        _ => None,
    }
}

/// RFC 3339, or a date (its midnight in the zone).
pub(crate) fn instant_of(text: &str, zone: &Zone) -> Option<Instant> {
    let text = text.trim();
    text.parse::<Instant>().ok().or_else(|| zone.midnight(text))
}
