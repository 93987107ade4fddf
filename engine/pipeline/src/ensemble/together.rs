//! What the members say together: chances of objects, areas, and how far the members' cells can be trusted.

use super::{Agreement, DrawnNumbers, Ensemble, FLOODED_M, told};
use crate::inputs::Inputs;
use crate::member_ways::{MemberWays, shelter_chances};
use crate::model::Model;
use dayu_assets::{Asset, Layer};
use dayu_base::{Finding, Origin};
use dayu_impact::{CHANCE_DEPTHS_M, Chances, ObjectChance};
use dayu_inundation::{BoundaryKind, FaceSet, FlowProblem, Inundation};
use dayu_package::{DrawnMember, MemberMaps, chance_areas};
use dayu_storm::members::{Member, Method, Probability, drawn_members, probability};
use dayu_terrain::Raster;
use std::collections::{BTreeMap, BTreeSet};

/// Forces of wind whose probability is told.
const GRADES: [u8; 3] = [8, 10, 12];

/// What one member came to. Its deepest water is kept with 32 bits: it is drawn, not computed with.
pub(super) struct MemberSummary {
    max_depth_m: Vec<f32>,
    flooded_m2: f64,
    rain_m3: f64,
    /// strongest mean wind at the district's middle, m/s
    wind_m_s: Option<f64>,
    /// roads and slopes; `None` = not asked
    ways: Option<MemberWays>,
}

/// Cells that are water whatever the storm.
pub(super) struct Masks {
    /// the scenario holds their level: rivers, lakes, canals
    held: Vec<bool>,
    /// as deep as a flood at the start already
    wet: Vec<bool>,
}

impl Masks {
    /// Cells whose level the scenario holds.
    pub(super) fn held(&self) -> &[bool] {
        &self.held
    }

    pub(super) fn of(problem: &FlowProblem) -> Self {
        let mut held = vec![false; problem.grid.len()];
        for boundary in &problem.boundaries {
            if let (BoundaryKind::Stage(_), FaceSet::Cells(cells)) = (&boundary.kind, &boundary.place) {
                cells.iter().for_each(|c| held[*c] = true);
            }
        }
        let start = |cell: usize| problem.initial_depth_m.get(cell).is_some_and(|h| *h >= FLOODED_M);
        Self { held, wet: (0..problem.grid.len()).map(start).collect() }
    }
}

pub(super) fn summarise(
    water: &Inundation,
    (masks, unknown): (&Masks, &[bool]),
    wind_m_s: Option<f64>,
    ways: Option<MemberWays>,
) -> MemberSummary {
    let cells = water.max_depth_m.iter().zip(&water.active).zip(&masks.held);
    let mut max_depth_m: Vec<f32> =
        cells.map(|((d, a), held)| if *a && !held { *d as f32 } else { f32::NAN }).collect();
    // Where the member's rain has holes, a cell that stays dry tells nothing.
    max_depth_m.iter_mut().zip(unknown).filter(|(_, u)| **u).for_each(|(d, _)| *d = f32::NAN);
    let flooded = max_depth_m.iter().zip(&masks.wet).filter(|(d, wet)| !**wet && f64::from(**d) >= FLOODED_M).count();
    MemberSummary {
        flooded_m2: flooded as f64 * water.grid.cell_area_m2(),
        max_depth_m,
        rain_m3: water.volumes.rain_m3,
        wind_m_s,
        ways,
    }
}

/// Objects whose depth is asked in every member.
fn asked(inputs: &Inputs) -> Vec<&Asset> {
    let wanted = [
        Layer::WaterloggingPoints,
        Layer::Underpasses,
        Layer::UndergroundSpaces,
        Layer::MetroEntrances,
        Layer::OldHouses,
        Layer::WorkSheds,
        Layer::Institutions,
        Layer::Shelters,
    ];
    inputs.district.registry.assets().iter().filter(|a| wanted.contains(&a.layer)).collect()
}

/// Shares of members whose mean wind reaches 8, 10, 12.
pub(super) fn winds(strongest_m_s: &[Option<f64>]) -> Vec<(u8, Probability)> {
    let share = |grade: u8| {
        let limit = dayu_storm::typhoon::beaufort_limit_m_s(grade);
        Some((grade, probability(strongest_m_s.iter().map(|s| s.map(|v| v >= limit)))?))
    };
    GRADES.into_iter().filter_map(share).collect()
}

/// The ensemble of the members whose rain is known, or why there is none.
pub(super) fn together(
    inputs: &Inputs,
    method: Method,
    members: Vec<Member>,
    coarse: &Model,
    run: &Inundation,
    mut summaries: Vec<Option<MemberSummary>>,
    (masks, cell_steps): (&Masks, u64),
) -> (Option<Ensemble>, Vec<Finding>) {
    let grid = coarse.problem.grid;
    let external = method == Method::External;
    // The unchanged run is no member of an ensemble that comes from outside.
    let first = if external { summaries.remove(0) } else { None };
    let all = members.into_iter().skip(usize::from(external)).zip(summaries);
    let (known, unknown): (Vec<_>, Vec<_>) = all.partition(|(_, s)| s.is_some());
    let unknown: Vec<u32> = unknown.into_iter().map(|(m, _)| m.number).collect();
    let (members, mut summaries): (Vec<Member>, Vec<MemberSummary>) =
        known.into_iter().filter_map(|(m, s)| Some((m, s?))).unzip();
    let mut ways: Vec<MemberWays> = summaries.iter_mut().filter_map(|s| s.ways.take()).collect();
    let Some(unchanged) = first.as_ref().or(summaries.first()).filter(|_| members.len() > 1) else {
        return (None, vec![told::too_few(inputs, members.len(), &unknown)]);
    };
    if identical(&summaries) {
        return (None, vec![told::identical(inputs, members.len())]);
    }
    let origin = if external {
        inputs.scenario.ensemble.as_ref().and_then(|e| e.origin).unwrap_or(inputs.district.spec.origin)
    } else {
        Origin::Synthetic
    };
    let flooded_m2: Vec<f64> = summaries.iter().map(|s| s.flooded_m2).collect();
    let drawn = drawn_members(&flooded_m2);
    let words = told::method_words(method);
    let cell_m = coarse.problem.cell_m();
    let mut chances = Chances {
        members: members.len() as u32,
        method: words.clone(),
        origin,
        cell_m,
        objects: BTreeMap::new(),
        doubtful: BTreeSet::new(),
        shelters: BTreeMap::new(),
        shelter_limit: dayu_plan::HousingRules::default().max_hazard_probability,
    };
    let mut against_run = Agreement { objects: 0, same: 0, missed: 0, added: 0 };
    for asset in asked(inputs) {
        let Some(cell) = grid.cell_at(asset.x_m, asset.y_m) else { continue };
        let depths: Vec<f64> = summaries.iter().map(|s| f64::from(s.max_depth_m[cell])).collect();
        let (Some(d), Some(a), Some(b)) =
            (drawn_members(&depths), chance(&depths, CHANCE_DEPTHS_M[0]), chance(&depths, CHANCE_DEPTHS_M[1]))
        else {
            continue;
        };
        let own = run.grid.cell_at(asset.x_m, asset.y_m).filter(|c| run.active[*c]).map(|c| run.max_depth_m[c]);
        let on_members = f64::from(unchanged.max_depth_m[cell]);
        if let Some(own) = own {
            against_run.objects += 1;
            match (own >= FLOODED_M, on_members >= FLOODED_M) {
                (true, false) => against_run.missed += 1,
                (false, true) => against_run.added += 1,
                _ => against_run.same += 1,
            }
            // What the same rain gives on the members' cells contradicts the run: their shares would contradict its depth, too.
            if (own >= FLOODED_M) != (on_members >= FLOODED_M) {
                chances.doubtful.insert(asset.id.clone());
                continue;
            }
        }
        let depths_m = [depths[d.low], depths[d.likely], depths[d.high]];
        chances.objects.insert(asset.id.clone(), ObjectChance { reached: [a, b], depths_m });
    }
    let registry = &inputs.district.registry;
    let wet = |id: &str| -> Option<Vec<Option<bool>>> {
        let asset = registry.by_id(id)?;
        let cell = grid.cell_at(asset.x_m, asset.y_m)?;
        // Where the members' cells contradict the run, their water tells nothing; their slopes still do.
        let depth = |s: &MemberSummary| Some(s.max_depth_m[cell]).filter(|d| d.is_finite());
        let told = |s: &MemberSummary| depth(s).filter(|_| !chances.doubtful.contains(id));
        Some(summaries.iter().map(|s| told(s).map(|d| f64::from(d) >= FLOODED_M)).collect())
    };
    let shelters = shelter_chances(registry.layer(Layer::Shelters).map(|s| s.id.as_str()), wet, &mut ways);
    chances.shelters = shelters;
    let share = |cell: usize| {
        let known = summaries.iter().map(|s| s.max_depth_m[cell]).filter(|d| !d.is_nan() && !masks.wet[cell]);
        let (n, hits) = known.fold((0_u32, 0_u32), |(n, h), d| (n + 1, h + u32::from(f64::from(d) >= FLOODED_M)));
        if n == 0 { f64::NAN } else { f64::from(hits) / f64::from(n) }
    };
    let chance_raster = Raster { grid, values: (0..grid.len()).map(share).collect() };
    let deepest = |percent: u8, k: usize| DrawnMember {
        percent,
        number: members[k].number,
        max_depth_m: Raster { grid, values: summaries[k].max_depth_m.iter().map(|d| f64::from(*d)).collect() },
    };
    let maps = MemberMaps {
        origin,
        words: told::members_words(members.len(), &words, cell_m),
        areas: chance_areas(&chance_raster),
        chance: chance_raster,
        drawn: drawn.map(|d| vec![deepest(10, d.low), deepest(50, d.likely), deepest(90, d.high)]).unwrap_or_default(),
    };
    let strongest: Vec<Option<f64>> = summaries.iter().map(|s| s.wind_m_s).collect();
    let numbered = |k: usize| members[k].number;
    let unchanged_flooded_m2 = unchanged.flooded_m2;
    let ensemble = Ensemble {
        method: method.id(),
        words,
        cell_m,
        unknown,
        drawn: drawn.map(|d| DrawnNumbers { low: numbered(d.low), likely: numbered(d.likely), high: numbered(d.high) }),
        drawn_flooded_m2: drawn.map(|d| [d.low, d.likely, d.high].map(|k| flooded_m2[k])),
        unchanged_rank: 1 + flooded_m2.iter().filter(|a| **a < unchanged_flooded_m2).count(),
        unchanged_flooded_m2,
        rain_m3: summaries.iter().map(|s| s.rain_m3).collect(),
        wind: winds(&strongest),
        against_run,
        cell_steps,
        chances,
        ways,
        maps,
        flooded_m2,
        members,
    };
    let found = ensemble.doubts(inputs);
    (Some(ensemble), found)
}

/// The same water in all members: copies are no samples.
fn identical(summaries: &[MemberSummary]) -> bool {
    let bits = |s: &MemberSummary| s.max_depth_m.iter().map(|d| d.to_bits()).collect::<Vec<_>>();
    let Some((first, others)) = summaries.split_first() else { return true };
    let first = bits(first);
    others.iter().all(|s| bits(s) == first)
}

fn chance(depths: &[f64], least_m: f64) -> Option<Probability> {
    probability(depths.iter().map(|p| p.is_finite().then_some(*p >= least_m)))
}
