//! The model that all members share, on cells that their number allows.

use super::grid::members_cell_m;
use super::rain::given;
use crate::Failure;
use crate::inputs::Inputs;
use crate::model::Model;
use crate::regrid::member_model_on;
use dayu_base::{Finding, Text};
use dayu_inundation::{Inundation, Scheme};
use dayu_storm::members::{Member, member_margin_s};

/// A cell-step of the subgrid costs this many of the plain scheme (40 m cells on 10 m pixels, benches/README.md: 122 against 35 CPU s).
const SUBGRID_COST: f64 = 3.5;
/// Depths of all members that may be held, bytes; a subgrid keeps them at its pixels and is given up beyond.
const MOST_HELD_BYTES: f64 = 4e8;
/// Cells that cannot be built are made finer until the work is so many times what was allowed.
const MOST_EXCESS: f64 = 2.0;

/// The cells of the members.
#[derive(Clone, Copy, Debug)]
pub(crate) enum MemberCells {
    /// the finest with which all members together take at most so many cell-steps
    Within(f64),
    /// of this side, m
    Of(f64),
}

/// Builds the members' model. Cells on which it cannot be built (a crest that falls between them) are made finer; without any that can,
/// there are no members, and the run itself stands.
pub(super) fn build(
    inputs: &mut Inputs,
    model: &Model,
    water: &Inundation,
    members: &[Member],
    cells: MemberCells,
) -> Result<(Option<Model>, Vec<Finding>), Failure> {
    let own_m = model.problem.cell_m();
    let pixel_m = model.relief.as_ref().map_or(own_m, |r| r.grid.cell_m);
    let (active, steps) = (water.stats.active_cells as f64, water.stats.steps as f64);
    let held = water.grid.len() as f64 * members.len() as f64 * 4.0;
    let subgrid_m = match model.problem.solver.scheme {
        Scheme::InertialSubgrid { .. } if held <= MOST_HELD_BYTES => Some(model.problem.grid.cell_m),
        _ => None,
    };
    let cost = if subgrid_m.is_some() { SUBGRID_COST } else { 1.0 };
    // A storm that is shifted out of the run takes longer.
    let (rain, duration_s) = (given(inputs, model), model.problem.duration_s);
    let longer = |m: &Member| {
        let (before, after) = member_margin_s(&rain, m.delay_s, duration_s);
        (before + after) / duration_s
    };
    let stretched = 1.0 + members.iter().map(longer).sum::<f64>() / members.len().max(1) as f64;
    let unit_m = subgrid_m.unwrap_or(pixel_m);
    let work = (steps * stretched * cost, members.len() as u32);
    let (first_m, least_m) = match cells {
        MemberCells::Within(most) => {
            let at = |most| members_cell_m(unit_m, own_m, active, work.0, work.1, most);
            (at(most), at(MOST_EXCESS * most))
        }
        MemberCells::Of(cell_m) => (cell_m, cell_m),
    };
    let file = inputs.scenario_file.name.clone();
    finest_built(&file, (first_m, least_m, unit_m), |cell_m| member_model_on(inputs, cell_m, subgrid_m))
}

/// What can be built on cells of `first_m`, else on finer ones of whole units down to `least_m`; with what must be said of that.
fn finest_built<T>(
    file: &str,
    (first_m, least_m, unit_m): (f64, f64, f64),
    mut build: impl FnMut(f64) -> Result<T, Failure>,
) -> Result<(Option<T>, Vec<Finding>), Failure> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut cell_m = first_m;
    loop {
        match build(cell_m) {
            Ok(built) => return Ok((Some(built), findings)),
            Err(Failure::Cancelled) => return Err(Failure::Cancelled),
            Err(failure) => {
                let finer_m = ((0.8 * cell_m / unit_m + 1e-9).floor() * unit_m).max(least_m);
                if finer_m > cell_m - 1e-9 {
                    return Ok((None, vec![without(file, cell_m, &failure)]));
                }
                findings = vec![finer(file, cell_m, finer_m, &failure)];
                cell_m = finer_m;
            }
        }
    }
}

fn reason(failure: &Failure) -> Text {
    failure.findings().first().map(|f| f.message.clone()).unwrap_or_default()
}

fn finer(file: &str, cell_m: f64, finer_m: f64, failure: &Failure) -> Finding {
    let why = reason(failure);
    Finding::info(
        "ENS-020",
        Text::new(
            format!("{cell_m} m 的成员格网建不成（{}），改用 {finer_m} m", why.zh),
            format!("members' cells of {cell_m} m cannot be built ({}); {finer_m} m are used", why.en),
        ),
        Text::default(),
    )
    .in_file(file)
    .field("ensemble")
}

fn without(file: &str, cell_m: f64, failure: &Failure) -> Finding {
    let why = reason(failure);
    Finding::error(
        "ENS-021",
        Text::new(
            format!("{cell_m} m 的成员格网建不成（{}）：本次没有集合成员，推演本身有效", why.zh),
            format!(
                "members' cells of {cell_m} m cannot be built ({}): there are no members; the run itself stands",
                why.en
            ),
        ),
        Text::new(
            "减少 ensemble.members，使成员能用更细的格网",
            "use fewer members, so that they can have finer cells",
        ),
    )
    .in_file(file)
    .field("ensemble.members")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn refused() -> Failure {
        Finding::error("RUN-078", Text::new("堤墙没有隔开单元", "the crest separates no cells"), Text::default()).into()
    }

    #[test]
    fn cells_that_cannot_be_built_are_made_finer_and_that_is_said() {
        let mut tried = Vec::new();
        let (built, found) = finest_built("s.toml", (60.0, 20.0, 10.0), |m| {
            tried.push(m);
            if m > 35.0 { Err(refused()) } else { Ok(m) }
        })
        .unwrap();
        assert_eq!((built, tried), (Some(30.0), vec![60.0, 40.0, 30.0]));
        assert_eq!(found.len(), 1);
        let said = &found[0];
        assert!(said.code == "ENS-020" && said.message.en.contains("30 m are used"), "{said}");
        assert!(said.message.zh.contains("堤墙没有隔开单元") && said.file == "s.toml", "{said}");
        let (built, found) = finest_built("s.toml", (60.0, 20.0, 10.0), Ok).unwrap();
        assert!(built == Some(60.0) && found.is_empty());
    }

    #[test]
    fn without_any_cells_there_are_no_members_and_that_is_an_error() {
        let mut tried = Vec::new();
        let (built, found) = finest_built("s.toml", (60.0, 40.0, 10.0), |m| -> Result<f64, Failure> {
            tried.push(m);
            Err(refused())
        })
        .unwrap();
        assert_eq!((built, tried), (None, vec![60.0, 40.0]));
        assert_eq!((found[0].code.as_str(), found.len()), ("ENS-021", 1));
        assert_eq!(found[0].severity, dayu_base::Severity::Error);
        let ended = finest_built("s.toml", (60.0, 40.0, 10.0), |_| -> Result<f64, Failure> { Err(Failure::Cancelled) });
        assert!(matches!(ended, Err(Failure::Cancelled)));
    }
}
