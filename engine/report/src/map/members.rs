//! The members' picture: the chance of flooding beside the members at 10, 50 and 90 % of the flooded area, on one scale.

use super::base::{DEPTH_CLASSES, MapBase, Overlay};
use super::sheet::header;
use crate::typesetting::Sheet;
use dayu_package::Package;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const TEMPLATE: &str = include_str!("../../templates/members.typ");
/// A panel, mm.
const WIDTH_MM: f64 = 66.0;
const HEIGHT_MM: f64 = 138.0;
const LEFT_MM: f64 = 9.0;
const GAP_MM: f64 = 5.0;

/// Where an image of an extent lies in a panel, mm: the ground's box is centred and fills it.
fn placed(extent: [f64; 4], ground: [f64; 4]) -> Value {
    let [x0, y0, x1, y1] = ground;
    let scale = (WIDTH_MM / (x1 - x0).max(1e-9)).min(HEIGHT_MM / (y1 - y0).max(1e-9));
    let (left, top) = ((WIDTH_MM - (x1 - x0) * scale) / 2.0, (HEIGHT_MM - (y1 - y0) * scale) / 2.0);
    json!({
        "x": left + (extent[0] - x0) * scale,
        "y": top + (y1 - extent[3]) * scale,
        "w": (extent[2] - extent[0]) * scale,
        "h": (extent[3] - extent[1]) * scale,
    })
}

fn legend(title: &str, overlay: &Overlay) -> Value {
    let class = |(rgb, words): &([u8; 3], String)| json!({ "fill": format!("#{:02x}{:02x}{:02x}", rgb[0], rgb[1], rgb[2]), "words": words });
    json!({ "title": title, "classes": overlay.classes.iter().map(class).collect::<Vec<_>>() })
}

/// The picture of a package's members; `None` for a single run.
pub fn sheet(pkg: &Package, base: &MapBase) -> Option<Sheet<'static>> {
    let maps = pkg.map.members.as_ref()?;
    let (chance, drawn) = base.members.split_first()?;
    let mut files = BTreeMap::from([("ground.png".to_string(), base.relief_png.clone())]);
    let mut panels = Vec::new();
    let titles = std::iter::once("达 0.15 m 的成员比例".to_string())
        .chain(maps.drawn.iter().map(|m| format!("成员 {}：淹没面积第 {}% 位，最大水深", m.number, m.percent)));
    for (k, (overlay, title)) in base.members.iter().zip(titles).enumerate() {
        let image = format!("panel{k}.png");
        files.insert(image.clone(), overlay.png.clone());
        panels.push(json!({
            "x": LEFT_MM + k as f64 * (WIDTH_MM + GAP_MM),
            "title": title,
            "image": image,
            "ground": placed(base.extent_m, base.extent_m),
            "water": placed(overlay.extent_m, base.extent_m),
        }));
    }
    let mut legends = vec![legend("成员比例", chance)];
    // The classes of depth in metres: the picture stands alone.
    let words = |k: usize, from_m: f64| match DEPTH_CLASSES.get(k + 1) {
        Some(next) => format!("{from_m:.2}–{:.2} m", next.from_m),
        None => format!("≥ {from_m:.2} m"),
    };
    let depths = DEPTH_CLASSES.iter().enumerate().map(|(k, c)| (c.rgb, words(k, c.from_m)));
    let depths = Overlay { classes: depths.collect(), ..drawn.first()?.clone() };
    legends.push(legend("最大水深", &depths));
    let extra = json!({
        "title": "集合成员",
        "w": WIDTH_MM,
        "h": HEIGHT_MM,
        "panels": panels,
        "legends": legends,
        "small": format!(
            "{}。成员比例不是业务预报概率；90% 区间见 simulation/ensemble.csv。常年水面与水位固定的单元不计。示意图，未经地图审核。",
            maps.words.zh
        ),
    });
    let mut data = header(pkg);
    if let (Some(data), Some(extra)) = (data.as_object_mut(), extra.as_object()) {
        data.extend(extra.clone());
    }
    files.insert("data.json".to_string(), data.to_string().into_bytes());
    Some(Sheet {
        template: TEMPLATE,
        files,
        instant: pkg.header.as_of,
        ident: format!("{}/{}/members", pkg.header.run_id, pkg.header.level.id()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_keeps_its_place_and_scale_on_the_ground() {
        // Ground 1000 × 4000 m: its height fills the panel.
        let ground = [0.0, 0.0, 1000.0, 4000.0];
        let of = |v: &Value, k: &str| v[k].as_f64().unwrap_or(f64::NAN);
        let whole = placed(ground, ground);
        assert!((of(&whole, "h") - HEIGHT_MM).abs() < 1e-9 && of(&whole, "y").abs() < 1e-9);
        assert!((of(&whole, "x") - (WIDTH_MM - HEIGHT_MM / 4.0) / 2.0).abs() < 1e-9);
        // The south-west quarter lies in the lower half.
        let quarter = placed([0.0, 0.0, 500.0, 2000.0], ground);
        assert!(
            (of(&quarter, "y") - HEIGHT_MM / 2.0).abs() < 1e-9
                && (of(&quarter, "w") - of(&whole, "w") / 2.0).abs() < 1e-9
        );
    }
}
