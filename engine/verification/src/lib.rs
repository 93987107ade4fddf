//! The verification book, without files: `check.toml` → metrics, norms and tolerances by precision → verdicts, pictures, book.
//!
//! Pure: outputs and answers come through [`Folder`]; the caller reads. The rules are those of the published cases'
//! own judge (tests/cases/check_case.py), so that both give the same values and verdicts.

mod basics;
mod book;
mod book_file;
mod check;
mod convergence;
mod judge;
mod measure;
mod metric;
mod norm;
mod picture;
mod plot;
mod readme;
mod run;
mod source;
mod table;
mod tables;

pub use book::{Book, CaseReport, Counts, Picture, RunFacts, RunReport};
pub use book_file::{BookFile, ConvergenceSpec, Peer};
pub use check::{CaseChecks, Check, OrderCheck, RunChecks, Tolerance, parse_checks};
pub use convergence::{Convergence, Resolution, convergence_table, measured};
pub use judge::{Line, Verdict, general, judge_order, judge_run, not_computed, observed_order};
pub use metric::Metric;
pub use picture::{convergence_picture, pictures};
pub use readme::Readme;
pub use run::{Run, Summary, WallSeconds};
pub use source::{Folder, Wrong};
pub use tables::{TableChecks, judge_tables, parse_tables};
