//! The web page: one file, drawings inside, no script.

use super::words;
use dayu_verification::{Book, CaseReport};
use serde_json::Value;
use std::fmt::Write;

const STYLE: &str = include_str!("../../templates/verification.css");

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn words_of(value: &Value) -> String {
    escaped(value.as_str().unwrap_or_default())
}

/// A table; rows are arrays of cells, or objects with `cells` and `tone`. The verdict column `toned` carries the colour.
fn table(head: &[&str], rows: &[Value], toned: Option<usize>) -> String {
    let mut s = String::from("<div class=\"scroll\"><table><thead><tr>");
    for h in head {
        let _ = write!(s, "<th>{}</th>", escaped(h));
    }
    s.push_str("</tr></thead><tbody>\n");
    for row in rows {
        s.push_str("<tr>");
        let cells = row.get("cells").unwrap_or(row).as_array().cloned().unwrap_or_default();
        let tone = row.get("tone").and_then(Value::as_str).unwrap_or_default();
        for (k, cell) in cells.iter().enumerate() {
            let class = if toned == Some(k) { format!(" class=\"{tone}\"") } else { String::new() };
            let words = words_of(cell);
            match (k, row.get("name").and_then(Value::as_str)) {
                (0, Some(name)) => {
                    let _ = write!(s, "<td><a href=\"#{}\">{words}</a></td>", escaped(name));
                }
                _ => {
                    let _ = write!(s, "<td{class}>{words}</td>");
                }
            }
        }
        s.push_str("</tr>\n");
    }
    s.push_str("</tbody></table></div>\n");
    s
}

pub(super) fn page(book: &Book) -> String {
    let mut s = String::from(
        "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>大禹 dayu 核验报告 verification book</title>\n<style>\n",
    );
    s.push_str(STYLE);
    s.push_str("</style>\n</head>\n<body>\n<main>\n<h1>大禹 dayu 核验报告 <small>Verification book</small></h1>\n");
    let _ = writeln!(s, "<p class=\"lead\">{}</p>", escaped(&words::summary(book)));
    let _ = writeln!(s, "<p>{}</p>", escaped(&words::scope(book)));
    let rows: Vec<Value> = book.cases.iter().map(words::summary_row).collect();
    s.push_str(&table(&words::SUMMARY_HEAD, &rows, Some(2)));
    for case in &book.cases {
        s.push_str(&section(case));
    }
    s.push_str("</main>\n</body>\n</html>\n");
    s
}

fn section(case: &CaseReport) -> String {
    let mut s = String::new();
    let _ = writeln!(
        s,
        "<section id=\"{name}\">\n<h2>{zh} <small>{en} · <code>{name}</code></small> <span class=\"mark {tone}\">{verdict}</span></h2>",
        name = escaped(&case.name),
        zh = escaped(&case.title.zh),
        en = escaped(&case.title.en),
        tone = words::tone(case),
        verdict = escaped(&words::verdict(case))
    );
    let _ =
        writeln!(s, "<p>{}<br><span class=\"en\">{}</span></p>", escaped(&case.purpose.zh), escaped(&case.purpose.en));
    s.push_str("<div class=\"pictures\">\n");
    for p in &case.pictures {
        let _ = writeln!(
            s,
            "<figure{}>{}<figcaption><b>{}</b> {} <span class=\"en\">{}. {}</span></figcaption></figure>",
            if p.wide { " class=\"wide\"" } else { "" },
            p.svg,
            escaped(&p.title.zh),
            escaped(&p.caption.zh),
            escaped(&p.title.en),
            escaped(&p.caption.en)
        );
    }
    s.push_str("</div>\n");
    let lines = words::line_rows(case);
    s.push_str("<h3>误差与允许值 <small>errors and tolerances</small></h3>\n");
    s.push_str(&table(&words::LINE_HEAD, &lines, Some(4)));
    for reason in words::reasons(case) {
        let _ = writeln!(s, "<p class=\"reason\">{}</p>", escaped(&reason));
    }
    let runs: Vec<Value> = case.runs.iter().map(words::run_row).collect();
    // Tables are held against functions of the program: nothing is run.
    if !runs.is_empty() {
        s.push_str("<h3>计算 <small>runs</small></h3>\n");
        s.push_str(&table(&words::RUN_HEAD, &runs, None));
    }
    for c in &case.convergence {
        let rows = words::convergence_rows(c);
        let _ = writeln!(s, "<h3>收敛阶 <small>order of convergence: {}</small></h3>", escaped(&c.check));
        let list = rows["rows"].as_array().cloned().unwrap_or_default();
        s.push_str(&table(&["单元 cell", "误差 error", "阶 order"], &list, None));
        if !c.why.is_empty() {
            let _ = writeln!(s, "<p class=\"reason\">{}</p>", escaped(&c.why));
        }
    }
    if !case.peers.is_empty() {
        s.push_str("<h3>同行模型 <small>accepted peers</small></h3>\n<ul>\n");
        for p in &case.peers {
            let _ = writeln!(
                s,
                "<li><b>{}</b>：{} <span class=\"en\">{} [{}]</span></li>",
                escaped(&p.name),
                escaped(&p.result.zh),
                escaped(&p.result.en),
                escaped(&p.source)
            );
        }
        s.push_str("</ul>\n");
    }
    s.push_str("<details><summary>出处与布置 source, licence, set-up</summary>\n<dl>\n");
    for (k, v) in words::about(case) {
        let _ = writeln!(s, "<dt>{k}</dt><dd>{}</dd>", escaped(&v));
    }
    s.push_str("</dl></details>\n</section>\n");
    s
}
