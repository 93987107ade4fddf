use dayu_assets::Layer;
use dayu_base::{Mark, Text};
use serde::{Deserialize, Serialize};

/// How people are housed (`[housing]` of a plan). What a plan does not say is a default of this program, mark D.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HousingRules {
    /// nobody walks farther from door to door, m
    #[serde(default = "max_walk_m")]
    pub max_walk_m: f64,
    /// a shelter that a hazard reaches in more than this share of the members takes nobody, 0 … 1
    #[serde(default = "max_hazard_probability")]
    pub max_hazard_probability: f64,
    /// share of the beds of every shelter kept free, 0 … 1, where the register names none
    #[serde(default)]
    pub reserve_share: f64,
    /// layers whose places go to one shelter as a whole where one can take them
    #[serde(default = "keep_together")]
    pub keep_together: Vec<Layer>,
    /// other places may be split between shelters
    #[serde(default = "yes")]
    pub split: bool,
    /// plan clause
    #[serde(default)]
    pub clause: String,
    /// mark of these numbers
    #[serde(default = "unofficial")]
    pub mark: Mark,
}

/// Longest walk, m (D: 1.5 km in villages, 30 min).
fn max_walk_m() -> f64 {
    1500.0
}
/// Share of the members (D).
fn max_hazard_probability() -> f64 {
    0.10
}
fn keep_together() -> Vec<Layer> {
    vec![Layer::Institutions]
}
fn yes() -> bool {
    true
}
fn unofficial() -> Mark {
    Mark::Default
}

impl Default for HousingRules {
    fn default() -> Self {
        Self {
            max_walk_m: max_walk_m(),
            max_hazard_probability: max_hazard_probability(),
            reserve_share: 0.0,
            keep_together: keep_together(),
            split: true,
            clause: String::new(),
            mark: unofficial(),
        }
    }
}

impl HousingRules {
    /// Whether every number can be used.
    pub(crate) fn is_sound(&self) -> bool {
        let share = |value: f64| (0.0..=1.0).contains(&value);
        self.max_walk_m.is_finite()
            && self.max_walk_m > 0.0
            && self.max_walk_m <= 20_000.0
            && share(self.max_hazard_probability)
            && share(self.reserve_share)
    }

    /// The rules in one line, with their mark and with the share that goes to relatives and its mark.
    pub fn words(&self, relatives_share: f64, relatives_mark: &Mark) -> Text {
        let kept: Vec<&str> = self.keep_together.iter().map(|layer| layer.zh()).collect();
        let kept_en: Vec<String> = self.keep_together.iter().map(|layer| layer.id().replace('_', " ")).collect();
        let (walk, hazard, reserve) =
            (self.max_walk_m, 100.0 * self.max_hazard_probability, 100.0 * self.reserve_share);
        let (together, together_en) = match (self.split, kept.is_empty()) {
            (false, _) => ("各处均不拆分".to_owned(), "no place is split".to_owned()),
            (true, true) => ("允许拆分".to_owned(), "places may be split".to_owned()),
            (true, false) => (format!("{}整体安置", kept.join("、")), format!("{} stay together", kept_en.join(", "))),
        };
        let relatives = 100.0 * relatives_share;
        let clause = if self.clause.is_empty() { String::new() } else { format!("{}，", self.clause) };
        let clause_en = if self.clause.is_empty() { String::new() } else { format!("{}, ", self.clause) };
        Text::new(
            format!(
                "安置规则：步行不超过 {walk:.0} m；受灾概率超过 {hazard:.0}% 的场所不启用；预留床位 {reserve:.0}%；{together}（{clause}{}）；投亲靠友比例 {relatives:.0}%（{}）",
                self.mark.zh(),
                relatives_mark.zh()
            ),
            format!(
                "housing: walks up to {walk:.0} m; shelters with a hazard in more than {hazard:.0} % of members stay shut; {reserve:.0} % of beds kept free; {together_en} ({clause_en}mark {}); {relatives:.0} % go to relatives (mark {})",
                String::from(self.mark.clone()),
                String::from(relatives_mark.clone())
            ),
        )
    }
}
