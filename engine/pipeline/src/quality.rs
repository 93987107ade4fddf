use dayu_base::Text;
use dayu_inundation::Scheme;
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
    /// Of plain cells, or of a screening, against what the scenario asks for: cells of `own_m` that keep pixels of `pixel_m`, which is
    /// `own_m` itself without a subgrid.
    pub(crate) fn of(scheme: Scheme, cell_m: f64, own_m: f64, pixel_m: f64) -> Self {
        match scheme {
            Scheme::FillSpill { .. } => Self::Screening,
            // The scenario's own equations on its own cells and pixels.
            Scheme::InertialSubgrid { .. } if cell_m <= own_m + 1e-9 => Self::Fine,
            // Plain cells as wide as those of a subgrid tell less than it: as fine as its pixels they are.
            _ if cell_m <= own_m.min(pixel_m) + 1e-9 => Self::Fine,
            _ => Self::Coarse,
        }
    }
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

#[cfg(test)]
mod tests {
    use super::Quality;
    use dayu_inundation::{Connectivity, Scheme};

    #[test]
    fn a_mark_tells_scheme_and_subgrid_not_the_side_alone() {
        let plain = |cell_m, own_m, pixel_m| Quality::of(Scheme::Inertial, cell_m, own_m, pixel_m);
        assert_eq!([plain(40.0, 40.0, 40.0), plain(30.0, 40.0, 40.0)], [Quality::Fine; 2]);
        assert_eq!(plain(50.0, 40.0, 40.0), Quality::Coarse);
        // A scenario of 100 m cells that keep 20 m pixels: plain cells of 100 m are coarse, of 20 m fine.
        assert_eq!([plain(100.0, 100.0, 20.0), plain(40.0, 100.0, 20.0)], [Quality::Coarse; 2]);
        assert_eq!(plain(20.0, 100.0, 20.0), Quality::Fine);
        assert_eq!(Quality::of(Scheme::InertialSubgrid { side: 5 }, 100.0, 100.0, 20.0), Quality::Fine);
        let screening = Scheme::FillSpill { connectivity: Connectivity::Eight };
        assert_eq!(Quality::of(screening, 5.0, 40.0, 40.0), Quality::Screening, "whatever its cells");
    }
}
