use super::unwritable;
use dayu_base::{Finding, Realm, Text};
use dayu_package::{ListProduct, Package};
use serde::Serialize;

/// The list with the identity that ties it to map and table.
#[derive(Serialize)]
struct ListFile<'a> {
    format: u32,
    run_id: &'a str,
    level: &'a str,
    kind: &'a str,
    realm: &'a str,
    origin: &'a str,
    district: &'a str,
    scenario_id: &'a str,
    dataset_id: &'a str,
    plan_id: &'a str,
    as_of: String,
    data_time: Option<String>,
    version: &'a str,
    objects: u64,
    totals: Totals,
    /// proof of the assignment in words; null = nobody had to be assigned
    evacuation: Option<&'a Text>,
    #[serde(flatten)]
    list: &'a ListProduct,
}

/// The counts under the names of the manifest.
#[derive(Serialize)]
struct Totals {
    affected: u64,
    to_move: u64,
    to_house: u64,
    unplaced: u64,
}

/// `list.json`: identity first, then the fields of the list.
pub(super) fn list_json(package: &Package) -> Result<Vec<u8>, Finding> {
    let h = &package.header;
    let t = &h.totals;
    let totals = Totals { affected: t.affected, to_move: t.to_move, to_house: t.to_house, unplaced: t.unplaced };
    let file = ListFile {
        format: 1,
        run_id: &h.run_id,
        level: h.level.id(),
        kind: &h.kind,
        realm: h.realm.id(),
        origin: h.origin.id(),
        district: &h.district.zh,
        scenario_id: &h.scenario_id,
        dataset_id: &h.dataset_id,
        plan_id: &h.plan.id,
        as_of: h.zone.rfc3339(h.as_of),
        data_time: h.data_time.map(|at| h.zone.rfc3339(at)),
        version: &h.version,
        objects: h.objects,
        totals,
        evacuation: package.evacuation.as_ref().and_then(|e| e.proof.as_ref()),
        list: &package.list,
    };
    let mut bytes = serde_json::to_vec_pretty(&file).map_err(|e| unwritable("list.json", &e.to_string()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// `messages.txt`: one block per text with its addressee and length; nothing is sent by the program.
pub(super) fn messages_txt(package: &Package) -> String {
    let h = &package.header;
    let list = &package.list;
    let realm = if h.realm == Realm::Live { String::new() } else { format!("【{}】", h.realm.zh()) };
    let mut text = format!(
        "{realm}{} {}\n{}，{}，截至 {}。由人审核后发送，程序不自动外发。\n",
        list.number,
        list.title.zh,
        h.realm.zh(),
        h.origin.zh(),
        list.issued
    );
    for (to, words) in &list.messages {
        text.push_str(&format!("\n[{to}]（{} 字）\n{words}\n", words.chars().count()));
    }
    text
}
