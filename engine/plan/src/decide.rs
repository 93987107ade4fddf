use crate::housing::{house, totals};
use crate::measures::{closures, measures, ready_before_arrival, reports};
use crate::people::People;
use crate::recommend::{openings, recommend};
use crate::scene::spots;
use crate::timing::Timetable;
use crate::transfers::transfers;
use crate::{Condition, DecideInput, Decision, LevelPlan, PlanFile};
use dayu_base::{Finding, Text};

/// The recommendation with its whole trace, and what every level of the plan would mandate. Proposes only: a named human
/// decides. Findings say what could not be judged, counted or placed.
pub fn decide(input: &DecideInput<'_>) -> (Decision, Vec<Finding>) {
    let mut findings = premises(input);
    let recommendations = recommend(input);
    let times = Timetable::new(input, openings(input, &recommendations));
    let spots = spots(input);
    let people = People::new(input, &spots);
    findings.extend(people.findings.iter().cloned());
    let mut levels = Vec::with_capacity(input.plan.plan.levels.len());
    for level in input.plan.plan.levels.iter().copied() {
        let mut rows = transfers(input.plan, level, &spots, &people, &times, &mut findings);
        let unplaced = house(input, level, &spots, &mut rows, &mut findings);
        let mut measures = measures(input.plan, level, &spots, input.impact, &times);
        ready_before_arrival(&mut measures, &rows);
        levels.push(LevelPlan {
            level,
            opening_s: times.opening(level),
            measures,
            closures: closures(input, level, &spots, &mut findings),
            reports: reports(input.plan, level),
            totals: totals(input.impact.affected, &rows),
            transfers: rows,
            unplaced,
        });
    }
    for f in &mut findings {
        if f.file.is_empty() && f.code.starts_with("PLN-") {
            f.file = input.plan_file.to_string();
        }
    }
    // What holds at several levels is said once.
    findings.sort();
    findings.dedup();
    (Decision { recommendations, levels }, findings)
}

/// What the decision stands on and lacks, before any rule is read.
fn premises(input: &DecideInput<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let head = &input.plan.plan;
    if input.signals.is_none() && asks_for_signals(input.plan) {
        findings.push(
            Finding::warning(
                "PLN-026",
                Text::new(
                    "没有提供官方预警信号清单，有关启动条件无法判断（不等于未发布）",
                    "no list of official signals was given; conditions on them stay open (which is not 'none issued')",
                ),
                Text::new("在情景中写入 signals = \"signals.csv\"", "name signals = \"signals.csv\" in the scenario"),
            )
            .field("signals"),
        );
    }
    let first_day = head.effective_from.and_then(|d| d.date);
    let day = input.zone.rfc3339(input.start);
    if let Some(date) = first_day
        && day.get(..10).is_some_and(|d| d < date.to_string().as_str())
    {
        let zh = format!("预案自 {date} 起施行，晚于情景日期 {}；复盘应使用当日有效的预案", &day[..10]);
        let en = format!(
            "the plan is in force from {date}, after the scenario's day {}; a replay should use the plan of that day",
            &day[..10]
        );
        let mend =
            Text::new("在情景中用 plan = \"…\" 指明当日有效的预案", "name the plan of that day with plan = \"…\"");
        let text = Text::new(zh, en);
        let finding = if head.demonstration {
            Finding::info("PLN-025", text, mend)
        } else {
            Finding::warning("PLN-025", text, mend)
        };
        findings.push(finding.field("effective_from"));
    }
    findings
}

/// Whether any rule depends on issued signals.
fn asks_for_signals(plan: &PlanFile) -> bool {
    let signal = |c: &Condition| {
        matches!(c, Condition::Signal { .. } | Condition::SignalCount { .. } | Condition::GeohazardWarning { .. })
    };
    plan.rule.iter().any(|r| r.any.iter().any(signal))
}
