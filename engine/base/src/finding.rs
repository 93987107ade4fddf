use crate::Text;
use serde::{Deserialize, Serialize};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing was changed.
    Info,
    /// The result is usable, but weaker than it looks.
    Warning,
    /// Something was left out of the result.
    Error,
}

/// Something about data, plan or run that a person must know. Collected, never thrown away, and carried into the package.
///
/// Codes are stable (`GIS-012`); texts may be reworded. `file` is relative to the file that named it; `place` is a layer,
/// feature, row, line or cell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Finding {
    /// Stable code, `ABC-123`.
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// The file concerned; empty when no file is.
    pub file: String,
    /// Layer, feature, row, line or cell; empty when the whole file is meant.
    pub place: String,
    /// Field, column or key; empty when none.
    pub field: String,
    /// What is wrong.
    pub message: Text,
    /// How to mend it.
    pub mend: Text,
}

impl Finding {
    fn new(severity: Severity, code: &str, message: Text, mend: Text) -> Self {
        Self {
            code: code.into(),
            severity,
            file: String::new(),
            place: String::new(),
            field: String::new(),
            message,
            mend,
        }
    }
    /// A finding of severity error: something was, or must be, left out.
    pub fn error(code: &str, message: Text, mend: Text) -> Self {
        Self::new(Severity::Error, code, message, mend)
    }
    /// A finding of severity warning.
    pub fn warning(code: &str, message: Text, mend: Text) -> Self {
        Self::new(Severity::Warning, code, message, mend)
    }
    /// A finding of severity info.
    pub fn info(code: &str, message: Text, mend: Text) -> Self {
        Self::new(Severity::Info, code, message, mend)
    }
    /// Names the file.
    #[must_use]
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = file.into();
        self
    }
    /// Names the place in the file.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = place.into();
        self
    }
    /// Names the field, column or key.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = field.into();
        self
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = match self.severity {
            Severity::Info => "提示 info",
            Severity::Warning => "警告 warning",
            Severity::Error => "错误 error",
        };
        write!(f, "[{}] {sign}", self.code)?;
        for part in [&self.file, &self.place, &self.field] {
            if !part.is_empty() {
                write!(f, " · {part}")?;
            }
        }
        write!(f, "\n    {}", self.message.zh)?;
        write!(f, "\n    {}", self.message.en)?;
        if !self.mend.zh.is_empty() {
            write!(f, "\n    处置 mend: {}", self.mend)?;
        }
        Ok(())
    }
}

/// The worst severity of a list; `None` when it is empty.
pub fn worst_severity(findings: &[Finding]) -> Option<Severity> {
    findings.iter().map(|f| f.severity).max()
}

impl std::error::Error for Finding {}
