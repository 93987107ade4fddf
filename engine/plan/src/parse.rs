use crate::PlanFile;
use dayu_base::{Finding, Text};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::{Spanned, Value};

/// The file by sections, so that one wrong item does not hide the next.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sections {
    plan: Spanned<Value>,
    #[serde(default)]
    rule: Vec<Spanned<Value>>,
    #[serde(default)]
    action: Vec<Spanned<Value>>,
    #[serde(default)]
    closure: Vec<Spanned<Value>>,
    #[serde(default)]
    transfer: Vec<Spanned<Value>>,
    #[serde(default)]
    report: Vec<Spanned<Value>>,
    housing: Option<Spanned<Value>>,
}

/// Reads a plan file. Every unreadable item is a finding that names file, line, key and the nearest valid name; then
/// nothing of the plan is used.
///
/// # Errors
/// Findings `PLN-001` (no TOML), `PLN-002` (unknown key), `PLN-003` (unknown name: level, kind, mark, layer, …) and
/// `PLN-004` (missing key or wrong type); then what [`crate::check_plan`] finds of severity error.
pub fn parse_plan(file_name: &str, text: &str) -> Result<PlanFile, Vec<Finding>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let source = Source { file_name, text };
    let sections: Sections = toml::from_str(text).map_err(|e| {
        let offset = e.span().map_or(0, |s| s.start);
        vec![source.finding(e.message(), offset, "")]
    })?;
    let mut findings = Vec::new();
    let head = source.items(vec![sections.plan], "plan", &mut findings);
    let rule = source.items(sections.rule, "rule", &mut findings);
    let action = source.items(sections.action, "action", &mut findings);
    let closure = source.items(sections.closure, "closure", &mut findings);
    let transfer = source.items(sections.transfer, "transfer", &mut findings);
    let report = source.items(sections.report, "report", &mut findings);
    let housing = source.items(sections.housing.into_iter().collect(), "housing", &mut findings);
    let Some(plan) = head.into_iter().next().filter(|_| findings.is_empty()) else { return Err(findings) };
    let housing = housing.into_iter().next().unwrap_or_default();
    let file = PlanFile { plan, rule, action, closure, transfer, report, housing };
    let errors: Vec<Finding> =
        crate::check_plan(file_name, &file).into_iter().filter(|f| f.severity == dayu_base::Severity::Error).collect();
    if errors.is_empty() { Ok(file) } else { Err(errors) }
}

struct Source<'a> {
    file_name: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn items<T: DeserializeOwned>(&self, raw: Vec<Spanned<Value>>, section: &str, out: &mut Vec<Finding>) -> Vec<T> {
        let mut items = Vec::with_capacity(raw.len());
        for (n, one) in raw.into_iter().enumerate() {
            let at = one.span().start;
            match one.into_inner().try_into::<T>() {
                Ok(item) => items.push(item),
                Err(e) => {
                    let mut finding = self.finding(e.message(), at, &format!("[{section}] #{}", n + 1));
                    if finding.field.is_empty() {
                        finding.field = key_of(&e);
                    }
                    out.push(finding);
                }
            }
        }
        items
    }

    /// Turns a message of the TOML reader into a finding; `offset` is where the item starts.
    fn finding(&self, message: &str, offset: usize, item: &str) -> Finding {
        let names = backticked(message);
        let unknown_field = message.contains("unknown field");
        let unknown_variant = message.contains("unknown variant");
        let (code, zh, en, mend) = match names.split_first() {
            Some((wrong, valid)) if unknown_field || unknown_variant => {
                let (zh, en) =
                    if unknown_field { ("未知键", "unknown key") } else { ("未知取值", "unknown name") };
                let list = valid.join(" | ");
                let mend = match nearest(wrong, valid) {
                    Some(near) => Text::new(
                        format!("是否应为“{near}”？可用：{list}"),
                        format!("did you mean '{near}'? valid: {list}"),
                    ),
                    None => Text::new(format!("可用：{list}"), format!("valid: {list}")),
                };
                let code = if unknown_field { "PLN-002" } else { "PLN-003" };
                (code, format!("{zh}“{wrong}”"), format!("{en} '{wrong}'"), mend)
            }
            _ if item.is_empty() && !message.contains("missing field") => (
                "PLN-001",
                format!("预案文件不是有效的 TOML：{message}"),
                format!("the plan file is no valid TOML: {message}"),
                Text::new("按提示行改正语法", "mend the syntax at that line"),
            ),
            _ => (
                "PLN-004",
                format!("缺少必填键或类型不符：{message}"),
                format!("missing key or wrong type: {message}"),
                Text::new("补上该键，或改成要求的类型", "add the key, or give it the type asked for"),
            ),
        };
        let field = names.first().map(|s| (*s).to_string()).unwrap_or_default();
        let line = self.line(offset, &field);
        let place = if item.is_empty() {
            format!("第 {line} 行 / line {line}")
        } else {
            format!("{item}，第 {line} 行 / line {line}")
        };
        Finding::error(code, Text::new(zh, en), mend).in_file(self.file_name).at(place).field(field)
    }

    /// Line of `name` at or after `offset`, or the line of `offset`.
    fn line(&self, offset: usize, name: &str) -> usize {
        let start = offset.min(self.text.len());
        let rest = self.text.get(start..).unwrap_or("");
        let hit = if name.is_empty() { None } else { rest.find(name) };
        let end = start + hit.unwrap_or(0);
        self.text.get(..end).unwrap_or("").matches('\n').count() + 1
    }
}

/// The key that the TOML reader names in its last line, as ``in `scope.depth_m` ``.
fn key_of(error: &toml::de::Error) -> String {
    let full = error.to_string();
    full.rsplit_once("in `").and_then(|(_, k)| k.split('`').next()).unwrap_or_default().to_string()
}

/// The words between backticks, in order: the wrong name first, then the valid ones.
fn backticked(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
}

/// The valid name most like `wrong`, when one is like it at all. Case never matters (`Iv` → `IV`).
pub(crate) fn nearest<'a>(wrong: &str, valid: &[&'a str]) -> Option<&'a str> {
    let lower = wrong.to_lowercase();
    let mut best: Option<(f64, &'a str)> = None;
    for v in valid {
        let likeness = strsim::jaro_winkler(&lower, &v.to_lowercase());
        if best.is_none_or(|(l, _)| likeness > l) {
            best = Some((likeness, v));
        }
    }
    best.filter(|(l, _)| *l >= 0.5).map(|(_, v)| v)
}
