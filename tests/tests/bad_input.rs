//! Bad input, each through the real binary on the small district with one file spoilt: a clear finding that names code, file, place
//! and mend; the right exit code; and nothing half-written that looks whole.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dayu_tests::findings::{expect_finding, findings};
use dayu_tests::process::{Ended, output_of, run, run_dayu};
use dayu_tests::small_district::{CORNER, SmallDistrict, placed};
use serde_json::Value;
use std::process::Command;

/// Runs the spoilt district; it must be refused, say why, and leave no folder.
fn refused(district: &SmallDistrict, code: &str, file: &str, place: &str) -> Value {
    let before = names(district);
    let ended =
        run_dayu(&["run", &district.scenario(), "--out", &district.argument("out"), "--levels", "II", "--json"], 120);
    let ended = ended.expect_code(1);
    let found = expect_finding(&findings(&ended), code, "error", file, place);
    assert!(ended.stderr.contains(code), "the screen does not show {code}: {}", ended.stderr);
    assert_eq!(names(district), before, "something was left behind");
    found
}

/// Checks the spoilt district: done, with this finding. Exit 3 when it is an error, else 0.
fn checked(district: &SmallDistrict, code: &str, severity: &str, file: &str, place: &str) -> Value {
    let ended = run_dayu(&["check", &district.scenario(), "--json"], 60);
    let found = expect_finding(&findings(&ended), code, severity, file, place);
    let errors = findings(&ended).iter().any(|f| f["severity"] == "error");
    ended.expect_code(if errors { 3 } else { 0 });
    found
}

/// Runs the spoilt district, which must end with this code and leave a package.
fn ran(district: &SmallDistrict, code: i32) -> (Ended, Value) {
    let ended =
        run_dayu(&["run", &district.scenario(), "--out", &district.argument("out"), "--levels", "II", "--json"], 120);
    let ended = ended.expect_code(code);
    let list = std::fs::read(district.at("out/package/II/list.json")).unwrap();
    (ended, serde_json::from_slice(&list).unwrap())
}

fn names(district: &SmallDistrict) -> Vec<String> {
    let entries = std::fs::read_dir(district.path()).unwrap();
    let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Replaces one value of the terrain: `row` from the north, both from 0.
fn set_cell(district: &SmallDistrict, row: usize, column: usize, value: &str) {
    let text = district.text("data/dem.asc");
    let mut lines: Vec<String> = text.lines().map(String::from).collect();
    let mut cells: Vec<String> = lines[6 + row].split(' ').map(String::from).collect();
    cells[column] = value.into();
    lines[6 + row] = cells.join(" ");
    district.put("data/dem.asc", (lines.join("\n") + "\n").as_bytes());
}

/// The terrain as a GeoTIFF instead of the ASCII grid.
fn use_geotiff(district: &SmallDistrict) {
    let (from, to) = (district.argument("data/dem.asc"), district.argument("data/dem.tif"));
    output_of("gdal_translate", &["-q", "-a_srs", "EPSG:4549", "-ot", "Float64", &from, &to]);
    district.replace("data/dataset.toml", "elevation = \"dem.asc\"\ncrs = \"EPSG:4549\"", "elevation = \"dem.tif\"");
}

#[test]
fn an_empty_file_is_refused() {
    for (file, code) in [
        ("data/dem.asc", "GIS-002"),
        ("scenarios/storm/rain.csv", "TAB-002"),
        ("scenarios/storm/scenario.toml", "SCN-003"),
        ("data/dataset.toml", "SCN-003"),
    ] {
        let district = SmallDistrict::new();
        district.put(file, b"");
        refused(&district, code, file.rsplit('/').next().unwrap(), "");
    }
    let district = SmallDistrict::new();
    district.put("data/shelters.csv", b"");
    checked(&district, "TAB-002", "error", "shelters.csv", "shelters");
}

#[test]
fn a_missing_file_is_refused() {
    for file in ["data/dem.asc", "scenarios/storm/rain.csv", "data/dataset.toml", "data/plan.toml"] {
        let district = SmallDistrict::new();
        std::fs::remove_file(district.at(file)).unwrap();
        refused(&district, "RUN-010", file.rsplit('/').next().unwrap(), "");
    }
    let district = SmallDistrict::new();
    std::fs::remove_file(district.at("data/population.csv")).unwrap();
    checked(&district, "RUN-010", "error", "population.csv", "population");
}

#[test]
fn an_unreadable_file_is_refused() {
    // A folder in its place: permissions do not stop the superuser.
    for file in ["data/dem.asc", "scenarios/storm/rain.csv"] {
        let district = SmallDistrict::new();
        std::fs::remove_file(district.at(file)).unwrap();
        std::fs::create_dir(district.at(file)).unwrap();
        refused(&district, "RUN-010", file.rsplit('/').next().unwrap(), "");
    }
}

#[test]
fn no_crs_is_refused_and_never_guessed() {
    let district = SmallDistrict::new();
    district.replace("data/dataset.toml", "elevation = \"dem.asc\"\ncrs = \"EPSG:4549\"", "elevation = \"dem.asc\"");
    refused(&district, "GIS-005", "dem.asc", "crs");

    let district = SmallDistrict::new();
    district.put("data/shelters.csv", b"id,name,lon,lat,capacity_people\nBN-1,a,120.1,30.2,100\n");
    district.replace("data/dataset.toml", "path = \"shelters.csv\"\ncrs = \"EPSG:4549\"", "path = \"shelters.csv\"");
    checked(&district, "RUN-030", "error", "shelters.csv", "crs");
}

#[test]
fn a_wrong_crs_is_refused() {
    // Not projected in metres; unknown.
    let district = SmallDistrict::new();
    district.replace("data/dataset.toml", "crs = \"EPSG:4549\"\nvertical", "crs = \"EPSG:4490\"\nvertical");
    refused(&district, "RUN-033", "dataset.toml", "crs");
    let district = SmallDistrict::new();
    district.replace("data/dataset.toml", "crs = \"EPSG:4549\"\nvertical", "crs = \"EPSG:999999\"\nvertical");
    refused(&district, "GIS-006", "dataset.toml", "crs");
    // Another zone: the terrain comes to lie hundreds of kilometres away from the outline.
    let district = SmallDistrict::new();
    district.replace(
        "data/dataset.toml",
        "elevation = \"dem.asc\"\ncrs = \"EPSG:4549\"",
        "elevation = \"dem.asc\"\ncrs = \"EPSG:4547\"",
    );
    refused(&district, "RUN-077", "dem.asc", "terrain");
}

#[test]
fn cells_that_are_not_finite_are_walls_and_are_reported_with_their_place() {
    for value in ["nan", "inf"] {
        let district = SmallDistrict::new();
        set_cell(&district, 3, 7, value);
        let found = checked(&district, "GIS-010", "warning", "dem.asc", "row 4, column 8");
        assert!(found["message"]["en"].as_str().unwrap().starts_with("1 pixels"), "{found}");
        let out = district.argument("out");
        let ended = run_dayu(&["simulate", &district.scenario(), "--out", &out, "--json"], 60).expect_code(0);
        let summary = ended.json();
        assert_eq!(
            summary["cells"].as_u64().unwrap() - summary["active_cells"].as_u64().unwrap(),
            1,
            "{value}: a wall, not zero"
        );
    }
}

#[test]
fn no_data_everywhere_is_refused() {
    let district = SmallDistrict::new();
    let text = district.text("data/dem.asc");
    let head: Vec<&str> = text.lines().take(6).collect();
    let empty = vec!["-9999"; 60].join(" ");
    district.put("data/dem.asc", format!("{}\n{}\n", head.join("\n"), vec![empty; 60].join("\n")).as_bytes());
    refused(&district, "GIS-009", "dem.asc", "terrain");
}

#[test]
fn a_truncated_geotiff_is_refused() {
    let district = SmallDistrict::new();
    use_geotiff(&district);
    run_dayu(&["simulate", &district.scenario(), "--out", &district.argument("whole")], 60).expect_code(0);
    let whole = std::fs::read(district.at("data/dem.tif")).unwrap();
    for share in [10, 50, 90] {
        district.put("data/dem.tif", &whole[..whole.len() * share / 100]);
        let before = names(&district);
        let ended =
            run_dayu(&["run", &district.scenario(), "--out", &district.argument("out"), "--json"], 60).expect_code(1);
        let found = findings(&ended);
        let code = found[0]["code"].as_str().unwrap();
        assert!(["GIS-003", "GIS-004"].contains(&code), "{share} %: {found:?}");
        expect_finding(&found, code, "error", "dem.tif", "");
        assert_eq!(names(&district), before);
    }
}

#[test]
fn rain_that_cannot_be_is_refused() {
    for (rows, code, place) in [
        ("0,20\n1800,-5\n3600,0\n", "TAB-026", "3"),
        ("0,20\n3600,10\n1800,0\n", "TAB-022", "4"),
        ("0,20\n1800,10\n1800,0\n", "TAB-023", "4"),
        ("0,20\n1800,heavy\n3600,0\n", "TAB-025", "3"),
        ("0,20\n,10\n3600,0\n", "TAB-021", "3"),
    ] {
        let district = SmallDistrict::new();
        district.put("scenarios/storm/rain.csv", format!("time_s,mm_h\n{rows}").as_bytes());
        refused(&district, code, "rain.csv", place);
    }
    let district = SmallDistrict::new();
    district.replace("scenarios/storm/scenario.toml", "series = \"rain.csv\"", "mm_h = -3.0");
    refused(&district, "SCN-011", "scenario.toml", "rain.mm_h");
}

#[test]
fn a_csv_in_gb18030_is_read_and_mentioned() {
    let district = SmallDistrict::new();
    let (utf8, gb) = (district.argument("data/shelters.csv"), district.argument("gb.csv"));
    output_of("iconv", &["-f", "UTF-8", "-t", "GB18030", "-o", &gb, &utf8]);
    std::fs::rename(gb, utf8).unwrap();
    checked(&district, "TAB-005", "info", "shelters.csv", "");
    // Its names arrive whole on the products.
    let (_, _) = ran(&district, 0);
    let table = std::fs::read_to_string(district.at("out/package/II/table.csv")).unwrap();
    assert!(table.contains("北坡中学"), "{table}");
}

#[test]
fn a_plan_with_an_unknown_level_is_refused() {
    let district = SmallDistrict::new();
    district.replace("data/plan.toml", "levels = [\"attention\", \"IV\"", "levels = [\"attention\", \"V\"");
    refused(&district, "PLN-003", "plan.toml", "line");
    let district = SmallDistrict::new();
    district.append("data/plan.toml", "\n[[transfer]]\nlevel = \"Extreme\"\ncategory = \"T2\"\ntitle = { zh = \"甲\", en = \"a\" }\nclause = \"x\"\nmark = \"D\"\n");
    let found = refused(&district, "PLN-003", "plan.toml", "[transfer]");
    assert!(found["message"]["zh"].as_str().unwrap().contains("Extreme"), "{found}");
    // A level that the plan does not have is wrong use, and names those that there are.
    let district = SmallDistrict::new();
    let ended =
        run_dayu(&["run", &district.scenario(), "--out", &district.argument("out"), "--levels", "V", "--json"], 60);
    expect_finding(&findings(&ended.expect_code(2)), "RUN-092", "error", "", "level");
    assert!(!district.at("out").exists());
}

#[test]
fn a_shelter_below_water_gets_no_one_and_the_reason_is_told() {
    let district = SmallDistrict::new();
    let (ended, _) = ran(&district, 0);
    let found = expect_finding(&findings(&ended), "RUN-082", "warning", "shelters", "BN-3");
    assert!(found["message"]["zh"].as_str().unwrap().contains("进水"), "{found}");
    let plan = std::fs::read_to_string(district.at("out/evacuation/II/plan.csv")).unwrap();
    assert!(plan.lines().count() > 3 && !plan.contains("BN-3"), "{plan}");
    // No row of the table orders the flooded hall to be opened.
    let table = std::fs::read_to_string(district.at("out/package/II/table.csv")).unwrap();
    let ordered = |l: &&str| l.contains("开放避灾安置场所，人员到岗") && !l.contains("不得开放");
    let orders = |id: &str| table.lines().filter(|l| l.starts_with(id)).filter(ordered).count();
    assert_eq!((orders("BN-1,"), orders("BN-2,"), orders("BN-3,")), (1, 1, 0), "orders to open the shelters");
}

#[test]
fn nobody_to_move_is_a_result_and_no_fault() {
    let district = SmallDistrict::new();
    for file in ["population", "old_houses", "work_sheds", "institutions", "slopes"] {
        district.put(
            &format!("data/{file}.csv"),
            format!("id,name,x,y,people\n{}\n", placed(&format!("{file}-1"), "空", 900.0, 300.0) + ",0").as_bytes(),
        );
    }
    district.put(
        "data/protected/households.csv",
        b"household_id,region,block_id,object_id,category,people,vulnerable,need,helper_id,head_id\n",
    );
    let (_, list) = ran(&district, 0);
    for key in ["affected", "to_move", "to_house", "unplaced"] {
        assert_eq!(list["totals"][key], 0, "{key}: {}", list["totals"]);
    }
}

#[test]
fn more_people_than_beds_are_listed_with_the_reason() {
    let district = SmallDistrict::new();
    district.replace("data/shelters.csv", "乡级,true,120", "乡级,true,20");
    district.replace("data/shelters.csv", "县级,true,200", "县级,true,30");
    let (_, list) = ran(&district, 0);
    let totals = &list["totals"];
    let (house, unplaced) = (totals["to_house"].as_u64().unwrap(), totals["unplaced"].as_u64().unwrap());
    assert!(house > 50 && unplaced == house - 50, "50 beds are filled and no more: {totals}");
    let listed = list["unplaced"].as_array().unwrap();
    assert!(!listed.is_empty(), "{list}");
    let unplaced_csv = std::fs::read_to_string(district.at("out/evacuation/II/unplaced.csv")).unwrap();
    let people: u64 = unplaced_csv.lines().skip(1).map(|l| l.split(',').nth(1).unwrap().parse::<u64>().unwrap()).sum();
    assert_eq!(people, unplaced, "{unplaced_csv}");
    assert!(
        unplaced_csv.lines().skip(1).all(|l| l.split(',').nth(2).is_some_and(|r| !r.trim().is_empty())),
        "{unplaced_csv}"
    );
}

#[test]
fn register_faults_name_row_and_mend() {
    // Degrees of the district's middle, from the program that everybody trusts with it.
    let transform = format!(
        "echo {} {} | gdaltransform -output_xy -s_srs EPSG:4549 -t_srs EPSG:4490",
        CORNER.0 + 600.0,
        CORNER.1 + 600.0
    );
    let degrees = output_of("sh", &["-c", &transform]);
    let degrees: Vec<f64> = degrees.split_whitespace().map(|w| w.parse().unwrap()).collect();
    let (lon, lat) = (degrees[0], degrees[1]);

    let district = SmallDistrict::new();
    district.put("data/shelters.csv", format!("id,name,lon,lat,capacity_people,state\nBN-1,好的,{lon},{lat},120,standby\nBN-2,颠倒的,{lat},{lon},200,standby\n").as_bytes());
    district.replace(
        "data/dataset.toml",
        "path = \"shelters.csv\"\ncrs = \"EPSG:4549\"",
        "path = \"shelters.csv\"\ncrs = \"EPSG:4490\"",
    );
    checked(&district, "REG-006", "error", "shelters.csv", "row 3");

    // GCJ-02 lies some 500 m off: beside a district that ends 100 m away.
    let (dx, dy) = (0.0047, -0.0024);
    let district = SmallDistrict::new();
    let edge = format!(
        "echo {} {} | gdaltransform -output_xy -s_srs EPSG:4549 -t_srs EPSG:4490",
        CORNER.0 + 1150.0,
        CORNER.1 + 50.0
    );
    let edge = output_of("sh", &["-c", &edge]);
    let edge: Vec<f64> = edge.split_whitespace().map(|w| w.parse().unwrap()).collect();
    let rows =
        format!("id,name,lon,lat,capacity_people,state\nBN-1,高德坐标,{},{},120,standby\n", edge[0] + dx, edge[1] + dy);
    district.put("data/shelters.csv", rows.as_bytes());
    district.replace(
        "data/dataset.toml",
        "path = \"shelters.csv\"\ncrs = \"EPSG:4549\"",
        "path = \"shelters.csv\"\ncrs = \"EPSG:4490\"",
    );
    checked(&district, "REG-007", "error", "shelters.csv", "row 2");

    let district = SmallDistrict::new();
    district
        .append("data/shelters.csv", &format!("{},乡级,true,50,100,standby\n", placed("BN-1", "重号", 100.0, 100.0)));
    district.append(
        "data/shelters.csv",
        &format!("{},乡级,true,-50,100,standby\n", placed("BN-8", "负容量", 100.0, 100.0)),
    );
    district
        .append("data/shelters.csv", &format!("{},乡级,true,50,100,standby\n", placed("BN-9", "区外", 5000.0, 100.0)));
    checked(&district, "REG-002", "error", "shelters.csv", "row 5");
    checked(&district, "REG-011", "error", "shelters.csv", "capacity_people");
    checked(&district, "REG-008", "warning", "shelters.csv", "row 7");
    // What was left out is said with exit code 3; the rest is done.
    let (ended, _) = ran(&district, 3);
    assert!(ended.stderr.contains("REG-002") && ended.stderr.contains("REG-011"), "{}", ended.stderr);

    let district = SmallDistrict::new();
    let duties = district.text("data/responsibility.csv");
    let kept: Vec<&str> = duties.lines().filter(|l| !l.contains("抢险责任人")).collect();
    district.put("data/responsibility.csv", (kept.join("\n") + "\n").as_bytes());
    let found = checked(&district, "REG-042", "warning", "waterlogging_points.csv", "row");
    assert!(found["message"]["zh"].as_str().unwrap().contains("抢险责任人"), "{found}");

    let district = SmallDistrict::new();
    district.append("data/responsibility.csv", "T1,转移责任人,镇街,,某岗,\n");
    checked(&district, "REG-040", "error", "responsibility.csv", "person_id");
}

#[test]
fn an_output_folder_that_exists_is_refused_and_overwrite_replaces_it_whole() {
    let district = SmallDistrict::new();
    std::fs::create_dir(district.at("out")).unwrap();
    district.put("out/mine.txt", b"mine");
    let (scenario, out) = (district.scenario(), district.argument("out"));
    let ended = run_dayu(&["run", &scenario, "--out", &out, "--levels", "II", "--json"], 60).expect_code(2);
    expect_finding(&findings(&ended), "RUN-020", "error", "out", "");
    // Somebody's own files are not replaced even when asked.
    let ended = run_dayu(&["run", &scenario, "--out", &out, "--overwrite", "--json"], 60).expect_code(2);
    expect_finding(&findings(&ended), "RUN-022", "error", "out", "");
    assert_eq!(district.text("out/mine.txt"), "mine");
    std::fs::remove_dir_all(district.at("out")).unwrap();

    run_dayu(&["simulate", &scenario, "--out", &out], 60).expect_code(0);
    district.put("out/mark.txt", b"earlier");
    // A run that fails must not cost what was there.
    district.replace("scenarios/storm/rain.csv", "1800,90", "1800,-90");
    run_dayu(&["run", &scenario, "--out", &out, "--levels", "II", "--overwrite"], 60).expect_code(1);
    assert_eq!(district.text("out/mark.txt"), "earlier");
    district.replace("scenarios/storm/rain.csv", "1800,-90", "1800,90");
    run_dayu(&["run", &scenario, "--out", &out, "--levels", "II", "--overwrite"], 120).expect_code(0);
    assert!(!district.at("out/mark.txt").exists() && district.at("out/package/II/manifest.json").is_file());
    // A file in its place.
    district.put("file", b"mine");
    run_dayu(&["simulate", &scenario, "--out", &district.argument("file")], 60).expect_code(2);
    assert_eq!(district.text("file"), "mine");
}

/// Runs `dayu … --out PLACE/out` where no more than `kib` KiB fit, and tells the exit code and what is left in the place: on a
/// file system of that size, or, where none may be mounted, with that limit on every file.
fn run_in_a_small_place(district: &SmallDistrict, command: &str, kib: u32) -> Ended {
    let place = district.at("disk").display().to_string();
    let work = format!(
        "'{}' {command} '{}' --out '{place}/out'\necho \"code $?\"\nls -A '{place}'\n",
        dayu_tests::dayu().display(),
        district.scenario()
    );
    let disk = format!("mount -t tmpfs -o size={kib}k dayu-test '{place}' || exit 77\n{work}");
    // A name space of its own: the mount is gone when the shell ends. The superuser needs no mapping.
    for mapping in [&["--mount"][..], &["--mount", "--map-root-user"][..]] {
        let ended = run(Command::new("unshare").args(mapping).args(["sh", "-c", &disk]), 120);
        if ended.stdout.contains("code ") {
            return ended;
        }
    }
    // One file of many meets the limit: it must be far smaller than the room for all of them.
    let limit = format!("trap '' XFSZ\nulimit -f {}\n{work}", (kib / 8).max(1));
    run(Command::new("bash").args(["-c", &limit]), 120)
}

#[test]
fn a_full_disk_ends_the_run_and_leaves_nothing_that_looks_whole() {
    let district = SmallDistrict::new();
    std::fs::create_dir(district.at("disk")).unwrap();
    for (command, kib) in [("simulate", 8), ("run --levels II", 200), ("run", 600)] {
        let ended = run_in_a_small_place(&district, command, kib);
        assert_eq!(ended.stdout.trim(), "code 1", "{command} in {kib} KiB: {}{}", ended.stdout, ended.stderr);
        let told = ["RUN-021", "GIS-030", "GIS-031", "GIS-032"].iter().any(|code| ended.stderr.contains(code));
        assert!(told && ended.stderr.contains("mend"), "{command}: {}", ended.stderr);
    }
}

#[test]
fn what_lies_beside_the_computed_area_is_refused_by_file_and_key() {
    let district = SmallDistrict::new();
    let far = r#"{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4549"}},
        "features":[{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[600000,3400000],[600100,3400000],[600100,3400100],[600000,3400000]]]}}]}"#;
    district.put("scenarios/storm/area.geojson", far.as_bytes());
    let scenario = "scenarios/storm/scenario.toml";
    district.replace(scenario, "[grid]\n", "[grid]\nmask = \"area.geojson\"\n");
    refused(&district, "RUN-071", "area.geojson", "grid.mask");
    district.replace(scenario, "mask = \"area.geojson\"\n", "");
    // A boundary in the middle of nowhere acts on no cell.
    district
        .append(scenario, "\n[[boundary]]\nkind = \"inflow\"\nm3_s = 1\nwhere = { point = [600000.0, 3400000.0] }\n");
    let found = refused(&district, "RUN-074", "scenario.toml", "");
    assert_eq!(found["field"], "boundary[1].where");
}
