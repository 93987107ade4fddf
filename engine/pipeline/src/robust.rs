//! The plan for many members in `dayu evacuate`: its files, its figures, its check.

use crate::Failure;
use crate::evacuate::{differs, same, whole};
use crate::publish::Draft;
use dayu_base::Finding;
use dayu_evacuation::{
    AssignmentOutcome, AssignmentProblem, Compared, Members, Robust, certificate_csv, compare, layered, members_csv,
    read_certificate, read_moves, robust_plan_csv, verify_robust,
};
use serde_json::{Value, json};

/// Writes the plan for all members, its proof and what becomes of each plan in each member.
pub(crate) fn write(
    draft: &Draft,
    problem: &AssignmentProblem,
    members: &Members,
    robust: &Robust,
) -> Result<(), Failure> {
    draft.write("robust_plan.csv", robust_plan_csv(problem, robust).as_bytes())?;
    draft.write("members.csv", members_csv(members, &robust.compared).as_bytes())?;
    let layers = layered(problem, members)?;
    draft.write("robust_certificate.csv", certificate_csv(&layers.problem, &robust.proof).as_bytes())?;
    Ok(())
}

/// The part `robust` of summary.json: both plans in the members, the fewest that any plan could reach, and what the plan for all members
/// costs where nothing happens, against the optimum where places may be split.
pub(crate) fn json_of(members: &Members, left: u64, person_metres: u128, compared: &Compared) -> Value {
    let metres = |value: u128| i128::try_from(value).unwrap_or(i128::MAX);
    let known: u128 = compared.known.iter().map(|known| u128::from(known.0)).sum();
    let price = i128::from(left) - i128::from(compared.optimum.0);
    json!({
        "members": members.ids.len(),
        "expected_without_bed": { "nominal_plan": compared.nominal.expected(),
            "robust_plan": compared.robust.expected(), "least": compared.least_expected,
            "known": known as f64 / members.ids.len().max(1) as f64 },
        "worst_without_bed": { "nominal_plan": compared.nominal.worst(), "robust_plan": compared.robust.worst(),
            "known": compared.known.iter().map(|known| known.0).max() },
        "unplaced": left,
        "person_metres": whole(metres(person_metres)),
        "price_unplaced": whole(price),
        "price_person_metres": whole(metres(person_metres) - metres(compared.optimum.1)),
    })
}

/// Files of an answer that hold the plan for all members.
pub(crate) struct RobustFiles {
    pub plan: String,
    pub certificate: String,
    pub members: String,
}

/// Checks the plan for all members from its files: a plan within the beds, its value equal to the bound of its duals. The figures of each
/// member and of the summary are computed anew.
pub(crate) fn verify(
    summary: &Value,
    problem: &AssignmentProblem,
    nominal: &AssignmentOutcome,
    members: &Members,
    files: &RobustFiles,
) -> Result<(), Finding> {
    let layers = layered(problem, members)?;
    let duals = read_certificate(&layers.problem, &files.certificate)?;
    let moves = read_moves("robust_plan.csv", problem, &files.plan)?;
    let left = verify_robust(problem, members, &moves, &duals).map_err(|f| f.in_file("robust_plan.csv"))?;
    let compared = compare(problem, (&nominal.moves, nominal.left()), (&moves, left), members)?;
    if members_csv(members, &compared) != files.members {
        return Err(differs("members.csv", "without_bed"));
    }
    let person_metres = moves.iter().map(|m| u128::from(m.people) * u128::from(m.cost)).sum();
    same("robust", &summary["robust"], &json_of(members, left, person_metres, &compared))
}
