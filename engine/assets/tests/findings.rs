//! Every defect of raw rows is found, named by place, and never becomes a zero.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use dayu_assets::{
    Alternates, Details, Layer, RawAsset, RawRegion, RawResponsibility, Registry, RegistryInput, build_registry,
};
use dayu_base::{Finding, Origin, Severity};
use geo::{Geometry, MultiPolygon, Point, Rect, coord};
use std::collections::BTreeMap;

fn square(x0: f64, y0: f64, x1: f64, y1: f64) -> MultiPolygon<f64> {
    MultiPolygon::new(vec![Rect::new(coord! {x: x0, y: y0}, coord! {x: x1, y: y1}).to_polygon()])
}

fn row(n: usize, id: &str, x: f64, y: f64, cells: &[(&str, &str)]) -> RawAsset {
    RawAsset {
        file: "a.csv".into(),
        row: format!("第{n}行 row {n}"),
        id: Some(id.into()),
        name: Some(format!("名{id}")),
        geometry: Some(Geometry::Point(Point::new(x, y))),
        lon_lat_guess: None,
        alternates: Alternates::default(),
        region: None,
        origin: Origin::Synthetic,
        name_origin: None,
        position_origin: None,
        data_time: None,
        attributes: cells.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect(),
    }
}

fn region(code: &str, parent: Option<&str>, level: &str, outline: Option<MultiPolygon<f64>>) -> RawRegion {
    RawRegion {
        file: "regions.csv".into(),
        row: code.into(),
        code: Some(code.into()),
        parent: parent.map(Into::into),
        level: Some(level.into()),
        name: Some(code.into()),
        population: None,
        outline,
    }
}

fn duty(scope: &str, role: &str) -> RawResponsibility {
    RawResponsibility {
        file: "duties.csv".into(),
        row: "2".into(),
        scope: Some(scope.into()),
        role: Some(role.into()),
        level: Some("区".into()),
        person_id: Some("P1".into()),
        post: Some("岗位".into()),
        substitute_id: None,
    }
}

/// A district with all roles filled at the top, so that only the defect under test is found.
fn input(layer: Layer, rows: Vec<RawAsset>) -> RegistryInput {
    let roles = ["行政责任人", "巡查责任人", "预警责任人", "转移责任人", "抢险责任人"];
    RegistryInput {
        layers: BTreeMap::from([(layer, rows)]),
        regions: Some(vec![
            region("D", None, "区", Some(square(0.0, 0.0, 100.0, 100.0))),
            region("G1", Some("D"), "网格", Some(square(0.0, 0.0, 50.0, 100.0))),
        ]),
        responsibilities: Some(roles.iter().map(|r| duty("D", r)).collect()),
        outline: None,
    }
}

/// Findings without those about layers that this test does not have.
fn build(input: RegistryInput) -> (Registry, Vec<Finding>) {
    let (registry, mut findings) = build_registry(input);
    findings.retain(|f| f.code != "REG-050");
    (registry, findings)
}

fn codes(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|f| f.code.as_str()).collect()
}

#[test]
fn clean_rows_give_no_finding() {
    let rows = vec![row(
        2,
        "S1",
        10.0,
        10.0,
        &[("capacity_people", "１，２００"), ("standardised", "是"), ("usable_area_m2", "3,000.5")],
    )];
    let (registry, findings) = build(input(Layer::Shelters, rows));
    assert_eq!(findings, []);
    let shelter = registry.by_id("S1").unwrap();
    assert_eq!(shelter.region.as_deref(), Some("G1"));
    let Details::Shelter { capacity_people, standardised, usable_area_m2, .. } = &shelter.details else {
        unreachable!()
    };
    assert_eq!((*capacity_people, *standardised, *usable_area_m2), (Some(1200), Some(true), Some(3000.5)));
}

#[test]
fn missing_and_double_ids_names_places() {
    let mut rows = vec![row(2, "A", 1.0, 1.0, &[]), row(3, "A", 2.0, 2.0, &[]), row(4, " ", 3.0, 3.0, &[])];
    rows.push(RawAsset { name: None, ..row(5, "B", 4.0, 4.0, &[]) });
    rows.push(RawAsset { geometry: None, ..row(6, "C", 4.0, 4.0, &[]) });
    rows.push(row(7, "E", f64::NAN, 4.0, &[]));
    let (registry, findings) = build(input(Layer::Pumps, rows));
    assert_eq!(codes(&findings), ["REG-002", "REG-001", "REG-003", "REG-004", "REG-005"]);
    assert_eq!(findings[0].place, "第3行 row 3");
    assert!(findings[0].message.zh.contains("第2行"));
    assert_eq!(registry.assets().len(), 2);
    assert_eq!(registry.by_id("A").unwrap().x_m, 1.0, "the first stays");
    assert_eq!(registry.by_id("B").unwrap().name, "B");
}

#[test]
fn the_same_id_in_two_layers_is_double() {
    let mut i = input(Layer::Shelters, vec![row(2, "A", 1.0, 1.0, &[("capacity_people", "5")])]);
    i.layers.insert(Layer::Pumps, vec![row(9, "A", 2.0, 2.0, &[])]);
    let (registry, findings) = build(i);
    assert_eq!(codes(&findings), ["REG-002"]);
    assert_eq!(registry.by_id("A").unwrap().layer, Layer::Pumps, "layers are read in their order");
}

#[test]
fn places_outside_are_told_apart() {
    let inside = Some((20.0, 20.0));
    let rows = vec![
        row(2, "OUT", 900.0, 900.0, &[]),
        RawAsset {
            lon_lat_guess: Some((30.2, 120.1)),
            alternates: Alternates { swapped: inside, gcj02: inside },
            ..row(3, "SWAP", 900.0, 900.0, &[])
        },
        RawAsset {
            alternates: Alternates { swapped: Some((-9.0, 0.0)), gcj02: inside },
            ..row(4, "GCJ", 900.0, 900.0, &[])
        },
        RawAsset { geometry: None, lon_lat_guess: Some((30.2, 120.1)), ..row(5, "NOPROJ", 0.0, 0.0, &[]) },
        RawAsset { alternates: Alternates { swapped: inside, gcj02: None }, ..row(6, "INF", f64::INFINITY, 1.0, &[]) },
        RawAsset { alternates: Alternates { swapped: inside, gcj02: inside }, ..row(7, "IN", 100.0, 50.0, &[]) },
    ];
    let (registry, findings) = build(input(Layer::Gauges, rows));
    let found: Vec<_> = findings.iter().map(|f| (f.code.as_str(), f.severity, f.place.as_str())).collect();
    assert!(found.contains(&("REG-008", Severity::Warning, "第2行 row 2")));
    assert!(found.contains(&("REG-006", Severity::Error, "第3行 row 3")));
    assert!(found.contains(&("REG-007", Severity::Error, "第4行 row 4")));
    assert!(found.contains(&("REG-006", Severity::Error, "第5行 row 5")));
    assert!(found.contains(&("REG-006", Severity::Error, "第6行 row 6")));
    assert!(findings.iter().any(|f| f.message.zh.contains("经纬度疑似颠倒")));
    assert!(findings.iter().any(|f| f.message.zh.contains("疑似 GCJ-02 坐标")));
    let ids: Vec<_> = registry.assets().iter().map(|a| a.id.as_str()).collect();
    assert_eq!(ids, ["IN", "OUT"], "on the side is inside; what cannot be trusted is left out");
}

#[test]
fn bad_numbers_become_unknown_never_zero() {
    let cells = [("people", "-5"), ("vulnerable", "三人"), ("households", "1.5")];
    let rows = vec![
        row(2, "P1", 1.0, 1.0, &cells),
        row(3, "P2", 1.0, 1.0, &[("people", "NaN"), ("vulnerable", "inf"), ("households", "未知")]),
        row(4, "P3", 1.0, 1.0, &[("people", "10"), ("vulnerable", "11"), ("households", "0")]),
    ];
    let (registry, findings) = build(input(Layer::Population, rows));
    assert_eq!(codes(&findings), ["REG-011", "REG-010", "REG-014", "REG-012", "REG-012", "REG-015"]);
    assert_eq!(findings[0].field, "people");
    assert_eq!(findings[0].file, "a.csv");
    for id in ["P1", "P2"] {
        let unknown = Details::Population { people: None, vulnerable: None, households: None };
        assert_eq!(registry.by_id(id).unwrap().details, unknown);
    }
    let known = Details::Population { people: Some(10), vulnerable: Some(11), households: Some(0) };
    assert_eq!(registry.by_id("P3").unwrap().details, known);
}

#[test]
fn truth_values_classes_and_depths() {
    let slope = row(
        2,
        "L1",
        1.0,
        1.0,
        &[("class", "二级"), ("monitored", "否"), ("past_failure", "maybe"), ("people_below", "3.0")],
    );
    let odd = row(3, "L2", 1.0, 1.0, &[("class", "9")]);
    let (registry, findings) = build(input(Layer::Slopes, vec![slope, odd]));
    assert_eq!(codes(&findings), ["REG-013", "REG-014"]);
    let Details::Slope { class, monitored, past_failure, people_below, .. } = &registry.by_id("L1").unwrap().details
    else {
        unreachable!()
    };
    assert_eq!((*class, *monitored, *past_failure, *people_below), (Some(2), Some(false), None, Some(3)));

    let point = row(2, "W1", 1.0, 1.0, &[("warn_depth_m", "0.5"), ("close_depth_m", "0.27")]);
    assert_eq!(codes(&build(input(Layer::WaterloggingPoints, vec![point])).1), ["REG-016"]);
}

#[test]
fn shelters_without_beds() {
    let rows = vec![
        row(2, "S1", 1.0, 1.0, &[]),
        row(3, "S2", 1.0, 1.0, &[("capacity_people", "-3")]),
        row(4, "S3", 1.0, 1.0, &[("capacity_people", "0")]),
    ];
    let (_, findings) = build(input(Layer::Shelters, rows));
    assert_eq!(
        codes(&findings),
        ["REG-017", "REG-017", "REG-011", "REG-018"],
        "grouped by problem, in order of appearance"
    );
}

#[test]
fn regions_of_objects() {
    let mut i = input(
        Layer::Gauges,
        vec![
            RawAsset { region: Some("G9".into()), ..row(2, "A", 10.0, 10.0, &[]) },
            RawAsset { region: Some("D".into()), ..row(3, "B", 10.0, 10.0, &[]) },
            row(4, "C", 500.0, 500.0, &[]),
        ],
    );
    i.outline = Some(square(-1e4, -1e4, 1e4, 1e4));
    let (registry, findings) = build(i);
    assert_eq!(codes(&findings), ["REG-020", "REG-021"]);
    let of = |id: &str| registry.by_id(id).unwrap().region.clone();
    assert_eq!(of("A").as_deref(), Some("G1"), "by place");
    assert_eq!(of("B").as_deref(), Some("D"), "as the row says");
    assert_eq!(of("C"), None);
}

#[test]
fn the_tree_is_checked() {
    let mut i = input(Layer::Gauges, vec![row(2, "A", 1.0, 1.0, &[])]);
    let regions = i.regions.as_mut().unwrap();
    regions.push(region("G1", Some("D"), "网格", None));
    regions.push(region("X", Some("NOWHERE"), "镇街", None));
    regions.push(region("C1", Some("C2"), "镇街", None));
    regions.push(region("C2", Some("C1"), "村社", None));
    regions.push(region("SELF", Some("SELF"), "镇街", None));
    regions.push(region("L", Some("D"), "省", None));
    regions.push(region("ORPHAN", None, "网格", None));
    regions.push(RawRegion { code: None, ..region("?", Some("D"), "网格", None) });
    regions.push(RawRegion { population: Some("-1".into()), ..region("P", Some("D"), "村社", None) });
    let (registry, findings) = build(i);
    let mut found = codes(&findings);
    found.sort_unstable();
    assert_eq!(
        found,
        ["REG-011", "REG-030", "REG-031", "REG-032", "REG-033", "REG-033", "REG-034", "REG-035", "REG-036"]
    );
    assert_eq!(registry.regions().get("P").unwrap().population, None);
    assert_eq!(registry.regions().get("X").unwrap().parent, None);
    assert_eq!(registry.ancestors("C1").len() + registry.ancestors("C2").len(), 3, "the circle is open");
}

#[test]
fn duties_and_missing_people() {
    let mut i = input(Layer::WaterloggingPoints, vec![row(2, "W1", 10.0, 10.0, &[]), row(3, "W2", 10.0, 10.0, &[])]);
    i.responsibilities = Some(vec![
        duty("D", "行政责任人"),
        duty("G1", "巡查责任人"),
        duty("W1", "抢险责任人"),
        duty("W9", "抢险责任人"),
        RawResponsibility { person_id: None, ..duty("D", "抢险责任人") },
        RawResponsibility { level: Some("户".into()), ..duty("H-001", "帮扶责任人") },
    ]);
    let (registry, findings) = build(i);
    assert_eq!(codes(&findings), ["REG-041", "REG-040", "REG-042"]);
    assert!(findings[2].message.zh.contains("W2") && findings[2].message.zh.contains("抢险责任人"));
    assert_eq!(findings[2].place, "第3行 row 3");
    let (w1, w2) = (registry.by_id("W1").unwrap(), registry.by_id("W2").unwrap());
    let scopes: Vec<_> = registry.chain_of(w1).iter().map(|d| d.scope.as_str()).collect();
    assert_eq!(scopes, ["W1", "G1", "D"], "own duty first, then upwards");
    assert!(registry.missing_roles(w1).is_empty());
    assert_eq!(registry.missing_roles(w2), ["抢险责任人"]);
    assert_eq!(registry.responsible(w1, "行政责任人").unwrap().scope, "D");
    assert!(findings.iter().all(|f| !f.to_string().contains("P1")), "no person in a finding");
}

#[test]
fn absent_and_empty_layers_are_said_once() {
    let (_, findings) =
        build_registry(RegistryInput { layers: BTreeMap::from([(Layer::Roads, vec![])]), ..Default::default() });
    let count = |code: &str| findings.iter().filter(|f| f.code == code).count();
    assert_eq!(count("REG-050"), Layer::ALL.len() - 1);
    assert_eq!((count("REG-051"), count("REG-052"), count("REG-053"), count("REG-009")), (1, 1, 1, 1));
    assert_eq!(findings.len(), Layer::ALL.len() + 3);
}

#[test]
fn a_thousand_bad_rows_do_not_drown_the_sheet() {
    let rows = (0..1000).map(|k| row(k, &format!("H{k:04}"), 1.0, 1.0, &[("people", "x")])).collect();
    let (registry, findings) = build(input(Layer::OldHouses, rows));
    assert_eq!(registry.assets().len(), 1000);
    assert_eq!(findings.len(), 6);
    assert!(findings[5].message.zh.contains("1000"));
}
