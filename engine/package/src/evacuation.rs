use crate::{Cell, Column};
use dayu_base::Text;

/// A table that goes with the list and the table: a sheet of the workbook, an annex of the letter. Times are cells of kind
/// [`crate::ColumnKind::Time`]; the first column names what the row is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Annex {
    /// machine name (ASCII)
    pub id: String,
    /// title
    pub title: Text,
    /// what a reader must know to read it
    pub notes: Vec<Text>,
    /// columns
    pub columns: Vec<Column>,
    /// rows, each as long as the columns
    pub rows: Vec<Vec<Cell>>,
    /// sums under the rows, as long as the columns; empty = none
    pub sums: Vec<Cell>,
}

impl Annex {
    /// Position of a column.
    pub fn column(&self, key: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.key == key)
    }
}

/// How good the assignment of people on foot to shelters is, as its certificate proves it. Trips of vehicles are no part of it.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanProof {
    /// persons asked for
    pub people: u64,
    /// of them without a place
    pub unplaced: u64,
    /// vulnerable people are placed before others
    pub vulnerable_first: bool,
    /// persons × metres walked
    pub person_metres: u128,
    /// value less bound, in person-metres (a person without a place counts 10⁸); 0 = proved optimum
    pub gap: i128,
    /// gap ÷ value; 0 when the value is 0
    pub gap_relative: f64,
}

/// A shelter in the course of time, by the plan on the clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShelterHours {
    /// shelter
    pub shelter_id: String,
    /// people on their way to it in this plan
    pub planned: u64,
    /// of them arrived by the end of hour 1, 2 … after the order
    pub arrived: Vec<u64>,
}

/// What the evacuation of a level says beyond the rows of the decision.
#[derive(Clone, Debug, PartialEq)]
pub struct EvacuationFacts {
    /// proof; `None` = nobody had to be assigned
    pub proof: Option<PlanProof>,
    /// shelters people go to, on foot or carried; empty = nobody moves
    pub hours: Vec<ShelterHours>,
}

/// Evacuation of a level as documents: 镇街转移汇总, 村社转移汇总, 转移人员清单, 避灾安置场所看板.
#[derive(Clone, Debug, PartialEq)]
pub struct EvacuationProduct {
    /// e.g. 步行安置部分最优，差距 0; `None` = nobody had to be assigned
    pub proof: Option<Text>,
    /// said beside every count of people without a place that rests on trips of vehicles; empty = it does not
    pub unplaced_note: Text,
    /// by 镇街, by 村社, by object, by shelter and hour
    pub annexes: Vec<Annex>,
}

impl EvacuationProduct {
    /// Beside the count of people without a place where there is little room: what `unplaced_note` says in full.
    pub fn unplaced_mark(&self) -> &'static str {
        match self.unplaced_note.zh.as_str() {
            "" => "",
            note if note.contains("构造") => "（计构造运力）",
            _ => "（计车船接运）",
        }
    }
}
