//! One level's package: composed, checked, rendered, written.

use crate::Failure;
use crate::ensemble::Ensemble;
use crate::inputs::Inputs;
use crate::model::Model;
use crate::publish::Draft;
use crate::typhoon::{Typhoon, storm_map, track_points};
use dayu_base::{Finding, sha256_hex};
use dayu_gis::{
    CogOptions, CogType, FieldKind, GeometryKind, LayerStyle, OutFeature, OutLayer, Overview, Value as Field,
    write_cog_with, write_geopackage,
};
use dayu_impact::Impact;
use dayu_inundation::Inundation;
use dayu_package::{
    ComposeInput, EvacuationFacts, EvacuationProduct, FeatureShape, Header, MapInput, MapLayer, MapProduct, MemberMaps,
    Package, RouteLine, StormMap, TrackPoint, check_totals, compose_evacuation, compose_list, compose_map,
    compose_table, controlled_objects, manifest_json,
};
use dayu_plan::{Decision, DerivedSignal, LevelPlan, Signal};
use dayu_report::map::{MapBase, map_files, qml_style};
use dayu_report::typesetting::Typesetter;
use dayu_terrain::Raster;
use geo::{Geometry, Point};

/// What every level of a run shares.
pub(crate) struct Composer<'a> {
    pub inputs: &'a Inputs,
    pub impact: &'a Impact,
    pub decision: &'a Decision,
    pub signals: Option<&'a [Signal]>,
    pub derived: &'a [DerivedSignal],
    pub header: Header,
    pub elevation_m: Raster<f64>,
    pub max_depth_m: Raster<f64>,
    pub max_hazard: Raster<u8>,
    pub track: Vec<TrackPoint>,
    pub storm: Option<StormMap>,
    pub members: Option<&'a MemberMaps>,
}

impl<'a> Composer<'a> {
    pub fn new(
        inputs: &'a Inputs,
        model: &Model,
        water: &Inundation,
        impact: &'a Impact,
        decision: &'a Decision,
        (signals, derived): (Option<&'a [Signal]>, &'a [DerivedSignal]),
        header: Header,
    ) -> Self {
        let elevation_m = model
            .relief
            .clone()
            .unwrap_or_else(|| Raster { grid: model.problem.grid, values: model.problem.bed_m.clone() });
        let hazard = water.max_hazard.iter().zip(&water.active).map(|(h, a)| if *a { *h } else { u8::MAX }).collect();
        Self {
            inputs,
            impact,
            decision,
            signals,
            derived,
            header,
            elevation_m,
            max_depth_m: Raster { grid: water.grid, values: water.max_depth_m.clone() },
            max_hazard: Raster { grid: water.grid, values: hazard },
            track: Vec::new(),
            storm: None,
            members: None,
        }
    }

    /// Chance of flooding and drawn members.
    pub fn with_members(mut self, ensemble: Option<&'a Ensemble>) -> Self {
        self.members = ensemble.map(|e| &e.maps);
        self
    }

    /// The typhoon's track on the map and its own picture.
    pub fn with_typhoon(mut self, typhoon: Option<&Typhoon>) -> Self {
        if let (Some(typhoon), Some(storm)) = (typhoon, &self.impact.storm) {
            self.track = track_points(self.inputs, typhoon);
            self.storm = storm_map(self.inputs, typhoon, storm);
        }
        self
    }

    /// The document model of one level, its totals checked in map, list and table.
    pub fn compose(
        &self,
        plan: &LevelPlan,
        routes: &[RouteLine],
        evacuation: Option<EvacuationProduct>,
    ) -> Result<Package, Finding> {
        let mut header = self.header.clone();
        header.level = plan.level;
        header.totals = plan.totals;
        header.objects = controlled_objects(plan, self.impact).len() as u64;
        let district = &self.inputs.district;
        let map = compose_map(&MapInput {
            assets: district.registry.assets(),
            regions: district.registry.regions().all(),
            impact: self.impact,
            plan,
            routes,
            track: &self.track,
            storm: self.storm.as_ref(),
            members: self.members,
            elevation_m: &self.elevation_m,
            max_depth_m: &self.max_depth_m,
            max_hazard: &self.max_hazard,
            water: district.water.as_ref(),
            outline: district.outline.as_ref(),
            derived: self.derived,
            origin: header.origin,
            start: self.inputs.start,
            zone: &header.zone,
        });
        let input = self.input(&header, plan);
        let (list, table) = (compose_list(input), compose_table(input));
        let package = Package { header, map, list, table, evacuation };
        check_totals(&package)?;
        Ok(package)
    }

    /// Annexes of a level.
    pub fn evacuation(&self, plan: &LevelPlan, facts: &EvacuationFacts) -> Option<EvacuationProduct> {
        compose_evacuation(self.input(&self.header, plan), facts)
    }

    fn input<'b>(&'b self, header: &'b Header, plan: &'b LevelPlan) -> ComposeInput<'b> {
        ComposeInput {
            header,
            registry: &self.inputs.district.registry,
            impact: self.impact,
            plan,
            decision: self.decision,
            signals: self.signals,
            derived: self.derived,
        }
    }
}

/// Writes a package into `package/<level>/` of the draft and returns its digest.
pub(crate) fn write_package(
    draft: &Draft,
    package: &Package,
    base: &MapBase,
    typesetter: &Typesetter,
) -> Result<String, Failure> {
    let level = package.header.level.id();
    let folder = format!("package/{level}");
    let ((maps, lists), tables) = rayon::join(
        || rayon::join(|| map_files(package, base, typesetter), || dayu_report::list::list_files(package, typesetter)),
        || dayu_table::table_files(package),
    );
    let mut files: Vec<(String, Vec<u8>)> = maps?;
    files.extend(lists?);
    files.extend(tables?);
    for (name, bytes) in &files {
        draft.write(&format!("{folder}/{name}"), bytes)?;
    }
    let place = draft.path().join(&folder);
    write_hazard(&place.join("hazard.tif"), package)?;
    write_gpkg(&place.join("map.gpkg"), package)?;
    let mut rasters = vec!["hazard.tif".to_string(), "map.gpkg".to_string()];
    rasters.extend(write_members(&place, package)?);
    for name in rasters {
        let path = place.join(&name);
        files.push((name, std::fs::read(&path).map_err(|e| crate::publish::write_failed(&path, &e))?));
    }
    let lines: Vec<_> = files
        .iter()
        .map(|(name, bytes)| (name.clone(), bytes.len() as u64, sha256_hex(bytes), media_type(name).to_string()))
        .collect();
    let manifest = manifest_json(&package.header, &lines);
    draft.write(&format!("{folder}/manifest.json"), manifest.as_bytes())?;
    let read: serde_json::Value = serde_json::from_str(&manifest).unwrap_or_default();
    Ok(read["package_id"].as_str().unwrap_or_default().to_string())
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "png" => "image/png",
        "pdf" => "application/pdf",
        "html" => "text/html",
        "gpkg" => "application/geopackage+sqlite3",
        "tif" => "image/tiff; application=geotiff; profile=cloud-optimized",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "json" => "application/json",
        "txt" => "text/plain; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "parquet" => "application/vnd.apache.parquet",
        _ => "application/octet-stream",
    }
}

fn write_hazard(path: &std::path::Path, package: &Package) -> Result<(), Finding> {
    let hazard = &package.map.max_hazard;
    let values = hazard.values.iter().map(|h| if *h == u8::MAX { f64::NAN } else { f64::from(*h) }).collect();
    let header = &package.header;
    let cell = header.cell_m.to_string();
    let mut tags = vec![
        ("content", "ARR 2019 hazard class, maximum over time, 0-6"),
        ("origin", header.origin.id()),
        ("realm", header.realm.id()),
        ("vertical_datum", header.vertical_datum.as_str()),
        ("cell_m", cell.as_str()),
    ];
    tags.extend(header.quality.as_ref().map(|(id, _)| ("quality", id.as_str())));
    let how = CogOptions { kind: CogType::Int16, nodata: -9999.0, overview: Overview::Max, tags: &tags };
    write_cog_with(path, &Raster { grid: hazard.grid, values }, &header.crs, &how)
}

/// `chance.tif` and `member_10.tif` to `member_90.tif`, on the members' own cells, each with number and method in its tags.
fn write_members(place: &std::path::Path, package: &Package) -> Result<Vec<String>, Finding> {
    let Some(maps) = &package.map.members else { return Ok(Vec::new()) };
    let header = &package.header;
    let write = |name: &str, raster: &Raster<f64>, content: &str, unit: &str| {
        let tags = [
            ("content", content),
            ("members", maps.words.en.as_str()),
            ("unit", unit),
            ("origin", maps.origin.id()),
            ("realm", header.realm.id()),
            ("vertical_datum", header.vertical_datum.as_str()),
        ];
        let how = CogOptions { kind: CogType::Float32, nodata: -9999.0, overview: Overview::Max, tags: &tags };
        write_cog_with(&place.join(name), raster, &header.crs, &how)
    };
    write("chance.tif", &maps.chance, "share of the members that reach 0.15 m", "1")?;
    let mut names = vec!["chance.tif".to_string()];
    for member in &maps.drawn {
        let name = format!("member_{}.tif", member.percent);
        let content =
            format!("deepest water of member {}, at {} % of the members' flooded area", member.number, member.percent);
        write(&name, &member.max_depth_m, &content, "m")?;
        names.push(name);
    }
    Ok(names)
}

/// The map's layers with their styles. Every feature carries `object_id`, name, colour and the layer's own columns.
fn write_gpkg(path: &std::path::Path, package: &Package) -> Result<(), Finding> {
    let map: &MapProduct = &package.map;
    let kinds: Vec<Vec<FieldKind>> = map.layers.iter().map(column_kinds).collect();
    let fields: Vec<Vec<(String, FieldKind)>> = map
        .layers
        .iter()
        .zip(&kinds)
        .map(|(layer, kinds)| {
            let fixed = ["object_id", "name", "colour"].map(|n| (n.to_string(), FieldKind::Text));
            let own = layer.columns.iter().zip(kinds).map(|((key, _), kind)| (key.clone(), *kind));
            fixed
                .into_iter()
                .chain(own.filter(|(k, _)| !["object_id", "name", "colour"].contains(&k.as_str())))
                .collect()
        })
        .collect();
    let features: Vec<Vec<OutFeature>> = map.layers.iter().zip(&fields).map(|(l, f)| out_features(l, f)).collect();
    let layers: Vec<OutLayer<'_>> = map
        .layers
        .iter()
        .zip(&fields)
        .zip(&features)
        .filter(|(_, features)| !features.is_empty())
        .map(|((layer, fields), features)| OutLayer {
            name: &layer.id,
            title: &layer.title.zh,
            kind: GeometryKind::of(features),
            fields,
            features,
        })
        .collect();
    let drawn: Vec<(&MapLayer, String)> =
        map.layers.iter().filter(|l| !l.features.is_empty()).map(|l| (l, qml_style(l))).collect();
    let styles: Vec<LayerStyle<'_>> =
        drawn.iter().map(|(l, qml)| LayerStyle { layer: &l.id, name: &l.title.zh, qml }).collect();
    write_geopackage(path, &package.header.crs, &layers, &styles, package.header.as_of)
}

/// A column is a number only when every value that is there is one.
fn column_kinds(layer: &MapLayer) -> Vec<FieldKind> {
    (0..layer.columns.len())
        .map(|c| {
            let mut values = layer.features.iter().filter_map(|f| f.fields.get(c)).filter(|v| !v.is_null()).peekable();
            if values.peek().is_none() {
                return FieldKind::Text;
            }
            let (mut whole, mut number) = (true, true);
            for v in values {
                number &= v.is_number();
                whole &= v.is_i64() || v.is_u64();
            }
            match (number, whole) {
                (true, true) => FieldKind::Integer,
                (true, false) => FieldKind::Real,
                _ => FieldKind::Text,
            }
        })
        .collect()
}

fn out_features(layer: &MapLayer, fields: &[(String, FieldKind)]) -> Vec<OutFeature> {
    layer
        .features
        .iter()
        .map(|f| {
            let geometry = match &f.shape {
                FeatureShape::Point(x, y) => Geometry::Point(Point::new(*x, *y)),
                FeatureShape::Lines(l) => Geometry::MultiLineString(l.clone()),
                FeatureShape::Polygons(p) => Geometry::MultiPolygon(p.clone()),
            };
            let values = fields
                .iter()
                .map(|(key, kind)| match key.as_str() {
                    "object_id" => Field::Text(f.object_id.clone()),
                    "name" => Field::Text(f.name.clone()),
                    "colour" => Field::Text(f.colour.id().into()),
                    _ => {
                        let at = layer.columns.iter().position(|(k, _)| k == key);
                        field_value(at.and_then(|c| f.fields.get(c)), *kind)
                    }
                })
                .collect();
            OutFeature { geometry: Some(geometry), values }
        })
        .collect()
}

fn field_value(value: Option<&serde_json::Value>, kind: FieldKind) -> Field {
    match (value, kind) {
        (None | Some(serde_json::Value::Null), _) => Field::Null,
        (Some(v), FieldKind::Integer) => v.as_i64().map_or(Field::Null, Field::Integer),
        (Some(v), FieldKind::Real) => v.as_f64().map_or(Field::Null, Field::Real),
        (Some(serde_json::Value::String(s)), FieldKind::Text) => Field::Text(s.clone()),
        (Some(v), FieldKind::Text) => Field::Text(v.to_string()),
    }
}
