//! OpenStreetMap extracts: roads with the tags that the engine needs.

/// Fields of the road layer of an extract, in this order.
pub(crate) const ROAD_FIELDS: [&str; 8] = ["id", "name", "class", "bridge", "tunnel", "one_way", "layer", "access"];

/// Values of [`ROAD_FIELDS`] from a way's tags; `None` when the way is no highway. `bridge`, `tunnel` and `one_way` are
/// `true` or `false`: in OpenStreetMap a missing tag means no, see wiki.openstreetmap.org/wiki/Key:bridge, Key:tunnel,
/// Key:oneway (motorways and roundabouts are one way without saying so; `-1` is one way against the drawn direction).
pub(crate) fn road_values(
    id: Option<String>,
    name: Option<String>,
    highway: Option<String>,
    other_tags: Option<&str>,
) -> Option<Vec<Option<String>>> {
    let highway = highway?;
    let tags = other_tags.map(parse_tags).unwrap_or_default();
    let tag = |key: &str| tags.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str());
    let set = |key: &str| tag(key).is_some_and(|v| v != "no");
    let one_way = match tag("oneway") {
        Some("yes" | "true" | "1" | "-1" | "reverse") => true,
        Some(_) => false,
        None => highway == "motorway" || highway == "motorway_link" || tag("junction") == Some("roundabout"),
    };
    let text = |b: bool| Some(if b { "true" } else { "false" }.to_string());
    Some(vec![
        id,
        name,
        Some(highway),
        text(set("bridge")),
        text(set("tunnel")),
        text(one_way),
        tag("layer").map(Into::into),
        tag("access").map(Into::into),
    ])
}

/// True when a way is drawn against its one-way direction.
pub(crate) fn is_reversed(other_tags: Option<&str>) -> bool {
    other_tags.map(parse_tags).unwrap_or_default().iter().any(|(k, v)| k == "oneway" && (v == "-1" || v == "reverse"))
}

/// Reads the `"key"=>"value"` list (PostgreSQL hstore text) in which GDAL puts the tags without a column of their own.
pub(crate) fn parse_tags(text: &str) -> Vec<(String, String)> {
    let mut tags = Vec::new();
    let mut rest = text.chars().peekable();
    let mut quoted = || -> Option<String> {
        rest.by_ref().find(|c| *c == '"')?;
        let mut word = String::new();
        loop {
            match rest.next()? {
                '\\' => word.push(rest.next()?),
                '"' => return Some(word),
                c => word.push(c),
            }
        }
    };
    while let (Some(key), Some(value)) = (quoted(), quoted()) {
        tags.push((key, value));
    }
    tags
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn tags_with_quotes_and_commas() {
        let tags = parse_tags(r#""bridge"=>"yes","note"=>"a \"b\", c=>d","layer"=>"1""#);
        assert_eq!(tags[0], ("bridge".into(), "yes".into()));
        assert_eq!(tags[1].1, r#"a "b", c=>d"#);
        assert_eq!(tags.len(), 3);
        assert!(parse_tags(r#""open"#).is_empty());
    }

    #[test]
    fn road_flags() {
        let road = |highway: &str, tags: &str| road_values(None, None, Some(highway.into()), Some(tags)).unwrap();
        assert_eq!(road("primary", r#""bridge"=>"viaduct""#)[3].as_deref(), Some("true"));
        assert_eq!(road("primary", r#""bridge"=>"no""#)[3].as_deref(), Some("false"));
        assert_eq!(road("motorway", "")[5].as_deref(), Some("true"));
        assert_eq!(road("primary", r#""oneway"=>"-1""#)[5].as_deref(), Some("true"));
        assert!(is_reversed(Some(r#""oneway"=>"-1""#)));
        assert!(road_values(None, None, None, None).is_none());
    }
}
