//! What failed slopes may reach: fans by the reach angle, and the shelters in them.

use crate::inputs::Inputs;
use crate::model::Model;
use dayu_assets::{Details, Layer, Relation};
use dayu_base::Text;
use dayu_slopes::{RunOut, USUAL_VOLUME_M3, run_out};
use geo::MultiPolygon;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Fans of the slopes whose run-out the terrain shows, by slope.
#[derive(Default)]
pub(crate) struct Fans(BTreeMap<String, (MultiPolygon<f64>, f64)>);

impl Fans {
    pub fn of(inputs: &Inputs, model: &Model) -> Self {
        let Some(relief) = &model.relief else { return Self::default() };
        let slopes: Vec<_> = inputs.district.registry.layer(Layer::Slopes).collect();
        let fans: Vec<_> = slopes
            .par_iter()
            .filter_map(|asset| {
                let height_m = match &asset.details {
                    Details::Slope { height_m, .. } => *height_m,
                    _ => None,
                };
                let fan = run_out(relief, asset.x_m, asset.y_m, height_m, USUAL_VOLUME_M3)?;
                let RunOut { area, reach_m, .. } = fan;
                Some((asset.id.clone(), (MultiPolygon::new(vec![area]), reach_m)))
            })
            .collect();
        Self(fans.into_iter().collect())
    }

    /// What a failure of a slope may reach, in words: houses, sheds, institutions, shelters and roads in its fan.
    pub fn words(&self, inputs: &Inputs, slope: &str) -> Text {
        let Some((area, reach_m)) = self.0.get(slope) else { return Text::default() };
        let count = |layer| inputs.district.registry.in_polygon(area, Relation::Intersects, Some(layer)).len();
        let kinds = [Layer::OldHouses, Layer::WorkSheds, Layer::Institutions, Layer::Shelters, Layer::Roads];
        let (mut zh, mut en) = (Vec::new(), Vec::new());
        for (layer, n) in kinds.into_iter().map(|l| (l, count(l))).filter(|(_, n)| *n > 0) {
            zh.push(format!("{} {n} 处", layer.zh()));
            en.push(format!("{n} {}", layer.id().replace('_', " ")));
        }
        let (zh, en) = if zh.is_empty() {
            ("无登记房屋、道路、场所".to_string(), "no registered house, road or shelter".to_string())
        } else {
            (zh.join("、"), en.join(", "))
        };
        Text::new(
            format!("滑动影响扇形（达角法，筛查级）约 {reach_m:.0} m，内有：{zh}"),
            format!("run-out fan (reach angle, screening) about {reach_m:.0} m holds {en}"),
        )
    }

    /// Shelters in the fan of each slope; slopes whose fan holds none are absent.
    pub fn shelters(&self, inputs: &Inputs) -> BTreeMap<String, Vec<String>> {
        let registry = &inputs.district.registry;
        let of = |area| -> Vec<String> {
            let found = registry.in_polygon(area, Relation::Intersects, Some(Layer::Shelters));
            found.into_iter().map(|shelter| shelter.id.clone()).collect()
        };
        let all = self.0.iter().map(|(slope, (area, _))| (slope.clone(), of(area)));
        all.filter(|(_, shelters)| !shelters.is_empty()).collect()
    }
}
