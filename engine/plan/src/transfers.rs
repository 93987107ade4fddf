use crate::people::{Count, People};
use crate::recommend::clause;
use crate::scene::Spot;
use crate::timing::{Due, Timetable};
use crate::{PlanFile, TransferRow, TransferRule};
use dayu_assets::Layer;
use dayu_base::{Finding, ResponseLevel, Text};
use std::collections::BTreeMap;

/// Which rules take the people of one object at a level.
#[derive(Clone, Copy, Default)]
struct Claim<'p> {
    /// category that moves everybody
    all: Option<&'p TransferRule>,
    /// category that moves the vulnerable first, and the rule whose places it follows
    first: Option<(&'p TransferRule, &'p TransferRule)>,
}

impl<'p> Claim<'p> {
    /// The rows this claim makes of `count`, in the plan's order of counting; together they move each person once.
    fn parts(&self, plan: &PlanFile, count: Count) -> Vec<(&'p TransferRule, &'p TransferRule, Count)> {
        match (self.first, self.all) {
            (Some((t7, area)), Some(all)) if plan.precedence_of(&t7.category) < plan.precedence_of(&all.category) => {
                let first = count.only_first();
                vec![(t7, area, first), (all, all, count.minus(first))]
            }
            (_, Some(all)) => vec![(all, all, count)],
            (Some((t7, area)), None) => vec![(t7, area, count.only_first())],
            (None, None) => Vec::new(),
        }
    }
    /// Everybody this claim moves out of `count`.
    fn moved(&self, count: Count) -> Count {
        match (self.all, self.first) {
            (Some(_), _) => count,
            (None, Some(_)) => count.only_first(),
            (None, None) => Count::default(),
        }
    }
}

/// Transfer rows of a level, sorted by (precedence of category, object). Each person stands in one row only: a person
/// registered at a house or slope that is moved is taken out of the population block he lives in, and where several
/// categories fit, the plan's precedence decides.
pub(crate) fn transfers(
    plan: &PlanFile,
    level: ResponseLevel,
    spots: &[Spot<'_>],
    people: &People<'_>,
    times: &Timetable<'_>,
    findings: &mut Vec<Finding>,
) -> Vec<TransferRow> {
    let mut missing = Missing::default();
    let claims: BTreeMap<&str, Claim<'_>> =
        spots.iter().map(|s| (s.asset.id.as_str(), claim(plan, level, s, &mut missing))).collect();
    // Residents who already move with a house or slope.
    let mut gone: BTreeMap<&str, Count> = BTreeMap::new();
    for (object, block) in people.sharing() {
        let moved = claims.get(object).copied().unwrap_or_default().moved(people.shared(object, block));
        let sum = gone.entry(block).or_default();
        *sum = sum.plus(moved);
    }
    let mut rows: Vec<(usize, TransferRow)> = Vec::new();
    for spot in spots {
        let id = spot.asset.id.as_str();
        let Some(claim) = claims.get(id).filter(|c| c.all.is_some() || c.first.is_some()) else { continue };
        let Some(count) = people.at(id) else {
            let rule = claim.all.or(claim.first.map(|f| f.0));
            missing.people.entry(rule.map_or("", |r| &r.category)).or_default().push(id.to_string());
            continue;
        };
        let left = match spot.asset.layer {
            Layer::Population => count.minus(gone.get(id).copied().unwrap_or_default()),
            _ => count,
        };
        for (rule, area, part) in claim.parts(plan, left).into_iter().filter(|(_, _, p)| p.people > 0) {
            rows.push((plan.precedence_of(&rule.category), row(plan, level, spot, rule, area, part, times)));
        }
    }
    missing.report(plan, level, findings);
    let layers: BTreeMap<&str, Layer> = spots.iter().map(|s| (s.asset.id.as_str(), s.asset.layer)).collect();
    let any = |wanted: &[Layer]| {
        rows.iter().any(|(_, r)| layers.get(r.object_id.as_str()).is_some_and(|l| wanted.contains(l)))
    };
    if any(&[Layer::Population]) && any(&[Layer::WorkSheds, Layer::Institutions]) {
        findings.push(Finding::info(
            "PLN-029",
            Text::new(
                "工棚、学校、医院、养老机构、景区人数按单位登记计，与常住人口登记之间无法逐人核对",
                "people of sheds, schools, hospitals, care homes and scenic sites are counted as registered there; they cannot be compared person by person with the residents",
            ),
            Text::new("转移前按实名核对", "check by name before moving"),
        ));
    }
    rows.sort_by(|a, b| (a.0, &a.1.object_id).cmp(&(b.0, &b.1.object_id)));
    rows.into_iter().map(|(_, r)| r).collect()
}

/// Places that could not be judged or counted, by category.
#[derive(Default)]
struct Missing<'p> {
    people: BTreeMap<&'p str, Vec<String>>,
    state: BTreeMap<&'p str, Vec<String>>,
}

fn claim<'p>(plan: &'p PlanFile, level: ResponseLevel, spot: &Spot<'_>, missing: &mut Missing<'p>) -> Claim<'p> {
    let mut claim = Claim::default();
    let order = |r: &TransferRule| plan.precedence_of(&r.category);
    let mut unknown = None;
    for rule in &plan.transfer {
        let Some(scope) = &rule.scope else { continue };
        let t7 = plan.transfer.iter().find(|t| {
            t.vulnerable_of.contains(&rule.category)
                && plan.earlier_level(rule.level, t.earlier) <= level
                && t.level <= level
        });
        if rule.level > level && t7.is_none() {
            continue;
        }
        match spot.matches(scope) {
            Some(false) => continue,
            None => {
                unknown = Some(rule.category.as_str());
                continue;
            }
            Some(true) => {}
        }
        if rule.level <= level && claim.all.is_none_or(|best| order(rule) < order(best)) {
            claim.all = Some(rule);
        }
        if let Some(t7) = t7
            && claim.first.is_none_or(|(_, area)| order(rule) < order(area))
        {
            claim.first = Some((t7, rule));
        }
    }
    if let (Some(category), None) = (unknown, claim.all) {
        missing.state.entry(category).or_default().push(spot.asset.id.clone());
    }
    claim
}

fn row(
    plan: &PlanFile,
    sheet: ResponseLevel,
    spot: &Spot<'_>,
    rule: &TransferRule,
    area: &TransferRule,
    part: Count,
    times: &Timetable<'_>,
) -> TransferRow {
    let share = rule.relatives_share.unwrap_or(plan.plan.relatives_share);
    let due = Due {
        level: if rule.vulnerable_of.is_empty() { rule.level } else { plan.earlier_level(area.level, rule.earlier) },
        before: &rule.complete_before,
        within_min: None,
        daylight: rule.daylight,
        object: spot.impact,
        selector: area.scope.as_ref(),
    };
    let (deadline_s, deadline_note) = times.deadline(&due);
    TransferRow {
        id: format!("{}:{}", rule.category, spot.asset.id),
        category: rule.category.clone(),
        object_id: spot.asset.id.clone(),
        region: spot.asset.region.clone(),
        people: part.people,
        vulnerable: part.vulnerable,
        to_house: part.people - staying_with_relatives(part.people, share),
        shelters: Vec::new(),
        longest_m: None,
        rides: Vec::new(),
        unplaced: Vec::new(),
        departure: None,
        order: times.order(due.level, sheet),
        through_s: None,
        deadline_s,
        deadline_note,
        clause: clause(&rule.clause),
        mark: rule.mark.clone(),
        colour: spot.colour(),
    }
}

/// Whole persons, rounded down, so that a bed is kept for every fraction.
fn staying_with_relatives(people: u64, share: f64) -> u64 {
    // Shares are written with few decimals; parts per million keep the product exact in integers.
    let ppm = (share.clamp(0.0, 1.0) * 1e6).round() as u64;
    let whole = u128::from(people) * u128::from(ppm) / 1_000_000;
    u64::try_from(whole).unwrap_or(people).min(people)
}

impl Missing<'_> {
    fn report(&self, plan: &PlanFile, level: ResponseLevel, findings: &mut Vec<Finding>) {
        for rule in plan.transfer.iter().filter(|r| r.level <= level && r.scope.is_none() && r.vulnerable_of.is_empty())
        {
            let (c, t) = (&rule.category, &rule.title);
            findings.push(
                Finding::info(
                    "PLN-020",
                    Text::new(
                        format!("{c}（{}）没有登记图层，应转移人数未知，不等于零", t.zh),
                        format!("{c} ({}) has no register; the number to be moved is unknown, not zero", t.en),
                    ),
                    Text::new("由主管部门另行上报人数", "have the responsible department report the number"),
                )
                .at(c.clone()),
            );
        }
        let mut list = |code: &str, what: (&str, &str), mend: Text, ids: &BTreeMap<&str, Vec<String>>| {
            for (category, ids) in ids {
                let (n, first) = (ids.len(), ids.first().map(String::as_str).unwrap_or_default());
                findings.push(
                    Finding::warning(
                        code,
                        Text::new(
                            format!("{category}：{n} 处{}，未列入转移人数，如 {first}", what.0),
                            format!("{category}: {n} places {}; not in the counts, e.g. {first}", what.1),
                        ),
                        mend.clone(),
                    )
                    .at((*category).to_string()),
                );
            }
        };
        let mend = Text::new("在登记表中补填人数", "fill the number of people in the register");
        list("PLN-021", ("应转移但人数未知", "must be moved but their people are unknown"), mend, &self.people);
        let mend = Text::new("补齐登记项或现场核实险情", "complete the register or check on the spot");
        list("PLN-022", ("缺少判断所需数据", "lack data to judge them"), mend, &self.state);
    }
}
