//! A small CSV table in memory.

use crate::source::Wrong;

/// Headings and cells of a CSV file.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    name: String,
    /// headings
    pub heading: Vec<String>,
    /// rows of cells
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// Parses a CSV text with one heading line.
    ///
    /// # Errors
    /// When a row has another number of cells than the heading.
    pub fn parse(name: &str, text: &str) -> Result<Self, Wrong> {
        let mut reader = csv::ReaderBuilder::new().from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let wrong = |e: csv::Error| Wrong::new(format!("{name}: {e}"));
        let heading = reader.headers().map_err(wrong)?.iter().map(|c| c.trim().to_string()).collect();
        let mut rows = Vec::new();
        for record in reader.records() {
            rows.push(record.map_err(wrong)?.iter().map(|c| c.trim().to_string()).collect());
        }
        Ok(Self { name: name.into(), heading, rows })
    }

    fn index(&self, column: &str) -> Result<usize, Wrong> {
        self.heading
            .iter()
            .position(|h| h == column)
            .ok_or_else(|| Wrong::new(format!("{} has no column {column}", self.name)))
    }

    /// True when there is such a column.
    pub fn has(&self, column: &str) -> bool {
        self.heading.iter().any(|h| h == column)
    }

    /// A column as words.
    ///
    /// # Errors
    /// When there is no such column.
    pub fn words(&self, column: &str) -> Result<Vec<&str>, Wrong> {
        let k = self.index(column)?;
        Ok(self.rows.iter().map(|r| r[k].as_str()).collect())
    }

    /// A column as numbers.
    ///
    /// # Errors
    /// When there is no such column or a cell is not a number.
    pub fn numbers(&self, column: &str) -> Result<Vec<f64>, Wrong> {
        self.words(column)?.iter().map(|w| self.number(column, w)).collect()
    }

    /// A column as numbers, with `None` for blanks.
    ///
    /// # Errors
    /// When there is no such column or a cell is neither blank nor a number.
    pub fn known_numbers(&self, column: &str) -> Result<Vec<Option<f64>>, Wrong> {
        let words = self.words(column)?;
        words.iter().map(|w| if w.is_empty() { Ok(None) } else { self.number(column, w).map(Some) }).collect()
    }

    fn number(&self, column: &str, word: &str) -> Result<f64, Wrong> {
        word.parse().map_err(|_| Wrong::new(format!("{}: {column} holds '{word}'", self.name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_spreadsheets_write() {
        let t = Table::parse("a.csv", "\u{feff}t_s,id,h_m\r\n0,\"a,b\",1.5\r\n1,c,\r\n").unwrap();
        assert_eq!(t.words("id").unwrap(), ["a,b", "c"]);
        assert_eq!(t.known_numbers("h_m").unwrap(), [Some(1.5), None]);
        assert!(t.numbers("h_m").is_err() && t.numbers("x").is_err());
        assert!(Table::parse("a.csv", "a,b\n1\n").is_err());
    }
}
