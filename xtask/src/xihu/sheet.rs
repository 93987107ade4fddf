//! A register as CSV.

/// A table under construction.
pub struct Sheet {
    /// file below `gis-data/xihu`
    pub path: &'static str,
    /// heading
    pub heading: Vec<String>,
    /// rows
    pub rows: Vec<Vec<String>>,
}

impl Sheet {
    /// A table with a heading (comma-separated names).
    pub fn new(path: &'static str, heading: &str) -> Self {
        Self { path, heading: heading.split(',').map(str::to_string).collect(), rows: Vec::new() }
    }
    /// Adds a row.
    pub fn push(&mut self, row: Vec<String>) {
        debug_assert_eq!(row.len(), self.heading.len(), "{}", self.path);
        self.rows.push(row);
    }
    /// CSV text, `\n` line ends, quoted where RFC 4180 asks for it.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for row in std::iter::once(&self.heading).chain(&self.rows) {
            for (i, cell) in row.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                if cell.contains([',', '"', '\n']) {
                    out.push('"');
                    out.push_str(&cell.replace('"', "\"\""));
                    out.push('"');
                } else {
                    out.push_str(cell);
                }
            }
            out.push('\n');
        }
        out
    }
}

/// Text of anything.
pub fn t(v: impl ToString) -> String {
    v.to_string()
}

/// Coordinate with one decimal.
pub fn xy(v: f64) -> String {
    format!("{v:.1}")
}
