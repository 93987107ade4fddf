//! The verification book as a web page that needs no network and as a PDF. Both print the same words and drawings.

mod page;
mod words;

use crate::typesetting::{Sheet, Typesetter};
use dayu_base::{Finding, Instant, Text};
use dayu_verification::Book;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const TEMPLATE: &str = include_str!("../../templates/verification.typ");

/// `verification.html` and `verification.pdf`: nothing in them depends on the machine or the hour.
///
/// # Errors
/// `RPT-001`–`RPT-003` of the typesetter.
pub fn book_files(book: &Book, typesetter: &Typesetter) -> Result<Vec<(String, Vec<u8>)>, Finding> {
    let mut files = BTreeMap::new();
    for (k, picture) in book.cases.iter().flat_map(|c| &c.pictures).enumerate() {
        files.insert(format!("picture-{k}.svg"), picture.svg.clone().into_bytes());
    }
    files.insert("book.json".to_string(), sheet_data(book).to_string().into_bytes());
    let sheet =
        Sheet { template: TEMPLATE, files, instant: undated()?, ident: format!("dayu/{}/verification", book.version) };
    Ok(vec![
        ("verification.html".into(), page::page(book).into_bytes()),
        ("verification.pdf".into(), typesetter.compile_pdf(&sheet)?),
    ])
}

/// The cases have no date; the PDF's stands for none.
fn undated() -> Result<Instant, Finding> {
    "2000-01-01T00:00:00Z"
        .parse()
        .map_err(|_| Finding::error("RPT-005", Text::new("日期无效", "the date is not valid"), Text::default()))
}

/// The book for the template: words made here, pictures by number.
fn sheet_data(book: &Book) -> Value {
    let mut number = 0;
    let cases: Vec<Value> = book
        .cases
        .iter()
        .map(|case| {
            let pictures: Vec<Value> = case
                .pictures
                .iter()
                .map(|p| {
                    number += 1;
                    json!({
                        "file": format!("picture-{}.svg", number - 1),
                        "title": p.title.zh,
                        "title_en": p.title.en,
                        "caption": p.caption.zh,
                        "wide": p.wide,
                    })
                })
                .collect();
            json!({
                "name": case.name,
                "title": case.title.zh,
                "title_en": case.title.en,
                "purpose": case.purpose.zh,
                "kind": case.kind.zh,
                "verdict": words::verdict(case),
                "tone": words::tone(case),
                "about": words::about(case).into_iter().map(|(k, v)| json!([k, v])).collect::<Vec<_>>(),
                "runs": case.runs.iter().map(words::run_row).collect::<Vec<_>>(),
                "lines": words::line_rows(case),
                "reasons": words::reasons(case),
                "peers": case.peers.iter().map(|p| json!([p.name, p.result.zh, p.result.en, p.source])).collect::<Vec<_>>(),
                "convergence": case.convergence.iter().map(words::convergence_rows).collect::<Vec<_>>(),
                "pictures": pictures,
            })
        })
        .collect();
    json!({
        "version": book.version,
        "summary": words::summary(book),
        "scope": words::scope(book),
        "table": book.cases.iter().map(words::summary_row).collect::<Vec<_>>(),
        "run_head": words::RUN_HEAD,
        "line_head": words::LINE_HEAD,
        "summary_head": words::SUMMARY_HEAD,
        "cases": cases,
    })
}
