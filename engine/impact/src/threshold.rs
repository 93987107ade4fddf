//! The depths that divide classes and trigger something, and which of them the simulation must time.

use crate::assess::reads_depth;
use crate::colour::steps;
use dayu_assets::Registry;

/// Two depths nearer than this are the same threshold, m.
const SAME_M: f64 = 1e-9;
/// More object-specific depths than this are timed in steps of [`COARSE_STEP_M`] only.
const MAX_OWN_DEPTHS: usize = 24;
/// See [`MAX_OWN_DEPTHS`], m.
const COARSE_STEP_M: f64 = 0.05;

/// Depth thresholds of the assessment, m. All are defaults of this program (mark D) unless the data of an object say otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Thresholds {
    /// lower limits of W1 … W6 (domain/thresholds.toml `ponding_class_m`, D): wet cell; limit of one lane (GB 50014, R);
    /// closure family 25–27 cm (Shanghai, Shenyang V; Beijing R); all vehicles stop; boats; building risk
    pub class_m: [f64; 6],
    /// residents and points count as affected from here (the lane limit 15 cm, R)
    pub affected_m: f64,
    /// water enters dwellings from here (D)
    pub dwelling_m: f64,
    /// closure depth of underpasses without their own (27 cm, R)
    pub underpass_close_m: f64,
    /// closure depth of points and roads without their own (D; 30–40 cm by city)
    pub road_close_m: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            class_m: [0.05, 0.15, 0.27, 0.50, 1.00, 2.00],
            affected_m: 0.15,
            dwelling_m: 0.30,
            underpass_close_m: 0.27,
            road_close_m: 0.30,
        }
    }
}

impl Thresholds {
    /// Depth class 0–6 (W0–W6) of a depth.
    pub fn class_of(&self, depth_m: f64) -> u8 {
        self.class_m.iter().filter(|&&limit| depth_m >= limit).count() as u8
    }

    /// All depths of this set, ascending, each once.
    pub fn depths_m(&self) -> Vec<f64> {
        let named = [self.affected_m, self.dwelling_m, self.underpass_close_m, self.road_close_m];
        distinct(self.class_m.into_iter().chain(named).collect())
    }
}

/// Depths whose first and last crossing the simulation should keep per cell (`FlowProblem::thresholds_m`): those of the set and the
/// colour steps of the objects (alarm, closure, sill). When the objects name very many, they are taken down to steps of 5 cm;
/// the times read later are then early and safe.
pub fn thresholds_to_track(registry: &Registry, thresholds: &Thresholds) -> Vec<f64> {
    let hit = registry.assets().iter().filter(|a| reads_depth(a.layer));
    let own = distinct(hit.flat_map(|a| steps(a.layer, &a.details, thresholds)).map(|(depth_m, _)| depth_m).collect());
    let own: Vec<f64> = if own.len() > MAX_OWN_DEPTHS {
        own.into_iter().map(|d| (d / COARSE_STEP_M + SAME_M).floor() * COARSE_STEP_M).collect()
    } else {
        own
    };
    distinct(thresholds.depths_m().into_iter().chain(own).filter(|&d| d > 0.0).collect())
}

/// Ascending, each once.
pub(crate) fn distinct(mut depths: Vec<f64>) -> Vec<f64> {
    depths.sort_by(f64::total_cmp);
    depths.dedup_by(|b, a| (*b - *a).abs() < SAME_M);
    depths
}

/// The same threshold?
pub(crate) fn same(a: f64, b: f64) -> bool {
    (a - b).abs() < SAME_M
}
