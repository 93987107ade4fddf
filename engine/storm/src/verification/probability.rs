/// Brier score of probabilities for an event, 0 best (Brier 1950); `None` without pairs.
pub fn brier(pairs: &[(f64, bool)]) -> Option<f64> {
    let sum: f64 = pairs.iter().map(|(p, o)| (p - f64::from(u8::from(*o))) * (p - f64::from(u8::from(*o)))).sum();
    (!pairs.is_empty()).then(|| sum / pairs.len() as f64)
}

/// Skill of a score (0 best) against a reference: 1 − score ÷ reference; `None` when the reference is perfect.
pub fn brier_skill(score: f64, reference: f64) -> Option<f64> {
    (reference > 0.0).then(|| 1.0 - score / reference)
}

/// One class of the reliability diagram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReliabilityBin {
    /// lower limit of the class
    pub from: f64,
    /// upper limit
    pub until: f64,
    /// pairs in it
    pub n: usize,
    /// mean forecast probability
    pub forecast: Option<f64>,
    /// observed frequency
    pub observed: Option<f64>,
}

/// Reliability diagram in equal classes; a probability on a limit belongs to the upper class, 1 to the last.
pub fn reliability(pairs: &[(f64, bool)], classes: usize) -> Vec<ReliabilityBin> {
    let width = 1.0 / classes.max(1) as f64;
    (0..classes.max(1))
        .map(|k| {
            let inside = |p: f64| ((p / width + 1e-9) as usize).min(classes.max(1) - 1) == k;
            let of: Vec<&(f64, bool)> = pairs.iter().filter(|(p, _)| inside(*p)).collect();
            let n = of.len();
            let mean = |sum: f64| (n > 0).then(|| sum / n as f64);
            ReliabilityBin {
                from: k as f64 * width,
                until: (k + 1) as f64 * width,
                n,
                forecast: mean(of.iter().map(|(p, _)| p).sum()),
                observed: mean(of.iter().filter(|(_, o)| *o).count() as f64),
            }
        })
        .collect()
}

/// Area under the ROC curve: the chance that an occurrence had the higher probability than a non-occurrence, ties counting half
/// (Mason & Graham 2002); `None` unless both occur.
pub fn roc_area(pairs: &[(f64, bool)]) -> Option<f64> {
    let mut sorted: Vec<(f64, bool)> = pairs.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let yes = sorted.iter().filter(|p| p.1).count();
    let no = sorted.len() - yes;
    if yes == 0 || no == 0 {
        return None;
    }
    let (mut below, mut wins, mut k) = (0.0, 0.0, 0);
    while k < sorted.len() {
        let same = sorted[k..].iter().take_while(|p| p.0 == sorted[k].0);
        let (mut ties_yes, mut ties_no) = (0.0, 0.0);
        for p in same {
            if p.1 { ties_yes += 1.0 } else { ties_no += 1.0 }
        }
        wins += ties_yes * (below + 0.5 * ties_no);
        below += ties_no;
        k += (ties_yes + ties_no) as usize;
    }
    Some(wins / (yes as f64 * no as f64))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const PAIRS: [(f64, bool); 6] = [(0.0, false), (0.2, false), (0.2, true), (0.6, true), (0.8, false), (1.0, true)];

    /// By hand: (0 + 0.04 + 0.64 + 0.16 + 0.64 + 0) ÷ 6.
    #[test]
    fn brier_by_hand() {
        assert!((brier(&PAIRS).unwrap() - 1.48 / 6.0).abs() < 1e-12);
        assert_eq!(brier(&[]), None);
        assert_eq!(brier_skill(0.1, 0.2), Some(0.5));
        assert_eq!(brier_skill(0.1, 0.0), None);
    }

    /// By hand, 9 pairs of yes {0.2, 0.6, 1.0} and no {0.0, 0.2, 0.8}: wins 0.2: 1 + ½; 0.6: 2; 1.0: 3 → 6.5 ÷ 9.
    #[test]
    fn roc_by_hand() {
        assert!((roc_area(&PAIRS).unwrap() - 6.5 / 9.0).abs() < 1e-12);
        assert_eq!(roc_area(&[(0.3, true)]), None);
        assert_eq!(roc_area(&[(0.3, true), (0.3, false)]), Some(0.5));
    }

    #[test]
    fn reliability_counts_every_pair_once() {
        let bins = reliability(&PAIRS, 5);
        assert_eq!(bins.iter().map(|b| b.n).collect::<Vec<_>>(), [1, 2, 0, 1, 2]);
        assert_eq!((bins[1].forecast, bins[1].observed), (Some(0.2), Some(0.5)));
        assert_eq!((bins[2].forecast, bins[2].observed), (None, None));
    }
}
