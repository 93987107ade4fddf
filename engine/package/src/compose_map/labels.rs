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

/// Names the worst objects of the visible layers (by colour, then people, then how far above the threshold) and the
/// fullest shelters.
pub(super) fn choose(context: &Context, layers: &mut [MapLayer]) {
    let mut candidates: Vec<(RiskColour, u64, f64, usize, usize)> = Vec::new();
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
            candidates.push((impact.colour, impact.people.unwrap_or(0), ratio, l, f));
        }
    }
    // Points where traffic and people meet water come before slopes of the same colour: their layers lie higher.
    candidates.sort_by(|a, b| {
        b.0.cmp(&a.0).then(b.1.cmp(&a.1)).then(b.2.total_cmp(&a.2)).then(b.3.cmp(&a.3)).then(a.4.cmp(&b.4))
    });
    for &(.., l, f) in candidates.iter().take(MOST_OBJECTS) {
        let feature = &layers[l].features[f];
        let peak = context.impacts.get(feature.object_id.as_str()).and_then(|i| {
            let peak = i.peak.filter(|p| p.is_finite())?;
            match i.quantity {
                dayu_impact::Quantity::Depth => Some(format!(" {peak:.2} m")),
                dayu_impact::Quantity::RainRatio => Some(format!(" {:.0}%", peak * 100.0)),
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

/// The first characters of a name, with an ellipsis when something was cut.
fn shorten(name: &str) -> String {
    if name.chars().count() <= LONGEST_NAME {
        return name.to_string();
    }
    name.chars().take(LONGEST_NAME - 1).chain(['…']).collect()
}
