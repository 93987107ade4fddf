//! Reading plan files: the shipped ones, and wrong ones.
#![allow(clippy::unwrap_used, clippy::panic)]

mod world;

use dayu_base::{Finding, Mark, ResponseLevel, Severity};
use dayu_plan::{check_plan, parse_plan};
use world::{PORTO_ALEGRE, XIAN, XIHU, plan};

#[test]
fn shipped_plans_read_check_and_round_trip() {
    for text in [XIHU, PORTO_ALEGRE, XIAN] {
        let read = plan(text);
        let again = plan(&toml::to_string(&read).unwrap());
        assert_eq!(read, again, "{}", read.plan.id);
        let findings = check_plan("plan.toml", &read);
        assert!(findings.iter().all(|f| f.severity != Severity::Error), "{findings:#?}");
        assert!(findings.iter().all(|f| f.code != "PLN-016"), "a threshold falls with the level: {findings:#?}");
        assert!(findings.iter().all(|f| f.code != "PLN-012"), "a clause is missing: {findings:#?}");
    }
}

#[test]
fn demonstration_says_so_and_shows_its_marks() {
    for text in [XIHU, PORTO_ALEGRE] {
        let p = plan(text);
        assert!(p.plan.demonstration && p.plan.name.contains("示范") && p.plan.doc_number == "示范，无文号");
        assert!(p.marks().contains(&Mark::Default) && p.marks().contains(&Mark::Recalled));
        assert_eq!(p.plan.levels, ResponseLevel::ALL);
        // every level has launch rules and measures of its own
        for level in ResponseLevel::ALL {
            assert!(p.rule.iter().any(|r| r.level == level), "{level:?}");
            assert!(p.action.iter().any(|a| a.level == level), "{level:?}");
        }
        // all eleven categories are spoken of
        for category in dayu_plan::CATEGORIES {
            assert!(p.transfer.iter().any(|t| t.category == category), "{category}");
        }
    }
}

#[test]
fn xian_holds_only_what_was_read() {
    let p = plan(XIAN);
    assert_eq!(p.marks(), vec![Mark::Read]);
    assert!(p.rule.iter().all(|r| matches!(r.level, ResponseLevel::Attention | ResponseLevel::I)));
    let findings = check_plan("xian-2024.toml", &p);
    let without: Vec<&str> = findings.iter().filter(|f| f.code == "PLN-010").map(|f| f.place.as_str()).collect();
    assert_eq!(without, ["IV", "III", "II"]);
    assert!(findings.iter().any(|f| f.code == "PLN-018"));
}

fn refused(text: &str) -> Vec<Finding> {
    match parse_plan("bad.toml", text) {
        Err(findings) => findings,
        Ok(p) => panic!("accepted: {p:?}"),
    }
}

#[test]
fn unknown_names_are_refused_with_the_nearest() {
    let cases = [
        ("level = \"I\"\nhazard", "level = \"Iv\"\nhazard", "PLN-003", "Iv", "IV"),
        ("kind = \"signal\",", "kind = \"signl\",", "PLN-003", "signl", "signal"),
        ("mark = \"V\"\nnote = {", "mark = \"v\"\nnote = {", "PLN-003", "v", "V"),
        ("auto = true", "automatic = true", "PLN-002", "automatic", "auto"),
        ("colour_at_least = \"blue\"", "colour_at_least = \"blu\"", "PLN-003", "blu", "blue"),
        ("hazard = \"rain\"\nauto = true", "hazard = \"typhon\"\nauto = true", "PLN-003", "typhon", "typhoon"),
        ("[[report]]", "[[reports]]", "PLN-002", "reports", "report"),
        ("window_h = 3,", "window = 3,", "PLN-002", "window", "window_h"),
    ];
    for (from, to, code, wrong, near) in cases {
        let text = XIAN.replacen(from, to, 1);
        assert_ne!(text, XIAN, "{from}");
        let findings = refused(&text);
        let f = &findings[0];
        assert_eq!((f.code.as_str(), f.field.as_str(), f.file.as_str()), (code, wrong, "bad.toml"), "{f}");
        assert!(f.mend.zh.contains(&format!("“{near}”")), "{f}");
        assert!(f.message.zh.contains(wrong) && f.place.contains("line"), "{f}");
        let line: usize = f.place.rsplit(' ').next().unwrap().parse().unwrap();
        let found = text.lines().nth(line - 1).unwrap();
        assert!(found.contains(wrong), "line {line} is '{found}', wanted {wrong}");
    }
}

#[test]
fn every_wrong_item_is_named_at_once() {
    let text = XIAN.replace("auto = false", "auto = \"no\"");
    let findings = refused(&text);
    assert_eq!(findings.len(), 5);
    assert!(findings.iter().all(|f| f.code == "PLN-004" && f.field == "auto"), "{findings:#?}");
}

#[test]
fn bad_files_are_findings_never_panics() {
    assert_eq!(refused("")[0].code, "PLN-004");
    assert_eq!(refused("[plan")[0].code, "PLN-001");
    assert_eq!(refused("plan = 3")[0].code, "PLN-004");
    // a level that is a level, but not one of this plan
    let f = refused(&XIAN.replacen("levels = [\"attention\", \"IV\",", "levels = [\"IV\",", 1));
    assert!(f.iter().any(|f| f.code == "PLN-011"), "{f:#?}");
    let f = refused(&XIAN.replacen("mm = 120", "mm = -120", 1));
    assert!(f.iter().any(|f| f.code == "PLN-013"), "{f:#?}");
    let f = refused(&XIAN.replacen("mm = 120", "mm = nan", 1));
    assert!(f.iter().any(|f| f.code == "PLN-013"), "{f:#?}");
    let f = refused(&XIHU.replacen("category = \"T3\"", "category = \"T33\"", 1));
    assert!(f.iter().any(|f| f.code == "PLN-014" && f.mend.zh.contains("T3")), "{f:#?}");
}
