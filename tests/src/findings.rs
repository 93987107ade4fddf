//! Findings as a machine reads them.

use crate::process::Ended;
use serde_json::Value;

/// The findings of a `--json` answer.
pub fn findings(ended: &Ended) -> Vec<Value> {
    ended.json()["findings"].as_array().cloned().unwrap_or_else(|| panic!("no findings in {ended:?}"))
}

/// The finding with this code; ends the test when there is none, when it does not say what to do, or when it does not name
/// the file and the place that it should (`""` = not asked).
pub fn expect_finding(all: &[Value], code: &str, severity: &str, file: &str, place: &str) -> Value {
    let text = |f: &Value, key: &str| f[key].as_str().unwrap_or_default().to_string();
    let of_code: Vec<&Value> = all.iter().filter(|f| f["code"] == code).collect();
    assert!(
        !of_code.is_empty(),
        "no finding {code}; there are {}",
        serde_json::to_string_pretty(&all.iter().take(20).collect::<Vec<_>>()).unwrap()
    );
    let fits = |f: &&&Value| {
        text(f, "file").contains(file) && (text(f, "place").contains(place) || text(f, "field").contains(place))
    };
    let Some(found) = of_code.iter().find(fits) else {
        panic!(
            "no finding {code} names file '{file}' and place '{place}': {}",
            serde_json::to_string_pretty(&of_code).unwrap()
        )
    };
    assert_eq!(found["severity"], severity, "{found}");
    for key in ["message", "mend"] {
        for language in ["zh", "en"] {
            assert!(
                found[key][language].as_str().is_some_and(|t| !t.trim().is_empty()),
                "{key}.{language} is empty: {found}"
            );
        }
    }
    (*found).clone()
}
