//! What products and files say of the members.

use super::{DrawnNumbers, Ensemble};
use crate::Failure;
use crate::inputs::Inputs;
use crate::publish::Draft;
use dayu_base::{Finding, Text};
use dayu_storm::members::{Method, Probability};
use std::fmt::Write;

/// How members are made, in words. All of them are drawn by this program: constructed.
pub(super) fn method_words(method: Method) -> Text {
    let (zh, en) = match method {
        Method::RainScaling => ("雨量倍数，变差系数 30%", "rain scaled, coefficient of variation 30 %"),
        Method::TimingShift => ("雨时提前或推后，标准差 1.5 h", "rain shifted in time, standard deviation 1.5 h"),
        Method::SpatialShift => ("雨区平移，标准差 10 km", "rain shifted in place, standard deviation 10 km"),
        Method::Track => ("台风路径与强度扰动", "track and intensity of the typhoon perturbed"),
        Method::Combined => (
            "雨量、雨时、雨区与台风路径同时扰动",
            "amount, time and place of the rain and the typhoon's track perturbed together",
        ),
        Method::External => {
            return Text::new("外部集合，每成员一组雨量栅格", "external, gridded rain for each member");
        }
    };
    Text::new(format!("{zh}；构造，离散度为系统默认"), format!("{en}; constructed, spreads are defaults"))
}

/// Number, method and cells of the members.
pub(super) fn members_words(members: usize, method: &Text, cell_m: f64) -> Text {
    Text::new(
        format!("{members} 个成员（{}，{cell_m:.0} m 格网）", method.zh),
        format!("{members} members ({}; cells of {cell_m:.0} m)", method.en),
    )
}

impl Ensemble {
    /// Writes `simulation/ensemble.json` and `ensemble.csv`.
    pub fn write(&self, draft: &Draft) -> Result<(), Failure> {
        let json = serde_json::to_value(self).map(|v| crate::pretty(&v)).unwrap_or_default();
        draft.write("simulation/ensemble.json", json.as_bytes())?;
        draft.write("simulation/ensemble.csv", self.csv().as_bytes())?;
        Ok(())
    }

    /// `ensemble.csv`: chances of every object; of one at which the members' cells contradict the run, none.
    pub fn csv(&self) -> String {
        let mut s = String::from(
            "object_id,members,p_015,p_015_low,p_015_high,p_030,p_030_low,p_030_high,depth_10_m,depth_50_m,depth_90_m,agrees\n",
        );
        for (id, o) in &self.chances.objects {
            let _ = write!(s, "{id},{}", o.reached[0].members);
            for p in &o.reached {
                let _ = write!(s, ",{:.3},{:.3},{:.3}", p.share, p.interval.0, p.interval.1);
            }
            let [a, b, c] = o.depths_m;
            let _ = writeln!(s, ",{a:.3},{b:.3},{c:.3},yes");
        }
        for id in &self.chances.doubtful {
            let _ = writeln!(s, "{id},{},,,,,,,,,,no", self.members.len());
        }
        s
    }

    /// What every product says of the members.
    pub fn note(&self) -> Text {
        let wind = wind_words(&self.wind);
        let drawn = self.drawn.zip(self.drawn_flooded_m2);
        let (area, area_en) = drawn.map_or(("未知".into(), "unknown".into()), |(d, areas_m2)| {
            let [a, b, c] = areas_m2.map(|m2| format!("{:.0}", m2 / 1e4));
            let DrawnNumbers { low, likely, high } = d;
            (
                format!("{a}/{b}/{c} 公顷（成员 {low}、{likely}、{high}）"),
                format!("{a}/{b}/{c} ha (members {low}, {likely}, {high})"),
            )
        });
        let (rank, rank_en) = self.rank_words();
        let a = &self.against_run;
        Text::new(
            format!(
                "集合 {}：淹没面积 10/50/90% 为 {area}；{rank}{wind}。成员比例不是业务预报概率；90% 区间见 simulation/ensemble.csv。成员格网与本次推演格网对 {} 处对象中的 {} 处判断一致（漏 {}、多 {}，这些对象不给成员比例）",
                self.maps.words.zh, a.objects, a.same, a.missed, a.added
            ),
            format!(
                "{}: flooded area at 10/50/90 % {area_en}; {rank_en}; shares of members are no forecast probabilities; on the members' cells {} of {} objects are judged as in the run ({} missed, {} added, which get no share)",
                self.maps.words.en, a.same, a.objects, a.missed, a.added
            ),
        )
    }

    fn rank_words(&self) -> (String, String) {
        let (n, ha) = (self.members.len(), self.unchanged_flooded_m2 / 1e4);
        if self.members.first().is_some_and(|m| m.number == 0) {
            let rank = self.unchanged_rank;
            return (
                format!("不扰动的成员 0 为 {ha:.0} 公顷，由小到大列第 {rank}/{n}"),
                format!("the unchanged member 0 floods {ha:.0} ha, number {rank} of {n} from the least"),
            );
        }
        let less = self.unchanged_rank - 1;
        (
            format!("情景自身雨量在同一格网上为 {ha:.0} 公顷，{n} 个成员中 {less} 个比它小"),
            format!("the scenario's own rain floods {ha:.0} ha on these cells, more than {less} of {n} members"),
        )
    }

    /// What makes the members doubtful, as findings.
    pub(super) fn doubts(&self, inputs: &Inputs) -> Vec<Finding> {
        let mut found = Vec::new();
        let (n, rank) = (self.members.len(), self.unchanged_rank);
        if n >= LEAST_RANKED && (rank <= 1 || rank >= n) {
            let (zh, en) = self.rank_words();
            found.push(
                Finding::warning(
                    "ENS-004",
                    Text::new(
                        format!("{zh}：本次推演处于集合的一端，“50% 成员”不是本次推演的居中情形"),
                        format!(
                            "{en}: the run stands at one end of its members, and the member at 50 % is no middle of it"
                        ),
                    ),
                    Text::new(
                        "按本次推演与 90% 成员中较大者准备",
                        "prepare for the larger of the run and the member at 90 %",
                    ),
                )
                .in_file(&inputs.scenario_file.name)
                .field("ensemble"),
            );
        }
        if !self.chances.doubtful.is_empty() {
            let a = &self.against_run;
            let names: Vec<&str> = self.chances.doubtful.iter().take(SHOWN).map(String::as_str).collect();
            found.push(
                Finding::warning(
                    "ENS-005",
                    Text::new(
                        format!(
                            "{} 处对象的成员格网（{:.0} m）不可信：同样的雨，成员格网与本次推演一个受淹一个不受淹（漏 {}、多 {}）。这些对象不给成员比例；其中的避灾场所受灾概率未知，预案设有概率上限时不安排人员（EVA-064）",
                            self.chances.doubtful.len(), self.cell_m, a.missed, a.added
                        ),
                        format!(
                            "the members' cells ({:.0} m) cannot be trusted at {} objects: the same rain floods them on one grid and not on the other ({} missed, {} added). They get no share; shelters among them get no one where the plan limits the chance of a hazard (EVA-064)",
                            self.cell_m, self.chances.doubtful.len(), a.missed, a.added
                        ),
                    ),
                    Text::new("减少 ensemble.members，使成员能用更细的格网", "use fewer members, so that they can have finer cells"),
                )
                .in_file(&inputs.scenario_file.name)
                .at(names.join(", "))
                .field("ensemble.members"),
            );
        }
        found
    }

    /// That the members' cells were chosen, as a finding. Under a deadline the measured speed of the machine took part.
    pub fn chosen(&self, by_deadline: bool) -> Finding {
        let n = self.members.len();
        let (how, how_en) = if by_deadline {
            ("格网按时限与本机实测速度选定", "cells chosen by the deadline and the measured speed of this machine")
        } else {
            ("格网按工作量选定，与机器快慢无关", "cells chosen by estimated work, not by the clock")
        };
        Finding::info(
            "RUN-102",
            Text::new(
                format!(
                    "集合 {n} 个成员在 {:.0} m 格网上计算，共 {:.1} 亿单元步（{how}）",
                    self.cell_m,
                    self.cell_steps as f64 / 1e8
                ),
                format!(
                    "{n} members on cells of {:.0} m, {:.2e} cell-steps in all ({how_en})",
                    self.cell_m, self.cell_steps as f64
                ),
            ),
            Text::default(),
        )
        .field("ensemble")
    }
}

/// Members below which the place of the unchanged one says little: with so many it stands at one end in a fifth of all storms.
const LEAST_RANKED: usize = 10;
/// Objects named in a finding.
const SHOWN: usize = 12;

/// `；平均风达到各级的成员：8级 3/20`; empty without winds.
fn wind_words(wind: &[(u8, Probability)]) -> String {
    let told: Vec<String> = wind.iter().map(|(g, p)| format!("{g}级 {}/{}", p.hits, p.members)).collect();
    if told.is_empty() { String::new() } else { format!("；平均风达到各级的成员：{}", told.join("，")) }
}

/// Members that no source of rain answers to would be copies of the run: none is computed, and no share is told.
pub(super) fn without_effect(inputs: &Inputs, wind: &[(u8, Probability)]) -> Finding {
    let method = inputs.scenario.ensemble.as_ref().map(|e| e.method.clone()).unwrap_or_default();
    let winds = wind_words(wind);
    Finding::warning(
        "ENS-001",
        Text::new(
            format!("没有一项雨量随 method = \"{method}\" 改变：各成员积水会完全相同，不是样本；不计算成员，不给成员比例{winds}"),
            format!("no rain answers to method = \"{method}\": water would be the same in all members, which are no samples; none is computed and no share told"),
        ),
        Text::new(
            "均匀雨用 rain-scaling 或 timing-shift；路径雨用 track；都有用 combined",
            "use rain-scaling or timing-shift with uniform rain, track with rain of a track, combined with both",
        ),
    )
    .in_file(&inputs.scenario_file.name)
    .field("ensemble.method")
}

/// All members came to the same water.
pub(super) fn identical(inputs: &Inputs, members: usize) -> Finding {
    Finding::warning(
        "ENS-003",
        Text::new(
            format!("{members} 个成员的积水完全相同：不是样本，不给成员比例"),
            format!("the water of all {members} members is the same: they are no samples, and no share is told"),
        ),
        Text::new("核对雨量与 method", "check the rain and the method"),
    )
    .in_file(&inputs.scenario_file.name)
    .field("ensemble.method")
}

/// Fewer than two members know their rain.
pub(super) fn too_few(inputs: &Inputs, known: usize, unknown: &[u32]) -> Finding {
    let list = unknown.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    Finding::error(
        "ENS-013",
        Text::new(
            format!("雨量已知的成员只有 {known} 个（未知：{list}）：不给成员比例"),
            format!("the rain of only {known} members is known (not of {list}): no share is told"),
        ),
        Text::new("补齐成员的雨量", "supply the rain of the members"),
    )
    .in_file(&inputs.scenario_file.name)
    .field("ensemble.path")
}
