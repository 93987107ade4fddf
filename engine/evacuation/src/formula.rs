//! Trips by the formula of the published instances: nothing is stored but the places.

use crate::header::TripFormula;

/// Place of the trip formula: id and whole metres.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GridPlace {
    /// id as a number
    pub id: u32,
    /// easting, m
    pub x_m: i64,
    /// northing, m
    pub y_m: i64,
}

/// Trip from a demand point to a shelter, m: street-grid distance, the river crossed at the best bridge, times a winding factor of
/// 1.00 to 1.35 drawn by SplitMix64 (Steele, Lea, Flood 2014) from both ids. All divisions floor.
pub fn trip_m(formula: &TripFormula, demand: GridPlace, shelter: GridPlace) -> u64 {
    let same_bank = (demand.y_m > formula.river_y_m) == (shelter.y_m > formula.river_y_m);
    let across = formula.bridges_x_m.iter().map(|b| demand.x_m.abs_diff(*b) + b.abs_diff(shelter.x_m)).min();
    let dx_m = across.filter(|_| !same_bank).unwrap_or_else(|| demand.x_m.abs_diff(shelter.x_m));
    let base_m = dx_m + demand.y_m.abs_diff(shelter.y_m);
    base_m * winding(formula.salt, demand.id, shelter.id) / 100
}

/// The trip that a street-grid distance below 10⁸ m becomes, m.
pub(crate) fn wound_m(salt: u64, demand: u32, shelter: u32, base_m: u32) -> u32 {
    (u64::from(base_m) * winding(salt, demand, shelter) / 100) as u32
}

/// Winding factor in hundredths.
fn winding(salt: u64, demand: u32, shelter: u32) -> u64 {
    100 + mix(salt ^ (u64::from(demand) << 32 | u64::from(shelter))) % 36
}

fn mix(z: u64) -> u64 {
    let z = z.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
