use dayu_base::{RiskColour, Text};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// text
    Text,
    /// whole number
    Integer,
    /// real number with this many decimals
    Real(u8),
    /// instant: a `Cell::Text` in RFC 3339 with the offset of the product's zone; the XLSX shows `07-25 08:00`
    Time,
}

/// A column; `key` heads the CSV and Parquet, `title.zh` the XLSX.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// machine key
    pub key: String,
    /// heading
    pub title: Text,
    /// kind
    pub kind: ColumnKind,
    /// width in the XLSX, characters
    pub width: f64,
}

/// A value; `Empty` is unknown or not applicable, written as an empty cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// nothing
    Empty,
    /// text
    Text(String),
    /// whole number
    Integer(i64),
    /// real number
    Real(f64),
}

/// One object × measure.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// same id in map and list
    pub object_id: String,
    /// 镇街, name of its sheet
    pub town: String,
    /// colour class of the object
    pub colour: RiskColour,
    /// state: 待下达 …
    pub state: String,
    /// same order as the columns
    pub cells: Vec<Cell>,
}

/// 管控一张表. The first column is `object_id`; rows are sorted by (town, −colour, object_id, measure).
#[derive(Clone, Debug, PartialEq)]
pub struct TableProduct {
    /// columns
    pub columns: Vec<Column>,
    /// rows
    pub rows: Vec<Row>,
}
