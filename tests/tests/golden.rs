//! The words and numbers of a package, held against files that a person has read: list, messages and table of level Ⅱ for the
//! small district. When a change is meant, `DAYU_BLESS=1` writes them anew; read the difference before committing it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dayu_tests::process::run_dayu;
use dayu_tests::repository;
use dayu_tests::small_district::SmallDistrict;
use serde_json::Value;

#[test]
fn list_messages_and_table_say_what_they_said() {
    let district = SmallDistrict::new();
    let out = district.at("out");
    run_dayu(&["run", &district.scenario(), "--out", out.to_str().unwrap(), "--levels", "II"], 300).expect_code(0);
    let package = out.join("package/II");
    let manifest: Value = serde_json::from_slice(&std::fs::read(package.join("manifest.json")).unwrap()).unwrap();
    let run_id = manifest["run_id"].as_str().unwrap();
    let bless = std::env::var_os("DAYU_BLESS").is_some();
    let folder = repository().join("tests/golden/II");
    let mut changed = Vec::new();
    for name in ["list.json", "messages.txt", "table.csv"] {
        let text = std::fs::read_to_string(package.join(name)).unwrap();
        // The digest of the inputs is not what a person reads.
        let text = text.replace(run_id, "RUN").replace(&run_id[..12], "RUN");
        let golden = folder.join(name);
        if bless {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&golden, text).unwrap();
            continue;
        }
        let expected = std::fs::read_to_string(&golden).unwrap_or_default();
        if text != expected {
            let line = text.lines().zip(expected.lines()).position(|(a, b)| a != b);
            let at = line.unwrap_or(text.lines().count().min(expected.lines().count()));
            let (now, before) = (text.lines().nth(at).unwrap_or("(end)"), expected.lines().nth(at).unwrap_or("(end)"));
            changed.push(format!("{name}, line {}:\n  now    {now}\n  before {before}", at + 1));
        }
    }
    assert!(changed.is_empty(), "read the change, then bless it with DAYU_BLESS=1\n{}", changed.join("\n"));
}
