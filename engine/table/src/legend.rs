use crate::xlsx::{STATES, cell_format, colour_format, head_format};
use dayu_base::RiskColour;
use dayu_package::Package;
use rust_xlsxwriter::{Worksheet, XlsxError};

/// Sheet 说明: what this is, from what, with which limits, what the colours and marks mean.
pub(crate) fn explain(sheet: &mut Worksheet, package: &Package) -> Result<(), XlsxError> {
    let h = &package.header;
    let key = cell_format().set_bold().set_background_color(0xF2F2F2);
    let text = cell_format();
    sheet.set_column_width(0, 22)?;
    sheet.set_column_width(1, 96)?;
    sheet.write_string_with_format(0, 0, "项目", &head_format())?;
    sheet.write_string_with_format(0, 1, "内容", &head_format())?;
    let t = &h.totals;
    let or_unknown = |s: &str| if s.is_empty() { "未知".to_string() } else { s.to_string() };
    let mut lines: Vec<(String, String)> = vec![
        ("产品".into(), format!("{}管控一张表（{}）", h.district.zh, h.level.zh())),
        ("性质".into(), format!("{}；{}", h.realm.zh(), h.origin.zh())),
        ("系统意见".into(), or_unknown(&h.recommended.zh)),
        ("情景".into(), format!("{}（{}）", h.scenario_title.zh, h.scenario_id)),
        (
            "时段".into(),
            format!("{} 至 {}，资料截至 {}", h.zone.rfc3339(h.start), h.zone.rfc3339(h.end), h.zone.rfc3339(h.as_of)),
        ),
        (
            "预案".into(),
            format!(
                "{}（{}，{} 起施行）{}",
                h.plan.name,
                or_unknown(&h.plan.doc_number),
                or_unknown(&h.plan.effective_from),
                if h.plan.demonstration { "【示范】" } else { "" }
            ),
        ),
        (
            "合计".into(),
            format!(
                "管控对象 {} 处；受影响 {} 人；应转移 {} 人；需集中安置 {} 人；未落实 {} 人{}（口径不同，不可相加）",
                h.objects,
                t.affected,
                t.to_move,
                t.to_house,
                t.unplaced,
                package.evacuation.as_ref().map_or("", |e| e.unplaced_note.zh.as_str())
            ),
        ),
        (
            "安置方案".into(),
            package
                .evacuation
                .as_ref()
                .and_then(|e| e.proof.as_ref())
                .map_or("本级无人需要集中安置".into(), |p| p.zh.clone()),
        ),
        ("坐标与高程".into(), format!("{}；{}", h.crs, or_unknown(&h.vertical_datum))),
        ("运行编号".into(), h.run_id.clone()),
        ("程序版本".into(), h.version.clone()),
    ];
    lines.extend(h.notes.iter().map(|n| ("说明".to_string(), n.zh.clone())));
    lines.extend([
        ("读表".to_string(), "一行为一个对象的一项措施、一处封控或一行转移；人数只在“转移”行，每人只计一次。空格为未知或不适用。".to_string()),
        ("读表".to_string(), "部分列默认折叠，点列号上方“＋”展开。CSV 与 Parquet 含全部列。".to_string()),
        ("读表".to_string(), "“全区”页为部门职责，不计入管控对象。姓名和电话不在本表，见受控通讯录。".to_string()),
        ("可信程度".to_string(), format!("筛查级：水深取自 {:.0} m 计算格网，宽于街道，只用于排序和预置，处置以现场实测为准。", h.cell_m)),
        ("条款来源".to_string(), "已读原文：在所列文件中读到；公开总结：公开材料陈述；待核原文：一般专业知识，使用前须核对；系统默认：本系统缺省，不是任何机关的规定。".to_string()),
        ("状态".to_string(), STATES.map(|s| s.0).join(" → ").replace(" → 逾期", "；另有：逾期").replace(" → 提级叫应 → 复查不过 → 已取消 → 监视", "、提级叫应、复查不过、已取消、监视")),
    ]);
    lines.extend(h.sources.iter().map(|s| {
        (
            "资料来源".to_string(),
            format!("{}：{}；许可 {}；{}", s.layer, s.title, or_unknown(&s.licence), s.origin.zh()),
        )
    }));
    let findings = h.findings.iter().filter(|f| f.severity >= dayu_base::Severity::Warning);
    lines.extend(findings.map(|f| (format!("资料问题 {}", f.code), f.message.zh.clone())));
    let mut row = 1u32;
    for (name, value) in &lines {
        sheet.write_string_with_format(row, 0, name, &key)?;
        sheet.write_string_with_format(row, 1, value.chars().take(32_000).collect::<String>(), &text)?;
        row += 1;
    }
    let legend = [
        (RiskColour::Red, "红：最高风险"),
        (RiskColour::Orange, "橙：高风险"),
        (RiskColour::Yellow, "黄：较高风险"),
        (RiskColour::Blue, "蓝：一般风险"),
        (RiskColour::Low, "低：低于全部阈值"),
        (RiskColour::Unknown, "未知：没有资料，不等于安全"),
    ];
    for (colour, words) in legend {
        sheet.write_string_with_format(row, 0, colour.zh(), &colour_format(colour))?;
        sheet.write_string_with_format(row, 1, words, &text)?;
        row += 1;
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_paper_size(9).set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
    Ok(())
}
