//! Where the judge reads from, and what it says when an output is not what the contract promises.

use dayu_terrain::Raster;

/// An output or answer that is absent or not what it must be: words for the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong(pub String);

impl Wrong {
    /// With these words.
    pub fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Files of one folder by name: a case, or the outputs of one run. The caller does the reading.
pub trait Folder {
    /// A text file, without byte order mark.
    ///
    /// # Errors
    /// When it is missing or not UTF-8.
    fn text(&self, name: &str) -> Result<String, Wrong>;
    /// A raster on its own pixels; NaN = no data.
    ///
    /// # Errors
    /// When it is missing or cannot be read.
    fn raster(&self, name: &str) -> Result<Raster<f64>, Wrong>;
}

/// `Err(Wrong)` unless the condition holds.
pub(crate) fn need(condition: bool, words: impl FnOnce() -> String) -> Result<(), Wrong> {
    if condition { Ok(()) } else { Err(Wrong(words())) }
}
