//! What products and files say of the members.

use super::Ensemble;
use crate::inputs::Inputs;
use dayu_base::{Finding, Text};
use dayu_storm::members::Method;
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
    /// `ensemble.csv`: chances of every object.
    pub fn csv(&self) -> String {
        let mut s = String::from(
            "object_id,members,p_015,p_015_low,p_015_high,p_030,p_030_low,p_030_high,depth_10_m,depth_50_m,depth_90_m\n",
        );
        for (id, o) in &self.chances.objects {
            let _ = write!(s, "{id},{}", o.reached[0].members);
            for p in &o.reached {
                let _ = write!(s, ",{:.3},{:.3},{:.3}", p.share, p.interval.0, p.interval.1);
            }
            let [a, b, c] = o.depths_m;
            let _ = writeln!(s, ",{a:.3},{b:.3},{c:.3}");
        }
        s
    }

    /// What every product says of the members.
    pub fn note(&self) -> Text {
        let wind: Vec<String> = self.wind.iter().map(|(g, p)| format!("{g}级 {}/{}", p.hits, p.members)).collect();
        let wind = if wind.is_empty() {
            String::new()
        } else {
            format!("；平均风达到各级的成员：{}", wind.join("，"))
        };
        let (area, area_en) = self.drawn.map_or(("未知".into(), "unknown".into()), |d| {
            let ha = |k: usize| format!("{:.0}", self.flooded_m2[k] / 1e4);
            let [a, b, c] = [d.low, d.likely, d.high].map(ha);
            (
                format!("{a}/{b}/{c} 公顷（成员 {}、{}、{}）", d.low, d.likely, d.high),
                format!("{a}/{b}/{c} ha (members {}, {}, {})", d.low, d.likely, d.high),
            )
        });
        let a = &self.against_run;
        Text::new(
            format!(
                "集合 {}：淹没面积 10/50/90% 为 {area}{wind}。成员比例不是业务预报概率；90% 区间见 simulation/ensemble.csv。成员格网与本次推演格网对 {} 处对象中的 {} 处判断一致（漏 {}、多 {}）",
                self.maps.words.zh, a.objects, a.same, a.missed, a.added
            ),
            format!(
                "{}: flooded area at 10/50/90 % {area_en}; shares of members are no forecast probabilities; on the members' cells {} of {} objects are judged as in the run ({} missed, {} added)",
                self.maps.words.en, a.same, a.objects, a.missed, a.added
            ),
        )
    }

    /// That the members' cells were chosen, as a finding.
    pub fn chosen(&self) -> Finding {
        let n = self.members.len();
        Finding::info(
            "RUN-102",
            Text::new(
                format!(
                    "集合 {n} 个成员在 {:.0} m 格网上计算，共 {:.1} 亿单元步（按工作量选定，与机器快慢无关）",
                    self.cell_m,
                    self.cell_steps as f64 / 1e8
                ),
                format!(
                    "{n} members on cells of {:.0} m, {:.2e} cell-steps in all (chosen by counted work, not by the clock)",
                    self.cell_m, self.cell_steps as f64
                ),
            ),
            Text::default(),
        )
        .field("ensemble")
    }
}

/// A run of many members without any rain would only repeat itself.
pub(crate) fn without_effect(inputs: &Inputs) -> Option<Finding> {
    let spec = inputs.scenario.ensemble.as_ref().filter(|e| e.members > 1)?;
    let only_track = spec.method == "track" && !inputs.scenario.rain.iter().any(|r| r.follows_track());
    only_track.then(|| {
        Finding::warning(
            "ENS-001",
            Text::new(
                "集合只改变台风路径，而雨量不来自路径：各成员积水相同，只有风不同",
                "members change the track alone, but the rain does not come from it: water is the same in all, only wind differs",
            ),
            Text::new("method 用 combined，或用 [[rain]] kind = \"typhoon\"", "use method combined, or [[rain]] kind = \"typhoon\""),
        )
        .in_file(&inputs.scenario_file.name)
        .field("ensemble.method")
    })
}
