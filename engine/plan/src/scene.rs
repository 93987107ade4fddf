use crate::reach::{Reach, reaches_colour, reaches_depth};
use crate::{DecideInput, Selector};
use dayu_assets::{Asset, Details};
use dayu_base::RiskColour;
use dayu_impact::ObjectImpact;
use std::collections::BTreeMap;

/// One object of the registers with what happens to it.
#[derive(Clone, Copy)]
pub(crate) struct Spot<'a> {
    pub asset: &'a Asset,
    /// absent = not assessed
    pub impact: Option<&'a ObjectImpact>,
}

impl Spot<'_> {
    pub fn colour(&self) -> RiskColour {
        self.impact.map_or(RiskColour::Unknown, |i| i.colour)
    }
    fn known_colour(&self) -> Option<RiskColour> {
        Some(self.colour()).filter(|c| *c != RiskColour::Unknown)
    }
    /// People in or under it, as registered.
    pub fn people(&self) -> Option<u64> {
        match &self.asset.details {
            Details::OldHouse { people, .. }
            | Details::WorkShed { people, .. }
            | Details::Institution { people, .. }
            | Details::Population { people, .. }
            | Details::UndergroundSpace { people, .. } => *people,
            Details::Slope { people_below, .. } => *people_below,
            _ => None,
        }
    }
    /// Of them needing help, as registered.
    pub fn vulnerable(&self) -> Option<u64> {
        match &self.asset.details {
            Details::OldHouse { vulnerable, .. }
            | Details::Institution { vulnerable, .. }
            | Details::Population { vulnerable, .. } => *vulnerable,
            _ => None,
        }
    }
    /// The object's own closure depth, m.
    pub fn own_close_depth_m(&self) -> Option<f64> {
        let own = match &self.asset.details {
            Details::WaterloggingPoint { close_depth_m, .. } | Details::Underpass { close_depth_m, .. } => {
                *close_depth_m
            }
            Details::MetroEntrance { sill_height_m, .. } | Details::UndergroundSpace { sill_height_m, .. } => {
                *sill_height_m
            }
            _ => None,
        };
        own.filter(|d| *d > 0.0)
    }
    /// Who closes it, when its own plan names somebody.
    pub fn own_executor(&self) -> Option<&str> {
        match &self.asset.details {
            Details::WaterloggingPoint { closure_executor, .. } | Details::Underpass { closure_executor, .. } => {
                closure_executor.as_deref().filter(|e| !e.is_empty())
            }
            _ => None,
        }
    }
    fn grade(&self) -> Option<&str> {
        match &self.asset.details {
            Details::OldHouse { grade, .. } | Details::Shelter { grade, .. } => grade.as_deref(),
            _ => None,
        }
    }
    fn site(&self) -> Option<&str> {
        match &self.asset.details {
            Details::WaterloggingPoint { site, .. }
            | Details::Slope { site, .. }
            | Details::Institution { site, .. }
            | Details::Gauge { site, .. }
            | Details::Force { site, .. }
            | Details::Other { site, .. } => site.as_deref(),
            _ => None,
        }
    }
    fn state(&self) -> Option<&str> {
        match &self.asset.details {
            Details::Drain { state, .. } | Details::Gate { state, .. } | Details::Shelter { state, .. } => {
                state.as_deref()
            }
            _ => None,
        }
    }
    fn in_water(&self) -> Option<bool> {
        match &self.asset.details {
            Details::WorkShed { in_water, .. } => *in_water,
            _ => None,
        }
    }
    /// Whether the selector means this object; `None` = a needed fact is unknown.
    pub fn matches(&self, selector: &Selector) -> Option<bool> {
        if self.asset.layer != selector.layer {
            return Some(false);
        }
        let named = |wanted: &[String], value: Option<&str>| {
            if wanted.is_empty() { Some(true) } else { value.map(|v| wanted.iter().any(|w| same_name(w, v))) }
        };
        let judged = |reach: Option<Reach>| match reach {
            Some(Reach::Yes { .. }) => Some(true),
            Some(Reach::No) => Some(false),
            Some(Reach::Unknown) | None => None,
        };
        let parts = [
            named(&selector.grade, self.grade()),
            named(&selector.site, self.site()),
            named(&selector.state, self.state()),
            selector.in_water.map_or(Some(true), |w| self.in_water().map(|v| v == w)),
            selector.min_colour.map_or(Some(true), |c| judged(self.impact.map(|i| reaches_colour(i, c)))),
            selector.max_colour.map_or(Some(true), |c| self.known_colour().map(|own| own <= c)),
            selector.depth_m.map_or(Some(true), |d| judged(self.impact.map(|i| reaches_depth(i, d)))),
        ];
        if parts.contains(&Some(false)) {
            Some(false)
        } else if parts.contains(&None) {
            None
        } else {
            Some(true)
        }
    }
}

/// D, d, D级 and D类 are one grade.
fn same_name(a: &str, b: &str) -> bool {
    let bare = |s: &str| s.trim().trim_end_matches(['级', '类']).to_lowercase();
    bare(a) == bare(b)
}

/// All objects, sorted by id.
pub(crate) fn spots<'a>(input: &DecideInput<'a>) -> Vec<Spot<'a>> {
    let assets: BTreeMap<&str, &'a Asset> = input.assets.iter().map(|a| (a.id.as_str(), *a)).collect();
    let impact: BTreeMap<&str, &'a ObjectImpact> =
        input.impact.objects.iter().map(|o| (o.object_id.as_str(), o)).collect();
    assets.into_iter().map(|(id, asset)| Spot { asset, impact: impact.get(id).copied() }).collect()
}
