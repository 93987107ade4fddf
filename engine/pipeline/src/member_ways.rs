//! What each member of an ensemble leaves of the roads, and which shelters its slopes reach: kept instead of its water.

use crate::fans::Fans;
use crate::inputs::Inputs;
use crate::model::Model;
use crate::situation::slopes;
use crate::timed_roads::TimedRoads;
use crate::walking::Network;
use dayu_assets::{Layer, Registry};
use dayu_base::RiskColour;
use dayu_evacuation::TimedLink;
use dayu_impact::{AssessInput, ShelterChance, Thresholds, assess_impact, probability, thresholds_to_track};
use dayu_inundation::Inundation;
use dayu_plan::SLOPE_CLEARANCE_M;
use dayu_storm::RainField;
use std::collections::{BTreeMap, BTreeSet};

/// What is asked of every member, prepared once.
pub(crate) struct MemberWatch<'a> {
    network: &'a Network,
    /// points and underpasses that are closed by order, and slopes
    watched: Registry,
    /// shelters that a slope at orange or red reaches: in its fan or beside it
    shelters_below: BTreeMap<String, BTreeSet<String>>,
}

/// Roads and slopes of one member.
#[derive(Clone, Debug)]
pub(crate) struct MemberWays {
    /// road links that close or are slow to walkers: (number, closing s, slower)
    links: Vec<(u32, Option<f64>, Vec<(f64, f64)>)>,
    /// (shelter, slope) of slopes at orange or red
    below: BTreeSet<(String, String)>,
    /// shelters that water or a slope reaches in this member
    hit: BTreeSet<String>,
}

impl<'a> MemberWatch<'a> {
    pub fn new(inputs: &Inputs, model: &Model, network: &'a Network) -> Self {
        let registry = &inputs.district.registry;
        let wanted = [Layer::WaterloggingPoints, Layer::Underpasses, Layer::Slopes];
        let assets = registry.assets().iter().filter(|a| wanted.contains(&a.layer)).cloned().collect();
        let mut shelters_below: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (slope, shelters) in Fans::of(inputs, model).shelters(inputs) {
            shelters_below.entry(slope).or_default().extend(shelters);
        }
        for slope in registry.layer(Layer::Slopes) {
            for near in registry.within_radius(slope.x_m, slope.y_m, SLOPE_CLEARANCE_M, Some(Layer::Shelters)) {
                shelters_below.entry(slope.id.clone()).or_default().insert(near.asset.id.clone());
            }
        }
        Self { network, watched: Registry::new(assets, Vec::new(), Vec::new()), shelters_below }
    }

    /// Depths that a member must time, m.
    pub fn depths_m(&self) -> Vec<f64> {
        thresholds_to_track(&self.watched, &Thresholds::default())
    }

    /// Roads and slopes of a member with this rain and water. `held` cells are rivers and lakes: on the members' wide cells they reach over
    /// the roads along their banks and tell nothing of them.
    pub fn of(
        &self,
        inputs: &Inputs,
        rain: &RainField,
        water: &Inundation,
        arrival_depth_m: f64,
        held: &[bool],
    ) -> MemberWays {
        let slope_states = slopes(inputs, rain);
        let mut below = BTreeSet::new();
        for (slope, _) in slope_states.iter().filter(|(_, state)| state.colour >= RiskColour::Orange) {
            let shelters = self.shelters_below.get(slope).into_iter().flatten();
            below.extend(shelters.map(|shelter| (shelter.clone(), slope.clone())));
        }
        let input = AssessInput { arrival_depth_m, slope_states, ..AssessInput::new(&self.watched, water) };
        let impact = assess_impact(&input);
        let roads = TimedRoads::new(self.network, water, &impact, Some(held));
        // Both directions of a road link close together to walkers.
        let links = roads.walk.into_iter().step_by(2);
        let told = links.filter(|l| l.closes_s.is_some() || !l.slower.is_empty());
        MemberWays { links: told.map(|l| (l.edge, l.closes_s, l.slower)).collect(), below, hit: BTreeSet::new() }
    }
}

impl MemberWays {
    /// Whether water or a slope reaches a shelter in this member.
    pub fn hits(&self, shelter: &str) -> bool {
        self.hit.contains(shelter)
    }

    /// The walked links of the district as this member leaves them; `dry` gives their places.
    pub fn links(&self, dry: &[TimedLink]) -> Vec<TimedLink> {
        let open = |link: &TimedLink| TimedLink { closes_s: None, slower: Vec::new(), ..*link };
        let mut links: Vec<TimedLink> = dry.iter().map(open).collect();
        for (edge, closes_s, slower) in &self.links {
            for link in &mut links[2 * *edge as usize..=2 * *edge as usize + 1] {
                link.closes_s = *closes_s;
                link.slower.clone_from(slower);
            }
        }
        links
    }
}

/// In how many members water or a slope reaches each shelter, which the members are told. `water` tells it of a shelter in every member; `None` = unknown there.
pub(crate) fn shelter_chances<'a>(
    shelters: impl Iterator<Item = &'a str>,
    water: impl Fn(&str) -> Option<Vec<Option<bool>>>,
    ways: &mut [MemberWays],
) -> BTreeMap<String, ShelterChance> {
    let mut chances = BTreeMap::new();
    for shelter in shelters {
        let Some(wet) = water(shelter).filter(|wet| wet.len() == ways.len()) else { continue };
        let mut slopes: BTreeMap<&str, u32> = BTreeMap::new();
        let mut slid = Vec::with_capacity(ways.len());
        for way in ways.iter() {
            let above = way.below.iter().filter(|(below, _)| below == shelter);
            let before = slopes.values().sum::<u32>();
            above.for_each(|(_, slope)| *slopes.entry(slope.as_str()).or_default() += 1);
            slid.push(slopes.values().sum::<u32>() > before);
        }
        // A slope that comes down is known, whatever is known of the water there.
        let either = wet.iter().zip(&slid).map(|(wet, slid)| if *slid { Some(true) } else { *wet });
        let reached: Vec<bool> = either.clone().map(|hit| hit == Some(true)).collect();
        let Some(hazard) = probability(either) else { continue };
        let water_hits = wet.iter().filter(|wet| **wet == Some(true)).count() as u32;
        let slope_hits = slid.iter().filter(|slid| **slid).count() as u32;
        let most = slopes.iter().max_by_key(|(slope, hits)| (**hits, std::cmp::Reverse(**slope)));
        let slope = most.map(|(slope, _)| (*slope).to_owned());
        for (way, _) in ways.iter_mut().zip(&reached).filter(|(_, hit)| **hit) {
            way.hit.insert(shelter.to_owned());
        }
        chances.insert(shelter.to_owned(), ShelterChance { hazard, water_hits, slope_hits, slope });
    }
    chances
}
