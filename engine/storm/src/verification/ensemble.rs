/// Continuous ranked probability score of an ensemble, in the unit of the values: mean |xᵢ − y| − Σᵢⱼ|xᵢ − xⱼ| ÷ 2m² (Gneiting &
/// Raftery 2007, eq. 20, of the empirical distribution). `None` without members.
pub fn crps(members: &[f64], observed: f64) -> Option<f64> {
    let m = members.len() as f64;
    (m > 0.0).then(|| distance(members, observed) - spread(members) / (2.0 * m * m))
}

/// The fair version: what the score would be of an ensemble without end, Σᵢⱼ ÷ 2m(m − 1) (Ferro 2014). `None` with fewer than two
/// members.
pub fn crps_fair(members: &[f64], observed: f64) -> Option<f64> {
    let m = members.len() as f64;
    (m > 1.0).then(|| distance(members, observed) - spread(members) / (2.0 * m * (m - 1.0)))
}

fn distance(members: &[f64], observed: f64) -> f64 {
    members.iter().map(|x| (x - observed).abs()).sum::<f64>() / members.len() as f64
}

/// Σᵢⱼ|xᵢ − xⱼ| from the sorted members: 2 Σ (2k − m + 1) x₍ₖ₎.
fn spread(members: &[f64]) -> f64 {
    let mut sorted = members.to_vec();
    sorted.sort_by(f64::total_cmp);
    let m = sorted.len() as f64;
    2.0 * sorted.iter().enumerate().map(|(k, x)| (2.0 * k as f64 - m + 1.0) * x).sum::<f64>()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    /// By hand: members 1, 2, 4 and observation 3: mean distance 4/3; Σᵢⱼ = 2(1 + 3 + 2) = 12.
    #[test]
    fn crps_by_hand() {
        assert!((crps(&[4.0, 1.0, 2.0], 3.0).unwrap() - (4.0 / 3.0 - 12.0 / 18.0)).abs() < 1e-12);
        assert!((crps_fair(&[4.0, 1.0, 2.0], 3.0).unwrap() - (4.0 / 3.0 - 1.0)).abs() < 1e-12);
        assert_eq!(crps(&[5.0], 3.0), Some(2.0));
        assert_eq!((crps(&[], 3.0), crps_fair(&[5.0], 3.0)), (None, None));
    }

    proptest! {
        /// The definition: the squared area between the step function of the members and that of the observation.
        #[test]
        fn crps_is_the_integral(members in proptest::collection::vec(0.0_f64..50.0, 1..9), observed in 0.0_f64..50.0) {
            let mut knots = members.clone();
            knots.push(observed);
            knots.sort_by(f64::total_cmp);
            let m = members.len() as f64;
            let integral: f64 = knots.windows(2).map(|w| {
                let middle = 0.5 * (w[0] + w[1]);
                let f = members.iter().filter(|x| **x <= middle).count() as f64 / m;
                let step = if observed <= middle { 1.0 } else { 0.0 };
                (f - step) * (f - step) * (w[1] - w[0])
            }).sum();
            prop_assert!((crps(&members, observed).unwrap() - integral).abs() < 1e-9);
        }
    }
}
