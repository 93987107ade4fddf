use crate::Header;
use dayu_assets::{Region, RegionLevel, Registry};
use dayu_base::{Instant, Origin, RiskColour};
use dayu_impact::{Impact, ObjectImpact};
use dayu_plan::{Decision, DerivedSignal, LevelPlan, Signal};
use std::collections::BTreeMap;

/// What the list and the table of one level are made from.
#[derive(Clone, Copy)]
pub struct ComposeInput<'a> {
    /// who, what, when, from what; its `level` is the level composed
    pub header: &'a Header,
    /// the registers
    pub registry: &'a Registry,
    /// what is hit
    pub impact: &'a Impact,
    /// what the level would mandate
    pub plan: &'a LevelPlan,
    /// the recommendation with its rule trace
    pub decision: &'a Decision,
    /// official warning signals; `None` = no list was given
    pub signals: Option<&'a [Signal]>,
    /// colours the rain calls for, by 镇街
    pub derived: &'a [DerivedSignal],
}

/// The input with its indexes: built once per product.
pub(super) struct Context<'a> {
    pub input: ComposeInput<'a>,
    impacts: BTreeMap<&'a str, &'a ObjectImpact>,
}

/// An object as a reader wants it named and placed.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    pub name: String,
    pub kind: String,
    pub town: String,
    pub village: String,
    pub grid: String,
    pub xy: Option<(f64, f64)>,
    pub colour: Option<RiskColour>,
}

/// Town of rows that cannot be placed in one.
pub(super) const NO_TOWN: &str = "镇街未定";
/// "Town" of duties of the whole district.
pub(super) const WHOLE_DISTRICT: &str = "全区";

impl<'a> Context<'a> {
    pub fn new(input: ComposeInput<'a>) -> Self {
        let impacts = input.impact.objects.iter().map(|o| (o.object_id.as_str(), o)).collect();
        Self { input, impacts }
    }
    pub fn impact_of(&self, object_id: &str) -> Option<&'a ObjectImpact> {
        self.impacts.get(object_id).copied()
    }
    /// Seconds from start to `as_of`.
    pub fn as_of_s(&self) -> f64 {
        let h = self.input.header;
        h.as_of.duration_since(h.start).as_secs_f64()
    }
    /// The instant `s` seconds from start; `None` when it is not finite or outside the calendar.
    pub fn at(&self, s: f64) -> Option<Instant> {
        if !s.is_finite() || s.abs() > 1.0e11 {
            return None;
        }
        let span = std::time::Duration::from_secs(s.abs().round() as u64);
        let start = self.input.header.start;
        if s < 0.0 { start.checked_sub(span).ok() } else { start.checked_add(span).ok() }
    }
    /// `07-25 08:00`, or 未知.
    pub fn short(&self, s: Option<f64>) -> String {
        s.and_then(|s| self.at(s)).map_or_else(|| "未知".into(), |t| self.input.header.zone.short(t))
    }
    /// True for a time that passed before `as_of` while the period still runs: what was due then is due at once. When the whole
    /// period lies behind `as_of` (a replay looked back on), every time stays what it was.
    pub fn is_overdue(&self, s: Option<f64>) -> bool {
        let header = self.input.header;
        header.as_of < header.end && s.is_some_and(|s| s < self.as_of_s())
    }
    /// True for a time that lies before `as_of` in a period that is over: it tells what should have been done, not what is due.
    pub fn is_looked_back(&self, s: Option<f64>) -> bool {
        let header = self.input.header;
        header.as_of >= header.end && s.is_some_and(|s| s < self.as_of_s())
    }
    /// True when any of the rain was constructed: it must not read as measured.
    pub fn rain_is_constructed(&self) -> bool {
        self.input.header.inputs.iter().any(|i| i.layer == "rain" && i.origin != Origin::Real)
    }
    /// When computed water falls below the closure depth for good: not the reopening, which somebody must check and order.
    pub fn falls_below(&self, s: Option<f64>) -> String {
        match s {
            Some(_) => format!("预计 {} 退至封控水深以下（恢复通行须现场核实）", self.short(s)),
            None => "时段内未退至封控水深以下，恢复时间未知".into(),
        }
    }
    /// A deadline in print: the time, 未知, or 立即 with the time that has passed.
    pub fn due(&self, s: Option<f64>) -> String {
        let time = self.short(s);
        if self.is_overdue(s) { format!("立即（{time}已过）") } else { time }
    }
    /// RFC 3339 with the zone's offset, for cells.
    pub fn rfc3339(&self, s: Option<f64>) -> Option<String> {
        s.and_then(|s| self.at(s)).map(|t| self.input.header.zone.rfc3339(t))
    }
    /// The chain of regions from `code` up to the root, smallest first.
    pub fn region_chain(&self, code: Option<&str>) -> Vec<&'a Region> {
        code.map(|c| self.input.registry.ancestors(c)).unwrap_or_default()
    }
    /// Code of the smallest region of an object, from the register or the impact.
    pub fn region_code(&self, object_id: &str) -> Option<&'a str> {
        let from_register = self.input.registry.by_id(object_id).and_then(|a| a.region.as_deref());
        from_register.or_else(|| self.impact_of(object_id).and_then(|o| o.region.as_deref()))
    }
    /// Names and place of an object; `region` is used when the registers know none.
    pub fn place(&self, object_id: &str, region: Option<&'a str>) -> Place {
        let asset = self.input.registry.by_id(object_id);
        let impact = self.impact_of(object_id);
        let chain = self.region_chain(self.region_code(object_id).or(region));
        let named = |level: RegionLevel| chain.iter().find(|r| r.level == level).map(|r| r.name.clone());
        Place {
            name: asset
                .map(|a| a.name.clone())
                .or_else(|| impact.map(|o| o.name.clone()))
                .unwrap_or_else(|| object_id.into()),
            kind: asset.map(|a| a.layer).or_else(|| impact.map(|o| o.layer)).map_or("未知", |l| l.zh()).into(),
            town: named(RegionLevel::Town).unwrap_or_else(|| NO_TOWN.into()),
            village: named(RegionLevel::Village).unwrap_or_default(),
            grid: named(RegionLevel::Grid).unwrap_or_default(),
            xy: asset.map(|a| (a.x_m, a.y_m)).or_else(|| impact.map(|o| (o.x_m, o.y_m))),
            colour: impact.map(|o| o.colour),
        }
    }
    /// Where duties for an object may stand: the object, then its regions, smallest first; `region` when the registers know none.
    pub fn scopes<'b>(&self, object_id: &'b str, region: Option<&'b str>) -> Vec<&'b str>
    where
        'a: 'b,
    {
        let chain = self.region_chain(self.region_code(object_id).or(region));
        std::iter::once(object_id).chain(chain.into_iter().map(|r| r.code.as_str())).collect()
    }
    /// Posts that hold a role in the nearest of the scopes that has it; `None` = nobody.
    pub fn posts_of(&self, scopes: &[&str], role: &str) -> Option<String> {
        scopes.iter().find_map(|scope| {
            let duties = self.input.registry.duties_of(scope);
            let posts: Vec<&str> = duties.iter().filter(|d| d.role == role).map(|d| d.post.as_str()).collect();
            (!posts.is_empty()).then(|| posts.join("；"))
        })
    }
    pub fn name_of(&self, object_id: &str) -> String {
        let asset = self.input.registry.by_id(object_id).map(|a| a.name.clone());
        asset.or_else(|| self.impact_of(object_id).map(|o| o.name.clone())).unwrap_or_else(|| object_id.into())
    }
}
