use super::*;
use std::fs;
use tempfile::TempDir;

fn read(text: &str) -> Result<(Series, Vec<Finding>), Finding> {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("rain.csv");
    fs::write(&path, text).unwrap();
    read_series(&path, "time_s", Some("2023-09-07T17:00:00+08:00".parse().unwrap()))
}

#[test]
fn seconds_or_instants() {
    let (s, findings) = read("time_s,mm_h,note\n0,1.5,constructed\n3600,2,x\n").unwrap();
    assert!(findings.is_empty());
    assert_eq!(s.time_s, [0.0, 3600.0]);
    assert_eq!(s.column("mm_h"), Some([1.5, 2.0].as_slice()));
    assert_eq!(s.columns.len(), 1);
    let (s, _) = read("time,mm_h\n2023-09-07T16:00:00+08:00,1\n2023-09-07T10:00:00Z,2\n").unwrap();
    assert_eq!(s.time_s, [-3600.0, 3600.0]);
    assert_eq!(read("time,mm_h\nyesterday,1\n").unwrap_err().code, "TAB-021");
    assert_eq!(read("when,mm_h\n0,1\n").unwrap_err().code, "TAB-020");
    assert_eq!(read("time_s\n0\n").unwrap_err().code, "TAB-027");
    assert_eq!(read("time_s,mm_h\n").unwrap_err().code, "TAB-029");
    assert_eq!(read("time_s,mm_h\n,1\n").unwrap_err().code, "TAB-021");
}

#[test]
fn unsorted_and_repeated_times_name_both_rows() {
    let e = read("time_s,mm_h\n0,1\n600,1\n300,1\n").unwrap_err();
    assert_eq!(e.code, "TAB-022");
    assert!(e.message.en.contains("line 3") && e.message.en.contains("line 4"), "{e}");
    assert_eq!(read("time_s,mm_h\n0,1\n600,1\n600,2\n").unwrap_err().code, "TAB-023");
}

#[test]
fn negative_values_gaps_and_words() {
    let (s, findings) = read("time_s,A,B\n0,1,\n600,-0.5,2\n").unwrap();
    assert_eq!(findings[0].code, "TAB-024");
    assert_eq!(findings[0].field, "B");
    assert!(s.column("B").unwrap()[0].is_nan());
    let e = check_non_negative(&s, "rain.csv", &Text::new("雨强", "rain rate")).unwrap_err();
    assert_eq!((e.code.as_str(), e.field.as_str(), e.file.as_str()), ("TAB-026", "A", "rain.csv"));
    assert!(e.place.contains("line 3"));
    assert_eq!(read("time_s,mm_h\n0,1\n600,much\n").unwrap_err().code, "TAB-025");
    assert_eq!(read("time_s,mm_h\n0,1\n600,inf\n").unwrap_err().code, "TAB-025");
}

#[test]
fn missing_rows_are_noticed() {
    let (_, findings) = read("time_s,mm_h\n0,1\n60,1\n120,1\n600,1\n660,1\n720,1\n").unwrap();
    assert_eq!(findings[0].code, "TAB-028");
    assert!(findings[0].place.contains("line 5"));
}
