//! Which shelters may take people: what the register says of them, and what water, slopes and members do.

use crate::inputs::Inputs;
use dayu_assets::{Details, Layer};
use dayu_base::{Finding, RiskColour, Text};
use dayu_evacuation::ShelterPlace;
use dayu_impact::Impact;
use dayu_plan::{SHELTER_DEPTH_M, SLOPE_CLEARANCE_M, shelter_at_risk, slope_above};
use std::collections::BTreeMap;

/// Reason of a shelter that a hazard reaches in too many members, as [`dayu_evacuation::HAZARD_TOO_LIKELY`].
const TOO_LIKELY: &str = dayu_evacuation::HAZARD_TOO_LIKELY;

/// Said of shelters that say nothing of what they offer while others do: nobody with needs is sent there.
pub(crate) fn nothing_offered(shelters: &[ShelterPlace]) -> Option<Finding> {
    let silent = shelters.iter().filter(|s| s.usable.is_ok() && s.offers.is_empty() && s.care_places.is_none());
    let ids: Vec<&str> = silent.map(|s| s.id.as_str()).collect();
    (!ids.is_empty()).then(|| {
        Finding::info(
            "RUN-161",
            Text::new(
                format!("{} 处避灾安置场所没有登记 offers：不向其安排有护理、无障碍等需要的人", ids.len()),
                format!("{} shelters register nothing they offer: nobody who needs care, step-free access or the like is sent there", ids.len()),
            ),
            Text::new("补填 offers；确无条件的可不填", "fill offers; leave it empty where there is nothing"),
        )
        .in_file("shelters")
        .at(ids[..ids.len().min(5)].join(", "))
        .field("offers")
    })
}

/// Says why a shelter gets no one.
pub(crate) fn left_out(impact: &Impact, id: &str, reason: &str) -> Finding {
    if let Some(chance) = shelter_at_risk(impact, id).filter(|_| reason == TOO_LIKELY) {
        let most = 100.0 * impact.chances.as_ref().map_or(0.0, |c| c.shelter_limit);
        let words = chance.words();
        return Finding::warning(
            "RUN-100",
            Text::new(
                format!("避灾安置场所“{id}”不安排人员：{}（不安排的界限为超过 {most:.0}%）", words.zh),
                format!("shelter '{id}' gets no one: {} (limit: above {most:.0} %)", words.en),
            ),
            Text::new("现场核实；改用其他场所", "check on the spot; use another one"),
        )
        .in_file("shelters")
        .at(id);
    }
    let (zh, en, mend) = match reason {
        "closed" => (
            "台账标为关闭",
            "the register says that it is closed",
            ("可用时改台账 state", "change its state in the register when it can be used"),
        ),
        "capacity_unknown" => (
            "床位数未知",
            "its number of beds is not known",
            ("在台账填写 capacity_people", "give capacity_people in the register"),
        ),
        "under_water" => (
            "推演中进水达 0.15 m",
            "it gets 0.15 m of water or more in this run",
            ("现场核实；改用未受淹的场所", "check on the spot; use one that stays dry"),
        ),
        "slope_run_out" => (
            "在橙色以上边坡的滑动影响扇形内（达角法，筛查级）",
            "it lies in the run-out fan of a slope at orange or red (reach angle, screening)",
            ("请地质人员核实；改用其他场所", "have a geologist check; use another one"),
        ),
        "near_dangerous_slope" => (
            "邻近橙色以上边坡",
            "it lies beside a slope at orange or red",
            ("请地质人员核实；改用其他场所", "have a geologist check; use another one"),
        ),
        _ => (
            "所在位置没有推演结果，安全未知",
            "the run tells nothing of its place; its safety is unknown",
            ("核对坐标与计算范围", "check its place against the computed area"),
        ),
    };
    Finding::warning(
        "RUN-082",
        Text::new(format!("避灾安置场所“{id}”不安排人员：{zh}"), format!("shelter '{id}' gets no one: {en}")),
        Text::new(mend.0, mend.1),
    )
    .in_file("shelters")
    .at(id)
}

/// The register as places: who may be sent there, and why not.
pub(crate) fn shelters(inputs: &Inputs, impact: &Impact) -> Vec<ShelterPlace> {
    let registry = &inputs.district.registry;
    let impacts: BTreeMap<&str, _> = impact.objects.iter().map(|o| (o.object_id.as_str(), o)).collect();
    let dangerous_slopes: Vec<(f64, f64)> = impact
        .objects
        .iter()
        .filter(|o| o.layer == Layer::Slopes && o.colour >= RiskColour::Orange)
        .map(|o| (o.x_m, o.y_m))
        .collect();
    registry
        .layer(Layer::Shelters)
        .map(|asset| {
            let Details::Shelter { capacity_people: capacity, state, offers, care_places, reserve_share, .. } =
                &asset.details
            else {
                return ShelterPlace {
                    usable: Err("capacity_unknown".into()),
                    ..ShelterPlace::new(&asset.id, (asset.x_m, asset.y_m), 0)
                };
            };
            let hit = impacts.get(asset.id.as_str());
            let near_slope =
                dangerous_slopes.iter().any(|(x, y)| libm::hypot(asset.x_m - x, asset.y_m - y) <= SLOPE_CLEARANCE_M);
            // What endangers it comes first: a shelter that is only closed may be opened.
            let usable = if hit.is_some_and(|o| o.peak.is_some_and(|d| d >= SHELTER_DEPTH_M)) {
                Err("under_water")
            } else if shelter_at_risk(impact, &asset.id).is_some() {
                Err(TOO_LIKELY)
            } else if near_slope {
                Err("near_dangerous_slope")
            } else if slope_above(impact, &asset.id).is_some() {
                Err("slope_run_out")
            } else if hit.is_none_or(|o| o.peak.is_none()) {
                Err("safety_unknown")
            } else if state.as_deref().is_some_and(|s| ["closed", "关闭", "停用"].contains(&s)) {
                Err("closed")
            } else if capacity.is_none() {
                Err("capacity_unknown")
            } else {
                Ok(())
            };
            ShelterPlace {
                id: asset.id.clone(),
                x: asset.x_m,
                y: asset.y_m,
                capacity: capacity.unwrap_or(0),
                usable: usable.map_err(String::from),
                offers: offers.clone().unwrap_or_default(),
                care_places: *care_places,
                reserve_share: *reserve_share,
                hazard_probability: impact.chances.as_ref().and_then(|c| c.shelter(&asset.id)).map(|c| c.hazard.share),
            }
        })
        .collect()
}
