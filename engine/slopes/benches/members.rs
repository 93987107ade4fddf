//! 100 000 slopes × 72 h × 20 members: rain thresholds for all, the infinite slope for a stated share.
#![allow(clippy::print_stdout)]

use dayu_slopes::{
    EvenRain, SlopeGeometry, SlopeThresholds, SlopeUnderRain, SoilClass, StabilityModel, assess_members,
};
use rayon::prelude::*;
use std::time::Instant;

const SLOPES: usize = 100_000;
const MEMBERS: usize = 20;
const PARTS: usize = 10;

fn main() {
    // A storm of 12 h whose place in time and strength differ from slope to slope and member to member.
    let rain = |slope: usize, member: usize, rows: &mut [f64]| {
        let begin = 10 + (slope * 7 + member * 3) % 40;
        let peak = 5.0 + ((slope * 31 + member * 17) % 97) as f64 * 0.4;
        for (k, mm) in rows.iter_mut().enumerate() {
            let since = k as f64 - begin as f64;
            *mm = if (0.0..12.0).contains(&since) { peak * (1.0 - (since - 6.0).abs() / 6.0) } else { 0.0 };
        }
    };
    let course = EvenRain { row_s: 3600.0, rows: 72 };
    for (share, every) in [("0 %", usize::MAX), ("1 %", 100), ("10 %", 10), ("100 %", 1)] {
        // In parts, as a program does that must hold the models of so many slopes in memory.
        let (mut seconds, mut building, mut red) = (0.0, 0.0, 0_u64);
        for part in 0..PARTS {
            let first = part * SLOPES / PARTS;
            let clock = Instant::now();
            let slopes: Vec<SlopeUnderRain> = (first..first + SLOPES / PARTS)
                .into_par_iter()
                .map(|k| {
                    let geometry = SlopeGeometry { slope_deg: 30.0 + (k % 12) as f64, soil_depth_m: None };
                    let stability = k
                        .is_multiple_of(every)
                        .then(|| StabilityModel::new(&geometry, SoilClass::ALL[k % 5]))
                        .flatten();
                    SlopeUnderRain { grave: k.is_multiple_of(9), stability }
                })
                .collect();
            building += clock.elapsed().as_secs_f64();
            let clock = Instant::now();
            let at = |slope: usize, member: usize, rows: &mut [f64]| rain(first + slope, member, rows);
            let verdicts = assess_members(&slopes, MEMBERS, &at, course, &SlopeThresholds::default());
            seconds += clock.elapsed().as_secs_f64();
            red += verdicts.iter().map(|v| u64::from(v.reached[3])).sum::<u64>();
        }
        println!(
            "{SLOPES} slopes x 72 h x {MEMBERS} members, infinite slope for {share}: {seconds:.2} s + {building:.2} s for their soils, on {} threads ({red} red)",
            rayon::current_num_threads()
        );
    }
}
