//! What people see while they wait, and how findings are printed.

use dayu_base::{Finding, Severity};
use dayu_pipeline::{Failure, Stage};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::process::ExitCode;
use std::sync::Mutex;

/// A bar on a terminal; plain lines, one per stage and tenth, elsewhere.
pub struct ProgressLine {
    bar: ProgressBar,
    terminal: bool,
    last: Mutex<(Option<Stage>, u32)>,
}

impl ProgressLine {
    pub fn new() -> Self {
        let terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
        let bar = ProgressBar::with_draw_target(Some(1000), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{elapsed_precise} [{bar:40}] {percent:>3}% {msg}") {
            bar.set_style(style);
        }
        Self { bar, terminal, last: Mutex::new((None, 0)) }
    }
    pub fn tell(&self, stage: Stage, fraction: f64) -> bool {
        let overall = stage.overall(fraction);
        if self.terminal {
            self.bar.set_message(stage.zh());
            self.bar.set_position((overall * 1000.0) as u64);
            if stage == Stage::Done {
                self.bar.finish_and_clear();
            }
            return true;
        }
        let tenth = (overall * 10.0) as u32;
        let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if last.0 != Some(stage) || tenth > last.1 {
            *last = (Some(stage), tenth);
            eprintln!("{:>4.0}%  {} {}", overall * 100.0, stage.zh(), stage.id());
        }
        true
    }
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// Findings to standard error, the worst last; infos are only counted.
pub fn findings(list: &[Finding]) {
    let count = |s| list.iter().filter(|f| f.severity == s).count();
    for severity in [Severity::Warning, Severity::Error] {
        let shown = if severity == Severity::Warning { 10 } else { usize::MAX };
        for f in list.iter().filter(|f| f.severity == severity).take(shown) {
            eprintln!("{f}");
        }
        let left = count(severity).saturating_sub(shown);
        if left > 0 {
            eprintln!("… 另有 {left} 条警告，见 manifest.json / {left} more warnings, see manifest.json");
        }
    }
    if !list.is_empty() {
        eprintln!(
            "发现 findings: {} 错误 errors, {} 警告 warnings, {} 提示 infos",
            count(Severity::Error),
            count(Severity::Warning),
            count(Severity::Info)
        );
    }
}

/// Prints why it failed and gives the exit code.
pub fn failure(failure: &Failure, json: bool) -> ExitCode {
    let list = failure.findings();
    if json {
        println!("{}", serde_json::json!({ "ok": false, "findings": list }));
    }
    for f in &list {
        eprintln!("{f}");
    }
    ExitCode::from(failure.exit_code())
}

/// 0, or 3 when something was left out.
pub fn done(list: &[Finding]) -> ExitCode {
    if list.iter().any(|f| f.severity == Severity::Error) { ExitCode::from(3) } else { ExitCode::SUCCESS }
}
