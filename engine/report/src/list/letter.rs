use super::annexes::{annexes, attachments, in_brief, proof, unplaced_note};
use dayu_base::{Realm, RiskColour};
use dayu_package::{Cell, ListProduct, Package, Row};
use serde::Serialize;

/// A block of the letter, in print order.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Block {
    /// 一、…
    Heading { text: String },
    /// （一）…
    Subheading { text: String },
    /// a paragraph
    Paragraph { text: String },
    /// a ruled table; `shares` are the relative widths of its columns
    Grid { head: Vec<String>, shares: Vec<u32>, rows: Vec<Vec<Field>> },
}

/// A cell of a ruled table. A fill never stands without its word.
#[derive(Debug, Default, Serialize)]
pub(super) struct Field {
    pub text: String,
    /// `C81E2B`
    pub fill: Option<String>,
    /// white print on a dark fill
    pub white: bool,
    pub bold: bool,
    pub centre: bool,
}

/// The letter: everything worded, nothing laid out.
#[derive(Debug, Serialize)]
pub(super) struct Letter {
    /// 【复盘】非实战 …; empty when live
    pub realm_mark: String,
    /// 复盘; empty when live
    pub watermark: String,
    pub issuer: String,
    pub number: String,
    pub issued: String,
    pub title: String,
    pub addressees: String,
    /// (label, value), four pairs a line
    pub key_figures: Vec<(String, String)>,
    /// what falls due first
    pub first_due: Vec<String>,
    pub blocks: Vec<Block>,
    /// labels of the signing table
    pub signatures: Vec<(String, String)>,
    pub attachments: String,
    /// after the signatures, on a page of their own
    pub annexes: Vec<Block>,
    pub footer: String,
}

pub(super) fn plain(text: impl Into<String>) -> Field {
    Field { text: text.into(), ..Field::default() }
}

pub(super) fn centred(text: impl Into<String>) -> Field {
    Field { text: text.into(), centre: true, ..Field::default() }
}

pub(super) fn strong(text: impl Into<String>) -> Field {
    Field { text: text.into(), centre: true, bold: true, ..Field::default() }
}

fn coloured(colour: RiskColour) -> Field {
    let [r, g, b] = colour.rgb();
    let white = !matches!(colour, RiskColour::Yellow | RiskColour::Orange | RiskColour::Unknown);
    Field { text: colour.zh().into(), fill: Some(format!("{r:02X}{g:02X}{b:02X}")), white, bold: true, centre: true }
}

fn people(n: Option<u64>) -> String {
    n.map_or_else(|| "未知".into(), |n| n.to_string())
}

impl Letter {
    /// Words the letter of a package.
    pub fn of(package: &Package) -> Self {
        let h = &package.header;
        let list = &package.list;
        let live = h.realm == Realm::Live;
        let t = &h.totals;
        let closures = package.table.rows.iter().filter(|r| text_of(package, r, "item") == Some("封控")).count();
        let figure = |label: &str, value: String| (label.to_string(), value);
        let key_figures = vec![
            figure("响应等级", h.level.zh().into()),
            figure("管控对象", format!("{} 处", h.objects)),
            figure("应转移", format!("{} 人", t.to_move)),
            figure("需集中安置", format!("{} 人", t.to_house)),
            figure("资料截至", h.zone.short(h.as_of)),
            figure("封控", format!("{closures} 处")),
            figure("受影响", affected(list, t.affected)),
            figure(
                "未落实",
                format!("{} 人{}", t.unplaced, package.evacuation.as_ref().map_or("", |e| e.unplaced_mark())),
            ),
        ];
        let run: String = h.run_id.chars().take(8).collect();
        Self {
            realm_mark: if live {
                String::new()
            } else {
                format!("【{}】非实战 · 不得对外发布", h.realm.zh())
            },
            watermark: if live { String::new() } else { h.realm.zh().into() },
            issuer: list.issuer.clone(),
            number: list.number.clone(),
            issued: list.issued.clone(),
            title: list.title.zh.clone(),
            addressees: list.addressees.join("、"),
            key_figures,
            first_due: first_due(package),
            blocks: blocks(package),
            signatures: vec![
                ("拟稿".into(), format!("系统拟稿（dayu {}）", h.version)),
                ("审核".into(), String::new()),
                ("签发".into(), String::new()),
                ("签发时间".into(), String::new()),
            ],
            attachments: attachments(package),
            annexes: annexes(package),
            footer: format!(
                "{}{} · {}{} · 运行 {run} · 截至 {}",
                if live { String::new() } else { format!("【{}】", h.realm.zh()) },
                list.number,
                h.origin.zh(),
                proof(package).map_or(String::new(), |p| format!(" · {}", in_brief(p))),
                h.zone.short(h.as_of)
            ),
        }
    }
}

/// The count, unless the situation says that it is not known.
fn affected(list: &ListProduct, n: u64) -> String {
    let says = |words: &str| list.situation.iter().any(|t| t.zh.contains(words));
    match (says("受影响人口未知"), says("受影响至少")) {
        (true, _) => "未知".into(),
        (_, true) => format!("≥{n} 人"),
        _ => format!("{n} 人"),
    }
}

fn text_of<'a>(package: &'a Package, row: &'a Row, key: &str) -> Option<&'a str> {
    let at = package.table.columns.iter().position(|c| c.key == key)?;
    match row.cells.get(at) {
        Some(Cell::Text(text)) => Some(text),
        _ => None,
    }
}

/// What is overdue while the period still runs, then the next three deadlines after `as_of` with what they ask. Times of one
/// zone compare as text.
fn first_due(package: &Package) -> Vec<String> {
    let h = &package.header;
    let now = h.zone.rfc3339(h.as_of);
    let timed: Vec<(&str, &Row)> =
        package.table.rows.iter().filter_map(|r| text_of(package, r, "deadline").map(|d| (d, r))).collect();
    let overdue = timed.iter().filter(|(d, _)| *d < now.as_str()).count();
    let mut due: Vec<(&str, String)> = timed
        .iter()
        .filter(|(d, _)| *d >= now.as_str())
        .map(|(d, r)| {
            let of = |key| text_of(package, r, key).unwrap_or("");
            let action: String = if of("item") == "措施" {
                of("action").split(['（', '，', '；']).next().unwrap_or("").chars().take(20).collect()
            } else {
                of("item").into()
            };
            (*d, format!("{}　{action}（{}）", of("name"), of("owner")))
        })
        .collect();
    due.sort_unstable();
    due.dedup();
    // `2021-07-25T13:30:00+08:00` → `07-25 13:30`
    let line = |(d, words): &(&str, String)| format!("{}　{words}", d.get(5..16).unwrap_or(d).replace('T', " "));
    let passed = (overdue > 0 && h.as_of < h.end).then(|| format!("已过时限 {overdue} 项，立即办理（见管控一张表）"));
    passed.into_iter().chain(due.iter().take(3).map(line)).collect()
}

fn blocks(package: &Package) -> Vec<Block> {
    let list = &package.list;
    let heading = |text: &str| Block::Heading { text: text.into() };
    let subheading = |text: &str| Block::Subheading { text: text.into() };
    let paragraph = |text: &str| Block::Paragraph { text: text.into() };
    let mut all = vec![paragraph(&list.basis.zh), heading("一、当前情况")];
    all.extend(list.situation.iter().map(|t| paragraph(&t.zh)));
    all.push(heading("二、预测与研判"));
    all.extend(list.judgement.iter().map(|t| paragraph(&t.zh)));
    all.push(subheading("等级建议与理由"));
    all.extend(list.reasons.iter().map(|t| paragraph(&t.zh)));
    all.push(heading("三、重点风险"));
    all.extend(risks(list));
    all.push(heading("四、工作要求"));
    all.extend(actions(list));
    all.push(heading("五、人员转移"));
    all.extend(transfers(package));
    all.push(heading("六、封控"));
    if list.closures.is_empty() {
        all.push(paragraph("本级没有需封控的对象。"));
    }
    all.extend((1..).zip(&list.closures).map(|(n, t)| Block::Paragraph { text: format!("{n}. {}", t.zh) }));
    all.push(heading("七、反馈要求"));
    all.extend(list.feedback.iter().map(|t| paragraph(&t.zh)));
    all.push(heading("八、未知事项"));
    all.extend(list.unknowns.iter().map(|t| paragraph(&t.zh)));
    all.push(heading("九、说明"));
    all.extend((1..).zip(&list.notes).map(|(n, t)| Block::Paragraph { text: format!("{n}. {}", t.zh) }));
    all
}

fn risks(list: &ListProduct) -> Vec<Block> {
    if list.risks.is_empty() {
        return vec![Block::Paragraph {
            text: format!("没有蓝色及以上的管控对象；表内共 {} 处。", list.more_risks)
        }];
    }
    let row = |(n, r): (usize, &dayu_package::RiskItem)| {
        vec![
            centred(n.to_string()),
            coloured(r.colour),
            plain(format!("{}（{}）", r.name, r.object_id)),
            plain(r.kind.as_str()),
            plain(r.town.as_str()),
            plain(r.expectation.zh.as_str()),
            centred(r.when.as_str()),
            centred(people(r.people)),
        ]
    };
    let head =
        ["序号", "颜色", "对象（编号）", "类型", "镇街", "预计", "首达阈值", "受威胁(人)"].map(String::from).into();
    let grid =
        Block::Grid { head, shares: vec![5, 5, 21, 9, 11, 27, 13, 9], rows: (1..).zip(&list.risks).map(row).collect() };
    let rest = format!("以上 {} 处，其余 {} 处管控对象见《管控一张表》。", list.risks.len(), list.more_risks);
    vec![grid, Block::Paragraph { text: rest }]
}

fn actions(list: &ListProduct) -> Vec<Block> {
    if list.actions.is_empty() {
        return vec![Block::Paragraph { text: "本级预案未规定措施。".into() }];
    }
    let row = |a: &dayu_package::ActionItem| {
        let note = if a.deadline_note.zh.is_empty() || a.deadline_note.zh == a.deadline {
            String::new()
        } else {
            format!("\n{}", a.deadline_note.zh)
        };
        let mark = if a.mark.is_unofficial() { format!("\n〔{}〕", a.mark.zh()) } else { String::new() };
        vec![
            centred(a.number.to_string()),
            plain(a.owner.as_str()),
            plain(a.action.zh.as_str()),
            plain(a.places.as_str()),
            Field { bold: true, ..plain(format!("{}{note}", a.deadline)) },
            plain(format!("{}{mark}", a.clause)),
        ]
    };
    let head = ["序号", "责任单位", "要求", "范围", "时限", "依据"].map(String::from).into();
    vec![Block::Grid { head, shares: vec![5, 13, 26, 17, 21, 18], rows: list.actions.iter().map(row).collect() }]
}

fn transfers(package: &Package) -> Vec<Block> {
    let list = &package.list;
    if list.transfers.is_empty() {
        return vec![Block::Paragraph { text: "本级预案没有应转移的对象。".into() }];
    }
    let mut rows: Vec<Vec<Field>> = list
        .transfers
        .iter()
        .map(|l| {
            let counts = [l.rows, l.to_move, l.vulnerable, l.to_house, l.unplaced].map(|n| centred(n.to_string()));
            let mut row = vec![centred(l.category.as_str()), plain(l.title.zh.as_str())];
            row.extend(counts);
            row.push(centred(l.deadline.as_str()));
            row
        })
        .collect();
    let sum = |f: fn(&dayu_package::TransferLine) -> u64| strong(list.transfers.iter().map(f).sum::<u64>().to_string());
    rows.push(vec![
        strong("合计"),
        plain(""),
        sum(|l| l.rows),
        sum(|l| l.to_move),
        sum(|l| l.vulnerable),
        sum(|l| l.to_house),
        sum(|l| l.unplaced),
        plain(""),
    ]);
    let head = ["类别", "应转移对象", "处", "应转移(人)", "其中特殊人员", "集中安置(人)", "未落实(人)", "最早时限"]
        .map(String::from)
        .into();
    let mut all = vec![Block::Grid { head, shares: vec![7, 26, 6, 11, 12, 12, 10, 14], rows }];
    if list.unplaced.is_empty() {
        all.push(Block::Paragraph { text: "集中安置去向已全部落实。".into() });
    } else {
        let reasons: Vec<String> = list.unplaced.iter().map(|(n, why)| format!("{n} 人——{}", why.zh)).collect();
        all.push(Block::Paragraph {
            text: format!(
                "未落实安置去处{}：{}。请属地镇街立即落实并报告。",
                unplaced_note(package),
                reasons.join("；")
            ),
        });
    }
    if let Some(proof) = proof(package) {
        all.push(Block::Paragraph { text: format!("{proof}。") });
    }
    all.push(Block::Paragraph {
        text: "转移次序：先人后物，老弱病残幼优先；转移后未经通知不得返回。逐户名单见受控名册。".into(),
    });
    all
}
