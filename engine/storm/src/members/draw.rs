use serde::{Deserialize, Serialize};

/// How members are made. Spreads are stated with each; none is an official forecast error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// rain times a factor, log-normal with a coefficient of variation of 30 % (D)
    RainScaling,
    /// rain earlier or later, standard deviation 1.5 h (D)
    TimingShift,
    /// rain moved, standard deviation 10 km in each direction (D; of the order of convective displacement in short-range forecasts)
    SpatialShift,
    /// typhoon moved, faster or slower, stronger or weaker, growing with lead time (see [`super::member_track`]); its rain with it
    Track,
    /// all of these
    Combined,
    /// nothing is drawn: the rain of each member is given from outside
    External,
}

impl Method {
    /// All, by name.
    pub const ALL: [(&'static str, Self); 6] = [
        ("rain-scaling", Self::RainScaling),
        ("timing-shift", Self::TimingShift),
        ("spatial-shift", Self::SpatialShift),
        ("track", Self::Track),
        ("combined", Self::Combined),
        ("external", Self::External),
    ];
    /// The method with that name.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(name, _)| *name == id).map(|(_, m)| m)
    }
    /// True when members differ in the typhoon, so that their winds do.
    pub fn moves_track(self) -> bool {
        matches!(self, Self::Track | Self::Combined)
    }
    /// Its name.
    pub fn id(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, m)| *m == self).map_or("", |(name, _)| name)
    }
}

/// What one member changes. Member 0 changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// number, 0 = the scenario as it stands
    pub number: u32,
    /// rain times this
    pub rain_factor: f64,
    /// rain later by this, s
    pub delay_s: f64,
    /// rain moved by this, m: east, north
    pub moved_m: (f64, f64),
    /// standard normal deviates of the track: along, across, of the intensity
    pub track: (f64, f64, f64),
}

const UNCHANGED: Member =
    Member { number: 0, rain_factor: 1.0, delay_s: 0.0, moved_m: (0.0, 0.0), track: (0.0, 0.0, 0.0) };

/// Streams of numbers, so that one method's numbers do not depend on another's.
#[derive(Clone, Copy)]
enum Stream {
    Factor = 1,
    Delay,
    East,
    North,
    Along,
    Across,
    Intensity,
}

/// Finaliser of SplitMix64 (Steele, Lea & Flood 2014): a hash of one word.
fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Standard normal deviate of (key, member, stream): two uniform numbers of the counter by Box and Muller (1958).
fn normal(key: u64, member: u32, stream: Stream) -> f64 {
    let base = mix(key ^ mix(u64::from(member)) ^ mix(stream as u64).rotate_left(23));
    let unit = |word: u64| ((word >> 11) as f64 + 0.5) / (1u64 << 53) as f64;
    let (u, v) = (unit(mix(base)), unit(mix(base ^ 0xA5A5_A5A5_A5A5_A5A5)));
    (-2.0 * libm::log(u)).sqrt() * libm::cos(core::f64::consts::TAU * v)
}

/// Coefficient of variation of the rain factor (D).
const RAIN_VARIATION: f64 = 0.30;
/// Standard deviation of the delay, s (D).
const DELAY_S: f64 = 5400.0;
/// Standard deviation of the displacement, m (D).
const MOVED_M: f64 = 10_000.0;
/// Deviates beyond this are taken at it: a member is possible, not absurd.
const FARTHEST: f64 = 2.5;

/// Members of a key (made of the scenario's digest and its seed), number 0 unchanged. More members leave the first ones as they are.
pub fn draw_members(key: u64, count: u32, method: Method) -> Vec<Member> {
    let of = |m: Method| method == m || method == Method::Combined;
    let one = |number: u32| {
        let z = |stream| normal(key, number, stream).clamp(-FARTHEST, FARTHEST);
        let mut member = Member { number, ..UNCHANGED };
        if of(Method::RainScaling) {
            // Log-normal of mean 1.
            let s2 = libm::log(1.0 + RAIN_VARIATION * RAIN_VARIATION);
            member.rain_factor = libm::exp(s2.sqrt() * z(Stream::Factor) - s2 / 2.0);
        }
        if of(Method::TimingShift) {
            member.delay_s = (DELAY_S * z(Stream::Delay)).round();
        }
        if of(Method::SpatialShift) {
            member.moved_m = (MOVED_M * z(Stream::East), MOVED_M * z(Stream::North));
        }
        if of(Method::Track) {
            member.track = (z(Stream::Along), z(Stream::Across), z(Stream::Intensity));
        }
        member
    };
    (0..count).map(|k| if k == 0 { UNCHANGED } else { one(k) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_the_same_every_time_and_the_first_is_unchanged() {
        let a = draw_members(7, 20, Method::Combined);
        assert_eq!(a, draw_members(7, 20, Method::Combined));
        assert_eq!(a[..5], draw_members(7, 5, Method::Combined)[..]);
        assert_eq!(a[0], UNCHANGED);
        assert_ne!(a[1], draw_members(8, 20, Method::Combined)[1]);
        let only = draw_members(7, 20, Method::RainScaling);
        assert!(only.iter().zip(&a).all(|(x, y)| x.rain_factor == y.rain_factor && x.delay_s == 0.0));
    }

    #[test]
    fn spreads_are_as_stated() {
        let m = draw_members(20_210_726, 4000, Method::Combined);
        let n = m.len() as f64 - 1.0;
        let mean = |f: &dyn Fn(&Member) -> f64| m[1..].iter().map(f).sum::<f64>() / n;
        assert!((mean(&|m| m.rain_factor) - 1.0).abs() < 0.02);
        assert!((mean(&|m| (m.rain_factor - 1.0).powi(2)).sqrt() - 0.30).abs() < 0.03);
        assert!((mean(&|m| m.delay_s.powi(2)).sqrt() / 5400.0 - 0.97).abs() < 0.05);
        assert!(mean(&|m| m.track.0).abs() < 0.05 && mean(&|m| m.track.0 * m.track.1).abs() < 0.05);
    }
}
