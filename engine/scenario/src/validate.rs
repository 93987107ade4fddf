use crate::scheme::{SCHEMES, check_scheme};
use crate::{FieldSource, ScenarioSpec};
use dayu_base::{Finding, Text};

/// Checks what the types cannot: values out of range, keys that a kind needs, and keys of the contract that this version does
/// not compute yet (refused by name). Empty = may run.
pub fn check_scenario(file: &str, spec: &ScenarioSpec) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut not_yet = |key: &str, zh: &str, en: &str| {
        found.push(
            Finding::error(
                "SCN-010",
                Text::new(format!("本版本尚不能计算：{zh}"), format!("not computed by this version: {en}")),
                Text::new(format!("去掉或改写“{key}”"), format!("remove or change '{key}'")),
            )
            .in_file(file)
            .field(key),
        );
    };
    let scheme = spec.solver.scheme.as_str();
    if !SCHEMES.contains(&scheme) {
        not_yet(
            "solver.scheme",
            &format!("未知格式“{scheme}”（有 inertial | dynamic | fill-spill）"),
            &format!("unknown scheme '{scheme}' (inertial | dynamic | fill-spill)"),
        );
    }
    if spec.grid.is_none() {
        not_yet("grid", "无 [grid] 的管网单独计算", "a network alone, without [grid]");
    }
    if spec.drainage.as_ref().is_some_and(|d| d.enabled) {
        not_yet("drainage.enabled", "排水管网耦合", "coupling to a drainage network");
    }
    if !spec.control.is_empty() {
        not_yet("control", "control", "control");
    }
    for (k, rain) in spec.rain.iter().enumerate() {
        let at = format!("rain[{k}]");
        match rain.kind.as_str() {
            "uniform" | "gauges" | "grid" | "chicago" | "alternating-block" | "profile" | "typhoon" => {}
            other => not_yet(&at, &format!("未知雨量类型“{other}”"), &format!("unknown kind of rain '{other}'")),
        }
    }
    if let Some(inf) = &spec.infiltration {
        match inf.model.as_str() {
            "none" | "constant" | "horton" | "green-ampt" | "scs-cn" => {}
            other => not_yet(
                "infiltration.model",
                &format!("未知下渗模型“{other}”（有 none | constant | horton | green-ampt | scs-cn）"),
                &format!("unknown infiltration model '{other}' (none | constant | horton | green-ampt | scs-cn)"),
            ),
        }
    }
    for (k, b) in spec.boundary.iter().enumerate() {
        match b.kind.as_str() {
            "inflow" | "stage" | "free" | "normal" | "wall" | "rating" => {}
            other => not_yet(
                &format!("boundary[{k}].kind"),
                &format!("未知边界类型“{other}”"),
                &format!("unknown kind of boundary '{other}'"),
            ),
        }
    }
    ranges(file, spec, &mut found);
    crate::cells::check_cells(file, spec, &mut found);
    crate::link::check_links(file, spec, &mut found);
    crate::attribution::check_attribution(file, spec, &mut found);
    crate::output::check_output(file, spec, &mut found);
    check_scheme(file, spec, &mut found);
    needs(file, spec, &mut found);
    without_effect(file, spec, &mut found);
    found
}

/// Keys that are valid but would do nothing where they stand: refused, never ignored.
fn without_effect(file: &str, spec: &ScenarioSpec, found: &mut Vec<Finding>) {
    let mut refuse = |key: String, zh: &str, en: &str| {
        found.push(
            Finding::error(
                "SCN-014",
                Text::new(format!("“{key}”在这里不起作用：{zh}"), format!("'{key}' has no effect here: {en}")),
                Text::new("去掉该键，或改正它所属的类型", "remove the key, or correct the kind it belongs to"),
            )
            .in_file(file)
            .field(key),
        );
    };
    rain_without_effect(spec, &mut refuse);
    for (k, b) in spec.boundary.iter().enumerate() {
        let foreign = [
            ("level_m", b.level_m.is_some(), &["stage"][..]),
            ("m3_s", b.m3_s.is_some(), &["inflow"]),
            ("slope", b.slope.is_some(), &["normal"]),
            ("series", b.series.is_some(), &["inflow", "stage", "rating"]),
        ];
        for (key, given, kinds) in foreign {
            if given && !kinds.contains(&b.kind.as_str()) {
                let kinds = kinds.join(" | ");
                refuse(format!("boundary[{k}].{key}"), &format!("只属于 {kinds}"), &format!("it belongs to {kinds}"));
            }
        }
        if b.place.edge.is_none() && (b.place.from.is_some() || b.place.to.is_some()) {
            refuse(format!("boundary[{k}].where.from"), "from、to 只与 edge 同用", "from and to go with edge");
        }
    }
    if let Some(i) = &spec.infiltration {
        for (key, model, field) in i.parameters() {
            if field.is_some() && i.model != model {
                refuse(
                    key.into(),
                    &format!("只属于 model = \"{model}\""),
                    &format!("it belongs to model = \"{model}\""),
                );
            }
        }
    }
    if let Some(i) = &spec.initial {
        let given = [i.level_m.is_some(), i.depth.is_some(), i.level.is_some()].iter().filter(|g| **g).count();
        if given > 1 {
            refuse("initial".into(), "level_m、depth、level 只能给一个", "give one of level_m, depth, level");
        }
    }
    if spec.drainage.as_ref().is_some_and(|d| !d.enabled && d.network.is_some()) {
        refuse("drainage.network".into(), "enabled = false 时不读取", "it is not read while enabled = false");
    }
}

fn rain_without_effect(spec: &ScenarioSpec, refuse: &mut impl FnMut(String, &str, &str)) {
    const DESIGN: &[&str] = &["chicago", "alternating-block", "profile"];
    for (k, r) in spec.rain.iter().enumerate() {
        let merged = ["grid", "typhoon"].contains(&r.kind.as_str()) && r.merge.is_some();
        let swmm = ["uniform", "gauges"].contains(&r.kind.as_str())
            && r.series.as_deref().is_some_and(|s| s.to_lowercase().ends_with(".dat"));
        let foreign = [
            ("path", r.path.is_some(), &["grid"][..]),
            ("variable", r.variable.is_some(), &["grid"]),
            ("unit", r.unit.is_some() && !swmm, &["grid"]),
            ("times", r.times.is_some(), &["grid"]),
            ("crs", r.crs.is_some(), &["grid"]),
            ("merge", r.merge.is_some(), &["grid", "typhoon"]),
            ("fill_within_m", r.fill_within_m.is_some(), &["grid"]),
            ("fill_gap_s", r.fill_gap_s.is_some(), &["grid"]),
            ("formula", r.formula.is_some(), DESIGN),
            ("return_period_a", r.return_period_a.is_some(), DESIGN),
            ("duration_s", r.duration_s.is_some(), DESIGN),
            ("peak_ratio", r.peak_ratio.is_some(), &["chicago", "alternating-block"]),
            ("step_s", r.step_s.is_some(), &["chicago", "alternating-block"]),
            ("areal_factor", r.areal_factor.is_some(), DESIGN),
            ("area_km2", r.area_km2.is_some(), DESIGN),
            ("track", r.track.is_some(), &["typhoon"]),
            ("storm", r.storm.is_some(), &["typhoon"]),
            ("model", r.model.is_some(), &["typhoon"]),
            ("stations", r.stations.is_some() && !merged, &["gauges"]),
            ("interpolation", r.interpolation.is_some(), &["gauges"]),
            ("mm_h", r.mm_h.is_some(), &["uniform"]),
            ("series", r.series.is_some() && !merged, &["uniform", "gauges", "profile"]),
        ];
        for (key, given, kinds) in foreign {
            if given && !kinds.contains(&r.kind.as_str()) {
                let kinds = kinds.join(" | ");
                refuse(
                    format!("rain[{k}].{key}"),
                    &format!("只属于 kind = \"{kinds}\""),
                    &format!("it belongs to kind = \"{kinds}\""),
                );
            }
        }
        if r.areal_factor.is_some() && r.area_km2.is_some() {
            refuse(format!("rain[{k}].area_km2"), "已给出 areal_factor", "areal_factor is given");
        }
    }
}

/// Farthest pixel and longest gap by which a hole of gridded rain may be filled, m and s (D).
const MOST_FILL_M: f64 = 50_000.0;
const MOST_FILL_S: f64 = 3600.0;
/// Members of one run at most.
const MAX_MEMBERS: u32 = 200;
/// Ways members are made.
const MEMBER_METHODS: [&str; 6] = ["rain-scaling", "timing-shift", "spatial-shift", "track", "combined", "external"];
/// CSV rows of one run at most.
const MAX_ROWS: f64 = 1e6;
/// Snapshots of one run at most.
const MAX_SNAPSHOTS: usize = 1000;

fn ranges(file: &str, spec: &ScenarioSpec, found: &mut Vec<Finding>) {
    let mut check = |key: &str, value: f64, ok: bool, zh: &str, en: &str| {
        if !(ok && value.is_finite()) {
            found.push(
                Finding::error(
                    "SCN-011",
                    Text::new(format!("{key} = {value} 不在允许范围"), format!("{key} = {value} is out of range")),
                    Text::new(zh, en),
                )
                .in_file(file)
                .field(key),
            );
        }
    };
    check("duration_s", spec.duration_s, spec.duration_s > 0.0, "应大于 0", "use more than 0");
    if let Some(cell) = spec.grid.as_ref().and_then(|g| g.cell_m) {
        check("grid.cell_m", cell, cell > 0.0, "应大于 0（米）", "use more than 0 (metres)");
    }
    let s = &spec.solver;
    check("solver.cfl", s.cfl, s.cfl > 0.0 && s.cfl <= 1.0, "应在 0–1 之间", "use 0–1");
    check("solver.max_dt_s", s.max_dt_s, s.max_dt_s > 0.0, "应大于 0（秒）", "use more than 0 (seconds)");
    check("solver.dry_depth_m", s.dry_depth_m, s.dry_depth_m >= 0.0, "应不小于 0（米）", "use 0 or more (metres)");
    let o = &spec.output;
    check("output.interval_s", o.interval_s, o.interval_s > 0.0, "应大于 0（秒）", "use more than 0 (seconds)");
    // A row a step is the finest anybody can use; more would only fill the memory.
    let rows = spec.duration_s / o.interval_s;
    check(
        "output.interval_s",
        o.interval_s,
        rows <= MAX_ROWS,
        "行数过多：加大 interval_s",
        "too many rows: use a longer interval_s",
    );
    check(
        "output.snapshots_s",
        o.snapshots_s.len() as f64,
        o.snapshots_s.len() <= MAX_SNAPSHOTS,
        "快照过多",
        "too many snapshots",
    );
    if let Some(level) = spec.initial.as_ref().and_then(|i| i.level_m) {
        check("initial.level_m", level, true, "应为有限数（米）", "use a finite number (metres)");
    }
    for b in &spec.boundary {
        for (key, value) in [("boundary.level_m", b.level_m), ("boundary.m3_s", b.m3_s), ("boundary.slope", b.slope)] {
            if let Some(v) = value {
                check(key, v, key != "boundary.slope" || v >= 0.0, "应为有限数", "use a finite number");
            }
        }
        if let Some(level) = b.level_m {
            check(
                "boundary.level_m",
                level,
                level.abs() <= 10_000.0,
                "水位应在 ±10000 m 之内",
                "a level lies within ±10000 m",
            );
        }
    }
    for t in spec.state.iter().flat_map(|s| &s.save_s) {
        let ok = *t >= 0.0 && *t <= spec.duration_s;
        check("state.save_s", *t, ok, "应在 0 与 duration_s 之间", "use 0 to duration_s");
    }
    for crest in &spec.crest {
        if let Some(level) = crest.level_m {
            let ok = level.abs() <= 10_000.0;
            check("crest.level_m", level, ok, "顶高程应在 ±10000 m 之内", "a crest lies within ±10000 m");
        }
        if let Some(height) = crest.height_m {
            check("crest.height_m", height, height > 0.0, "高度应大于 0（米）", "use a height above 0 (metres)");
        }
        for value in crest.line.iter().flatten() {
            check("crest.line", *value, true, "坐标应为有限数（米）", "use finite coordinates (metres)");
        }
    }
    for t in &o.snapshots_s {
        check(
            "output.snapshots_s",
            *t,
            *t >= 0.0 && *t <= spec.duration_s,
            "应在 0 与 duration_s 之间",
            "use 0 to duration_s",
        );
    }
    for rain in &spec.rain {
        if let Some(rate) = rain.mm_h {
            check("rain.mm_h", rate, rate >= 0.0, "雨强不能为负", "rain cannot be negative");
        }
        if let Some(factor) = rain.areal_factor {
            check(
                "rain.areal_factor",
                factor,
                factor > 0.0 && factor <= 1.0,
                "应大于 0 且不大于 1",
                "use more than 0, at most 1",
            );
        }
        // Beyond this nothing is near, and nothing lasts: it would be invented.
        if let Some(limit) = rain.fill_within_m {
            check(
                "rain.fill_within_m",
                limit,
                limit > 0.0 && limit <= MOST_FILL_M,
                "应大于 0 且不大于 50000（米）",
                "use more than 0, at most 50000 (metres)",
            );
        }
        if let Some(limit) = rain.fill_gap_s {
            check(
                "rain.fill_gap_s",
                limit,
                limit > 0.0 && limit <= MOST_FILL_S,
                "应大于 0 且不大于 3600（秒）",
                "use more than 0, at most 3600 (seconds)",
            );
        }
        if let Some(area) = rain.area_km2 {
            check("rain.area_km2", area, area >= 0.0, "面积不能为负", "an area cannot be negative");
        }
    }
    let drains = spec.losses.as_ref().and_then(|l| l.drain_capacity_mm_h.as_ref());
    let soil = spec.infiltration.iter().flat_map(|i| i.parameters()).map(|(key, _, field)| (key, field));
    for (key, field) in soil.chain([("losses.drain_capacity_mm_h", drains)]) {
        if let Some(FieldSource::Number(v)) = field {
            check(key, *v, *v >= 0.0, "不能为负", "cannot be negative");
        }
    }
    if let Some(e) = &spec.ensemble {
        check(
            "ensemble.members",
            f64::from(e.members),
            (1..=MAX_MEMBERS).contains(&e.members),
            "成员数应为 1–200",
            "use 1 to 200 members",
        );
        if !MEMBER_METHODS.contains(&e.method.as_str()) {
            found.push(unknown_value(file, "ensemble.method", &e.method, &MEMBER_METHODS));
        }
        let mut wrong = |key: &str, zh: &str, en: &str| {
            found.push(
                Finding::error(
                    "SCN-012",
                    Text::new(zh, en),
                    Text::new(format!("改正“{key}”"), format!("correct '{key}'")),
                )
                .in_file(file)
                .field(key),
            );
        };
        let external = e.method == "external";
        let numbered = e.path.as_ref().is_some_and(|p| p.contains("{member}") || p.contains("{member:02}"));
        if external && !numbered {
            wrong(
                "ensemble.path",
                "外部集合每成员一个文件或一组文件：path 须含 {member} 或 {member:02}",
                "an external ensemble has a file or files for each member: path needs {member} or {member:02}",
            );
        }
        if external && e.members == 1 {
            wrong(
                "ensemble.members",
                "外部集合至少两个成员：单个成员不是集合",
                "an external ensemble has two members or more: one is none",
            );
        }
        let keys = [
            ("ensemble.path", e.path.is_some()),
            ("ensemble.variable", e.variable.is_some()),
            ("ensemble.unit", e.unit.is_some()),
            ("ensemble.times", e.times.is_some()),
            ("ensemble.crs", e.crs.is_some()),
            ("ensemble.origin", e.origin.is_some()),
        ];
        for (key, _) in keys.into_iter().filter(|(_, given)| *given && !external) {
            wrong(key, "只属于 method = \"external\"", "it belongs to method = \"external\"");
        }
        if e.method == "track" && spec.track().is_none() {
            found.push(
                Finding::error(
                    "SCN-012",
                    Text::new("method = \"track\" 需要台风路径", "method = \"track\" needs a typhoon's track"),
                    Text::new("写 [typhoon] track，或改用 rain-scaling", "write [typhoon] track, or use rain-scaling"),
                )
                .in_file(file)
                .field("ensemble.method"),
            );
        }
    }
    for r in spec.rain.iter().filter(|r| r.kind == "typhoon") {
        if let Some(model) = r.model.as_deref().filter(|m| !crate::TYPHOON_RAIN_MODELS.contains(m)) {
            found.push(unknown_value(file, "rain.model", model, &crate::TYPHOON_RAIN_MODELS));
        }
    }
}

fn needs(file: &str, spec: &ScenarioSpec, found: &mut Vec<Finding>) {
    let mut missing = |key: String, zh: &str, en: &str| {
        found.push(
            Finding::error(
                "SCN-012",
                Text::new(format!("缺少“{key}”"), format!("'{key}' is missing")),
                Text::new(zh, en),
            )
            .in_file(file)
            .field(key),
        );
    };
    if spec.dataset.is_none() {
        missing("dataset".into(), "写明数据集文件夹", "name the dataset's folder");
    }
    for (k, r) in spec.rain.iter().enumerate() {
        match r.kind.as_str() {
            "uniform" if r.series.is_none() == r.mm_h.is_none() => {
                missing(format!("rain[{k}].series"), "series 与 mm_h 二者给一个", "give one of series and mm_h");
            }
            "typhoon" if r.track.is_none() => {
                missing(format!("rain[{k}].track"), "给出台风路径文件 track", "give the track file");
            }
            "gauges" if r.stations.is_none() || r.series.is_none() => {
                missing(format!("rain[{k}].stations"), "给出 stations 与 series", "give stations and series");
            }
            "grid" if r.path.is_none() => {
                missing(format!("rain[{k}].path"), "给出雨量文件 path", "give path of the files");
            }
            "grid" | "typhoon" if r.merge.is_some() && (r.stations.is_none() || r.series.is_none()) => {
                missing(
                    format!("rain[{k}].stations"),
                    "融合需要 stations 与 series",
                    "merge needs stations and series",
                );
            }
            "chicago" | "alternating-block" | "profile" => {
                let needed = [
                    ("formula", r.formula.is_none()),
                    ("return_period_a", r.return_period_a.is_none()),
                    ("duration_s", r.duration_s.is_none()),
                    ("series", r.kind == "profile" && r.series.is_none()),
                ];
                for (key, absent) in needed {
                    if absent {
                        missing(format!("rain[{k}].{key}"), "设计雨需要该键", "a design storm needs this key");
                    }
                }
            }
            _ => {}
        }
        if let Some(i) = r.interpolation.as_deref()
            && !["idw", "nearest", "kriging"].contains(&i)
        {
            missing(format!("rain[{k}].interpolation"), "应为 idw | nearest | kriging", "use idw | nearest | kriging");
        }
        if let Some(m) = r.merge.as_deref()
            && !["mean-field-bias", "kriging-external-drift", "conditional"].contains(&m)
        {
            missing(
                format!("rain[{k}].merge"),
                "应为 mean-field-bias | kriging-external-drift | conditional",
                "use mean-field-bias | kriging-external-drift | conditional",
            );
        }
    }
    for (k, c) in spec.crest.iter().enumerate() {
        if c.level_m.is_some() == c.height_m.is_some() {
            missing(
                format!("crest[{k}].level_m"),
                "level_m（顶高程）与 height_m（高出地面）二者给一个",
                "give one of level_m (level of the crest) and height_m (above ground)",
            );
        }
        if c.line.len() < 2 {
            missing(format!("crest[{k}].line"), "至少给两个点", "give two points at the least");
        }
    }
    if let Some(soil) = &spec.infiltration {
        for (key, model, field) in soil.parameters() {
            // The ratio of initial abstraction has the contract's default of 0.2.
            if soil.model == model && field.is_none() && key != "infiltration.ia_ratio" {
                missing(key.into(), "给出该下渗模型的参数", "give the parameter of this infiltration model");
            }
        }
    }
    for (k, b) in spec.boundary.iter().enumerate() {
        let value = match b.kind.as_str() {
            "inflow" => Some(b.m3_s.is_some()),
            "stage" => Some(b.level_m.is_some()),
            "rating" => Some(false),
            _ => None,
        };
        if value.is_some_and(|constant| constant == b.series.is_some()) {
            missing(
                format!("boundary[{k}].series"),
                "给出 series 或一个常数（m3_s / level_m）",
                "give series or one number (m3_s / level_m)",
            );
        }
        let w = &b.place;
        let places = [w.line.is_some(), w.point.is_some(), w.circle.is_some(), w.path.is_some(), w.edge.is_some()];
        if places.iter().filter(|p| **p).count() != 1 {
            missing(
                format!("boundary[{k}].where"),
                "在 line、point、circle、path、edge 中给且只给一个",
                "give exactly one of line, point, circle, path, edge",
            );
        }
        if let Some(edge) = w.edge.as_deref()
            && !["west", "east", "north", "south", "all"].contains(&edge)
        {
            missing(
                format!("boundary[{k}].where.edge"),
                "应为 west | east | north | south | all",
                "use west | east | north | south | all",
            );
        }
    }
}

pub(crate) fn unknown_value(file: &str, key: &str, value: &str, valid: &[&str]) -> Finding {
    Finding::error(
        "SCN-013",
        Text::new(format!("“{value}”不是有效取值"), format!("'{value}' is not a valid value")),
        Text::new(format!("有效取值：{}", valid.join("、")), format!("valid values: {}", valid.join(", "))),
    )
    .in_file(file)
    .field(key)
}
