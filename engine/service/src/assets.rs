use crate::state::Shared;
use crate::wire;
use dayu_assets::{Asset, Layer, Registry, Relation};
use dayu_proto::dayu::v1 as pb;
use dayu_proto::dayu::v1::query_assets_request::Place;
use geo::{Coord, LineString, MultiPolygon, Polygon};
use tonic::Status;

/// Answers a query through the R-tree.
pub(crate) fn query(shared: &Shared, ask: &pb::QueryAssetsRequest) -> Result<pb::QueryAssetsResponse, Status> {
    let (_, served) = wire::district(shared, &ask.parent)?;
    let registry = &served.district.registry;
    let layers = layers(&ask.layers)?;
    let place = ask.place.as_ref().ok_or_else(|| {
        Status::invalid_argument(
            "给出 box、radius、nearest 或 polygon 之一 / give one of box, radius, nearest, polygon",
        )
    })?;
    let found = select(registry, &layers, place)?;
    let total = found.len() as i64;
    let (page, next_page_token) = wire::page(found, ask.page_size, &ask.page_token, 100)?;
    let assets = page.into_iter().map(|(asset, distance)| message(asset, distance)).collect::<Result<_, _>>()?;
    Ok(pb::QueryAssetsResponse { assets, next_page_token, total })
}

fn layers(names: &[String]) -> Result<Vec<Option<Layer>>, Status> {
    if names.is_empty() {
        return Ok(vec![None]);
    }
    names
        .iter()
        .map(|n| {
            Layer::from_id(n).map(Some).ok_or_else(|| {
                let valid = Layer::ALL.map(Layer::id).join(", ");
                Status::invalid_argument(format!("没有图层“{n}”；有：{valid} / no layer '{n}'; there are: {valid}"))
            })
        })
        .collect()
}

fn select<'a>(
    registry: &'a Registry,
    layers: &[Option<Layer>],
    place: &Place,
) -> Result<Vec<(&'a Asset, Option<f64>)>, Status> {
    let mut found: Vec<(&Asset, Option<f64>)> = Vec::new();
    let mut by_distance = false;
    let mut limit = usize::MAX;
    for &layer in layers {
        match place {
            Place::Box(b) => {
                let (low, high) = (point(b.min.as_ref(), "box.min")?, point(b.max.as_ref(), "box.max")?);
                if low.0 > high.0 || low.1 > high.1 {
                    return Err(Status::invalid_argument(
                        "box.min 应在 box.max 的西南 / box.min must lie south-west of box.max",
                    ));
                }
                found.extend(registry.in_box(low, high, layer).into_iter().map(|a| (a, None)));
            }
            Place::Radius(r) => {
                let (x, y) = point(r.centre.as_ref(), "radius.centre")?;
                if !(r.radius_m.is_finite() && r.radius_m >= 0.0) {
                    return Err(Status::invalid_argument("radius_m 应为非负数 / radius_m must be 0 or more"));
                }
                by_distance = true;
                found.extend(
                    registry.within_radius(x, y, r.radius_m, layer).into_iter().map(|n| (n.asset, Some(n.distance_m))),
                );
            }
            Place::Nearest(n) => {
                let (x, y) = point(n.to.as_ref(), "nearest.to")?;
                if !(1..=1000).contains(&n.count) {
                    return Err(Status::invalid_argument("count 应为 1–1000 / count must be 1–1000"));
                }
                by_distance = true;
                limit = n.count as usize;
                found.extend(registry.nearest(x, y, limit, layer).into_iter().map(|n| (n.asset, Some(n.distance_m))));
            }
            Place::Polygon(p) => {
                let ring: Vec<Coord<f64>> =
                    p.ring.iter().map(|c| point(Some(c), "polygon.ring").map(Coord::from)).collect::<Result<_, _>>()?;
                if ring.len() < 3 {
                    return Err(Status::invalid_argument(
                        "polygon.ring 至少三个点 / polygon.ring needs three points or more",
                    ));
                }
                let area = MultiPolygon::new(vec![Polygon::new(LineString::new(ring), Vec::new())]);
                found.extend(registry.in_polygon(&area, Relation::Intersects, layer).into_iter().map(|a| (a, None)));
            }
        }
    }
    if by_distance {
        found.sort_by(|a, b| a.1.unwrap_or(0.0).total_cmp(&b.1.unwrap_or(0.0)).then_with(|| a.0.id.cmp(&b.0.id)));
    } else {
        found.sort_by(|a, b| a.0.id.cmp(&b.0.id));
    }
    found.dedup_by(|a, b| a.0.id == b.0.id);
    found.truncate(limit);
    Ok(found)
}

fn point(p: Option<&pb::Point>, field: &str) -> Result<(f64, f64), Status> {
    match p {
        Some(p) if p.x_m.is_finite() && p.y_m.is_finite() => Ok((p.x_m, p.y_m)),
        _ => Err(Status::invalid_argument(format!("{field} 缺失或不是有限数 / {field} is missing or not finite"))),
    }
}

fn message(asset: &Asset, distance_m: Option<f64>) -> Result<pb::Asset, Status> {
    Ok(pb::Asset {
        id: asset.id.clone(),
        layer: asset.layer.id().into(),
        title: asset.name.clone(),
        x_m: asset.x_m,
        y_m: asset.y_m,
        region: asset.region.clone().unwrap_or_default(),
        origin: asset.origin.id().into(),
        distance_m,
        details_json: serde_json::to_string(&asset.details).map_err(|e| Status::internal(e.to_string()))?,
        name_origin: asset.name_origin.clone().unwrap_or_default(),
        position_origin: asset.position_origin.clone().unwrap_or_default(),
    })
}
