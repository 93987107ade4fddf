//! `book.toml` of a case: how the book presents it. Absent keys are taken from README.md.

use crate::readme::Readme;
use dayu_base::{Finding, Text};
use serde::{Deserialize, Serialize};

/// Where an accepted model stands on a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    /// the model, or the accepted practice
    pub name: String,
    /// what was found
    pub result: Text,
    /// where that is written
    pub source: String,
}

/// Runs on cells of several sizes whose errors are compared: the order is measured, not asserted.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConvergenceSpec {
    /// the comparison in every run
    pub check: String,
    /// runs, coarse to fine
    pub runs: Vec<String>,
    /// their cells, m
    pub cells_m: Vec<f64>,
}

/// All of `book.toml`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BookFile {
    /// title
    pub title: Option<Text>,
    /// what the case proves
    pub purpose: Option<Text>,
    /// kind of answer
    pub kind: Option<Text>,
    /// runs in seconds: part of the short form
    pub short: bool,
    /// scenarios that the short form leaves out
    pub long_runs: Vec<String>,
    /// accepted peers
    pub peer: Vec<Peer>,
    /// measured orders
    pub convergence: Vec<ConvergenceSpec>,
}

impl BookFile {
    /// Reads `book.toml`.
    ///
    /// # Errors
    /// `VER-002` with the key that is wrong.
    pub fn parse(file: &str, text: &str) -> Result<Self, Finding> {
        let wrong = |words: String| {
            Finding::error(
                "VER-002",
                Text::new(format!("算例说明有误：{words}"), format!("the description of the case is wrong: {words}")),
                Text::new("按所示位置改正 book.toml", "mend book.toml at the place named"),
            )
            .in_file(file)
        };
        let book: Self = toml::from_str(text).map_err(|e| wrong(e.message().to_string()))?;
        for c in &book.convergence {
            let falling = c.cells_m.windows(2).all(|w| w[0] > w[1]) && c.cells_m.iter().all(|s| *s > 0.0);
            if c.runs.len() != c.cells_m.len() || c.runs.len() < 2 || !falling {
                return Err(wrong(format!("convergence of {}: runs and cells_m must fit, coarse to fine", c.check)));
            }
        }
        Ok(book)
    }

    /// Title, purpose and kind with what README.md says where this file does not.
    pub fn described(&self, name: &str, readme: &Readme) -> (Text, Text, Text) {
        let both = |own: &Option<Text>, other: &str| own.clone().unwrap_or_else(|| Text::new(other, other));
        let title = if readme.title.is_empty() { name } else { &readme.title };
        (both(&self.title, title), both(&self.purpose, &readme.metric), both(&self.kind, &readme.kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn convergence_must_fit() {
        let text = |cells: &str| format!("[[convergence]]\ncheck = \"e\"\nruns = [\"a\", \"b\"]\ncells_m = {cells}\n");
        assert!(BookFile::parse("book.toml", &text("[10, 5]")).is_ok());
        for wrong in ["[5, 10]", "[10]", "[10, -5]"] {
            assert_eq!(BookFile::parse("book.toml", &text(wrong)).unwrap_err().code, "VER-002");
        }
        assert!(BookFile::parse("book.toml", "colour = 1").is_err());
    }
}
