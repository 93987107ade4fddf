//! Which features deserve a text on the sheet: few, the worst first.

use super::Context;
use crate::MapLayer;
use dayu_assets::Layer;
use dayu_base::RiskColour;

/// At most so many objects are named on the sheet; more cannot be read at arm's length.
const MOST_OBJECTS: usize = 15;
/// And so many shelters, those that take most people.
const MOST_SHELTERS: usize = 3;
/// Characters of a name on the sheet.
const LONGEST_NAME: usize = 12;
/// Of them at the name's end.
const NAME_END: usize = 4;

/// Names the worst objects of the visible layers (by colour, then people, then how far above the threshold) and the
/// fullest shelters.
pub(super) fn choose(context: &Context, layers: &mut [MapLayer]) {
    let mut candidates: Vec<(RiskColour, bool, u64, f64, usize, usize)> = Vec::new();
    let mut shelters: Vec<(u64, usize, usize)> = Vec::new();
    for (l, layer) in layers.iter().enumerate() {
        if !layer.visible {
            continue;
        }
        let Some(kind) = Layer::from_id(&layer.id) else { continue };
        for (f, feature) in layer.features.iter().enumerate() {
            if kind == Layer::Shelters {
                if let Some(&used) = context.beds_used.get(feature.object_id.as_str()) {
                    shelters.push((used, l, f));
                }
                continue;
            }
            let Some(impact) = context.impacts.get(feature.object_id.as_str()) else { continue };
            if impact.colour < RiskColour::Yellow || kind == Layer::Population {
                continue;
            }
            let ratio = match (impact.peak, impact.threshold) {
                (Some(p), Some(t)) if t > 0.0 => p / t,
                _ => 0.0,
            };
            let water_point = matches!(kind, Layer::WaterloggingPoints | Layer::Underpasses | Layer::MetroEntrances);
            candidates.push((impact.colour, water_point, impact.people.unwrap_or(0), ratio, l, f));
        }
    }
    // Points where traffic and people meet water come before all else of the same colour: closures hang on them.
    candidates.sort_by(|a, b| {
        (b.0, b.1, b.2).cmp(&(a.0, a.1, a.2)).then(b.3.total_cmp(&a.3)).then(b.4.cmp(&a.4)).then(a.5.cmp(&b.5))
    });
    for &(.., l, f) in candidates.iter().take(MOST_OBJECTS) {
        let feature = &layers[l].features[f];
        let peak = context.impacts.get(feature.object_id.as_str()).and_then(|i| {
            let peak = i.peak.filter(|p| p.is_finite())?;
            match i.quantity {
                dayu_impact::Quantity::Depth => Some(format!(" {peak:.2} m")),
                dayu_impact::Quantity::RainRatio => Some(format!(" {:.0}%", peak * 100.0)),
                dayu_impact::Quantity::FailureProbability => Some(format!(" {:.0}%", peak * 100.0)),
                dayu_impact::Quantity::InstrumentRatio => Some(format!(" {peak:.1}×")),
                dayu_impact::Quantity::Wind => Some(format!(" {peak:.0} m/s")),
                dayu_impact::Quantity::Unknown => None,
            }
        });
        let text = format!("{}{}", shorten(&feature.name), peak.unwrap_or_default());
        layers[l].features[f].label = Some(text);
    }
    shelters.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    for &(used, l, f) in shelters.iter().take(MOST_SHELTERS).filter(|s| s.0 > 0) {
        let text = format!("{} 安置{used}人", shorten(&layers[l].features[f].name));
        layers[l].features[f].label = Some(text);
    }
}

/// A name that fits, with an ellipsis for what was cut; its end stays, where the number is that tells it from its like.
fn shorten(name: &str) -> String {
    if name.chars().count() <= LONGEST_NAME {
        return name.to_string();
    }
    let cut = name.chars().count() - NAME_END;
    name.chars().take(LONGEST_NAME - 1 - NAME_END).chain(['…']).chain(name.chars().skip(cut)).collect()
}
