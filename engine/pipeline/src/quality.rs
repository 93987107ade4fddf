use dayu_base::Text;
use serde::{Deserialize, Serialize};

/// How good an answer of the deadline mode is: each supersedes the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Quality {
    /// hollows filled at once: no course, no velocity
    Screening,
    /// computed on cells wider than the scenario names
    Coarse,
    /// computed on the scenario's cells or finer ones
    Fine,
}

impl Quality {
    /// Machine name.
    pub fn id(self) -> &'static str {
        match self {
            Self::Screening => "screening",
            Self::Coarse => "coarse",
            Self::Fine => "fine",
        }
    }
    /// The mark that products carry.
    pub fn mark(self) -> Text {
        match self {
            Self::Screening => Text::new("筛查级", "screening"),
            Self::Coarse => Text::new("粗网格", "coarse grid"),
            Self::Fine => Text::new("细网格", "fine grid"),
        }
    }
}
