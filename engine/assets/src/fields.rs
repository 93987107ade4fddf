//! Columns of a row turned into numbers, truth values and words. What cannot be read is unknown and reported, never zero.

use crate::sheet::Sheet;
use crate::{Details, Layer, RawAsset};
use dayu_base::{Finding, Text};
use std::collections::BTreeMap;

/// Words that people write for "not known".
const UNKNOWN_WORDS: [&str; 12] = ["na", "n/a", "null", "none", "nan", "-", "--", "—", "/", "未知", "不详", "unknown"];

/// Reads the columns of one row and reports what it cannot read.
pub(crate) struct Fields<'a> {
    pub(crate) file: &'a str,
    pub(crate) row: &'a str,
    pub(crate) attributes: &'a BTreeMap<String, String>,
    pub(crate) sheet: &'a mut Sheet,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(raw: &'a RawAsset, sheet: &'a mut Sheet) -> Self {
        Self { file: &raw.file, row: &raw.row, attributes: &raw.attributes, sheet }
    }

    fn report(&mut self, field: &str, finding: Finding) {
        self.sheet.add("", finding.in_file(self.file).at(self.row).field(field));
    }

    /// A word; `None` when empty.
    pub(crate) fn text(&self, field: &str) -> Option<String> {
        let text = self.attributes.get(field)?.trim();
        (!text.is_empty()).then(|| text.to_string())
    }

    /// The cell's text, half-width and trimmed; `None` when it says that nothing is known.
    fn known(&self, field: &str) -> Option<String> {
        let text: String = self.attributes.get(field)?.chars().map(half_width).collect();
        let text = text.trim();
        (!text.is_empty() && !UNKNOWN_WORDS.contains(&text.to_lowercase().as_str())).then(|| text.to_string())
    }

    /// Any finite number.
    pub(crate) fn number(&mut self, field: &str) -> Option<f64> {
        // "NaN" written out is a number that is none, not a word for "unknown": it is reported.
        let raw = self.attributes.get(field)?.trim();
        if let Ok(value) = raw.parse::<f64>() {
            if value.is_finite() {
                return Some(value);
            }
            self.report(
                field,
                Finding::error(
                    "REG-012",
                    Text::new(
                        format!("“{raw}”不是有限数，按未知处理"),
                        format!("'{raw}' is not a finite number; taken as unknown"),
                    ),
                    Text::new("填写数值，或留空表示未知", "give a number, or leave it empty for unknown"),
                ),
            );
            return None;
        }
        let text = self.known(field)?;
        // A thousands comma only where it can be one.
        let plain = if is_grouped(&text) { text.replace(',', "") } else { text.clone() };
        match plain.parse::<f64>() {
            Ok(value) if value.is_finite() => Some(value),
            _ => {
                self.report(
                    field,
                    Finding::error(
                        "REG-010",
                        Text::new(
                            format!("“{text}”无法读作数字，按未知处理"),
                            format!("'{text}' cannot be read as a number; taken as unknown"),
                        ),
                        Text::new(
                            "只填数字（不带单位），未知则留空",
                            "give digits only, without a unit; leave it empty for unknown",
                        ),
                    ),
                );
                None
            }
        }
    }

    /// A number that must not be negative.
    pub(crate) fn amount(&mut self, field: &str) -> Option<f64> {
        let value = self.number(field)?;
        if value < 0.0 {
            self.report(
                field,
                Finding::error(
                    "REG-011",
                    Text::new(
                        format!("数值 {value} 为负，按未知处理（不作 0）"),
                        format!("{value} is negative; taken as unknown, not as zero"),
                    ),
                    Text::new(
                        "核实后填写不小于 0 的数，未知则留空",
                        "check and give a number of 0 or more; leave it empty for unknown",
                    ),
                ),
            );
            return None;
        }
        Some(value)
    }

    /// Whole persons, beds or households.
    pub(crate) fn count(&mut self, field: &str) -> Option<u64> {
        let value = self.amount(field)?;
        // 2^53: beyond it a float no longer counts single persons.
        if value.fract() != 0.0 || value > 9_007_199_254_740_992.0 {
            self.report(
                field,
                Finding::error(
                    "REG-014",
                    Text::new(
                        format!("“{value}”不是整数，按未知处理"),
                        format!("{value} is not a whole number; taken as unknown"),
                    ),
                    Text::new("人数、床位、户数须为整数", "people, beds and households are whole numbers"),
                ),
            );
            return None;
        }
        Some(value as u64)
    }

    /// true/false, 是/否, 有/无, 1/0, yes/no.
    pub(crate) fn flag(&mut self, field: &str) -> Option<bool> {
        let text = self.known(field)?;
        match text.to_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "1" | "是" | "有" | "真" => Some(true),
            "false" | "f" | "no" | "n" | "0" | "否" | "无" | "假" => Some(false),
            _ => {
                self.report(
                    field,
                    Finding::error(
                        "REG-013",
                        Text::new(
                            format!("“{text}”无法读作是/否，按未知处理"),
                            format!("'{text}' is neither yes nor no; taken as unknown"),
                        ),
                        Text::new("填写 是 或 否（true/false, 1/0）", "write 是 or 否 (true/false, 1/0)"),
                    ),
                );
                None
            }
        }
    }

    /// Slope class 1–3, also 一二三 or ⅠⅡⅢ, with or without 级.
    fn class(&mut self, field: &str) -> Option<u8> {
        let text = self.known(field)?;
        match text.trim_end_matches(['级', '类']) {
            "1" | "1.0" | "一" | "Ⅰ" | "I" => Some(1),
            "2" | "2.0" | "二" | "Ⅱ" | "II" => Some(2),
            "3" | "3.0" | "三" | "Ⅲ" | "III" => Some(3),
            _ => {
                self.report(
                    field,
                    Finding::error(
                        "REG-014",
                        Text::new(
                            format!("“{text}”不是一、二、三级之一，按未知处理"),
                            format!("'{text}' is not class 1, 2 or 3; taken as unknown"),
                        ),
                        Text::new("填写 1、2 或 3", "write 1, 2 or 3"),
                    ),
                );
                None
            }
        }
    }

    fn warn(&mut self, code: &str, field: &str, message: Text, mend: Text) {
        self.report(field, Finding::warning(code, message, mend));
    }

    /// People and those among them needing help.
    fn persons(&mut self) -> (Option<u64>, Option<u64>) {
        let (people, vulnerable) = (self.count("people"), self.count("vulnerable"));
        if let (Some(p), Some(v)) = (people, vulnerable)
            && v > p
        {
            self.warn(
                "REG-015",
                "vulnerable",
                Text::new(
                    format!("需帮扶 {v} 人多于总人数 {p} 人"),
                    format!("{v} people needing help, but only {p} people"),
                ),
                Text::new("核对两列", "check both columns"),
            );
        }
        (people, vulnerable)
    }

    /// Alarm and closure depth of a point.
    fn alarm_depths(&mut self) -> (Option<f64>, Option<f64>) {
        let (warn, close) = (self.amount("warn_depth_m"), self.amount("close_depth_m"));
        if let (Some(w), Some(c)) = (warn, close)
            && w > c
        {
            self.warn(
                "REG-016",
                "warn_depth_m",
                Text::new(
                    format!("预警水深 {w} m 大于封控水深 {c} m"),
                    format!("alarm depth {w} m is above the closure depth {c} m"),
                ),
                Text::new("核对两列，或单位是否为米", "check both columns, and that the unit is metres"),
            );
        }
        (warn, close)
    }

    /// Everything a layer knows beyond name and place.
    pub(crate) fn details(&mut self, layer: Layer) -> Details {
        match layer {
            Layer::WaterloggingPoints => {
                let (warn_depth_m, close_depth_m) = self.alarm_depths();
                Details::WaterloggingPoint {
                    site: self.text("site"),
                    warn_depth_m,
                    close_depth_m,
                    historic_max_depth_m: self.amount("historic_max_depth_m"),
                    historic_event: self.text("historic_event"),
                    plan_document: self.text("plan_document"),
                    crew: self.text("crew"),
                    equipment: self.text("equipment"),
                    closure_executor: self.text("closure_executor"),
                    detour: self.text("detour"),
                }
            }
            Layer::Underpasses => {
                let (warn_depth_m, close_depth_m) = self.alarm_depths();
                Details::Underpass { warn_depth_m, close_depth_m, closure_executor: self.text("closure_executor") }
            }
            Layer::UndergroundSpaces => {
                Details::UndergroundSpace { sill_height_m: self.number("sill_height_m"), people: self.count("people") }
            }
            Layer::MetroEntrances => Details::MetroEntrance {
                station: self.text("station"),
                sill_height_m: self.number("sill_height_m"),
                barrier: self.flag("barrier"),
            },
            Layer::Pumps | Layer::Outfalls | Layer::MobilePumps => Details::Drain {
                capacity_m3_s: self.amount("capacity_m3_s"),
                state: self.text("state"),
                power: self.text("power"),
            },
            Layer::Gates => Details::Gate { state: self.text("state"), river: self.text("river") },
            Layer::Slopes => Details::Slope {
                site: self.text("site"),
                class: self.class("class"),
                people_below: self.count("people_below"),
                households_below: self.count("households_below"),
                monitored: self.flag("monitored"),
                past_failure: self.flag("past_failure"),
                slope_deg: self.amount("slope_deg"),
                height_m: self.amount("height_m"),
                soil: self.text("soil"),
                soil_depth_m: self.amount("soil_depth_m"),
            },
            Layer::OldHouses => {
                let (people, vulnerable) = self.persons();
                Details::OldHouse { grade: self.text("grade"), people, vulnerable, needs: self.text("needs") }
            }
            Layer::WorkSheds => Details::WorkShed {
                people: self.count("people"),
                in_water: self.flag("in_water"),
                needs: self.text("needs"),
            },
            Layer::Institutions => {
                let (people, vulnerable) = self.persons();
                Details::Institution { site: self.text("site"), people, vulnerable, needs: self.text("needs") }
            }
            Layer::Shelters => self.shelter(),
            Layer::Roads => Details::Road {
                class: self.text("class"),
                bridge: self.flag("bridge"),
                tunnel: self.flag("tunnel"),
                one_way: self.flag("one_way"),
            },
            Layer::Population => {
                let (people, vulnerable) = self.persons();
                Details::Population { people, vulnerable, households: self.count("households") }
            }
            Layer::Gauges => Details::Gauge {
                site: self.text("site"),
                amount: self.text("amount"),
                fortify_level_m: self.number("fortify_level_m"),
                warning_level_m: self.number("warning_level_m"),
                guaranteed_level_m: self.number("guaranteed_level_m"),
            },
            Layer::Forces => Details::Force {
                site: self.text("site"),
                amount: self.text("amount"),
                carrier: self.text("carrier"),
                units: self.count("units"),
                seats: self.count("seats"),
            },
            Layer::Cranes | Layer::Vessels | Layer::Rivers | Layer::Stores => {
                Details::Other { site: self.text("site"), amount: self.text("amount") }
            }
        }
    }

    fn shelter(&mut self) -> Details {
        let capacity_people = self.count("capacity_people");
        match capacity_people {
            None => self.warn(
                "REG-017",
                "capacity_people",
                Text::new(
                    "避灾安置场所无可用容量数据，不能分配人员",
                    "the shelter has no usable capacity, so nobody can be assigned to it",
                ),
                Text::new("填写可安置人数", "give the number of beds"),
            ),
            Some(0) => self.warn(
                "REG-018",
                "capacity_people",
                Text::new(
                    "避灾安置场所容量为 0，不能分配人员",
                    "the shelter has 0 beds, so nobody can be assigned to it",
                ),
                Text::new(
                    "核实容量；停用的场所请将 state 记为 closed",
                    "check the capacity; mark a shelter out of use with state closed",
                ),
            ),
            Some(_) => {}
        }
        Details::Shelter {
            grade: self.text("grade"),
            standardised: self.flag("standardised"),
            capacity_people,
            usable_area_m2: self.amount("usable_area_m2"),
            state: self.text("state"),
            video_id: self.text("video_id"),
            offers: self.text("offers"),
            care_places: self.care_places(capacity_people),
            reserve_share: self.share("reserve_share"),
        }
    }
}

impl Fields<'_> {
    /// Care places, no more than there are beds.
    fn care_places(&mut self, capacity: Option<u64>) -> Option<u64> {
        let care = self.count("care_places")?;
        let Some(most) = capacity.filter(|most| care > *most) else { return Some(care) };
        self.report(
            "care_places",
            Finding::error(
                "REG-047",
                Text::new(
                    format!("护理床位 {care} 多于床位总数 {most}，按总数计"),
                    format!("{care} care places are more than all {most} beds; all its beds are taken instead"),
                ),
                Text::new("核对两列", "check both columns"),
            ),
        );
        Some(most)
    }

    /// A share, 0 … 1. What is none keeps all beds free: nobody is promised a bed that may not be there.
    fn share(&mut self, field: &str) -> Option<f64> {
        let share = self.number(field)?;
        if (0.0..=1.0).contains(&share) {
            return Some(share);
        }
        self.report(
            field,
            Finding::error(
                "REG-048",
                Text::new(
                    format!("{share} 不在 0 与 1 之间：全部床位预留，不安排人员"),
                    format!("{share} is not between 0 and 1: all beds are kept free"),
                ),
                Text::new("填写 0 到 1 的比例", "give a share between 0 and 1"),
            ),
        );
        Some(1.0)
    }
}

/// Full-width digits and signs to half-width.
fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    }
}

/// `1,234` or `12,345,678.9`: every comma stands before exactly three digits.
fn is_grouped(text: &str) -> bool {
    let whole = text.split('.').next().unwrap_or(text).trim_start_matches(['-', '+']);
    let mut parts = whole.split(',');
    let first = parts.next().unwrap_or("");
    let digits = |s: &str| s.chars().all(|c| c.is_ascii_digit());
    let mut groups = 0;
    let three = parts.all(|p| {
        groups += 1;
        p.len() == 3 && digits(p)
    });
    groups > 0 && three && (1..=3).contains(&first.len()) && digits(first)
}
