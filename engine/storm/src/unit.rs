use dayu_base::{Finding, Text};

/// What a number of a rain file means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RainUnit {
    /// depth over the file's interval: times this, mm
    Depth(f64),
    /// intensity: times this, mm/h
    Rate(f64),
}

impl RainUnit {
    /// Reads a unit as files and people write it: `mm`, `kg m-2`, `kg/(m^2)`, `mm/h`, `kg m**-2 s**-1`, `0.1 mm`, … One kilogram of
    /// water on a square metre stands 1 mm high.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_matches(['[', ']']).trim();
        let (factor, text) = match text.split_once(' ') {
            Some((number, rest)) if number.parse::<f64>().is_ok_and(|n| n > 0.0 && n.is_finite()) => {
                (number.parse::<f64>().ok()?, rest)
            }
            _ => (1.0, text),
        };
        let plain: String = text
            .to_lowercase()
            .replace("**", "")
            .chars()
            .filter(|c| !c.is_whitespace() && !['(', ')', '^', '.', '*', '·', '{', '}'].contains(c))
            .collect::<String>()
            .replace('²', "2")
            .replace('⁻', "-")
            .replace('¹', "1");
        let (depth, rest) = [("kg/m2", 1.0), ("kgm-2", 1.0), ("mm", 1.0), ("毫米", 1.0), ("cm", 10.0), ("m", 1000.0)]
            .iter()
            .find_map(|(name, mm)| plain.strip_prefix(name).map(|rest| (factor * mm, rest)))?;
        let per_hour = match rest {
            "" | "we" => return Some(Self::Depth(depth)),
            "/h" | "h-1" | "/hr" | "hr-1" | "/hour" | "hour-1" | "/小时" => 1.0,
            "/s" | "s-1" | "s" | "/sec" | "sec-1" => 3600.0,
            "/min" | "min-1" => 60.0,
            "/d" | "d-1" | "/day" | "day-1" => 1.0 / 24.0,
            "/10min" | "/10分钟" => 6.0,
            _ => return None,
        };
        Some(Self::Rate(depth * per_hour))
    }

    /// Settles what the file and the scenario say.
    ///
    /// # Errors
    /// `SCN-240` neither says a unit, `SCN-241` one is not understood (reflectivity is no rain), `SCN-242` they contradict.
    pub fn settle(in_file: Option<&str>, in_scenario: Option<&str>) -> Result<Self, Finding> {
        let said = |text: &str, who_zh: &str, who_en: &str| {
            Self::parse(text).ok_or_else(|| {
                let radar = text.to_lowercase().contains("dbz");
                let (zh, en) = if radar {
                    (
                        "这是雷达反射率，不是雨量：请先用当地 Z–R 关系换算",
                        "this is radar reflectivity, not rain: convert it by the local Z–R relation first",
                    )
                } else {
                    (
                        "可用单位：mm、mm/h、kg m-2、kg m-2 s-1、0.1 mm、m、mm/day 等",
                        "units: mm, mm/h, kg m-2, kg m-2 s-1, 0.1 mm, m, mm/day",
                    )
                };
                Finding::error(
                    "SCN-241",
                    Text::new(
                        format!("{who_zh}单位“{text}”不是雨量或雨强"),
                        format!("the unit '{text}' of the {who_en} is no rain"),
                    ),
                    Text::new(zh, en),
                )
                .field("unit")
            })
        };
        match (in_file.map(str::trim).filter(|t| !t.is_empty() && !["-", "[-]"].contains(t)), in_scenario) {
            (None, None) => Err(Finding::error(
                "SCN-240",
                Text::new("文件与情景都没有写明雨量单位", "neither file nor scenario states the unit of the rain"),
                Text::new(
                    "在 [[rain]] 写 unit，例如 \"mm\" 或 \"mm/h\"；不做猜测",
                    "write unit in [[rain]], such as \"mm\" or \"mm/h\"; nothing is guessed",
                ),
            )
            .field("unit")),
            (None, Some(own)) => said(own, "情景的", "scenario"),
            (Some(file), None) => said(file, "文件的", "file"),
            (Some(file), Some(own)) => {
                let (wanted, found) = (said(own, "情景的", "scenario")?, said(file, "文件的", "file")?);
                if wanted.like(found) {
                    return Ok(found);
                }
                Err(Finding::error(
                    "SCN-242",
                    Text::new(
                        format!("文件的单位是“{file}”，情景写的是“{own}”，两者矛盾"),
                        format!("the file says '{file}', the scenario '{own}': they contradict"),
                    ),
                    Text::new(
                        "核对数据说明，删去或更正 unit",
                        "check the product's documentation; remove or correct unit",
                    ),
                )
                .field("unit"))
            }
        }
    }

    fn like(self, other: Self) -> bool {
        match (self, other) {
            (Self::Depth(a), Self::Depth(b)) | (Self::Rate(a), Self::Rate(b)) => (a / b - 1.0).abs() < 1e-9,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn units_of_real_files() {
        for (text, unit) in [
            ("kg m-2", RainUnit::Depth(1.0)),
            ("kg m^-2", RainUnit::Depth(1.0)),
            ("[kg/(m^2)]", RainUnit::Depth(1.0)),
            ("mm", RainUnit::Depth(1.0)),
            ("m", RainUnit::Depth(1000.0)),
            ("0.1 mm", RainUnit::Depth(0.1)),
            ("[mm/hr]", RainUnit::Rate(1.0)),
            ("mm h-1", RainUnit::Rate(1.0)),
            ("mm/h", RainUnit::Rate(1.0)),
            ("kg m-2 s-1", RainUnit::Rate(3600.0)),
            ("kg m**-2 s**-1", RainUnit::Rate(3600.0)),
            ("[kg/(m^2 s)]", RainUnit::Rate(3600.0)),
            ("m s-1", RainUnit::Rate(3.6e6)),
            ("mm/10min", RainUnit::Rate(6.0)),
        ] {
            assert_eq!(RainUnit::parse(text), Some(unit), "{text}");
        }
        for text in ["", "[dBZ]", "K", "minutes", "m3", "0 mm", "-1 mm", "mm/fortnight"] {
            assert_eq!(RainUnit::parse(text), None, "{text}");
        }
    }

    #[test]
    fn file_and_scenario_must_agree() {
        let code = |f, s| RainUnit::settle(f, s).unwrap_err().code;
        assert_eq!(code(None, None), "SCN-240");
        assert_eq!(code(Some("[-]"), None), "SCN-240");
        assert_eq!(code(Some("[dBZ]"), None), "SCN-241");
        assert_eq!(code(Some("kg m-2"), Some("mm/h")), "SCN-242");
        assert_eq!(code(Some("mm"), Some("0.1 mm")), "SCN-242");
        assert_eq!(RainUnit::settle(Some("kg m^-2"), Some("mm")), Ok(RainUnit::Depth(1.0)));
        assert_eq!(RainUnit::settle(None, Some("mm/h")), Ok(RainUnit::Rate(1.0)));
    }
}
