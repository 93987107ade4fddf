//! NAME.json, NAME.nodes.csv, NAME.links.csv, NAME.sources.csv, NAME.shelters.csv → [`RoadProblem`].

use super::problem::{FlowLink, FlowNode, FlowShelter, FlowSource, RoadProblem};
use crate::sheet::Sheet;
use dayu_base::{Finding, Text};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Texts of the files of a road problem.
#[derive(Clone, Copy, Debug)]
pub struct RoadFiles<'a> {
    /// NAME.json
    pub header: &'a str,
    /// NAME.nodes.csv: id,x,y
    pub nodes: &'a str,
    /// NAME.links.csv: id,from,to,metres,steps,people_per_step,close_step
    pub links: &'a str,
    /// NAME.sources.csv: node,people,ready_step and, if wanted, vulnerable
    pub sources: &'a str,
    /// NAME.shelters.csv: node,capacity
    pub shelters: &'a str,
}

const KEYS: [&str; 15] = [
    "capacity",
    "horizon",
    "links",
    "links_that_close",
    "name",
    "nodes",
    "nx",
    "ny",
    "objective",
    "people",
    "seed",
    "shelters",
    "sources",
    "step_s",
    "vulnerable_first",
];

/// Reads a road problem; the findings are warnings about rows that cannot take part.
///
/// # Errors
/// The first finding of severity error: `EVA-001`, `EVA-002`, `EVA-005`, `EVA-010` … `EVA-012`, `EVA-015` … `EVA-017`, `EVA-050`, `EVA-051`.
pub fn parse_road_problem(name: &str, files: RoadFiles<'_>) -> Result<(RoadProblem, Vec<Finding>), Finding> {
    let mut findings = Vec::new();
    let header_file = format!("{name}.json");
    let head = Header::parse(&header_file, files.header)?;
    let nodes = read_nodes(&format!("{name}.nodes.csv"), files.nodes, &mut findings)?;
    let mut index: BTreeMap<&str, u32> = BTreeMap::new();
    for (place, node) in (0..).zip(&nodes) {
        index.insert(&node.id, place);
    }
    let links = read_links(&format!("{name}.links.csv"), files.links, &index, &mut findings)?;
    let sources = read_sources(&format!("{name}.sources.csv"), files.sources, &index, head.horizon, &mut findings)?;
    let shelters = read_shelters(&format!("{name}.shelters.csv"), files.shelters, &index, &mut findings)?;
    let sum = |people: &mut dyn Iterator<Item = u64>| people.map(u128::from).sum::<u128>();
    head.states("nodes", nodes.len() as u128)?;
    head.states("links", links.len() as u128)?;
    head.states("links_that_close", links.iter().filter(|l| l.close_step.is_some()).count() as u128)?;
    head.states("sources", sources.len() as u128)?;
    head.states("shelters", shelters.len() as u128)?;
    head.states("people", sum(&mut sources.iter().map(|s| s.people)))?;
    head.states("capacity", sum(&mut shelters.iter().map(|s| s.capacity)))?;
    let in_files = |f: Finding| if !f.file.is_empty() { f } else { f.in_file(name) };
    let problem = RoadProblem::checked(head.horizon, head.step_s, nodes.clone(), links, sources, shelters)
        .map_err(in_files)?
        .vulnerable_first(head.vulnerable_first);
    if problem.shelters.iter().all(|s| s.capacity == 0) {
        findings.push(
            Finding::warning(
                "EVA-054",
                Text::new("没有任何可用床位。", "There is not a single bed."),
                Text::new("补充避灾安置场所。", "Add shelters."),
            )
            .in_file(format!("{name}.shelters.csv")),
        );
    }
    Ok((problem, findings))
}

struct Header<'a> {
    file: &'a str,
    map: Map<String, Value>,
    horizon: u32,
    step_s: u32,
    vulnerable_first: bool,
}

impl<'a> Header<'a> {
    fn parse(file: &'a str, json: &str) -> Result<Self, Finding> {
        let map = match serde_json::from_str(json.strip_prefix('\u{feff}').unwrap_or(json)) {
            Ok(Value::Object(map)) => map,
            other => {
                let why = other.err().map_or_else(|| "not an object".to_owned(), |e| e.to_string());
                return Err(Finding::error(
                    "EVA-010",
                    Text::new(format!("不是有效的 JSON 对象（{why}）。"), format!("Not a valid JSON object ({why}).")),
                    Text::new("改正该文件的写法。", "Correct the file."),
                )
                .in_file(file));
            }
        };
        if let Some(key) = map.keys().find(|key| !KEYS.contains(&key.as_str())) {
            let nearest = KEYS.iter().min_by_key(|known| (strsim::damerau_levenshtein(known, key), **known));
            let nearest = nearest.copied().unwrap_or_default();
            return Err(Finding::error(
                "EVA-011",
                Text::new(format!("未知的键“{key}”。"), format!("Unknown key \"{key}\".")),
                Text::new(format!("是否应为“{nearest}”？"), format!("Did you mean \"{nearest}\"?")),
            )
            .in_file(file)
            .field(key));
        }
        let mut head = Self { file, map, horizon: 0, step_s: 60, vulnerable_first: false };
        head.horizon = head.steps("horizon")?.ok_or_else(|| {
            head.wrong("horizon", "缺少：写明方案的最后一步", "is missing: state the last step of the plan")
        })?;
        head.step_s = head.steps("step_s")?.unwrap_or(60);
        head.vulnerable_first = match head.map.get("vulnerable_first") {
            None | Some(Value::Null) => false,
            Some(Value::Bool(yes)) => *yes,
            Some(_) => return Err(head.wrong("vulnerable_first", "应为 true 或 false", "must be true or false")),
        };
        Ok(head)
    }

    fn wrong(&self, key: &str, zh: &str, en: &str) -> Finding {
        Finding::error(
            "EVA-012",
            Text::new(format!("{key} {zh}。"), format!("{key} {en}.")),
            Text::new("改正该值。", "Correct the value."),
        )
        .in_file(self.file)
        .field(key)
    }

    fn whole(&self, key: &str) -> Result<Option<u64>, Finding> {
        match self.map.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                value.as_u64().map(Some).ok_or_else(|| self.wrong(key, "应为非负整数", "must be a whole number ≥ 0"))
            }
        }
    }

    fn steps(&self, key: &str) -> Result<Option<u32>, Finding> {
        let wrong = |_| self.wrong(key, "过大", "is too large");
        self.whole(key)?.map(|value| u32::try_from(value).map_err(wrong)).transpose()
    }

    fn states(&self, key: &str, counted: u128) -> Result<(), Finding> {
        match self.whole(key)? {
            Some(stated) if u128::from(stated) != counted => Err(Finding::error(
                "EVA-017",
                Text::new(
                    format!("文件头写明 {key} = {stated}，实际为 {counted}。"),
                    format!("The header states {key} = {stated}; the files hold {counted}."),
                ),
                Text::new("文件可能不完整；核对后改正。", "A file may be incomplete; compare and correct."),
            )
            .in_file(self.file)
            .field(key)),
            _ => Ok(()),
        }
    }
}

type Row<'a> = Vec<Option<std::borrow::Cow<'a, str>>>;

fn unread(file: &str, sheet: &Sheet<'_>, findings: &mut Vec<Finding>) {
    if let Some(first) = sheet.unread.first() {
        findings.push(
            Finding::info(
                "EVA-018",
                Text::new(
                    format!("未使用的列：{}。", sheet.unread.join("、")),
                    format!("Columns not used: {}.", sheet.unread.join(", ")),
                ),
                Text::new("核对列名。", "Check the headings."),
            )
            .in_file(file)
            .field(first),
        );
    }
}

fn read_nodes(file: &str, text: &str, findings: &mut Vec<Finding>) -> Result<Vec<FlowNode>, Finding> {
    let sheet = Sheet::read(file, text, &["id", "x", "y"], &[])?;
    unread(file, &sheet, findings);
    let coordinate = |line: usize, row: &Row<'_>, column: usize| {
        sheet.number(line, row, column)?.ok_or_else(|| sheet.value(line, column, "", "为空", "is empty"))
    };
    sheet
        .rows
        .iter()
        .map(|(line, row)| {
            let id = Sheet::text(row, 0).to_owned();
            Ok(FlowNode { id, x_m: coordinate(*line, row, 1)?, y_m: coordinate(*line, row, 2)? })
        })
        .collect()
}

/// The node a field names, or `EVA-002`.
fn node_of(
    sheet: &Sheet<'_>,
    line: usize,
    row: &Row<'_>,
    column: usize,
    index: &BTreeMap<&str, u32>,
) -> Result<u32, Finding> {
    let id = Sheet::text(row, column);
    index.get(id).copied().ok_or_else(|| Finding {
        code: "EVA-002".into(),
        mend: Text::new("改正节点编号，或在 nodes.csv 增加该节点。", "Correct the id, or add the node to nodes.csv."),
        ..sheet.value(line, column, id, "不是已知节点", "names a node that does not exist")
    })
}

fn small(sheet: &Sheet<'_>, line: usize, row: &Row<'_>, column: usize) -> Result<u32, Finding> {
    let value = sheet.count(line, row, column)?;
    u32::try_from(value).map_err(|_| sheet.value(line, column, Sheet::text(row, column), "过大", "is too large"))
}

fn read_links(
    file: &str,
    text: &str,
    index: &BTreeMap<&str, u32>,
    findings: &mut Vec<Finding>,
) -> Result<Vec<FlowLink>, Finding> {
    let columns = ["id", "from", "to", "metres", "steps", "people_per_step", "close_step"];
    let sheet = Sheet::read(file, text, &columns, &[])?;
    unread(file, &sheet, findings);
    let mut early = Vec::new();
    let mut links = Vec::with_capacity(sheet.rows.len());
    for (line, row) in &sheet.rows {
        let stated = Sheet::text(row, 6);
        let close: i64 = stated.parse().map_err(|_| {
            sheet.value(*line, 6, stated, "不是整数（-1 = 不关闭）", "is not a whole number (-1 = never closes)")
        })?;
        let steps = small(&sheet, *line, row, 4)?;
        if steps == 0 {
            return Err(sheet.value(*line, 4, "0", "：通行时间至少为 1 步", ": a link takes at least 1 step"));
        }
        // A link that closed before the start is closed: only -1 means never.
        let close_step = if close == -1 { None } else { Some(close.clamp(0, i64::from(u32::MAX)) as u32) };
        if close < -1 {
            early.push(Sheet::text(row, 0).to_owned());
        }
        links.push(FlowLink {
            id: Sheet::text(row, 0).to_owned(),
            from: node_of(&sheet, *line, row, 1, index)?,
            to: node_of(&sheet, *line, row, 2, index)?,
            metres: sheet.count(*line, row, 3)?,
            steps,
            people_per_step: sheet.count(*line, row, 5)?,
            close_step,
        });
    }
    if let Some(first) = early.first() {
        findings.push(
            Finding::warning(
                "EVA-052",
                Text::new(
                    format!("{} 条路段的关闭时刻早于起算时刻，按始终不通计（如 {first}）。", early.len()),
                    format!("{} links close before the start and are never used (e.g. {first}).", early.len()),
                ),
                Text::new("-1 表示不关闭；已关闭写 0。", "-1 means never closes; write 0 for closed from the start."),
            )
            .in_file(file)
            .field("close_step"),
        );
    }
    Ok(links)
}

fn read_sources(
    file: &str,
    text: &str,
    index: &BTreeMap<&str, u32>,
    horizon: u32,
    findings: &mut Vec<Finding>,
) -> Result<Vec<FlowSource>, Finding> {
    let sheet = Sheet::read(file, text, &["node", "people", "ready_step"], &["vulnerable"])?;
    unread(file, &sheet, findings);
    let mut sources = Vec::with_capacity(sheet.rows.len());
    for (line, row) in &sheet.rows {
        let people = sheet.count(*line, row, 1)?;
        let vulnerable = sheet.optional_count(*line, row, 3)?.unwrap_or(0);
        if vulnerable > people {
            return Err(sheet.value(*line, 3, Sheet::text(row, 3), "多于总人数", "exceeds the number of people"));
        }
        let source = FlowSource {
            node: node_of(&sheet, *line, row, 0, index)?,
            people,
            vulnerable,
            ready_step: small(&sheet, *line, row, 2)?,
        };
        if source.ready_step > horizon {
            findings.push(
                Finding::warning(
                    "EVA-053",
                    Text::new(
                        "该处居民在推演末步之后才就绪，无法安置。",
                        "These people are ready only after the last step and cannot be placed.",
                    ),
                    Text::new("加大 horizon 或改正 ready_step。", "Raise horizon or correct ready_step."),
                )
                .in_file(file)
                .at(format!("line {line}"))
                .field("ready_step"),
            );
        }
        sources.push(source);
    }
    Ok(sources)
}

fn read_shelters(
    file: &str,
    text: &str,
    index: &BTreeMap<&str, u32>,
    findings: &mut Vec<Finding>,
) -> Result<Vec<FlowShelter>, Finding> {
    let sheet = Sheet::read(file, text, &["node", "capacity"], &[])?;
    unread(file, &sheet, findings);
    let row = |(line, row): &(usize, Row<'_>)| {
        Ok(FlowShelter { node: node_of(&sheet, *line, row, 0, index)?, capacity: sheet.count(*line, row, 1)? })
    };
    sheet.rows.iter().map(row).collect()
}
