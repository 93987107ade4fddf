//! The book: what the report prints.

use crate::book_file::Peer;
use crate::convergence::Convergence;
use crate::judge::{Line, Verdict};
use crate::readme::Readme;
use crate::run::Summary;
use dayu_base::Text;
use serde::Serialize;

/// One run as the book states it: nothing that depends on the machine.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunReport {
    /// scenario file without `.toml`
    pub stem: String,
    /// title of the scenario
    pub title: Text,
    /// equations the scenario names
    pub scheme: String,
    /// computational cell, m; `None`: the terrain's pixel
    pub cell_m: Option<f64>,
    /// facts of the run; `None` = not computed or failed
    pub facts: Option<RunFacts>,
    /// why there are no facts
    pub why: Text,
}

/// Facts of a run that any machine repeats.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunFacts {
    /// precision of the state
    pub precision: String,
    /// active cells
    pub active_cells: u64,
    /// steps
    pub steps: u64,
    /// relative volume error
    pub relative_volume_error: f64,
}

impl From<&Summary> for RunFacts {
    fn from(s: &Summary) -> Self {
        Self {
            precision: s.precision.clone(),
            active_cells: s.active_cells,
            steps: s.steps,
            relative_volume_error: s.relative_volume_error,
        }
    }
}

/// A picture.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Picture {
    /// what is shown
    pub title: Text,
    /// how to read it
    pub caption: Text,
    /// takes the whole width
    pub wide: bool,
    /// the drawing
    pub svg: String,
}

/// One case.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CaseReport {
    /// folder
    pub name: String,
    /// title
    pub title: Text,
    /// what it proves
    pub purpose: Text,
    /// kind of answer
    pub kind: Text,
    /// in the words of its author
    pub readme: Readme,
    /// runs
    pub runs: Vec<RunReport>,
    /// verdicts
    pub lines: Vec<Line>,
    /// accepted peers
    pub peers: Vec<Peer>,
    /// measured orders
    pub convergence: Vec<Convergence>,
    /// pictures
    pub pictures: Vec<Picture>,
}

/// Numbers of verdicts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// within tolerance
    pub pass: usize,
    /// beyond
    pub fail: usize,
    /// for information
    pub info: usize,
    /// not computed, of those with a tolerance and without
    pub not_computed: usize,
}

impl Counts {
    /// Of these lines.
    pub fn of<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Self {
        let mut c = Self::default();
        for line in lines {
            match line.verdict {
                Verdict::Pass => c.pass += 1,
                Verdict::Fail => c.fail += 1,
                Verdict::Info => c.info += 1,
                Verdict::NotComputed => c.not_computed += 1,
            }
        }
        c
    }
    /// The verdict of the whole: a failure, else something not computed, else passed.
    pub fn verdict(&self) -> Verdict {
        if self.fail > 0 {
            Verdict::Fail
        } else if self.not_computed > 0 {
            Verdict::NotComputed
        } else if self.pass > 0 {
            Verdict::Pass
        } else {
            Verdict::Info
        }
    }
}

/// All cases of one verification.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Book {
    /// version of the program
    pub version: String,
    /// short form: some cases were left out
    pub short: bool,
    /// cases in order
    pub cases: Vec<CaseReport>,
}

impl Book {
    /// Numbers of verdicts.
    pub fn counts(&self) -> Counts {
        Counts::of(self.cases.iter().flat_map(|c| &c.lines))
    }
}
