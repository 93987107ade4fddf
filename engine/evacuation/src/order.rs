//! One order for ids, so that the answer does not depend on the order of rows in a file.

use dayu_base::{Finding, Text};
use std::cmp::Ordering;

/// Compares ids: whole numbers first and by value (2 before 10), then text by its bytes. Total: equal only for equal ids.
pub fn id_order(a: &str, b: &str) -> Ordering {
    key(a).cmp(&key(b)).then_with(|| a.cmp(b))
}

/// Numbers sort by the count of significant digits, then by these digits.
fn key(id: &str) -> (bool, usize, &str) {
    if !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()) {
        let digits = id.trim_start_matches('0');
        (false, digits.len(), digits)
    } else {
        (true, 0, "")
    }
}

/// Indices of `ids` in [`id_order`]. `layer` names the rows in the finding.
///
/// # Errors
/// `EVA-001` when an id is empty or occurs twice.
pub(crate) fn sorted_by_id<'a>(layer: &str, ids: impl Iterator<Item = &'a str>) -> Result<Vec<u32>, Finding> {
    let ids: Vec<&str> = ids.collect();
    let mut order: Vec<u32> = (0..).take(ids.len()).collect();
    order.sort_by(|&a, &b| id_order(ids[a as usize], ids[b as usize]));
    let twice = order.windows(2).map(|pair| (ids[pair[0] as usize], ids[pair[1] as usize])).find(|(a, b)| a == b);
    if let Some(id) = twice.map(|(id, _)| id).or_else(|| ids.iter().find(|id| id.is_empty()).copied()) {
        let (zh, en) = if id.is_empty() {
            ("编号为空。".to_owned(), "An id is empty.".to_owned())
        } else {
            (format!("编号“{id}”出现不止一次。"), format!("The id \"{id}\" occurs more than once."))
        };
        return Err(Finding::error(
            "EVA-001",
            Text::new(zh, en),
            Text::new("为每一行给出唯一的编号。", "Give every row its own id."),
        )
        .at(layer)
        .field("id"));
    }
    Ok(order)
}
