use crate::write::csv_text;
use dayu_base::{Finding, Text};
use dayu_storm::verification::Pair;
use polars::prelude::{Column as Series, DataFrame, ParquetCompression, ParquetWriter, PolarsResult};

/// Forecast–observation pairs as `pairs.csv` and `pairs.parquet`, so that another program can compute the same scores: one row per
/// pair, unknown is empty (null), members as `member_1`… The same pairs give the same bytes.
///
/// # Errors
/// `TAB-051` when the Parquet file cannot be made: a defect, not bad input.
pub fn pair_files(pairs: &[Pair]) -> Result<Vec<(String, Vec<u8>)>, Finding> {
    let members = pairs.iter().map(|p| p.members.len()).max().unwrap_or(0);
    Ok(vec![("pairs.csv".into(), csv(pairs, members)), ("pairs.parquet".into(), parquet(pairs, members)?)])
}

const NUMBERS: [(&str, fn(&Pair) -> Option<f64>); 5] = [
    ("valid_unix_s", |p| Some(p.valid_unix_s)),
    ("lead_s", |p| Some(p.lead_s)),
    ("observed", |p| p.observed),
    ("forecast", |p| p.forecast),
    ("persistence", |p| p.persistence),
];

const WORDS: [(&str, fn(&Pair) -> &str); 3] =
    [("event", |p| &p.event), ("place", |p| &p.place), ("quantity", |p| &p.quantity)];

fn csv(pairs: &[Pair], members: usize) -> Vec<u8> {
    let mut text = String::from("\u{feff}");
    let names = WORDS.iter().map(|w| w.0.to_string()).chain(NUMBERS.iter().map(|n| n.0.to_string()));
    let names: Vec<String> = names.chain((1..=members).map(|k| format!("member_{k}"))).collect();
    text.push_str(&names.join(","));
    text.push_str("\r\n");
    for pair in pairs {
        let number = |v: Option<f64>| v.filter(|v| v.is_finite()).map_or_else(String::new, |v| v.to_string());
        let words = WORDS.iter().map(|(_, of)| csv_text(of(pair)));
        let numbers = NUMBERS.iter().map(|(_, of)| number(of(pair)));
        let cells: Vec<String> =
            words.chain(numbers).chain((0..members).map(|k| number(pair.members.get(k).copied()))).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text.into_bytes()
}

fn parquet(pairs: &[Pair], members: usize) -> Result<Vec<u8>, Finding> {
    let written = || -> PolarsResult<Vec<u8>> {
        let known = |v: Option<f64>| v.filter(|v| v.is_finite());
        let words =
            WORDS.iter().map(|(name, of)| Series::new((*name).into(), pairs.iter().map(*of).collect::<Vec<&str>>()));
        let numbers = NUMBERS.iter().map(|(name, of)| {
            Series::new((*name).into(), pairs.iter().map(|p| known(of(p))).collect::<Vec<Option<f64>>>())
        });
        let of_members = (0..members).map(|k| {
            let values: Vec<Option<f64>> = pairs.iter().map(|p| known(p.members.get(k).copied())).collect();
            Series::new(format!("member_{}", k + 1).into(), values)
        });
        let mut frame = DataFrame::new(pairs.len(), words.chain(numbers).chain(of_members).collect())?;
        let mut bytes = Vec::new();
        ParquetWriter::new(&mut bytes)
            .with_compression(ParquetCompression::Snappy)
            .set_parallel(false)
            .finish(&mut frame)?;
        Ok(bytes)
    };
    written().map_err(|e| {
        Finding::error(
            "TAB-051",
            Text::new(format!("pairs.parquet 无法生成：{e}"), format!("pairs.parquet could not be made: {e}")),
            Text::new(
                "这是程序缺陷，请保留输入并报告",
                "this is a defect of the program: keep the input and report it",
            ),
        )
        .in_file("pairs.parquet")
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::read_table;

    #[test]
    fn both_files_read_back_alike_and_unknown_is_empty() {
        let pair = |event: &str, observed: Option<f64>, members: &[f64]| Pair {
            event: event.into(),
            place: "A, B".into(),
            quantity: "rain_1h_mm".into(),
            valid_unix_s: 1.5e9,
            lead_s: 3600.0,
            observed,
            forecast: None,
            members: members.to_vec(),
            persistence: Some(0.25),
        };
        let files = pair_files(&[pair("e1", Some(12.5), &[1.0, 2.0]), pair("=e2", None, &[3.0])]).unwrap();
        let dir = tempfile::TempDir::new().unwrap();
        for (name, bytes) in &files {
            std::fs::write(dir.path().join(name), bytes).unwrap();
            let (table, _) = read_table(&dir.path().join(name)).unwrap();
            let cell = |row: usize, name: &str| table.cell(row, table.column(name).unwrap()).map(String::from);
            let number = |row: usize, name: &str| table.number(row, table.column(name).unwrap()).unwrap();
            assert_eq!((number(0, "observed"), number(1, "observed")), (Some(12.5), None), "{name}");
            assert_eq!((number(0, "member_2"), number(1, "member_2")), (Some(2.0), None));
            assert_eq!(cell(0, "place").as_deref(), Some("A, B"));
        }
        assert!(String::from_utf8_lossy(&files[0].1).contains("'=e2"), "no formula reaches a spreadsheet");
    }
}
