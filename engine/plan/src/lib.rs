//! Response plans as data: levels, launch rules, measures, transfers, reports; and the decision they lead to. Pure.

mod decision;

pub use decision::{
    Closure, Decision, LevelPlan, Measure, Recommendation, ReportDuty, RuleTrace, TransferRow, TransferTotals, UnplacedPeople,
};
