use dayu_base::{Finding, Text};

/// Why an operation ended without a result.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// Input refused or the operation failed (exit 1): at least one finding of severity error.
    Refused(Vec<Finding>),
    /// Wrong use (exit 2), such as an output folder that is not empty.
    Usage(Finding),
    /// Cancelled by the caller.
    Cancelled,
}

impl Failure {
    /// The findings to show.
    pub fn findings(&self) -> Vec<Finding> {
        match self {
            Self::Refused(list) => list.clone(),
            Self::Usage(one) => vec![one.clone()],
            Self::Cancelled => vec![Finding::error(
                "RUN-001",
                Text::new("运行已取消", "the run was cancelled"),
                Text::new("需要时重新启动", "start it again when needed"),
            )],
        }
    }
    /// 1 = failed or refused, 2 = wrong use.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            _ => 1,
        }
    }
}

impl From<Finding> for Failure {
    fn from(f: Finding) -> Self {
        Self::Refused(vec![f])
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (k, finding) in self.findings().iter().enumerate() {
            if k > 0 {
                writeln!(f)?;
            }
            write!(f, "{finding}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}
