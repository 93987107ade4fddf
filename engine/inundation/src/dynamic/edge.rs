//! What passes the edges: water and momentum through one face, given the water in the cell within.

use super::flux::against_wall;
use crate::cell::{FILM_M, GRAVITY, normal_discharge};

/// The water within, extended to the face: `inward` is the velocity away from the edge.
#[derive(Clone, Copy)]
pub(super) struct Inside {
    pub h_m: f64,
    pub bed_m: f64,
    pub inward_m_s: f64,
    pub along_m_s: f64,
    pub roughness: f64,
    /// ½ g (h + h of the face) × rise of the level from the cell to the face, m³/s²
    pub tilt: f64,
}

/// Through a face of the edge: water that enters (m²/s), momentum across less that of rest in the cell, momentum along (m³/s²).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct EdgeFlux {
    pub water: f64,
    pub across: f64,
    pub along: f64,
}

impl Inside {
    fn celerity(self) -> f64 {
        (GRAVITY * self.h_m).sqrt()
    }

    /// Flux of a known depth and unit discharge at the face.
    fn with(self, h_m: f64, entering: f64, along_m_s: f64) -> EdgeFlux {
        let push = if h_m > FILM_M { entering * entering / h_m } else { 0.0 };
        let pressure = 0.5 * GRAVITY * (h_m - self.h_m) * (h_m + self.h_m);
        EdgeFlux { water: entering, across: (push + pressure) + self.tilt, along: entering * along_m_s }
    }

    /// The closed edge.
    pub fn wall(self) -> EdgeFlux {
        EdgeFlux { water: 0.0, across: against_wall(self.h_m, -self.inward_m_s) + self.tilt, along: 0.0 }
    }

    /// Zero gradient: the cell's own water runs out; what would enter is unknown and does not.
    pub fn free(self) -> EdgeFlux {
        if self.inward_m_s < 0.0 {
            self.with(self.h_m, self.h_m * self.inward_m_s, self.along_m_s)
        } else {
            self.wall()
        }
    }

    /// Normal depth: Manning's discharge leaves.
    pub fn normal(self, slope: f64) -> EdgeFlux {
        self.leaving(normal_discharge(self.h_m, self.roughness, slope))
    }

    /// A unit discharge that leaves (enters when negative).
    pub fn leaving(self, discharge: f64) -> EdgeFlux {
        if discharge < 0.0 {
            self.inflow(-discharge)
        } else if self.h_m > FILM_M {
            self.with(self.h_m, -discharge, self.along_m_s)
        } else {
            self.wall()
        }
    }

    /// A unit discharge that enters, with normal momentum and none along the edge. Its depth follows from the wave that runs
    /// out of the domain, `u − 2c` = that of the cell; where this would be faster than critical it is critical.
    pub fn inflow(self, discharge: f64) -> EdgeFlux {
        if discharge < 0.0 {
            return self.leaving(-discharge);
        }
        if discharge == 0.0 {
            return self.wall();
        }
        let outgoing = self.inward_m_s - 2.0 * self.celerity();
        let defect = |c: f64| GRAVITY * discharge / (c * c) - 2.0 * c - outgoing;
        let mut c = libm::cbrt(GRAVITY * discharge);
        if defect(c) > 0.0 {
            // Convex and falling: Newton's method comes from the left and does not pass the root.
            for _ in 0..50 {
                let step = defect(c) / (2.0 * GRAVITY * discharge / (c * c * c) + 2.0);
                c += step;
                if step.abs() <= 1e-14 * c {
                    break;
                }
            }
        }
        self.with(c * c / GRAVITY, discharge, 0.0)
    }

    /// A level outside. Subcritical: its depth, and the velocity that keeps the wave which runs out. Water that leaves faster
    /// than its waves takes no notice; a level too low to hold it back lets it fall critically; what enters is at most critical.
    pub fn stage(self, level_m: f64) -> EdgeFlux {
        let (u, c) = (self.inward_m_s, self.celerity());
        if u < -c {
            return self.free();
        }
        let outside = (level_m - self.bed_m).max(0.0);
        if outside == self.h_m && u == 0.0 {
            return self.with(self.h_m, 0.0, 0.0);
        }
        let c_out = (GRAVITY * outside).sqrt();
        let u_out = u + 2.0 * (c_out - c);
        if u_out < -c_out {
            let critical = ((2.0 * c - u) / 3.0).max(0.0);
            let h = critical * critical / GRAVITY;
            return self.with(h, -critical * h, self.along_m_s);
        }
        let u_out = u_out.min(c_out);
        self.with(outside, u_out * outside, self.along_m_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(h: f64, inward: f64) -> Inside {
        Inside { h_m: h, bed_m: 1.0, inward_m_s: inward, along_m_s: 0.2, roughness: 0.03, tilt: 0.0 }
    }

    #[test]
    fn water_at_rest_behind_its_own_level_stays_at_rest() {
        let still = EdgeFlux { water: 0.0, across: 0.0, along: 0.0 };
        assert_eq!(inside(0.7, 0.0).stage(1.0 + 0.7), still);
        assert_eq!(inside(0.7, 0.0).wall(), still);
        assert_eq!(inside(0.7, 0.0).free(), still);
        assert_eq!(inside(0.0, 0.0).stage(0.4), still);
    }

    #[test]
    fn a_level_draws_water_out_critically_at_most_and_lets_it_in() {
        let out = inside(1.0, 0.0).stage(0.0);
        // Free fall from rest: (2/3)^3 of h √(g h).
        assert!((out.water + 8.0 / 27.0 * GRAVITY.sqrt()).abs() < 1e-12);
        assert!(inside(1.0, 0.0).stage(1.9).water < 0.0 && inside(1.0, 0.0).stage(1.9).water > out.water);
        let fill = inside(0.0, 0.0).stage(1.5);
        assert!((fill.water - 0.5 * (GRAVITY * 0.5).sqrt()).abs() < 1e-12);
        assert!(inside(0.5, 0.0).stage(1.9).water > 0.0);
    }

    #[test]
    fn an_inflow_enters_whole_with_the_depth_of_the_waiting_water() {
        for (h, u) in [(0.0, 0.0), (0.75, 2.0), (2.0, -0.3), (0.2, 3.0)] {
            let f = inside(h, u).inflow(2.0);
            assert_eq!((f.water, f.along), (2.0, 0.0));
        }
        // Steady flow goes on unchanged: q²/h and no pressure difference.
        let f = inside(1.5, 2.0).inflow(3.0);
        assert!((f.across - 6.0).abs() < 1e-9, "{}", f.across);
    }
}
