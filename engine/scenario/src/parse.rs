use crate::{DatasetSpec, ScenarioSpec};
use dayu_base::{Finding, Text};
use serde::de::DeserializeOwned;

/// Parses TOML into `T`; a syntax error, a wrong type or an unknown key names file, line, key and the nearest valid key.
///
/// # Errors
/// One finding (`SCN-001` syntax or type, `SCN-002` unknown key).
pub fn parse_toml<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Finding> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(Finding::error(
            "SCN-003",
            Text::new("文件是空的", "the file is empty"),
            Text::new(
                "对照 scenarios/ 与 gis-data/ 中的示例填写",
                "fill it in after the examples in scenarios/ and gis-data/",
            ),
        )
        .in_file(file));
    }
    toml::from_str(text).map_err(|e| {
        let line = e.span().map(|s| 1 + text[..s.start.min(text.len())].matches('\n').count());
        let place = line.map(|n| format!("第{n}行 line {n}")).unwrap_or_default();
        let message = e.message();
        match unknown_key(message) {
            Some((key, valid)) => {
                let nearest = valid
                    .iter()
                    .max_by(|a, b| strsim::jaro_winkler(a, &key).total_cmp(&strsim::jaro_winkler(b, &key)))
                    .cloned()
                    .unwrap_or_default();
                Finding::error(
                    "SCN-002",
                    Text::new(format!("不认识的键“{key}”"), format!("unknown key '{key}'")),
                    Text::new(
                        format!("最接近的有效键是“{nearest}”；有效键：{}", valid.join("、")),
                        format!("the nearest valid key is '{nearest}'; valid keys: {}", valid.join(", ")),
                    ),
                )
                .field(key)
            }
            None => Finding::error(
                "SCN-001",
                Text::new(format!("无法读懂：{message}"), format!("cannot be read: {message}")),
                Text::new("改正该行后重试", "correct that line and try again"),
            ),
        }
        .in_file(file)
        .at(place)
    })
}

/// Takes serde's "unknown field `x`, expected one of `a`, `b`" apart.
fn unknown_key(message: &str) -> Option<(String, Vec<String>)> {
    let rest = message.split("unknown field ").nth(1).or_else(|| message.split("unknown variant ").nth(1))?;
    let mut quoted = rest.split('`').skip(1).step_by(2).map(String::from);
    let key = quoted.next()?;
    Some((key, quoted.collect()))
}

/// Parses `dataset.toml`.
///
/// # Errors
/// See [`parse_toml`]; `SCN-004` when `format` is not 1.
pub fn parse_dataset(file: &str, text: &str) -> Result<DatasetSpec, Finding> {
    let spec: DatasetSpec = parse_toml(file, text)?;
    check_format(file, spec.format)?;
    Ok(spec)
}

/// Parses `scenario.toml`.
///
/// # Errors
/// See [`parse_toml`]; `SCN-004` when `format` is not 1.
pub fn parse_scenario(file: &str, text: &str) -> Result<ScenarioSpec, Finding> {
    let spec: ScenarioSpec = parse_toml(file, text)?;
    check_format(file, spec.format)?;
    Ok(spec)
}

fn check_format(file: &str, format: u32) -> Result<(), Finding> {
    if format == 1 {
        return Ok(());
    }
    Err(Finding::error(
        "SCN-004",
        Text::new(format!("不支持的文件格式版本 {format}"), format!("file format {format} is not supported")),
        Text::new("本程序读 format = 1", "this program reads format = 1"),
    )
    .in_file(file)
    .field("format"))
}
