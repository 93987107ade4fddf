//! A small made-up district for the tests of this crate.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use dayu_assets::{Asset, Details, Household, Layer};
use dayu_base::{Instant, Origin, RiskColour, Text, Zone};
use dayu_impact::{Crossing, Impact, ObjectImpact, Quantity, RainSummary, StormImpact, WindowMaximum};
use dayu_plan::{
    DecideInput, Decision, DemandPlace, DerivedSignal, EvacAnswer, Facts, Housed, PlanFile, Signal, decide, parse_plan,
};

pub const XIHU: &str = include_str!("../../../../gis-data/xihu/plan.toml");
pub const PORTO_ALEGRE: &str = include_str!("../../../../gis-data/porto-alegre/plan.toml");
pub const XIAN: &str = include_str!("../../../../gis-data/plans/xian-2024.toml");

pub fn plan(text: &str) -> PlanFile {
    parse_plan("plan.toml", text).unwrap_or_else(|f| panic!("{f:#?}"))
}

pub fn asset(id: &str, layer: Layer, region: &str, details: Details) -> Asset {
    Asset {
        id: id.into(),
        layer,
        name: id.into(),
        x_m: 0.0,
        y_m: 0.0,
        geometry: None,
        region: Some(region.into()),
        origin: Origin::Synthetic,
        name_origin: None,
        position_origin: None,
        data_time: None,
        details,
    }
}

pub fn block(id: &str, region: &str, people: u64, vulnerable: u64) -> Asset {
    let details = Details::Population { people: Some(people), vulnerable: Some(vulnerable), households: None };
    asset(id, Layer::Population, region, details)
}

pub fn house(id: &str, region: &str, grade: &str, people: u64, vulnerable: u64) -> Asset {
    let details = Details::OldHouse {
        grade: Some(grade.into()),
        people: Some(people),
        vulnerable: Some(vulnerable),
        needs: None,
    };
    asset(id, Layer::OldHouses, region, details)
}

pub fn slope(id: &str, region: &str, people: u64) -> Asset {
    let details = Details::Slope {
        site: None,
        class: Some(2),
        people_below: Some(people),
        households_below: None,
        monitored: None,
        past_failure: None,
        slope_deg: None,
        height_m: None,
        soil: None,
        soil_depth_m: None,
    };
    asset(id, Layer::Slopes, region, details)
}

pub fn point(id: &str, close_depth_m: Option<f64>) -> Asset {
    let details = Details::WaterloggingPoint {
        site: None,
        warn_depth_m: None,
        close_depth_m,
        historic_max_depth_m: None,
        historic_event: None,
        plan_document: None,
        crew: None,
        equipment: None,
        closure_executor: None,
        detour: None,
    };
    asset(id, Layer::WaterloggingPoints, "g1", details)
}

/// Water rises linearly from `from_s` to `peak_m` at `peak_s`, and is gone at once at `until_s`.
pub fn wet(asset: &Asset, peak_m: f64, from_s: f64, peak_s: f64, until_s: f64) -> ObjectImpact {
    let at = |t: f64| (peak_m >= t).then(|| from_s + (peak_s - from_s) * t / peak_m);
    let crossings = [0.15, 0.27, 0.30, 0.50]
        .iter()
        .map(|t| Crossing { threshold: *t, at_s: at(*t), until_s: at(*t).map(|_| until_s) })
        .collect();
    ObjectImpact {
        object_id: asset.id.clone(),
        layer: asset.layer,
        name: asset.name.clone(),
        region: asset.region.clone(),
        x_m: 0.0,
        y_m: 0.0,
        origin: Origin::Synthetic,
        colour: match peak_m {
            p if p >= 0.5 => RiskColour::Orange,
            p if p >= 0.27 => RiskColour::Yellow,
            p if p >= 0.15 => RiskColour::Blue,
            _ => RiskColour::Low,
        },
        quantity: Quantity::Depth,
        peak: Some(peak_m),
        peak_at_s: Some(peak_s),
        threshold: None,
        class: None,
        hazard: None,
        duration_s: at(0.15).map(|a| until_s - a),
        crossings,
        people: None,
        vulnerable: None,
        screening: false,
        note: Text::default(),
    }
}

/// A slope whose rain ratio reached 0.6 at `warn_s` and 1.0 at `act_s`.
pub fn slipping(asset: &Asset, colour: RiskColour, warn_s: Option<f64>, act_s: Option<f64>) -> ObjectImpact {
    let crossing = |threshold, at_s: Option<f64>| Crossing { threshold, at_s, until_s: at_s.map(|t| t + 3600.0) };
    ObjectImpact {
        colour,
        quantity: Quantity::RainRatio,
        crossings: vec![crossing(0.6, warn_s), crossing(1.0, act_s)],
        ..wet(asset, 0.7, 0.0, 1.0, 2.0)
    }
}

pub fn unknown(asset: &Asset) -> ObjectImpact {
    ObjectImpact {
        colour: RiskColour::Unknown,
        quantity: Quantity::Unknown,
        peak: None,
        crossings: Vec::new(),
        duration_s: None,
        ..wet(asset, 0.2, 0.0, 1.0, 2.0)
    }
}

/// Windows (h, areal mm, point mm, at s, observed point mm).
pub fn rain(windows: &[(f64, f64, f64, f64, f64)], peak_at_s: f64) -> RainSummary {
    RainSummary {
        windows: windows
            .iter()
            .map(|(h, areal, point, at, observed)| WindowMaximum {
                window_h: *h,
                areal_mm: Some(*areal),
                point_mm: Some(*point),
                at_s: Some(*at),
                observed_point_mm: Some(*observed),
            })
            .collect(),
        total_mm: 0.0,
        peak_at_s: Some(peak_at_s),
    }
}

pub struct World {
    pub assets: Vec<Asset>,
    pub objects: Vec<ObjectImpact>,
    pub rain: RainSummary,
    pub storm: Option<StormImpact>,
    pub households: Vec<Household>,
    pub signals: Option<Vec<Signal>>,
    pub derived: Vec<DerivedSignal>,
    pub facts: Facts,
    pub as_of_s: f64,
    pub duration_s: f64,
    pub start: &'static str,
}

impl Default for World {
    fn default() -> Self {
        Self {
            assets: Vec::new(),
            objects: Vec::new(),
            rain: rain(&[], 21_600.0),
            storm: None,
            households: Vec::new(),
            signals: Some(Vec::new()),
            derived: Vec::new(),
            facts: Facts::default(),
            as_of_s: 86_400.0,
            duration_s: 86_400.0,
            start: "2021-07-25T00:00:00Z",
        }
    }
}

impl World {
    pub fn decide_with(
        &self,
        plan: &PlanFile,
        assign: &dyn Fn(&[DemandPlace]) -> EvacAnswer,
    ) -> (Decision, Vec<dayu_base::Finding>) {
        let mut objects = self.objects.clone();
        objects.sort_by(|a, b| a.object_id.cmp(&b.object_id));
        let impact = Impact {
            objects,
            regions: Vec::new(),
            rain: self.rain.clone(),
            storm: self.storm.clone(),
            chances: None,
            fans: std::collections::BTreeMap::new(),
            affected: 7,
        };
        let zone = Zone::named("Asia/Shanghai").unwrap();
        decide(&DecideInput {
            plan,
            plan_file: "plan.toml",
            impact: &impact,
            assets: self.assets.iter().collect(),
            households: &self.households,
            signals: self.signals.as_deref(),
            derived: &self.derived,
            facts: &self.facts,
            rain_reached: None,
            start: self.start.parse::<Instant>().unwrap(),
            zone: &zone,
            as_of_s: self.as_of_s,
            duration_s: self.duration_s,
            data_time_s: Some(self.as_of_s - 600.0),
            assign,
        })
    }
    pub fn decide(&self, plan: &PlanFile) -> Decision {
        self.decide_with(plan, &everyone_fits).0
    }
}

/// One shelter with room for all.
pub fn everyone_fits(places: &[DemandPlace]) -> EvacAnswer {
    let housed = |p: &DemandPlace| Housed {
        shelters: vec![("s1".into(), p.people, 400)],
        rides: Vec::new(),
        moved: 0,
        unplaced: Vec::new(),
        through_s: None,
        departure: None,
    };
    EvacAnswer { rows: places.iter().map(housed).collect(), findings: Vec::new() }
}
