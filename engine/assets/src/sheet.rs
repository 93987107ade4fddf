//! Collects findings so that a thousand equal mistakes read as five examples and an exact count.

use dayu_base::{Finding, Severity, Text};

/// How many places of one problem are listed one by one.
const LISTED: usize = 5;

struct Group {
    code: String,
    severity: Severity,
    file: String,
    field: String,
    topic: String,
    listed: Vec<Finding>,
    count: usize,
    mend: Text,
}

/// Findings in order of first appearance; the same code, file, field and topic make one group.
#[derive(Default)]
pub(crate) struct Sheet {
    groups: Vec<Group>,
    by_key: std::collections::BTreeMap<(String, String, String, String), usize>,
}

impl Sheet {
    /// Adds a finding. `topic` separates groups further (a layer, a role); it is not shown.
    pub(crate) fn add(&mut self, topic: &str, finding: Finding) {
        let key = (finding.code.clone(), finding.file.clone(), finding.field.clone(), topic.to_string());
        let next = self.groups.len();
        let place = *self.by_key.entry(key).or_insert(next);
        if place == next {
            self.groups.push(Group {
                code: finding.code.clone(),
                severity: finding.severity,
                file: finding.file.clone(),
                field: finding.field.clone(),
                topic: topic.to_string(),
                listed: Vec::new(),
                count: 0,
                mend: finding.mend.clone(),
            });
        }
        let group = &mut self.groups[place];
        group.count += 1;
        group.severity = group.severity.max(finding.severity);
        if group.listed.len() < LISTED {
            group.listed.push(finding);
        }
    }

    /// The findings: per group at most five with their places, then one with the exact count.
    pub(crate) fn into_findings(self) -> Vec<Finding> {
        let mut all = Vec::new();
        for group in self.groups {
            let (count, listed) = (group.count, group.listed.len());
            all.extend(group.listed);
            if count > listed {
                let topic = if group.topic.is_empty() { String::new() } else { format!("（{}）", group.topic) };
                let topic_en = if group.topic.is_empty() { String::new() } else { format!(" ({})", group.topic) };
                all.push(Finding {
                    code: group.code,
                    severity: group.severity,
                    file: group.file,
                    place: format!("共 {count} 处 {count} places"),
                    field: group.field,
                    message: Text::new(
                        format!("同类问题共 {count} 处{topic}，以上列出前 {listed} 处"),
                        format!("{count} places have this problem{topic_en}; the first {listed} are listed above"),
                    ),
                    mend: group.mend,
                });
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_equal_problems_become_six_lines_with_the_exact_count() {
        let mut sheet = Sheet::default();
        for k in 0..1000 {
            let f = Finding::error("REG-010", Text::new("坏", "bad"), Text::new("改", "mend"));
            sheet.add("", f.in_file("a.csv").field("people").at(format!("row {k}")));
        }
        sheet.add("", Finding::info("REG-050", Text::new("无", "none"), Text::default()));
        let all = sheet.into_findings();
        assert_eq!(all.len(), 7);
        assert_eq!(all[4].place, "row 4");
        assert!(all[5].message.zh.contains("1000") && all[5].severity == Severity::Error);
    }
}
