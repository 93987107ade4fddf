//! 避灾安置场所看板: beds, people planned, and by the hour how many have arrived and how many beds are left.

use super::{column, count, sums, words};
use crate::compose::input::Context;
use crate::{Annex, Cell, ColumnKind, ShelterHours};
use dayu_assets::{Asset, Details, Layer};
use dayu_base::Text;
use dayu_plan::{OrderTime, shelter_danger};
use std::collections::BTreeMap;

/// So many hours are shown; longer plans are shown every second hour, and so on.
const MOST_HOURS: usize = 8;

/// Order on the board, and the word for it.
fn use_of(cx: &Context<'_>, asset: &Asset, state: Option<&str>, planned: u64) -> (u8, String) {
    let danger = shelter_danger(asset.x_m, asset.y_m, cx.impact_of(&asset.id), cx.input.impact);
    match danger {
        _ if planned > 0 => (0, "启用".into()),
        Some(why) => (2, format!("不得开放：{}", why.zh)),
        None if state.is_some_and(|s| ["closed", "关闭", "停用"].contains(&s)) => (3, "台账标为关闭".into()),
        None => (1, "备用".into()),
    }
}

/// The board; `None` when the district has no register of shelters.
pub(super) fn shelters(cx: &Context<'_>, hours: &[ShelterHours]) -> Option<Annex> {
    let assets: Vec<&Asset> = cx.input.registry.layer(Layer::Shelters).collect();
    if assets.is_empty() {
        return None;
    }
    let mut planned: BTreeMap<&str, u64> = BTreeMap::new();
    for (id, people) in cx.input.plan.transfers.iter().flat_map(|t| &t.shelters) {
        *planned.entry(id).or_default() += people;
    }
    let of: BTreeMap<&str, &ShelterHours> = hours.iter().map(|h| (h.shelter_id.as_str(), h)).collect();
    let last = hours.iter().map(|h| h.arrived.len()).max().unwrap_or(0);
    let every = last.div_ceil(MOST_HOURS).max(1);
    let shown: Vec<usize> = (1..=last).filter(|hour| hour % every == 0 || *hour == last).collect();
    let mut rows: Vec<(u8, String, Vec<Cell>)> = assets
        .into_iter()
        .map(|asset| {
            let (beds, state) = match &asset.details {
                Details::Shelter { capacity_people, state, .. } => (*capacity_people, state.as_deref()),
                _ => (None, None),
            };
            let people = planned.get(asset.id.as_str()).copied().unwrap_or(0);
            let (rank, in_use) = use_of(cx, asset, state, people);
            let town = cx.place(&asset.id, None).town;
            let free = |taken: u64| beds.map_or(Cell::Empty, |beds| count(beds.saturating_sub(taken)));
            let mut cells = vec![
                words(asset.id.as_str()),
                words(asset.name.as_str()),
                words(town.as_str()),
                words(in_use),
                beds.map_or(Cell::Empty, count),
                count(people),
                free(people),
            ];
            let hours = of.get(asset.id.as_str());
            for hour in &shown {
                let arrived = hours.map_or(0, |h| h.arrived.get(hour - 1).or(h.arrived.last()).copied().unwrap_or(0));
                cells.extend([count(arrived), free(arrived)]);
            }
            let late = hours.map_or(0, |h| h.planned - h.arrived.last().copied().unwrap_or(0).min(h.planned));
            cells.push(count(late));
            (rank, town, cells)
        })
        .collect();
    rows.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    use ColumnKind::{Integer, Text as Words};
    let mut columns = vec![
        column("shelter_id", "场所编号", "shelter", Words, 11.0),
        column("name", "场所名称", "name", Words, 26.0),
        column("town", "镇街", "town", Words, 12.0),
        column("use", "本级", "use at this level", Words, 14.0),
        column("beds", "床位(人)", "beds", Integer, 8.0),
        column("planned", "计划安置(人)", "planned", Integer, 8.0),
        column("free", "计划后空余(人)", "free after all", Integer, 8.0),
    ];
    let mut keys: Vec<String> = ["beds", "planned", "free", "late"].map(String::from).into();
    let first_s = cx.input.plan.first_order().and_then(OrderTime::known_s);
    for hour in &shown {
        let until_s = first_s.map(|s| s + 3600.0 * *hour as f64);
        let until = if until_s.is_some() { cx.short(until_s) } else { format!("下令后{hour}小时") };
        for (key, zh, en) in [("arrived", "已到", "arrived"), ("free", "空余", "free")] {
            let key = format!("{key}_{hour}h");
            let title = format!("{until} {zh}(人)");
            columns.push(column(&key, &title, &format!("{en} {hour} h after the order"), Integer, 9.0));
            keys.push(key);
        }
    }
    columns.push(column("late", "按时走不完(人)", "not through in time", Integer, 9.0));
    let mut notes = vec![Text::new(
        "已到人数为按步行方案、道路通过能力和车次推算，不是签到；实际以场所登记为准。空格为床位数未知。",
        "Arrivals are computed from the walking plan, the capacity of roads and the trips of vehicles; they are no register of arrivals.",
    )];
    if first_s.is_none() {
        notes.push(Text::new(
            "推演期内本级未达启动条件：钟点未知，按下令后小时数列出。",
            "The level does not open in the run: hours count from an order.",
        ));
    }
    let mut annex = Annex {
        id: "shelter_board".into(),
        title: Text::new("避灾安置场所看板", "shelter board"),
        notes,
        columns,
        rows: rows.into_iter().map(|r| r.2).collect(),
        sums: Vec::new(),
    };
    annex.sums = sums(&annex, &keys.iter().map(String::as_str).collect::<Vec<_>>());
    Some(annex)
}
