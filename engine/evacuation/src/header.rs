//! The header of an assignment problem: what it is called, what its rules are, how its trips are measured.

use crate::{Policy, UNPLACED_M};
use dayu_base::{Finding, Text};
use serde_json::{Map, Value};

/// Rules of the assignment; the keys of the header and the flags of the command have these names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvacRules {
    /// `sum`: fewest unplaced, then least person-metres; `longest`: then shortest longest trip, then least person-metres
    pub policy: String,
    /// a demand point may be split between shelters
    pub split: bool,
    /// vulnerable people first
    pub vulnerable_first: bool,
    /// longest allowed trip, m; `None` = no limit
    pub max_cost: Option<u64>,
    /// only the k nearest shelters of each demand point are allowed; 0 = all
    pub k: u32,
}

impl Default for EvacRules {
    fn default() -> Self {
        Self { policy: "sum".into(), split: true, vulnerable_first: false, max_cost: None, k: 0 }
    }
}

impl EvacRules {
    /// The objective these rules ask for.
    ///
    /// # Errors
    /// `EVA-013` for a policy that is not known.
    pub fn objective(&self) -> Result<Policy, Finding> {
        [Policy::Sum, Policy::Longest].into_iter().find(|policy| policy.name() == self.policy).ok_or_else(|| {
            Finding::error(
                "EVA-013",
                Text::new(
                    format!("不认识的 policy = {:?}，未作计算。", self.policy),
                    format!("The policy {:?} is not known; nothing was computed.", self.policy),
                ),
                Text::new(
                    "使用 \"sum\"（总路程最短）或 \"longest\"（最长路程最短）。",
                    "Use \"sum\" (least total) or \"longest\" (shortest longest trip).",
                ),
            )
            .field("policy")
        })
    }
}

/// How trips are measured when no arcs are given: street grid, a river with bridges, a hashed winding factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TripFormula {
    /// seed of the winding factors
    pub salt: u64,
    /// northing of the river, m
    pub river_y_m: i64,
    /// eastings of its bridges, m; not empty
    pub bridges_x_m: Vec<i64>,
}

/// Figures a header states about its own instance; each is checked when present.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stated {
    /// demand points
    pub n_demand: Option<u64>,
    /// shelters
    pub n_shelter: Option<u64>,
    /// Σ people
    pub people: Option<u64>,
    /// Σ capacity
    pub capacity: Option<u64>,
    /// allowed arcs
    pub arcs: Option<u64>,
    /// SHA-256 of the arcs, 64 lower-case hex digits
    pub arcs_sha256: Option<String>,
    /// k for which the two figures above hold
    pub k: u32,
}

/// Policies for all rows that do not state their own; shares and chances are 0 … 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Policies {
    /// a shelter that a hazard reaches with more than this chance gets no one; `None` = no limit
    pub max_hazard_probability: Option<f64>,
    /// share of the beds of each shelter kept free, rounded up; `None` = 0
    pub reserve_share: Option<f64>,
    /// share of the people of each point who go to relatives, rounded down; `None` = 0
    pub relatives_share: Option<f64>,
}

/// The header NAME.json.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EvacHeader {
    /// rules, open to be overridden by flags before [`crate::EvacInstance::problem`]
    pub rules: EvacRules,
    /// policies
    pub policies: Policies,
    /// formula of trips; `None` when arcs are given as a table
    pub formula: Option<TripFormula>,
    /// figures to check
    pub stated: Stated,
}

const KEYS: [&str; 22] = [
    "arcs",
    "arcs_sha256",
    "bridges_x",
    "capacity",
    "k",
    "max_cost",
    "max_hazard_probability",
    "n_demand",
    "n_shelter",
    "name",
    "objective",
    "people",
    "policy",
    "relatives_share",
    "reserve_share",
    "river_y",
    "salt",
    "seed",
    "split",
    "tightness_permille",
    "unit",
    "vulnerable_first",
];

/// Keys that only the header of a road problem has.
const ROAD_KEYS: [&str; 5] = ["horizon", "links", "links_that_close", "nodes", "step_s"];

/// The header of a road problem without the links that make it one.
fn road_problem_refused(file: &str) -> Finding {
    Finding::error(
        "EVA-014",
        Text::new(
            "这是道路疏散问题的文件头，但没有路段表 links.csv，未作计算。",
            "This is the header of a road problem, but its links.csv is missing; nothing was computed.",
        ),
        Text::new(
            "把 NAME.nodes.csv、NAME.links.csv、NAME.sources.csv、NAME.shelters.csv 与文件头放在一起。",
            "Put NAME.nodes.csv, NAME.links.csv, NAME.sources.csv and NAME.shelters.csv beside the header.",
        ),
    )
    .in_file(file)
}

/// Reads NAME.json. `file` is its name in findings.
///
/// # Errors
/// `EVA-010` not a JSON object, `EVA-011` unknown key, `EVA-012` a value of the wrong kind, `EVA-014` a road problem.
pub(crate) fn parse_header(file: &str, json: &str) -> Result<EvacHeader, Finding> {
    let json = json.strip_prefix('\u{feff}').unwrap_or(json);
    let map = match serde_json::from_str(json) {
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
    if map.keys().any(|key| ROAD_KEYS.contains(&key.as_str())) {
        return Err(road_problem_refused(file));
    }
    if let Some(key) = map.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(unknown_key(file, key));
    }
    let head = Head { file, map };
    let k = head.whole("k")?.unwrap_or(0);
    let k = u32::try_from(k).map_err(|_| head.wrong("k", "应小于 2³²", "must be below 2³²"))?;
    if let Some(unit) = head.text("unit")?.filter(|unit| unit != "metre") {
        let (zh, en) = (format!("只支持 metre，不支持 {unit}"), format!("must be metre, not {unit}"));
        return Err(head.wrong("unit", &zh, &en));
    }
    let max_cost = head.whole("max_cost")?;
    if max_cost.is_some_and(|most| most >= UNPLACED_M.unsigned_abs()) {
        return Err(head.wrong("max_cost", "应小于 10⁸ 米", "must be below 10⁸ m"));
    }
    let rules = EvacRules {
        policy: head.text("policy")?.unwrap_or_else(|| "sum".into()),
        split: head.flag("split")?.unwrap_or(true),
        vulnerable_first: head.flag("vulnerable_first")?.unwrap_or(false),
        max_cost,
        k,
    };
    let stated = Stated {
        n_demand: head.whole("n_demand")?,
        n_shelter: head.whole("n_shelter")?,
        people: head.whole("people")?,
        capacity: head.whole("capacity")?,
        arcs: head.whole("arcs")?,
        arcs_sha256: head.text("arcs_sha256")?,
        k,
    };
    let policies = Policies {
        max_hazard_probability: head.share("max_hazard_probability")?,
        reserve_share: head.share("reserve_share")?,
        relatives_share: head.share("relatives_share")?,
    };
    Ok(EvacHeader { rules, policies, formula: head.formula()?, stated })
}

struct Head<'a> {
    file: &'a str,
    map: Map<String, Value>,
}

impl Head<'_> {
    fn wrong(&self, key: &str, zh: &str, en: &str) -> Finding {
        Finding::error(
            "EVA-012",
            Text::new(format!("{key} {zh}。"), format!("{key} {en}.")),
            Text::new("改正该值。", "Correct the value."),
        )
        .in_file(self.file)
        .field(key)
    }

    /// The value, unless absent or null.
    fn get(&self, key: &str) -> Option<&Value> {
        self.map.get(key).filter(|value| !value.is_null())
    }

    fn whole(&self, key: &str) -> Result<Option<u64>, Finding> {
        self.get(key)
            .map(|value| value.as_u64().ok_or_else(|| self.wrong(key, "应为非负整数", "must be a whole number ≥ 0")))
            .transpose()
    }

    fn share(&self, key: &str) -> Result<Option<f64>, Finding> {
        let within = |value: &Value| value.as_f64().filter(|share| (0.0..=1.0).contains(share));
        self.get(key)
            .map(|value| within(value).ok_or_else(|| self.wrong(key, "应在 0 与 1 之间", "must be between 0 and 1")))
            .transpose()
    }

    fn flag(&self, key: &str) -> Result<Option<bool>, Finding> {
        self.get(key)
            .map(|value| value.as_bool().ok_or_else(|| self.wrong(key, "应为 true 或 false", "must be true or false")))
            .transpose()
    }

    fn text(&self, key: &str) -> Result<Option<String>, Finding> {
        self.get(key)
            .map(|value| value.as_str().map(str::to_owned).ok_or_else(|| self.wrong(key, "应为文字", "must be text")))
            .transpose()
    }

    fn formula(&self) -> Result<Option<TripFormula>, Finding> {
        let Some(salt) = self.get("salt") else {
            return Ok(None);
        };
        // A salt has 64 bits, more than many JSON writers can hold as a number: text is the usual form.
        let salt = salt.as_u64().or_else(|| salt.as_str().and_then(|text| text.parse().ok()));
        let salt =
            salt.ok_or_else(|| self.wrong("salt", "应为 64 位无符号整数", "must be an unsigned 64-bit number"))?;
        let metres = |value: &Value| value.as_i64().filter(|metres| metres.unsigned_abs() < 1 << 40);
        let river_y_m = self
            .get("river_y")
            .and_then(metres)
            .ok_or_else(|| self.wrong("river_y", "应为整数（米）", "must be a whole number of metres"))?;
        let bridges_x_m = self
            .get("bridges_x")
            .and_then(Value::as_array)
            .and_then(|bridges| bridges.iter().map(metres).collect::<Option<Vec<i64>>>())
            .filter(|bridges| !bridges.is_empty())
            .ok_or_else(|| {
                self.wrong("bridges_x", "应为非空的整数列表（米）", "must be a non-empty list of whole metres")
            })?;
        Ok(Some(TripFormula { salt, river_y_m, bridges_x_m }))
    }
}

fn unknown_key(file: &str, key: &str) -> Finding {
    let nearest =
        KEYS.iter().min_by_key(|known| (strsim::damerau_levenshtein(known, key), **known)).copied().unwrap_or_default();
    Finding::error(
        "EVA-011",
        Text::new(format!("未知的键“{key}”。"), format!("Unknown key \"{key}\".")),
        Text::new(format!("是否应为“{nearest}”？"), format!("Did you mean \"{nearest}\"?")),
    )
    .in_file(file)
    .field(key)
}
