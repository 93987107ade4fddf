//! `dayu verify`: every scenario of every case is run and judged by what it wrote; the book is printed from that.

mod cases;
mod folder;

use crate::publish::Draft;
use crate::{Failure, Progress, SimulateOptions, Stage, simulate_scenario};
use cases::{Case, find_cases};
use dayu_base::{Finding, Text};
use dayu_report::typesetting::Typesetter;
use dayu_report::verification::book_files;
use dayu_scenario::parse_scenario;
use dayu_verification::{
    Book, CaseReport, Counts, Line, Readme, Run, RunChecks, RunFacts, RunReport, Wrong, convergence_picture,
    convergence_table, judge_order, judge_run, judge_tables, measured, not_computed, pictures,
};
use folder::DiskFolder;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Code of keys that this version refuses by name.
const REFUSED_BY_NAME: &str = "SCN-010";

/// Options of a verification.
#[derive(Clone, Debug, Default)]
pub struct VerifyOptions {
    /// folder of cases, or one case; default: `tests/cases` here or in a folder above
    pub cases: Option<PathBuf>,
    /// only the cases and scenarios that take seconds
    pub short: bool,
    /// only these cases; empty = all
    pub only: Vec<String>,
    /// threads of each run; default: all cores
    pub threads: Option<usize>,
    /// replace an existing output folder
    pub overwrite: bool,
}

/// What a verification reports.
#[derive(Clone, Debug)]
pub struct VerifyReport {
    /// numbers of verdicts
    pub counts: Counts,
    /// `summary.json` as written
    pub summary: Value,
}

/// Runs and judges the cases, and writes into `out`: `verification.html`, `verification.pdf`, `summary.json`, `convergence.md`
/// (measured orders, the table of docs/convergence.md), `runtime.csv` (the only file with times of this machine) and `runs/CASE/SCENARIO/` (contract §5). `say` gets the lines of each run as they come.
///
/// # Errors
/// No case found, a case that cannot be read, cancelled, or the output cannot be written. A run that fails is a verdict, not an error.
pub fn verify(
    options: &VerifyOptions,
    out: &Path,
    progress: Progress<'_>,
    say: &mut dyn FnMut(&str, &[Line]),
) -> Result<VerifyReport, Failure> {
    let cases = find_cases(options)?;
    // Fonts first: a missing one must not be found after an hour of runs.
    let typesetter = Typesetter::debian()?;
    let draft = Draft::begin(out, options.overwrite)?;
    let total: usize = cases.iter().map(|c| c.runs.len()).sum();
    let mut state = State { options, draft: &draft, progress, total, done: 0, runtime: String::from(RUNTIME_HEAD) };
    let mut reports = Vec::new();
    for case in &cases {
        reports.push(state.case(case, say)?);
    }
    let book = Book { version: env!("CARGO_PKG_VERSION").into(), short: options.short, cases: reports };
    progress(Stage::Compose, 0.0);
    for (name, bytes) in book_files(&book, &typesetter)? {
        draft.write(&name, &bytes)?;
    }
    let summary = summary(&book);
    draft.write("summary.json", crate::pretty(&summary).as_bytes())?;
    draft.write("convergence.md", convergence_table(&book.cases).as_bytes())?;
    draft.write("runtime.csv", state.runtime.as_bytes())?;
    let counts = book.counts();
    draft.publish()?;
    progress(Stage::Done, 1.0);
    Ok(VerifyReport { counts, summary })
}

const RUNTIME_HEAD: &str =
    "case,run,active_cells,steps,cell_updates,threads,load_s,build_s,solve_s,write_s,active_mcell_steps_per_s\n";

struct State<'a> {
    options: &'a VerifyOptions,
    draft: &'a Draft,
    progress: Progress<'a>,
    total: usize,
    done: usize,
    runtime: String,
}

/// How a run ended.
enum Ended {
    Written,
    Refused(Text),
    Failed(Text),
}

impl State<'_> {
    fn case(&mut self, case: &Case, say: &mut dyn FnMut(&str, &[Line])) -> Result<CaseReport, Failure> {
        let at = self.draft.path().join("runs").join(&case.name);
        let on_disk = DiskFolder::new(&case.folder);
        let outs: Vec<DiskFolder> = case.runs.iter().map(|r| DiskFolder::new(&at.join(r.stem()))).collect();
        let (mut lines, mut judged, mut reports) = (Vec::new(), Vec::new(), Vec::new());
        for (spec, out) in case.runs.iter().zip(&outs) {
            let ended = self.simulate(case, spec, out.path())?;
            let scenario = on_disk
                .read(&spec.scenario)
                .and_then(|text| parse_scenario(&spec.scenario, &text).map_err(|f| Wrong::new(f.message.to_string())));
            let mut report = RunReport {
                stem: spec.stem().into(),
                title: scenario.as_ref().map(|s| s.title.clone()).unwrap_or_default(),
                scheme: scenario.as_ref().map(|s| s.solver.scheme.clone()).unwrap_or_default(),
                cell_m: scenario.as_ref().ok().and_then(|s| s.grid.as_ref()?.cell_m),
                facts: None,
                why: Text::default(),
            };
            let found = match ended {
                Ended::Refused(why) => {
                    let lines = not_computed(spec, &why.to_string());
                    report.why = why;
                    lines
                }
                Ended::Failed(why) => {
                    let wrong = Wrong::new(why.to_string());
                    report.why = why;
                    judge_run(spec, Err(&wrong))
                }
                Ended::Written => match scenario.and_then(|s| Run::open(&on_disk, out, s)) {
                    Ok(run) => {
                        report.facts = Some(RunFacts::from(&run.summary));
                        self.note_runtime(case, spec, &run);
                        let found = judge_run(spec, Ok(&run));
                        judged.push((spec, run));
                        found
                    }
                    Err(wrong) => judge_run(spec, Err(&wrong)),
                },
            };
            say(&case.name, &found);
            lines.extend(found);
            reports.push(report);
        }
        let orders: Vec<Line> = case.orders.iter().map(|o| judge_order(o, &lines)).collect();
        if !orders.is_empty() {
            say(&case.name, &orders);
            lines.extend(orders);
        }
        let (found, table_pictures) = judge_tables(&on_disk, &case.tables);
        if !found.is_empty() {
            say(&case.name, &found);
            lines.extend(found);
        }
        let convergence: Vec<_> = case.book.convergence.iter().map(|c| measured(c, &lines)).collect();
        let drawn: Vec<(&RunChecks, &Run<'_>)> = judged.iter().map(|(s, r)| (*s, r)).collect();
        let mut drawings = convergence.iter().filter_map(convergence_picture).collect::<Vec<_>>();
        drawings.splice(0..0, pictures(&drawn));
        drawings.extend(table_pictures);
        let readme = Readme::parse(&on_disk.read("README.md").unwrap_or_default());
        let (title, purpose, kind) = case.book.described(&case.name, &readme);
        Ok(CaseReport {
            name: case.name.clone(),
            title,
            purpose,
            kind,
            readme,
            runs: reports,
            lines,
            peers: case.book.peer.clone(),
            convergence,
            pictures: drawings,
        })
    }

    fn simulate(&mut self, case: &Case, spec: &RunChecks, out: &Path) -> Result<Ended, Failure> {
        let (before, total) = (self.done as f64, self.total.max(1) as f64);
        self.done += 1;
        let outer = self.progress;
        // One figure for all runs: the stages of a single run would jump back at the next.
        let told = |stage: Stage, fraction: f64| outer(Stage::Simulate, (before + stage.overall(fraction)) / total);
        let scenario = case.folder.join(&spec.scenario);
        let options = SimulateOptions { threads: self.options.threads, ..SimulateOptions::default() };
        match simulate_scenario(&scenario, out, &options, &told) {
            Ok(_) => Ok(Ended::Written),
            Err(Failure::Cancelled) => Err(Failure::Cancelled),
            Err(failure) => {
                let findings = failure.findings();
                let refused: Vec<&Finding> = findings.iter().filter(|f| f.code == REFUSED_BY_NAME).collect();
                let shown: Vec<&Finding> = if refused.is_empty() { findings.iter().collect() } else { refused.clone() };
                let why = Text::new(
                    shown.iter().map(|f| f.message.zh.as_str()).collect::<Vec<_>>().join("；"),
                    shown.iter().map(|f| f.message.en.as_str()).collect::<Vec<_>>().join("; "),
                );
                Ok(if refused.is_empty() { Ended::Failed(why) } else { Ended::Refused(why) })
            }
        }
    }

    fn note_runtime(&mut self, case: &Case, spec: &RunChecks, run: &Run<'_>) {
        let (s, w) = (&run.summary, &run.summary.wall_s);
        let rate = if w.solve > 0.0 { s.active_cells as f64 * s.steps as f64 / w.solve / 1e6 } else { 0.0 };
        let _ = writeln!(
            self.runtime,
            "{},{},{},{},{},{},{:.3},{:.3},{:.3},{:.3},{rate:.2}",
            case.name,
            spec.stem(),
            s.active_cells,
            s.steps,
            s.cell_updates,
            s.threads,
            w.load,
            w.build,
            w.solve,
            w.write
        );
    }
}

/// Verdicts for machines: no times.
fn summary(book: &Book) -> Value {
    json!({
        "format": 1,
        "version": book.version,
        "short": book.short,
        "counts": book.counts(),
        "cases": book.cases.iter().map(|c| json!({
            "case": c.name,
            "title": c.title,
            "verdict": Counts::of(&c.lines).verdict(),
            "counts": Counts::of(&c.lines),
            "runs": c.runs,
            "lines": c.lines,
            "convergence": c.convergence,
        })).collect::<Vec<_>>(),
    })
}
