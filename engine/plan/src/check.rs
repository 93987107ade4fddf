use crate::file::CATEGORIES;
use crate::parse::nearest;
use crate::{Condition, Place, PlanFile, Selector};
use dayu_base::{Finding, HazardChain, ResponseLevel, RiskColour, Text};
use std::collections::BTreeMap;

/// Judges a readable plan: levels without rules or not listed (`PLN-010`, `PLN-011`), missing clauses (`PLN-012`), impossible
/// numbers (`PLN-013`), categories (`PLN-014`), colours (`PLN-015`), thresholds that fall while the level rises (`PLN-016`),
/// what was not read (`PLN-017`, `PLN-018`). Errors make the plan unusable; the rest travels with the decision.
pub fn check_plan(file_name: &str, plan: &PlanFile) -> Vec<Finding> {
    let mut check = Check { file_name, plan, findings: Vec::new() };
    check.head();
    check.levels();
    check.rules();
    check.items();
    check.rising_thresholds();
    check.findings
}

struct Check<'a> {
    file_name: &'a str,
    plan: &'a PlanFile,
    findings: Vec<Finding>,
}

fn place(section: &str, n: usize) -> String {
    format!("[{section}] #{}", n + 1)
}

impl Check<'_> {
    fn push(&mut self, finding: Finding, place: &str, field: &str) {
        self.findings.push(finding.in_file(self.file_name).at(place).field(field));
    }

    fn number(&mut self, ok: bool, place: &str, field: &str) {
        if !ok {
            let f = Finding::error(
                "PLN-013",
                Text::new(format!("“{field}”的数值不可能"), format!("'{field}' has an impossible value")),
                Text::new("改为有限、不为负且有意义的数", "give a finite, non-negative number that makes sense"),
            );
            self.push(f, place, field);
        }
    }

    fn clause(&mut self, clause: &str, place: &str) {
        if clause.trim().is_empty() {
            let f = Finding::warning(
                "PLN-012",
                Text::new("没有写明条款，产品上将显示“未注明”", "no clause is named; products will say 未注明"),
                Text::new("补上 clause = \"…\"", "add clause = \"…\""),
            );
            self.push(f, place, "clause");
        }
    }

    fn head(&mut self) {
        let head = &self.plan.plan;
        let share = head.relatives_share;
        let hours =
            (0..24).contains(&head.dawn_hour) && (0..24).contains(&head.dusk_hour) && head.dawn_hour < head.dusk_hour;
        self.number((0.0..=1.0).contains(&share), "[plan]", "relatives_share");
        self.number(hours, "[plan]", "dawn_hour, dusk_hour");
        let housing = "max_walk_m, max_hazard_probability, reserve_share";
        self.number(self.plan.housing.is_sound(), "[housing]", housing);
        let mut sorted = head.levels.clone();
        sorted.sort();
        sorted.dedup();
        if sorted.is_empty() || sorted != head.levels {
            let f = Finding::error(
                "PLN-011",
                Text::new(
                    "levels 应列出所用级别，由低到高，不重复",
                    "levels must list the levels used, ascending, each once",
                ),
                Text::new(
                    "例：levels = [\"IV\", \"III\", \"II\", \"I\"]",
                    "e.g. levels = [\"IV\", \"III\", \"II\", \"I\"]",
                ),
            );
            self.push(f, "[plan]", "levels");
        }
        if head.effective_from.is_none() {
            let f = Finding::info(
                "PLN-017",
                Text::new(
                    "预案生效日期未知，无法核对情景当日是否有效",
                    "the day the plan came into force is not known",
                ),
                Text::new("查明后写入 effective_from", "write effective_from once it is known"),
            );
            self.push(f, "[plan]", "effective_from");
        }
        for text in &head.not_read {
            let f = Finding::info(
                "PLN-018",
                text.clone(),
                Text::new("取得预案正文后补入本文件", "add it to this file once the plan's text is at hand"),
            );
            self.push(f, "[plan]", "not_read");
        }
        let categories: Vec<String> = head.precedence.clone();
        for c in &categories {
            self.category(c, "[plan]", "precedence");
        }
    }

    fn category(&mut self, name: &str, place: &str, field: &str) {
        if !CATEGORIES.contains(&name) {
            let near = nearest(name, &CATEGORIES).unwrap_or("T1");
            let f = Finding::error(
                "PLN-014",
                Text::new(format!("未知转移类别“{name}”"), format!("unknown transfer category '{name}'")),
                Text::new(
                    format!("是否应为“{near}”？可用：{}", CATEGORIES.join(" | ")),
                    format!("did you mean '{near}'? valid: {}", CATEGORIES.join(" | ")),
                ),
            );
            self.push(f, place, field);
        }
    }

    fn level(&mut self, level: ResponseLevel, place: &str, field: &str) {
        if !self.plan.plan.levels.contains(&level) {
            let listed: Vec<&str> = self.plan.plan.levels.iter().map(|l| l.id()).collect();
            let near = nearest(level.id(), &listed).unwrap_or("");
            let f = Finding::error(
                "PLN-011",
                Text::new(
                    format!("级别“{}”没有列入 [plan] levels", level.id()),
                    format!("level '{}' is not listed in [plan] levels", level.id()),
                ),
                Text::new(
                    format!("是否应为“{near}”？或把它列入 levels",),
                    format!("did you mean '{near}'? or list it in levels"),
                ),
            );
            self.push(f, place, field);
        }
    }

    fn colour(&mut self, colour: RiskColour, place: &str) {
        if colour < RiskColour::Blue {
            let f = Finding::error(
                "PLN-015",
                Text::new("门槛颜色只能是蓝、黄、橙、红", "a threshold colour must be blue, yellow, orange or red"),
                Text::new("改为 blue | yellow | orange | red", "use blue | yellow | orange | red"),
            );
            self.push(f, place, "colour");
        }
    }

    fn levels(&mut self) {
        for level in &self.plan.plan.levels {
            if !self.plan.rule.iter().any(|r| r.level == *level) {
                let f = Finding::warning(
                    "PLN-010",
                    Text::new(
                        format!("{}没有启动条件，系统不会建议该级别", level.zh()),
                        format!("{} has no launch rule; it will never be recommended", level.en()),
                    ),
                    Text::new("补上 [[rule]]，或说明正文未读到", "add a [[rule]], or say that the text was not read"),
                );
                self.push(f, level.id(), "rule");
            }
        }
    }

    fn rules(&mut self) {
        for (n, rule) in self.plan.rule.iter().enumerate() {
            let at = place("rule", n);
            self.level(rule.level, &at, "level");
            self.clause(&rule.clause, &at);
            self.number(!rule.any.is_empty(), &at, "any");
            for c in &rule.any {
                self.condition(c, &at);
            }
        }
    }

    fn condition(&mut self, condition: &Condition, at: &str) {
        let positive = |v: f64| v.is_finite() && v > 0.0;
        match condition {
            Condition::Signal { colour_at_least: c, .. }
            | Condition::GeohazardWarning { colour_at_least: c }
            | Condition::Slope { colour_at_least: c, count: 1.. } => self.colour(*c, at),
            Condition::SignalCount { colour, count, within_h, .. } => {
                self.colour(*colour, at);
                self.number(*count > 0 && positive(*within_h), at, "count, within_h");
            }
            Condition::Rain { window_h, mm, .. } => {
                self.number(positive(*window_h) && positive(*mm), at, "window_h, mm")
            }
            Condition::HourlyRainClass { mm_h, .. } => self.number(positive(*mm_h), at, "mm_h"),
            Condition::Ponding { depth_m, duration_min, points, .. } => {
                let ok = positive(*depth_m) && duration_min.is_finite() && *duration_min >= 0.0 && *points > 0;
                self.number(ok, at, "depth_m, duration_min, points");
            }
            Condition::River { stations: n, .. }
            | Condition::Reservoir { reservoirs: n, .. }
            | Condition::Slope { count: n, .. }
            | Condition::LowerLevelCount { count: n, .. }
            | Condition::Disaster { count: n, .. } => self.number(*n > 0, at, "count"),
            Condition::Typhoon { class_at_least, within_km, influence_within_h, wind_at_least } => {
                let some =
                    class_at_least.is_some() || wind_at_least.is_some() || within_km.or(*influence_within_h).is_some();
                self.number(
                    some && within_km.is_none_or(positive) && influence_within_h.is_none_or(positive),
                    at,
                    "typhoon",
                );
            }
            Condition::Manual { .. } => {}
        }
    }

    fn selector(&mut self, selector: &Selector, at: &str) {
        for c in [selector.min_colour, selector.max_colour].into_iter().flatten() {
            self.colour(c, at);
        }
        let order = selector.min_colour.zip(selector.max_colour).is_none_or(|(low, high)| low <= high);
        self.number(order, at, "min_colour, max_colour");
        self.number(selector.depth_m.is_none_or(|d| d.is_finite() && d > 0.0), at, "depth_m");
    }

    fn items(&mut self) {
        for (n, a) in self.plan.action.iter().enumerate() {
            let at = place("action", n);
            self.level(a.level, &at, "level");
            if let Some(until) = a.until {
                self.level(until, &at, "until");
                self.number(until > a.level, &at, "until");
            }
            self.clause(&a.clause, &at);
            self.number(a.deadline_min.is_none_or(|m| m.is_finite() && m >= 0.0), &at, "deadline_min");
            if let Some(s) = &a.per_object {
                self.selector(s, &at);
            }
        }
        for (n, c) in self.plan.closure.iter().enumerate() {
            let at = place("closure", n);
            self.level(c.level, &at, "level");
            self.clause(&c.clause, &at);
            let ok = c.depth_m.is_finite() && c.depth_m > 0.0 && c.lead_min.is_finite() && c.lead_min >= 0.0;
            self.number(ok, &at, "depth_m, lead_min");
        }
        for (n, t) in self.plan.transfer.iter().enumerate() {
            let at = place("transfer", n);
            self.level(t.level, &at, "level");
            self.clause(&t.clause, &at);
            self.category(&t.category, &at, "category");
            for c in &t.vulnerable_of {
                self.category(c, &at, "vulnerable_of");
            }
            if let Some(s) = &t.scope {
                self.selector(s, &at);
            }
            self.number(t.relatives_share.is_none_or(|s| (0.0..=1.0).contains(&s)), &at, "relatives_share");
            if !self.plan.plan.precedence.contains(&t.category) {
                let f = Finding::error(
                    "PLN-014",
                    Text::new(
                        format!("类别“{}”没有列入 [plan] precedence，一人可能被计两次", t.category),
                        format!(
                            "category '{}' is not in [plan] precedence; a person might be counted twice",
                            t.category
                        ),
                    ),
                    Text::new("把它写入 precedence 的适当位置", "put it into precedence where it belongs"),
                );
                self.push(f, &at, "category");
            }
        }
        for (n, r) in self.plan.report.iter().enumerate() {
            let at = place("report", n);
            self.level(r.level_at_least, &at, "level_at_least");
            self.clause(&r.clause, &at);
            self.number(r.every_min.is_none_or(|m| m > 0), &at, "every_min");
        }
    }

    /// The same quantity must not ask for less at a higher level.
    fn rising_thresholds(&mut self) {
        let mut by_quantity: BTreeMap<(HazardChain, String), Vec<(ResponseLevel, f64)>> = BTreeMap::new();
        for rule in &self.plan.rule {
            for c in &rule.any {
                let (key, value) = match c {
                    Condition::Rain { window_h, mm, place, .. } => {
                        (format!("rain {window_h} h {}", if *place == Place::Areal { "areal" } else { "point" }), *mm)
                    }
                    Condition::HourlyRainClass { mm_h, .. } => ("hourly rain".to_string(), *mm_h),
                    Condition::Signal { signal, colour_at_least } => {
                        (format!("signal {signal:?}"), f64::from(*colour_at_least as u8))
                    }
                    Condition::GeohazardWarning { colour_at_least } => {
                        ("signal Geohazard".to_string(), f64::from(*colour_at_least as u8))
                    }
                    _ => continue,
                };
                by_quantity.entry((rule.hazard, key)).or_default().push((rule.level, value));
            }
        }
        for ((chain, key), mut steps) in by_quantity {
            steps.sort_by_key(|s| s.0);
            if let Some(w) = steps.windows(2).find(|w| w[0].0 < w[1].0 && w[1].1 < w[0].1) {
                let f = Finding::warning(
                    "PLN-016",
                    Text::new(
                        format!("{}：{key} 的门槛在{}反而低于{}", chain.zh(), w[1].0.zh(), w[0].0.zh()),
                        format!(
                            "{}: the threshold of {key} is lower at {} than at {}",
                            chain.en(),
                            w[1].0.en(),
                            w[0].0.en()
                        ),
                    ),
                    Text::new("核对两级的数值", "check the two numbers"),
                );
                self.push(f, chain.en(), &key);
            }
        }
    }
}
