//! Orders given before: who was sent where, and which of these orders have been carried out.

use crate::order::id_order;
use crate::rows::MOST_PEOPLE;
use crate::sheet::{Sheet, quoted};
use crate::{AssignmentOutcome, AssignmentProblem, ShelterSite};
use dayu_base::{Finding, Text};
use std::collections::BTreeMap;
use std::fmt::Write;

/// People of one place ordered to one shelter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// id of the demand point
    pub demand: String,
    /// id of the shelter
    pub shelter: String,
    /// persons
    pub people: u64,
}

/// Reads orders from a table demand,shelter,people (other columns may stand there, as in plan.csv): one for each pair, in the order of ids. A
/// row that cannot be read is left out and named.
///
/// # Errors
/// `EVA-015` a table without these columns.
pub fn read_orders(file: &str, text: &str, findings: &mut Vec<Finding>) -> Result<Vec<Order>, Finding> {
    let sheet = Sheet::read_rows(file, text, &["demand", "shelter", "people"], &[], findings)?;
    let mut orders: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for (line, row) in &sheet.rows {
        let people = sheet.count(*line, row, 2).and_then(|people| {
            let text = people.to_string();
            let all = "is more than all people on Earth";
            if people > MOST_PEOPLE { Err(sheet.value(*line, 2, &text, "超过全球人口", all)) } else { Ok(people) }
        });
        match people {
            Ok(people) => {
                let pair = (Sheet::text(row, 0), Sheet::text(row, 1));
                let sum = orders.entry(pair).or_default();
                *sum = sum.saturating_add(people);
            }
            Err(finding) => findings.push(finding),
        }
    }
    let orders = orders.into_iter().filter(|(_, people)| *people > 0);
    let mut orders: Vec<Order> = orders
        .map(|((demand, shelter), people)| Order { demand: demand.to_owned(), shelter: shelter.to_owned(), people })
        .collect();
    sort(&mut orders);
    Ok(orders)
}

/// demand,shelter,people
pub fn orders_csv(orders: &[Order]) -> String {
    orders.iter().fold(String::from("demand,shelter,people\n"), |mut text, order| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{},{},{}", quoted(&order.demand), quoted(&order.shelter), order.people);
        text
    })
}

/// All orders that stand: those of a plan and those carried out. An answer hands them on as `orders.csv`, so that the next plan knows of
/// every order however often plans were made again.
pub fn standing_orders(problem: &AssignmentProblem, outcome: &AssignmentOutcome, done: &[Order]) -> Vec<Order> {
    let mut people: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let moves = outcome.moves.iter().map(|m| {
        let demand = &problem.demand[m.demand as usize].id;
        (demand.as_str(), problem.house(m.shelter), m.people)
    });
    let carried_out = done.iter().map(|order| (order.demand.as_str(), problem.house_of(&order.shelter), order.people));
    for (demand, shelter, count) in moves.chain(carried_out) {
        let sum = people.entry((demand, shelter)).or_default();
        *sum = sum.saturating_add(count);
    }
    let order = |((demand, shelter), people): ((&str, &str), u64)| Order {
        demand: demand.to_owned(),
        shelter: shelter.to_owned(),
        people,
    };
    let mut orders: Vec<Order> = people.into_iter().map(order).collect();
    sort(&mut orders);
    orders
}

pub(crate) fn sort(orders: &mut [Order]) {
    orders.sort_by(|a, b| id_order(&a.demand, &b.demand).then_with(|| id_order(&a.shelter, &b.shelter)));
}

/// What is left to do: people and beds without those of orders carried out, and the orders before less these, care places told apart. What of the record does
/// not fit the problem is named and counted as far as it fits; nobody is lost.
pub fn after_done(
    problem: &AssignmentProblem,
    before: &[Order],
    done: &[Order],
    findings: &mut Vec<Finding>,
) -> (AssignmentProblem, Vec<Order>) {
    let mut rest = problem.clone();
    let demand: BTreeMap<&str, usize> = problem.demand.iter().zip(0..).map(|(d, at)| (d.id.as_str(), at)).collect();
    let shelters: BTreeMap<&str, usize> = problem.shelters.iter().zip(0..).map(|(s, at)| (s.id.as_str(), at)).collect();
    let mut before = problem.sited(before);
    for order in &problem.sited(done) {
        let told = |zh: String, en: String| {
            Finding::error(
                "EVA-071",
                Text::new(zh, en),
                Text::new("核对已执行记录。", "Check the record of what was carried out."),
            )
            .in_file("done.csv")
            .at(format!("{} → {}", order.demand, problem.house_of(&order.shelter)))
        };
        if let Some(known) = before.iter_mut().find(|b| (&b.demand, &b.shelter) == (&order.demand, &order.shelter)) {
            known.people = known.people.saturating_sub(order.people);
        }
        if let Some(&at) = demand.get(order.demand.as_str()) {
            let place = &mut rest.demand[at];
            let people = order.people.min(place.people);
            if people < order.people {
                findings.push(told(
                    format!("已执行 {} 人，多于该点人数；按 {people} 人计。", order.people),
                    format!("{} people were moved, more than there are; {people} are counted.", order.people),
                ));
            }
            place.people -= people;
            place.vulnerable = place.vulnerable.min(place.people);
        } else {
            findings.push(told(
                format!("已执行 {} 人，但问题中没有这个需求点；其床位仍计为已占。", order.people),
                format!(
                    "{} people were moved, but the problem has no such demand point; their beds count as taken.",
                    order.people
                ),
            ));
        }
        // They are there, whatever the shelter has become.
        match shelters.get(order.shelter.as_str()).map(|&at| &mut rest.shelters[at]) {
            Some(ShelterSite { capacity, .. }) if *capacity >= order.people => *capacity -= order.people,
            site => {
                let beds = site.map_or(0, |site| std::mem::take(&mut site.capacity));
                findings.push(
                    Finding::error(
                        "EVA-072",
                        Text::new(
                            format!("已有 {} 人到达，而该场所现有可用床位 {beds}：须另行下令转出。", order.people),
                            format!(
                                "{} people have arrived, but the shelter has {beds} beds that may be used: order them on.",
                                order.people
                            ),
                        ),
                        Text::new(
                            "若须转出，从 done.csv 删去该行后重新计算。",
                            "If they must go on, take the row out of done.csv and compute again.",
                        ),
                    )
                    .in_file("done.csv")
                    .at(format!("{} → {}", order.demand, problem.house_of(&order.shelter))),
                );
            }
        }
    }
    before.retain(|order| order.people > 0);
    (rest, before)
}
