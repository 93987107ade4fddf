use dayu_base::{Finding, Text};

/// How the ground takes water. Each parameter has one value per cell (south row first); walls may hold anything.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Infiltration {
    /// nothing infiltrates
    #[default]
    None,
    /// the same rate for ever
    Constant {
        /// mm/h
        rate_mm_h: Vec<f64>,
    },
    /// Horton (1940) in its integrated form: capacity follows the water taken, not the clock (Akan 1992)
    Horton {
        /// capacity of dry ground, mm/h
        f0_mm_h: Vec<f64>,
        /// final capacity, mm/h
        fc_mm_h: Vec<f64>,
        /// decay, 1/h
        decay_1_h: Vec<f64>,
    },
    /// Green & Ampt (1911) with ponding after Mein & Larson (1973)
    GreenAmpt {
        /// saturated conductivity, mm/h
        ksat_mm_h: Vec<f64>,
        /// suction at the wetting front, m
        suction_m: Vec<f64>,
        /// moisture deficit, 0–1
        deficit: Vec<f64>,
    },
    /// curve number of the Soil Conservation Service (NEH-4), on the rain that fell on the cell
    ScsCurveNumber {
        /// 0–100
        cn: Vec<f64>,
        /// initial abstraction ÷ retention
        ia_ratio: Vec<f64>,
    },
}

impl Infiltration {
    /// Constant rates, mm/h; empty when there are none or the model has a memory.
    pub(crate) fn constant_mm_h(&self) -> &[f64] {
        if let Self::Constant { rate_mm_h } = self { rate_mm_h } else { &[] }
    }

    /// True when what is taken depends on what has been taken before.
    pub(crate) fn remembers(&self) -> bool {
        !matches!(self, Self::None | Self::Constant { .. })
    }

    /// The same model with other values of each parameter.
    pub(crate) fn with(&self, change: impl Fn(&[f64]) -> Vec<f64>) -> Self {
        match self {
            Self::None => Self::None,
            Self::Constant { rate_mm_h } => Self::Constant { rate_mm_h: change(rate_mm_h) },
            Self::Horton { f0_mm_h, fc_mm_h, decay_1_h } => {
                Self::Horton { f0_mm_h: change(f0_mm_h), fc_mm_h: change(fc_mm_h), decay_1_h: change(decay_1_h) }
            }
            Self::GreenAmpt { ksat_mm_h, suction_m, deficit } => {
                Self::GreenAmpt { ksat_mm_h: change(ksat_mm_h), suction_m: change(suction_m), deficit: change(deficit) }
            }
            Self::ScsCurveNumber { cn, ia_ratio } => {
                Self::ScsCurveNumber { cn: change(cn), ia_ratio: change(ia_ratio) }
            }
        }
    }

    /// Names and values of the model's parameters with the highest value allowed.
    pub(crate) fn parameters(&self) -> Vec<(&'static str, &[f64], f64)> {
        let any = f64::MAX;
        match self {
            Self::None => vec![],
            Self::Constant { rate_mm_h } => vec![("infiltration.rate_mm_h", rate_mm_h, any)],
            Self::Horton { f0_mm_h, fc_mm_h, decay_1_h } => vec![
                ("infiltration.f0_mm_h", f0_mm_h, any),
                ("infiltration.fc_mm_h", fc_mm_h, any),
                ("infiltration.decay_1_h", decay_1_h, any),
            ],
            Self::GreenAmpt { ksat_mm_h, suction_m, deficit } => vec![
                ("infiltration.ksat_mm_h", ksat_mm_h, any),
                ("infiltration.suction_m", suction_m, any),
                ("infiltration.deficit", deficit, 1.0),
            ],
            Self::ScsCurveNumber { cn, ia_ratio } => {
                vec![("infiltration.cn", cn, 100.0), ("infiltration.ia_ratio", ia_ratio, 1.0)]
            }
        }
    }

    /// Refuses what cannot be computed; `place` names a cell.
    ///
    /// # Errors
    /// `SIM-103` a parameter without one value per cell, `SIM-118` a value out of range, `SIM-127` Horton's final capacity above
    /// the first.
    pub(crate) fn check(&self, active: &[bool], place: &dyn Fn(usize) -> String) -> Result<(), Finding> {
        for (name, values, highest) in self.parameters() {
            if values.len() != active.len() {
                return Err(Finding::error(
                    "SIM-103",
                    Text::new(
                        format!("场的长度为 {}，网格为 {} 个单元", values.len(), active.len()),
                        format!("the field has {} values, the grid {} cells", values.len(), active.len()),
                    ),
                    Text::new("使各场与网格一致", "give every field one value per cell"),
                )
                .field(name));
            }
            // A curve number of 0 would hold back every storm.
            let sound = |v: f64| v.is_finite() && v >= 0.0 && v <= highest && (name != "infiltration.cn" || v > 0.0);
            if let Some(cell) = (0..active.len()).find(|&c| active[c] && !sound(values[c])) {
                let limit = if highest < f64::MAX { format!("0–{highest}") } else { "≥ 0".into() };
                return Err(Finding::error(
                    "SIM-118",
                    Text::new(
                        format!("取值为 {}，应为 {limit}", values[cell]),
                        format!("the value is {}; it must be {limit}", values[cell]),
                    ),
                    Text::new("改正下渗参数", "mend the infiltration parameter"),
                )
                .at(place(cell))
                .field(name));
            }
        }
        if let Self::Horton { f0_mm_h, fc_mm_h, .. } = self
            && let Some(cell) = (0..active.len()).find(|&c| active[c] && fc_mm_h[c] > f0_mm_h[c])
        {
            return Err(Finding::error(
                "SIM-127",
                Text::new(
                    format!("稳定下渗率 {} 大于初始下渗率 {}", fc_mm_h[cell], f0_mm_h[cell]),
                    format!("the final capacity {} is above the first {}", fc_mm_h[cell], f0_mm_h[cell]),
                ),
                Text::new("使 fc_mm_h 不大于 f0_mm_h", "give an fc_mm_h of at most f0_mm_h"),
            )
            .at(place(cell))
            .field("infiltration.fc_mm_h"));
        }
        Ok(())
    }
}
