//! The sections of a case's README.md: source, licence, metric, tolerance and peers in the words of its author.

use serde::Serialize;

/// What the book takes from README.md; empty where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Readme {
    /// first heading
    pub title: String,
    /// kind of answer
    pub kind: String,
    /// Source
    pub source: String,
    /// Licence
    pub licence: String,
    /// Geometry, parameters, boundaries
    pub geometry: String,
    /// Metric
    pub metric: String,
    /// Pass tolerance, and how far accepted peers differ
    pub tolerance: String,
}

impl Readme {
    /// Sections by their headings; a case without README gives empty texts.
    pub fn parse(text: &str) -> Self {
        let mut out = Self::default();
        let mut heading = String::new();
        for line in text.lines() {
            if let Some(title) = line.strip_prefix("# ") {
                if out.title.is_empty() {
                    out.title = title.trim().into();
                }
            } else if let Some(section) = line.strip_prefix("## ") {
                heading = section.trim().to_lowercase();
            } else if let Some(kind) = line.split("**kind** ").nth(1) {
                out.kind = kind.split(" · ").next().unwrap_or_default().trim().into();
            } else if !line.trim().is_empty() {
                let section = match heading.split([',', ' ']).next().unwrap_or_default() {
                    "source" => &mut out.source,
                    "licence" => &mut out.licence,
                    "geometry" => &mut out.geometry,
                    "metric" => &mut out.metric,
                    "pass" => &mut out.tolerance,
                    _ => continue,
                };
                if !section.is_empty() {
                    section.push(' ');
                }
                section.push_str(line.trim());
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_by_heading() {
        let r = Readme::parse(
            "# T\n\n**Case** `a` · **kind** analytical (exact) · **runnable** yes\n\n## Source\nA.\nB.\n\n## Pass tolerance, and how\nT1\n## Files\n- x\n",
        );
        assert_eq!((r.title.as_str(), r.kind.as_str(), r.source.as_str()), ("T", "analytical (exact)", "A. B."));
        assert_eq!((r.tolerance.as_str(), r.licence.as_str()), ("T1", ""));
    }
}
