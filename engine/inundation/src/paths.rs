//! The same run with every set of instructions.

use crate::simulate::{simulate_alone, simulate_with};
use crate::testing::flat;
use crate::vectors::Vectors;
use crate::{Boundary, BoundaryKind, Crest, FaceSet, Infiltration, Inundation, Series, Sink};
use dayu_storm::{RainField, RainSource, StepSeries};
use dayu_terrain::Axis;
use proptest::prelude::*;

fn bits(r: &Inundation) -> String {
    // Not-a-number is unlike itself: compare as written.
    format!("{r:?}")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn neither_vectors_nor_threads_change_a_bit(seed in any::<u64>(), nx in 1_usize..330, tall in any::<bool>(), relief in 0.0..30.0_f64) {
        // Tall grids are cut into bands.
        let mut p = flat(nx, if tall { 65_000 / nx.max(120) + 1 } else { 7 }, 5.0);
        if tall && nx < 120 {
            p = flat(120, 502, 5.0);
        }
        let (nx, n) = (p.grid.nx, p.grid.len());
        let mut state = seed;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        p.bed_m = (0..n).map(|c| if c > 0 && random() < 0.05 { f64::NAN } else { relief * random() }).collect();
        p.roughness = (0..n).map(|_| 0.1 * random()).collect();
        p.initial_depth_m = (0..n).map(|_| (random() - 0.5).max(0.0)).collect();
        p.infiltration = if seed % 3 == 0 {
            let mut values = |by: f64| (0..n).map(|_| by * random()).collect::<Vec<_>>();
            Infiltration::GreenAmpt { ksat_mm_h: values(20.0), suction_m: values(0.2), deficit: values(0.4) }
        } else {
            Infiltration::Constant { rate_mm_h: (0..n).map(|_| 20.0 * random()).collect() }
        };
        p.roofs = (1..n).filter(|&c| p.bed_m[c].is_nan() && !p.bed_m[c - 1].is_nan()).map(|c| (c, c - 1)).take(5).collect();
        let rain = StepSeries { time_s: vec![0.0, 20.0], value: vec![80.0, 10.0] };
        p.rain = RainField { sources: vec![RainSource::Uniform(rain)] };
        p.boundaries = vec![
            Boundary { id: None, kind: BoundaryKind::Free, place: FaceSet::Edge { side: "north".into(), from: -1e9, to: 1e9 } },
            Boundary { id: None, kind: BoundaryKind::Stage(Series::constant(0.7 * relief)), place: FaceSet::Cells(vec![0]) },
        ];
        p.sinks = vec![Sink { id: "P".into(), cells: (0..n).step_by(17).collect(), capacity_m3_s: 1.0, start_depth_m: 0.1 }];
        p.crests = (0..n).step_by(5).map(|c| Crest { axis: Axis::Y, face: c, level_m: relief * random() }).collect();
        p.thresholds_m = vec![0.05, 0.3];
        (p.duration_s, p.interval_s, p.snapshots_s) = (40.0, 15.0, vec![25.0]);
        prop_assume!(nx > 0);
        let run = |threads: usize, vectors: Vectors| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| bits(&simulate_with(&p, vectors, &|_| true).unwrap()))
        };
        let baseline = run(1, Vectors::Baseline);
        prop_assert!(baseline == run(1, Vectors::Best), "vectors");
        prop_assert!(baseline == run(3, Vectors::Best), "threads");
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        prop_assert!(baseline == pool.install(|| bits(&simulate_alone(&p, &|_| true).unwrap())), "alone");
        #[cfg(target_arch = "x86_64")]
        prop_assert!(baseline == run(1, Vectors::Avx2), "AVX2");
    }
}
