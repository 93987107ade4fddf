//! The invariants of ARCHITECTURE.md, checked over the dependency graph and the sources.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand, PackageId};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// No file, clock, network, environment or random number; no heavy library.
const PURE: [&str; 12] = [
    "base",
    "scenario",
    "terrain",
    "storm",
    "inundation",
    "slopes",
    "assets",
    "impact",
    "evacuation",
    "plan",
    "package",
    "verification",
];

fn metadata() -> Metadata {
    let cargo = std::env::var_os("CARGO").map(PathBuf::from).unwrap_or_else(|| "cargo".into());
    // Crates of other platforms were never fetched, and the test must not go to the network for them.
    let about = dayu_tests::process::output_of("rustc", &["-vV"]);
    let host = about.lines().find_map(|l| l.strip_prefix("host: ")).expect("rustc tells its host");
    MetadataCommand::new()
        .cargo_path(cargo)
        .manifest_path(dayu_tests::repository().join("Cargo.toml"))
        .features(CargoOpt::SomeFeatures(Vec::new()))
        .other_options(["--offline", "--filter-platform", host].map(String::from).to_vec())
        .exec()
        .expect("cargo metadata")
}

/// Normal dependencies of each package, by id (not for building, not for tests).
fn normal_dependencies(metadata: &Metadata) -> BTreeMap<PackageId, Vec<PackageId>> {
    let graph = metadata.resolve.as_ref().expect("a resolved graph");
    let normal = |node: &cargo_metadata::Node| {
        let deps = node.deps.iter().filter(|d| d.dep_kinds.iter().any(|k| k.kind == DependencyKind::Normal));
        deps.map(|d| d.pkg.clone()).collect()
    };
    graph.nodes.iter().map(|n| (n.id.clone(), normal(n))).collect()
}

/// Names of everything below a package in its normal dependency tree.
fn tree(metadata: &Metadata, package: &str) -> BTreeSet<String> {
    let edges = normal_dependencies(metadata);
    let name = |id: &PackageId| metadata[id].name.to_string();
    let start =
        metadata.workspace_packages().into_iter().find(|p| p.name == package).unwrap_or_else(|| panic!("no {package}"));
    let (mut seen, mut open) = (BTreeSet::new(), vec![start.id.clone()]);
    while let Some(id) = open.pop() {
        for next in &edges[&id] {
            if seen.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    seen.iter().map(name).collect()
}

#[test]
fn pure_crates_depend_on_nothing_heavy() {
    let metadata = metadata();
    let heavy = |name: &str| {
        ["gdal", "gdal-sys", "tokio", "tonic", "prost", "mio"].contains(&name)
            || ["polars", "typst", "tokio-", "tonic-", "dayu-gis", "dayu-table", "dayu-report", "dayu-pipeline"]
                .iter()
                .any(|p| name.starts_with(p))
    };
    for package in PURE {
        let found: Vec<String> = tree(&metadata, &format!("dayu-{package}")).into_iter().filter(|n| heavy(n)).collect();
        assert!(found.is_empty(), "dayu-{package} must stay pure but depends on {found:?}");
        // `geo` brings a generator of random numbers that we never call; naming one ourselves would be another matter.
        let own = metadata.workspace_packages().into_iter().find(|p| p.name == format!("dayu-{package}")).unwrap();
        let own = own.dependencies.iter().filter(|d| d.kind == DependencyKind::Normal).map(|d| d.name.as_str());
        let chance: Vec<&str> =
            own.filter(|n| ["rand", "getrandom", "fastrand", "uuid", "tempfile"].contains(n)).collect();
        assert!(chance.is_empty(), "dayu-{package} must stay pure but names {chance:?}");
    }
}

#[test]
fn each_heavy_library_is_named_by_one_crate() {
    let metadata = metadata();
    let rules: [(&str, &[&str]); 6] = [
        ("gdal", &["dayu-gis"]),
        ("polars", &["dayu-table"]),
        ("typst", &["dayu-report"]),
        ("tokio", &["dayu-service", "dayu"]),
        ("tonic", &["dayu-service", "dayu-proto", "dayu"]),
        ("dayu-proto", &["dayu-service", "dayu"]),
    ];
    for package in metadata.workspace_packages() {
        for dependency in package.dependencies.iter().filter(|d| d.kind == DependencyKind::Normal) {
            for (library, owners) in rules {
                let names_it = dependency.name == library || dependency.name.starts_with(&format!("{library}-"));
                assert!(
                    !names_it || owners.contains(&package.name.as_str()),
                    "{} names {}; only {owners:?} may",
                    package.name,
                    dependency.name
                );
            }
        }
    }
    // Each rule is about something: a library nobody names any more belongs out of the list.
    let named: BTreeSet<String> =
        metadata.workspace_packages().iter().flat_map(|p| p.dependencies.iter().map(|d| d.name.clone())).collect();
    for (library, _) in rules {
        assert!(named.contains(library), "nobody depends on {library}");
    }
}

#[test]
fn every_room_of_the_house_has_content_and_says_what_it_is() {
    let engine = dayu_tests::repository().join("engine");
    let members: BTreeSet<String> = metadata().workspace_packages().iter().map(|p| p.name.to_string()).collect();
    for entry in std::fs::read_dir(&engine).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        assert!(members.contains(&format!("dayu-{name}")), "engine/{name} is not a member of the workspace");
        let lib = std::fs::read_to_string(folder.join("src/lib.rs"))
            .unwrap_or_else(|e| panic!("engine/{name}/src/lib.rs: {e}"));
        let doc: String = lib.lines().take_while(|l| l.starts_with("//!")).collect();
        assert!(doc.len() > 40, "engine/{name}/src/lib.rs does not say what the crate is");
        let lines: usize = sources(&folder.join("src")).iter().map(|(_, text)| text.lines().count()).sum();
        assert!(lines > 100, "engine/{name} is an empty room ({lines} lines)");
        for generic in ["utils.rs", "helpers.rs", "common.rs", "misc.rs"] {
            assert!(!folder.join("src").join(generic).exists(), "engine/{name}/src/{generic}: say what it is");
        }
    }
}

fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found.sort();
    found
}

/// The code that is built into the library: without comments, and without modules that only tests see.
fn shipped_code(text: &str) -> String {
    let mut kept = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let code = line.split("//").next().unwrap_or("");
        if !code.trim_start().starts_with("#[cfg(test)]") {
            kept.push_str(code);
            kept.push('\n');
            continue;
        }
        // Skip the item: to the closing brace in its own column, or to the semicolon of `mod tests;`.
        let column = line.len() - line.trim_start().len();
        for line in lines.by_ref() {
            let trimmed = line.trim_start();
            if trimmed.starts_with("#[") {
                continue;
            }
            let at = line.len() - trimmed.len();
            if at == column && (trimmed.starts_with('}') || trimmed.trim_end().ends_with(';')) {
                break;
            }
        }
    }
    kept
}

#[test]
fn pure_crates_touch_no_file_clock_network_or_chance() {
    let forbidden = [
        "std::fs",
        "std::net",
        "std::env",
        "std::process",
        "std::io",
        "SystemTime",
        "Instant::now",
        "Timestamp::now",
        "Zoned::now",
        "rand::",
        "thread_rng",
        "HashMap",
        "HashSet",
        "println!",
        "eprintln!",
    ];
    for package in PURE {
        for (path, text) in sources(&dayu_tests::repository().join("engine").join(package).join("src")) {
            // `mod tests;` in a file of its own is test code as a whole.
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name == "tests.rs" || name.ends_with("_tests.rs") {
                continue;
            }
            let code = shipped_code(&text);
            for word in forbidden {
                let line = code.lines().find(|l| l.contains(word));
                assert!(line.is_none(), "{} uses {word}: {}", path.display(), line.unwrap_or_default().trim());
            }
        }
    }
}

#[test]
fn the_source_scan_sees_code_and_skips_tests() {
    let text = "use a;\n// std::fs in a comment\n#[cfg(test)]\nmod tests {\n    use std::fs;\n    fn f() {\n    }\n}\nfn after() { SystemTime }\n";
    let code = shipped_code(text);
    assert!(code.contains("after") && code.contains("SystemTime") && !code.contains("std::fs"), "{code}");
    let declared = shipped_code("#[cfg(test)]\nmod tests;\nuse std::net::X;\n");
    assert!(declared.contains("std::net") && !declared.contains("mod tests"), "{declared}");
}
