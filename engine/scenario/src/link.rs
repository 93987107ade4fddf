//! `[[link]]`: culverts, underpasses, bridge openings and weirs between two points.

use crate::ScenarioSpec;
use dayu_base::{Finding, Text};
use serde::Deserialize;

/// Kinds of links. All are boxes but the weir, which is open above.
const KINDS: [&str; 4] = ["culvert", "underpass", "bridge", "weir"];

/// One `[[link]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkSpec {
    /// culvert | underpass | bridge | weir
    pub kind: String,
    /// name in flows.csv
    pub id: Option<String>,
    /// x, y of the beginning; flow away from it is positive
    pub from: [f64; 2],
    /// x, y of the end
    pub to: [f64; 2],
    /// clear width, m
    pub width_m: f64,
    /// clear height, m; not of a weir
    pub height_m: Option<f64>,
    /// invert (of a weir: crest) at the beginning, and at the end unless `invert_to_m` is given, m
    pub invert_m: f64,
    /// invert at the end, m
    pub invert_to_m: Option<f64>,
    /// length, m; default: the distance of the points (a weir: 0)
    pub length_m: Option<f64>,
    /// Manning n; default 0.013 (concrete; recalled from HDS-5, not checked)
    pub roughness: Option<f64>,
    /// loss at the entry in velocity heads; default 0.5 (square edges; recalled from HDS-5, not checked), a weir: 0
    pub entry_loss: Option<f64>,
    /// loss at the exit in velocity heads; default 1
    pub exit_loss: Option<f64>,
    /// coefficient of the drowned entry as an orifice; default 0.6 (recalled)
    pub discharge_coefficient: Option<f64>,
}

impl LinkSpec {
    /// Length that rubs, m.
    pub fn length_m(&self) -> f64 {
        let (east, north) = (self.to[0] - self.from[0], self.to[1] - self.from[1]);
        let apart = (east * east + north * north).sqrt();
        self.length_m.unwrap_or(if self.kind == "weir" { 0.0 } else { apart })
    }
}

/// Refuses the links of a scenario that cannot be computed.
pub(crate) fn check_links(file: &str, spec: &ScenarioSpec, found: &mut Vec<Finding>) {
    for (k, link) in spec.link.iter().enumerate() {
        let named = |f: Finding| {
            let key = format!("link[{k}].{}", f.field);
            f.in_file(file).field(key)
        };
        found.extend(link_findings(link).into_iter().map(named));
    }
}

/// Kinds that do not exist, sizes out of range, and keys that a kind lacks or has no use for; each finding names its key.
pub fn link_findings(link: &LinkSpec) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut refuse = |code: &str, key: &str, zh: String, en: String, mend: (&str, &str)| {
        found.push(Finding::error(code, Text::new(zh, en), Text::new(mend.0, mend.1)).field(key));
    };
    if !KINDS.contains(&link.kind.as_str()) {
        let kind = &link.kind;
        refuse(
            "SCN-013",
            "kind",
            format!("“{kind}”不是有效取值"),
            format!("'{kind}' is not a valid value"),
            ("有效取值：culvert、underpass、bridge、weir", "valid values: culvert, underpass, bridge, weir"),
        );
    }
    match (link.kind == "weir", link.height_m) {
        (true, Some(_)) => refuse(
            "SCN-014",
            "height_m",
            "“height_m”在这里不起作用：堰的上方是敞开的".into(),
            "'height_m' has no effect here: a weir is open above".into(),
            ("去掉该键，或改正 kind", "remove the key, or correct kind"),
        ),
        (false, None) => refuse(
            "SCN-012",
            "height_m",
            "缺少“height_m”".into(),
            "'height_m' is missing".into(),
            ("给出洞口净高（米）", "give the clear height of the opening (metres)"),
        ),
        _ => {}
    }
    let not_negative = |v: Option<f64>| v.is_none_or(|v| v.is_finite() && v >= 0.0);
    let positive = |v: Option<f64>| v.is_none_or(|v| v.is_finite() && v > 0.0);
    let level = |v: Option<f64>| v.is_none_or(|v| v.abs() <= 10_000.0);
    let ends = || link.from.iter().chain(&link.to);
    let wrong = [
        ("width_m", Some(link.width_m), positive(Some(link.width_m)), "应大于 0（米）", "use more than 0 (metres)"),
        ("height_m", link.height_m, positive(link.height_m), "应大于 0（米）", "use more than 0 (metres)"),
        ("invert_m", Some(link.invert_m), level(Some(link.invert_m)), "应在 ±10000 m 之内", "use ±10000 m"),
        ("invert_to_m", link.invert_to_m, level(link.invert_to_m), "应在 ±10000 m 之内", "use ±10000 m"),
        ("length_m", link.length_m, not_negative(link.length_m), "不能为负", "cannot be negative"),
        ("roughness", link.roughness, not_negative(link.roughness), "不能为负", "cannot be negative"),
        ("entry_loss", link.entry_loss, not_negative(link.entry_loss), "不能为负", "cannot be negative"),
        ("exit_loss", link.exit_loss, not_negative(link.exit_loss), "不能为负", "cannot be negative"),
        (
            "discharge_coefficient",
            link.discharge_coefficient,
            positive(link.discharge_coefficient) && link.discharge_coefficient.is_none_or(|c| c <= 1.0),
            "应大于 0 且不大于 1",
            "use more than 0, at most 1",
        ),
        (
            "from",
            ends().copied().find(|v| !v.is_finite()),
            ends().all(|v| v.is_finite()),
            "坐标应为有限数（米）",
            "use finite coordinates (metres)",
        ),
    ];
    for (key, value, _, zh, en) in wrong.into_iter().filter(|(_, _, ok, ..)| !ok) {
        let value = value.unwrap_or(f64::NAN);
        let (zh_message, en_message) =
            (format!("{key} = {value} 不在允许范围"), format!("{key} = {value} is out of range"));
        refuse("SCN-011", key, zh_message, en_message, (zh, en));
    }
    found
}
