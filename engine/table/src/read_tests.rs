use super::*;
use encoding_rs::GB18030;
use polars::prelude::{Column, NamedFrom, ParquetWriter, Series};
use std::fs;
use tempfile::TempDir;

fn read(bytes: &[u8]) -> Result<(Table, Vec<Finding>), Finding> {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("t.csv");
    fs::write(&path, bytes).unwrap();
    read_table(&path)
}

fn codes(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|f| f.code.as_str()).collect()
}

#[test]
fn quoted_fields_and_every_delimiter() {
    for d in [',', ';', '\t'] {
        let text =
            format!("\u{feff}id{d}name{d}note\r\n1{d}\"a{d}b\"{d}\"line\nbreak \"\"x\"\"\"\r\n\r\n 2 {d}{d} c \r\n");
        let (t, findings) = read(text.as_bytes()).unwrap();
        assert!(findings.is_empty(), "{findings:?}");
        assert_eq!(t.columns, ["id", "name", "note"]);
        assert_eq!(t.rows[0], [Some("1".into()), Some(format!("a{d}b")), Some("line\nbreak \"x\"".into())]);
        assert_eq!(t.rows[1], [Some("2".into()), None, Some("c".into())]);
        assert_eq!(t.lines, [2, 5]);
        assert_eq!(t.column("note"), Some(2));
        assert_eq!(t.number(0, 0).unwrap(), Some(1.0));
        assert_eq!(t.number(1, 1).unwrap(), None);
        let f = t.number(1, 2).unwrap_err();
        assert_eq!((f.code.as_str(), f.field.as_str()), ("TAB-030", "note"));
        assert!(f.place.contains("line 5") && f.file.ends_with("t.csv"));
    }
}

#[test]
fn gb18030_is_recognised_and_said() {
    let (bytes, _, _) = GB18030.encode("编号,名称\n1,翻身桥下穿\n");
    let (t, findings) = read(&bytes).unwrap();
    assert_eq!(t.columns, ["编号", "名称"]);
    assert_eq!(t.cell(0, 1), Some("翻身桥下穿"));
    assert_eq!((t.encoding, codes(&findings)), ("GB18030", vec!["TAB-005"]));
    assert_eq!(read(&[b'a', b'\n', 0xFF, 0xFF, 0x00]).unwrap_err().code, "TAB-004");
}

#[test]
fn ragged_rows_are_named() {
    let (t, findings) = read(b"a,b,c\n1,2,3\n1,2\n1,2,3,4\n5,6,7\n").unwrap();
    assert_eq!(codes(&findings), ["TAB-008", "TAB-007"]);
    assert!(findings[0].place.contains("line 3") && findings[1].place.contains("line 4"));
    assert_eq!(t.rows.len(), 3);
    assert_eq!(t.rows[1], [Some("1".into()), Some("2".into()), None]);
    assert_eq!(t.lines, [2, 3, 5]);
}

#[test]
fn headings_twice_or_missing() {
    let (t, findings) = read(b"a,b,a,,c,\n1,2,3,4,5,\n").unwrap();
    assert_eq!(codes(&findings), ["TAB-006", "TAB-011"]);
    assert_eq!(t.columns, ["a", "b", "c"]);
    assert_eq!(t.rows[0], [Some("1".into()), Some("2".into()), Some("5".into())]);
}

#[test]
fn empty_header_only_missing_and_no_csv() {
    assert_eq!(read(b"").unwrap_err().code, "TAB-002");
    assert_eq!(read(b"\n\r\n").unwrap_err().code, "TAB-002");
    let (t, findings) = read("id,name\n".as_bytes()).unwrap();
    assert_eq!((t.rows.len(), codes(&findings)), (0, vec!["TAB-009"]));
    assert_eq!(read(b"PK\x03\x04whatever").unwrap_err().code, "TAB-013");
    let e = read(b"a,b\n1,\"never closed\n2,3\n").unwrap_err();
    assert_eq!(e.code, "TAB-010");
    assert!(e.place.contains("line 2"));
    let dir = TempDir::new().unwrap();
    assert_eq!(read_table(&dir.path().join("no.csv")).unwrap_err().code, "TAB-001");
    assert_eq!(read_table(dir.path()).unwrap_err().code, "TAB-003");
}

#[test]
fn one_column_and_many_rows() {
    let mut text = String::from("v\n");
    (0..50_000).for_each(|k| text.push_str(&format!("{k}\n")));
    let (t, findings) = read(text.as_bytes()).unwrap();
    assert!(findings.is_empty());
    assert_eq!((t.rows.len(), t.cell(49_999, 0), t.lines[49_999]), (50_000, Some("49999"), 50_001));
}

#[test]
fn parquet_as_text() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("t.parquet");
    let columns: Vec<Column> = vec![
        Series::new("id".into(), [Some("a"), None]).into(),
        Series::new("people".into(), [Some(12_i64), None]).into(),
        Series::new("depth_m".into(), [0.125_f64, 1e-7]).into(),
    ];
    let mut frame = DataFrame::new(2, columns).unwrap();
    ParquetWriter::new(fs::File::create(&path).unwrap()).finish(&mut frame).unwrap();
    let (t, findings) = read_table(&path).unwrap();
    assert!(findings.is_empty());
    assert_eq!(t.columns, ["id", "people", "depth_m"]);
    assert_eq!(t.rows[1][..2], [None, None]);
    assert_eq!(
        (t.number(0, 1).unwrap(), t.number(0, 2).unwrap(), t.number(1, 2).unwrap()),
        (Some(12.0), Some(0.125), Some(1e-7))
    );
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 9]).unwrap();
    assert_eq!(read_table(&path).unwrap_err().code, "TAB-010");
}
