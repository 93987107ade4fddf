//! One time out of many members of an ensemble.

use super::search::Latest;

/// The times that hold with a probability, as far as the members tell one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MemberTimes {
    /// members asked; with one there is no probability
    pub members: usize,
    /// leaving by then works in at least 90 % of them
    pub holds_90: Option<Latest>,
    /// in at least 50 %
    pub holds_50: Option<Latest>,
    /// in every one of them
    pub worst: Latest,
}

/// Takes one answer per member. With fewer than two members both quantiles are `None`: a single run says nothing of probability.
/// `None` for no member at all.
pub fn over_members(latest: &[Latest]) -> Option<MemberTimes> {
    let mut sorted = latest.to_vec();
    sorted.sort_by(|a, b| a.seconds().total_cmp(&b.seconds()));
    let worst = *sorted.first()?;
    // Leaving by the k-th smallest works in all members from the k-th on: n − k of them (k from 0).
    let holds = |percent: usize| {
        let needed = (sorted.len() * percent).div_ceil(100);
        (sorted.len() > 1).then(|| sorted[sorted.len() - needed.max(1)])
    };
    Some(MemberTimes { members: sorted.len(), holds_90: holds(90), holds_50: holds(50), worst })
}
