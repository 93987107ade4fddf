use serde::{Deserialize, Serialize};

/// Soils of a register, each with usual strength and permeability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SoilClass {
    /// 残积土
    Residual,
    /// 坡积、碎石土
    Colluvium,
    /// 粉质黏土
    SiltyClay,
    /// 填土
    Fill,
    /// 强风化岩
    WeatheredRock,
}

/// A number that is not known exactly: normal for strengths, normal in its decimal logarithm for permeabilities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// middle
    pub middle: f64,
    /// standard deviation (of the decimal logarithm for permeabilities)
    pub deviation: f64,
}

/// Usual parameters of a soil. Values are of the order given in textbooks and in TRIGRS case studies (mark R); spreads are defaults of
/// this program (D). A report of the site's own ground replaces them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SoilParameters {
    /// effective cohesion, Pa
    pub cohesion_pa: Spread,
    /// effective friction angle, degrees
    pub friction_deg: Spread,
    /// saturated unit weight, N/m³
    pub weight_n_m3: f64,
    /// saturated conductivity, m/s
    pub conductivity_m_s: Spread,
    /// diffusivity D0, m²/s
    pub diffusivity_m2_s: Spread,
    /// depth to firm ground where the register does not tell it, m
    pub depth_m: f64,
}

impl SoilClass {
    /// All classes.
    pub const ALL: [Self; 5] = [Self::Residual, Self::Colluvium, Self::SiltyClay, Self::Fill, Self::WeatheredRock];

    /// The class a register's word stands for; `None` when it is none of them.
    pub fn from_word(word: &str) -> Option<Self> {
        match word.trim() {
            "residual" | "残积土" => Some(Self::Residual),
            "colluvium" | "坡积土" | "碎石土" => Some(Self::Colluvium),
            "silty_clay" | "粉质黏土" | "粉质粘土" => Some(Self::SiltyClay),
            "fill" | "填土" | "人工填土" => Some(Self::Fill),
            "weathered_rock" | "强风化岩" | "全风化岩" => Some(Self::WeatheredRock),
            _ => None,
        }
    }

    /// Name on products.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Residual => "残积土",
            Self::Colluvium => "坡积碎石土",
            Self::SiltyClay => "粉质黏土",
            Self::Fill => "填土",
            Self::WeatheredRock => "强风化岩",
        }
    }

    /// Usual parameters.
    pub fn parameters(self) -> SoilParameters {
        let of =
            |kilopascal: f64, friction: f64, kilonewton: f64, conductivity: f64, diffusivity: f64, depth_m: f64| {
                SoilParameters {
                    cohesion_pa: Spread { middle: kilopascal * 1000.0, deviation: kilopascal * 1000.0 * 0.35 },
                    friction_deg: Spread { middle: friction, deviation: friction * 0.08 },
                    weight_n_m3: kilonewton * 1000.0,
                    conductivity_m_s: Spread { middle: conductivity, deviation: 0.4 },
                    diffusivity_m2_s: Spread { middle: diffusivity, deviation: 0.3 },
                    depth_m,
                }
            };
        match self {
            Self::Residual => of(8.0, 30.0, 19.0, 5e-6, 5e-5, 2.5),
            Self::Colluvium => of(4.0, 32.0, 19.5, 2e-5, 1e-4, 2.0),
            Self::SiltyClay => of(12.0, 24.0, 19.5, 5e-7, 1e-5, 2.0),
            Self::Fill => of(3.0, 28.0, 18.5, 1e-5, 8e-5, 2.0),
            Self::WeatheredRock => of(20.0, 35.0, 22.0, 2e-6, 1e-4, 3.0),
        }
    }
}
