//! 研判一张单 as a letter (DOCX, PDF), as data (JSON) and as texts for telephone and loudspeaker.

mod annexes;
mod data;
mod docx;
mod letter;

use crate::typesetting::{Sheet, Typesetter};
use dayu_base::{Finding, Text};
use dayu_package::Package;
use letter::Letter;
use std::collections::BTreeMap;

const TEMPLATE: &str = include_str!("../../templates/list.typ");

/// `list.docx`, `list.json`, `list.pdf`, `messages.txt`. The letter is worded once; both documents print the same words.
///
/// # Errors
/// `RPT-001`–`RPT-003` of the typesetter, `RPT-010` when the DOCX or JSON cannot be written: defects, not bad input.
pub fn list_files(package: &Package, typesetter: &Typesetter) -> Result<Vec<(String, Vec<u8>)>, Finding> {
    let letter = Letter::of(package);
    let sheet = Sheet {
        template: TEMPLATE,
        files: BTreeMap::from([("letter.json".to_string(), json(&letter)?)]),
        instant: package.header.as_of,
        ident: format!("{}/{}/list", package.header.run_id, package.header.level.id()),
    };
    Ok(vec![
        ("list.docx".into(), docx::letter_docx(&letter, package)?),
        ("list.json".into(), data::list_json(package)?),
        ("list.pdf".into(), typesetter.compile_pdf(&sheet)?),
        ("messages.txt".into(), data::messages_txt(package).into_bytes()),
    ])
}

fn json<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, Finding> {
    serde_json::to_vec_pretty(value).map_err(|e| unwritable("JSON", &e.to_string()))
}

fn unwritable(what: &str, why: &str) -> Finding {
    Finding::error(
        "RPT-010",
        Text::new(
            format!("研判一张单的 {what} 无法生成：{why}"),
            format!("the list's {what} could not be made: {why}"),
        ),
        Text::new("这是程序缺陷，请连同本次输入一并报告", "this is a defect of the program: report it with the input"),
    )
}
