//! An answer to a road problem read back from its files and judged without the solver.

use super::bound::{FlowPrices, flow_lower_bound};
use super::network::Roads;
use super::problem::RoadProblem;
use super::replay::replay;
use super::solve::{FlowPlan, FlowUnplaced, LinkEntry, ShelterArrival, reasons, value};
use super::{CUT_OFF, NO_TIME};
use crate::assignment::{NO_REACHABLE_SHELTER, SHELTERS_FULL};
use crate::order::id_order;
use crate::sheet::Sheet;
use dayu_base::{Finding, Text};

/// Reads the tables of [`super::flow_plan_csv`], [`super::flow_unplaced_csv`] and [`super::flow_certificate_csv`] and proves the answer
/// from them alone: every step walked again (no closed link, no link or shelter over capacity, nobody leaves before being there, nobody
/// lost), why people are left told from the roads, the bound computed from the prices. The figures of the greedy plan, which nothing
/// depends on, stay zero.
///
/// # Errors
/// `EVA-015`, `EVA-016` for a table that cannot be read, `EVA-006` for a plan that does not survive its replay, `EVA-080` for prices that
/// prove nothing, `EVA-081` for a reason that is not so.
pub fn verify_flow_answer(
    problem: &RoadProblem,
    plan_csv: &str,
    unplaced_csv: &str,
    certificate_csv: &str,
) -> Result<FlowPlan, Finding> {
    let (entries, arrivals) = read_plan(problem, plan_csv)?;
    let unplaced = read_unplaced(problem, unplaced_csv)?;
    let prices = read_prices(problem, certificate_csv)?;
    let lower_bound = flow_lower_bound(problem, &prices).ok_or_else(|| {
        Finding::error(
            "EVA-080",
            Text::new(
                "价格为负、重复或越界，不能证明下界。",
                "A price is negative, doubled or out of range: no proof.",
            ),
            Text::new("重新计算；不要使用本答案。", "Compute again; do not use this answer."),
        )
        .in_file("certificate.csv")
        .field("value")
    })?;
    let sheltered = arrivals.iter().fold(0_u64, |sum, a| sum.saturating_add(a.people));
    let mut left = vec![0_u64; problem.sources.len()];
    for rest in &unplaced {
        left[rest.source as usize] = left[rest.source as usize].saturating_add(rest.people);
    }
    let plan = FlowPlan {
        people: problem.people(),
        sheltered,
        sum_arrival_steps: arrivals.iter().map(|a| u128::from(a.people) * u128::from(a.step)).sum(),
        last_arrival: arrivals.iter().map(|a| a.step).max(),
        value: value(problem, &arrivals, &left),
        entries,
        arrivals,
        unplaced,
        lower_bound,
        prices,
        greedy: (0, 0),
    };
    replay(problem, &plan)?;
    let told = reasons(&Roads::new(problem), &plan.arrivals);
    if let Some(wrong) = plan.unplaced.iter().find(|u| told[u.source as usize] != u.reason) {
        let node = problem.node_id(problem.sources[wrong.source as usize].node).to_owned();
        let (said, is) = (wrong.reason, told[wrong.source as usize]);
        return Err(Finding::error(
            "EVA-081",
            Text::new(
                format!("未落实原因写为 {said}，按道路应为 {is}。"),
                format!("The reason given is {said}; by the roads it is {is}."),
            ),
            Text::new("重新计算；不要使用本答案。", "Compute again; do not use this answer."),
        )
        .in_file("unplaced.csv")
        .at(node)
        .field("reason"));
    }
    Ok(plan)
}

type Row<'a> = [Option<std::borrow::Cow<'a, str>>];

fn small(sheet: &Sheet<'_>, line: usize, row: &Row<'_>, column: usize) -> Result<u32, Finding> {
    let value = sheet.count(line, row, column)?;
    u32::try_from(value).map_err(|_| sheet.value(line, column, Sheet::text(row, column), "过大", "is too large"))
}

fn link(problem: &RoadProblem, id: &str) -> Option<u32> {
    problem.links.binary_search_by(|l| id_order(&l.id, id)).ok().map(|k| k as u32)
}

/// Shelter at a node with this id.
fn shelter(problem: &RoadProblem, id: &str) -> Option<u32> {
    let node = problem.node(id)?;
    problem.shelters.binary_search_by_key(&node, |s| s.node).ok().map(|k| k as u32)
}

fn unknown(sheet: &Sheet<'_>, line: usize, row: &Row<'_>, column: usize) -> Finding {
    sheet.value(line, column, Sheet::text(row, column), "不是已有的编号或种类", "is no known id or kind")
}

fn read_plan(problem: &RoadProblem, text: &str) -> Result<(Vec<LinkEntry>, Vec<ShelterArrival>), Finding> {
    let sheet = Sheet::read("plan.csv", text, &["kind", "id", "step", "people"], &[])?;
    let (mut entries, mut arrivals) = (Vec::new(), Vec::new());
    for (line, row) in &sheet.rows {
        let (id, step, people) = (Sheet::text(row, 1), small(&sheet, *line, row, 2)?, sheet.count(*line, row, 3)?);
        let no_id = || unknown(&sheet, *line, row, 1);
        match Sheet::text(row, 0) {
            "link" => entries.push(LinkEntry { link: link(problem, id).ok_or_else(no_id)?, step, people }),
            "arrive" => {
                arrivals.push(ShelterArrival { shelter: shelter(problem, id).ok_or_else(no_id)?, step, people });
            }
            _ => return Err(unknown(&sheet, *line, row, 0)),
        }
    }
    entries.sort_unstable();
    arrivals.sort_unstable();
    Ok((entries, arrivals))
}

fn read_unplaced(problem: &RoadProblem, text: &str) -> Result<Vec<FlowUnplaced>, Finding> {
    let sheet = Sheet::read("unplaced.csv", text, &["id", "people", "reason", "ready_step"], &[])?;
    let mut unplaced = Vec::new();
    for (line, row) in &sheet.rows {
        let (people, ready) = (sheet.count(*line, row, 1)?, small(&sheet, *line, row, 3)?);
        let node = problem.node(Sheet::text(row, 0)).ok_or_else(|| unknown(&sheet, *line, row, 0))?;
        let source = problem.sources.binary_search_by_key(&(node, ready), |s| (s.node, s.ready_step));
        let source = source.map_err(|_| unknown(&sheet, *line, row, 3))? as u32;
        let known = [NO_REACHABLE_SHELTER, SHELTERS_FULL, CUT_OFF, NO_TIME];
        let reason = known.into_iter().find(|known| *known == Sheet::text(row, 2));
        let reason = reason.ok_or_else(|| unknown(&sheet, *line, row, 2))?;
        unplaced.push(FlowUnplaced { source, people, reason });
    }
    unplaced.sort_by_key(|u| u.source);
    Ok(unplaced)
}

fn read_prices(problem: &RoadProblem, text: &str) -> Result<FlowPrices, Finding> {
    let sheet = Sheet::read("certificate.csv", text, &["kind", "id", "step", "value"], &[])?;
    let mut prices = FlowPrices::default();
    for (line, row) in &sheet.rows {
        let (id, stated) = (Sheet::text(row, 1), Sheet::text(row, 3));
        let price: i64 =
            stated.parse().map_err(|_| sheet.value(*line, 3, stated, "不是整数", "is not a whole number"))?;
        let no_id = || unknown(&sheet, *line, row, 1);
        match Sheet::text(row, 0) {
            "link" => prices.links.push((link(problem, id).ok_or_else(no_id)?, small(&sheet, *line, row, 2)?, price)),
            "shelter" => prices.shelters.push((shelter(problem, id).ok_or_else(no_id)?, price)),
            _ => return Err(unknown(&sheet, *line, row, 0)),
        }
    }
    prices.links.sort_unstable();
    prices.shelters.sort_unstable();
    Ok(prices)
}

#[cfg(test)]
mod tests {
    use super::super::{
        Effort, FlowLink, FlowNode, FlowShelter, FlowSource, flow_certificate_csv, flow_plan_csv, flow_unplaced_csv,
        solve_road_problem,
    };
    use super::*;

    /// A lane of three nodes, the second link closes at step 6, 3 people per step, 20 people in two groups at the first node.
    fn lane() -> RoadProblem {
        let node = |k: u32| FlowNode { id: format!("n{k}"), x_m: f64::from(k), y_m: 0.0 };
        let link = |k: u32, close_step| FlowLink {
            id: format!("l{k}"),
            from: k,
            to: k + 1,
            metres: 100,
            steps: 1,
            people_per_step: 3,
            close_step,
        };
        let source = |people, ready_step| FlowSource { node: 0, people, vulnerable: 0, ready_step };
        RoadProblem::checked(
            20,
            60,
            (0..3).map(node).collect(),
            vec![link(0, None), link(1, Some(6))],
            vec![source(12, 0), source(8, 2)],
            vec![FlowShelter { node: 2, capacity: 30 }],
        )
        .unwrap()
    }

    fn files(problem: &RoadProblem) -> (FlowPlan, [String; 3]) {
        let plan = solve_road_problem(problem, Effort::default()).unwrap();
        let texts = [
            flow_plan_csv(problem, &plan),
            flow_unplaced_csv(problem, &plan),
            flow_certificate_csv(problem, &plan.prices),
        ];
        (plan, texts)
    }

    #[test]
    fn an_answer_read_back_is_the_answer() {
        for effort_first in [false, true] {
            let problem = lane().vulnerable_first(effort_first);
            let (plan, [p, u, c]) = files(&problem);
            let read = verify_flow_answer(&problem, &p, &u, &c).unwrap();
            assert_eq!(plan.sheltered, 15);
            assert_eq!(read, FlowPlan { greedy: (0, 0), ..plan });
        }
    }

    #[test]
    fn what_was_changed_is_refused() {
        let problem = lane();
        let (_, [p, u, c]) = files(&problem);
        let refused = |p: &str, u: &str, c: &str| verify_flow_answer(&problem, p, u, c).unwrap_err().code;
        // One more through a link, one at a later step, one fewer left behind, another reason, a price below zero.
        assert_eq!(refused(&p.replacen(",3\n", ",4\n", 1), &u, &c), "EVA-006");
        assert_eq!(refused(&p.replace("link,l1,5,3", "link,l1,6,3"), &u, &c), "EVA-006");
        assert_eq!(refused(&p, "id,people,reason,ready_step\n", &c), "EVA-006");
        assert_eq!(refused(&p, &u.replace(NO_TIME, CUT_OFF), &c), "EVA-081");
        assert_eq!(refused(&p, &u, "kind,id,step,value\nlink,l1,3,-1\n"), "EVA-080");
        assert_eq!(refused(&p, &u, "kind,id,step,value\nlink,l9,3,1\n"), "EVA-016");
    }
}
