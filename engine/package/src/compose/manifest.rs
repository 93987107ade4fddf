use crate::Header;
use dayu_base::{Finding, sha256_hex};
use serde::Serialize;

/// One file of the package as the manifest names it: (path with `/`, bytes, SHA-256, media type).
pub type FileLine = (String, u64, String, String);

#[derive(Serialize)]
struct Manifest<'a> {
    format: u32,
    package_id: String,
    run_id: &'a str,
    level: &'a str,
    lang: &'a str,
    kind: &'a str,
    realm: &'a str,
    origin: &'a str,
    scenario: Named<'a>,
    dataset: Named<'a>,
    plan: PlanOf<'a>,
    as_of: String,
    generated_at: String,
    data_time: Option<String>,
    program: Program<'a>,
    totals: Totals,
    files: Vec<FileOf<'a>>,
    inputs: Vec<InputOf<'a>>,
    findings: &'a [Finding],
}

#[derive(Serialize)]
struct Named<'a> {
    id: &'a str,
    sha256: &'a str,
}

#[derive(Serialize)]
struct PlanOf<'a> {
    id: &'a str,
    doc_number: &'a str,
    effective_from: &'a str,
    sha256: &'a str,
}

#[derive(Serialize)]
struct Program<'a> {
    name: &'a str,
    version: &'a str,
}

#[derive(Serialize)]
struct Totals {
    objects: u64,
    affected: u64,
    to_move: u64,
    to_house: u64,
    unplaced: u64,
}

#[derive(Serialize)]
struct FileOf<'a> {
    path: &'a str,
    bytes: u64,
    sha256: &'a str,
    media_type: &'a str,
}

#[derive(Serialize)]
struct InputOf<'a> {
    layer: &'a str,
    path: &'a str,
    bytes: u64,
    sha256: &'a str,
    data_time: Option<String>,
    /// whole seconds from the data's time to `as_of`; null = unknown, negative = the data reach beyond `as_of` (a forecast)
    age_s: Option<i64>,
    origin: &'a str,
}

/// `manifest.json` (contracts §7), pretty-printed, ended by a newline. `files` are everything but the manifest; they are sorted
/// here. `package_id` is the SHA-256 of their `sha256  path\n` lines; `generated_at` is `as_of`, so that a run made again gives
/// the same bytes.
pub fn manifest_json(header: &Header, files: &[FileLine]) -> String {
    let mut sorted: Vec<&FileLine> = files.iter().collect();
    sorted.sort();
    let lines: String = sorted.iter().map(|f| format!("{}  {}\n", f.2, f.0)).collect();
    let time = |t| header.zone.rfc3339(t);
    let totals = &header.totals;
    let manifest = Manifest {
        format: 1,
        package_id: sha256_hex(lines.as_bytes()),
        run_id: &header.run_id,
        level: header.level.id(),
        lang: "zh",
        kind: &header.kind,
        realm: header.realm.id(),
        origin: header.origin.id(),
        scenario: Named { id: &header.scenario_id, sha256: &header.scenario_sha256 },
        dataset: Named { id: &header.dataset_id, sha256: &header.dataset_sha256 },
        plan: PlanOf {
            id: &header.plan.id,
            doc_number: &header.plan.doc_number,
            effective_from: &header.plan.effective_from,
            sha256: &header.plan.sha256,
        },
        as_of: time(header.as_of),
        generated_at: time(header.as_of),
        data_time: header.data_time.map(time),
        program: Program { name: "dayu", version: &header.version },
        totals: Totals {
            objects: header.objects,
            affected: totals.affected,
            to_move: totals.to_move,
            to_house: totals.to_house,
            unplaced: totals.unplaced,
        },
        files: sorted.iter().map(|f| FileOf { path: &f.0, bytes: f.1, sha256: &f.2, media_type: &f.3 }).collect(),
        inputs: header
            .inputs
            .iter()
            .map(|i| InputOf {
                layer: &i.layer,
                path: &i.path,
                bytes: i.bytes,
                sha256: &i.sha256,
                data_time: i.data_time.map(time),
                age_s: i.data_time.map(|t| header.as_of.duration_since(t).as_secs()),
                origin: i.origin.id(),
            })
            .collect(),
        findings: &header.findings,
    };
    // Serialising plain strings and integers into memory cannot fail.
    serde_json::to_string_pretty(&manifest).map(|s| s + "\n").unwrap_or_default()
}
