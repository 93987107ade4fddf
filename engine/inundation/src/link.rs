//! Culverts, underpasses, bridge openings and weirs: links of less than a cell between two cells, however far apart.

use crate::FlowProblem;
use crate::balance::Total;
use crate::cell::GRAVITY;
use crate::saved::Tape;
use dayu_base::{Finding, Text};

/// A box (or, without a soffit, a slot) that lets water from one cell to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// name in flows.csv
    pub id: Option<String>,
    /// cell at its beginning; flow away from here is positive
    pub from: usize,
    /// cell at its end
    pub to: usize,
    /// clear width, m
    pub width_m: f64,
    /// clear height, m; infinite = open above (a weir)
    pub height_m: f64,
    /// inverts at the beginning and the end, m
    pub invert_m: [f64; 2],
    /// length, m; 0 = no friction
    pub length_m: f64,
    /// Manning n, s/m^(1/3)
    pub roughness: f64,
    /// share of the velocity head lost at the entry
    pub entry_loss: f64,
    /// share of the velocity head lost at the exit
    pub exit_loss: f64,
    /// of the drowned entry as an orifice
    pub orifice: f64,
}

impl Link {
    /// Discharge at two levels (m), m³/s: positive from the beginning to the end, 0 between equal levels and below the higher invert.
    ///
    /// The lesser of inlet and outlet control, after Schall et al. (2012) Hydraulic design of highway culverts, FHWA HDS-5, 3rd ed.,
    /// sec. 3.1–3.3, for a box of width B and height D with the head H over the higher invert:
    /// - inlet: critical flow `(2/3)^(3/2) √g B H^(3/2)`; above the soffit no more than the orifice `C B D √(2 g (H − D/2))`;
    /// - outlet: `B d √(2 g Δ ÷ K)`, `K = k_entry + k_exit + 2 g n² L ÷ R^(4/3)`, d = depth in the barrel (at most D), R its hydraulic
    ///   radius, Δ = fall of the level to the water at the exit, which stands at the tailwater, or at the critical depth (at most D) where
    ///   that is higher. Without losses but the exit's, free and drowned flow join at a tailwater of two thirds of the head.
    pub fn discharge_m3_s(&self, from_level_m: f64, to_level_m: f64) -> f64 {
        let forward = from_level_m >= to_level_m;
        let (up, down) = if forward { (from_level_m, to_level_m) } else { (to_level_m, from_level_m) };
        let exit_invert = self.invert_m[usize::from(forward)];
        let head = up - self.sill_m();
        if up <= down || head.is_nan() || head <= 0.0 {
            return 0.0;
        }
        let (width, height) = (self.width_m, self.height_m);
        let critical = head * (2.0 / 3.0);
        let weir = width * critical * (GRAVITY * critical).sqrt();
        let inlet = if head <= height {
            weir
        } else {
            weir.min(self.orifice * width * height * (2.0 * GRAVITY * (head - 0.5 * height)).sqrt())
        };
        let free_m = critical.min(height);
        let tail = down - exit_invert;
        let depth = tail.max(free_m).min(height);
        let fall = up - down.max(exit_invert + free_m);
        // The soffit rubs where the barrel runs full. Counted as it fills, so that more head never means less water.
        let wetted = width * (1.0 + depth / height) + 2.0 * depth;
        let radius = width * depth / wetted;
        let friction = if self.length_m > 0.0 && self.roughness > 0.0 {
            2.0 * GRAVITY * self.roughness * self.roughness * self.length_m / (radius * libm::cbrt(radius))
        } else {
            0.0
        };
        let losses = self.entry_loss + self.exit_loss + friction;
        let outlet =
            if losses > 0.0 { width * depth * (2.0 * GRAVITY * fall.max(0.0) / losses).sqrt() } else { f64::INFINITY };
        let q = inlet.min(outlet);
        if forward { q } else { -q }
    }

    /// The higher invert, m.
    pub fn sill_m(&self) -> f64 {
        self.invert_m[0].max(self.invert_m[1])
    }
}

/// A cell (or part of one) at an end of a link.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End {
    pub level_m: f64,
    pub bed_m: f64,
    /// what it holds, m³
    pub volume_m3: f64,
    pub area_m2: f64,
    /// its level stays whatever flows
    pub is_held: bool,
}

impl Link {
    /// Water that goes from the beginning to the end in a step, m³: no more than stands above the sill on the giving side, and no more than
    /// levels both sides, so that the head never turns round within a step however long it is.
    pub(crate) fn passes_m3(&self, from: End, to: End, dt_s: f64) -> f64 {
        let q = self.discharge_m3_s(from.level_m, to.level_m);
        let (up, down) = if q >= 0.0 { (from, to) } else { (to, from) };
        let per_area = |end: End| if end.is_held { 0.0 } else { 1.0 / end.area_m2 };
        let levelling = (up.level_m - down.level_m) / (per_area(up) + per_area(down));
        let above = (up.level_m - self.sill_m().max(up.bed_m)) * up.area_m2;
        let most = levelling.min(above).min(up.volume_m3).max(0.0);
        // The discharge of the levels in the middle of the step: at its beginning the giving cell stands higher than it does on the mean.
        let halfway = |q: f64| {
            let moved = 0.5 * q * dt_s;
            self.discharge_m3_s(from.level_m - moved * per_area(from), to.level_m + moved * per_area(to))
        };
        let (mut low, mut high) = (0.0, q.abs());
        for _ in 0..48 {
            let middle = 0.5 * (low + high);
            let is_more = halfway(middle.copysign(q)) * q.signum() > middle;
            (low, high) = if is_more { (middle, high) } else { (low, middle) };
        }
        (high.copysign(q) * dt_s).clamp(-most, most)
    }
}

/// What a link did.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LinkFlow {
    /// mean of the last step, m³/s
    pub flow_m3_s: f64,
    /// since 0, m³
    pub volume_m3: Total,
    /// part of a unit that has still to pass, in units; of schemes that count
    pub owed: f64,
}

impl LinkFlow {
    pub fn book(&mut self, volume_m3: f64, dt_s: f64) {
        self.flow_m3_s = volume_m3 / dt_s;
        self.volume_m3.add(volume_m3);
    }

    pub fn tape(&mut self, tape: &mut Tape) {
        tape.value(&mut self.flow_m3_s);
        tape.total(&mut self.volume_m3);
        tape.value(&mut self.owed);
    }
}

/// Fastest wave that the links of the last step send into their cells, as a discharge per width, m²/s.
pub(crate) fn fastest_m2_s(flows: &[LinkFlow], cell_m: f64) -> f64 {
    flows.iter().fold(0.0, |most, flow| flow.flow_m3_s.abs().max(most)) / cell_m
}

/// Refuses links that cannot be computed.
///
/// # Errors
/// `SIM-150` an end on no active cell, or both on one; `SIM-151` width, height, length, roughness or a coefficient out of range.
pub(crate) fn check_links(problem: &FlowProblem) -> Result<(), Finding> {
    for (k, link) in problem.links.iter().enumerate() {
        let name = link.id.as_ref().map_or_else(|| format!("link[{k}]"), |id| format!("link[{k}] {id}"));
        let active = |cell: usize| problem.bed_m.get(cell).is_some_and(|z| !z.is_nan());
        for (field, cell) in [("from", link.from), ("to", link.to)] {
            if !active(cell) {
                return Err(Finding::error(
                    "SIM-150",
                    Text::new(
                        "连通构造物的端点落在计算范围之外，或墙体、建筑、无数据单元上",
                        "an end of the link lies outside the grid, or in a wall, building or nodata cell",
                    ),
                    Text::new("把端点移到洞口外的空地上", "move the end to the open ground before the opening"),
                )
                .at(name)
                .field(field));
            }
        }
        if link.from == link.to {
            return Err(Finding::error(
                "SIM-150",
                Text::new("连通构造物的两端在同一个单元内", "both ends of the link lie in one cell"),
                Text::new("把两端分到不同单元，或减小 cell_m", "put the ends into different cells, or lower cell_m"),
            )
            .at(name)
            .field("to"));
        }
        let positive = |v: f64| v.is_finite() && v > 0.0;
        let not_negative = |v: f64| v.is_finite() && v >= 0.0;
        let wrong = [
            ("width_m", link.width_m, positive(link.width_m)),
            ("height_m", link.height_m, link.height_m > 0.0),
            ("invert_m", link.sill_m(), link.invert_m.iter().all(|z| z.is_finite())),
            ("length_m", link.length_m, not_negative(link.length_m)),
            ("roughness", link.roughness, not_negative(link.roughness)),
            ("entry_loss", link.entry_loss, not_negative(link.entry_loss)),
            ("exit_loss", link.exit_loss, not_negative(link.exit_loss)),
            ("orifice", link.orifice, positive(link.orifice)),
        ];
        if let Some((field, value, _)) = wrong.into_iter().find(|(_, _, ok)| !ok) {
            return Err(Finding::error(
                "SIM-151",
                Text::new(
                    format!("连通构造物的 {field} = {value} 不在允许范围"),
                    format!("{field} = {value} of the link is out of range"),
                ),
                Text::new("宽度、净高应大于 0，其余不为负", "width and height must be above 0, the rest not negative"),
            )
            .at(name)
            .field(field));
        }
    }
    Ok(())
}

/// Links whose opening stands above the ground at both ends (`SIM-152`): they pass nothing before the water has risen to it.
pub(crate) fn link_doubts(problem: &FlowProblem) -> Vec<Finding> {
    let doubtful = |(k, link): (usize, &Link)| {
        let ground = problem.bed_m[link.from].max(problem.bed_m[link.to]);
        let above = link.invert_m[0].min(link.invert_m[1]) - ground;
        (above > 0.0).then(|| {
            Finding::warning(
                "SIM-152",
                Text::new(
                    format!("洞底比两端地面高 {above:.2} 米：水位升到洞底之前不过水"),
                    format!("the invert lies {above:.2} m above the ground at both ends: nothing passes before the water reaches it"),
                ),
                Text::new("核对 invert_m 与高程的基准面", "check the datum of invert_m against that of the elevation"),
            )
            .at(link.id.clone().unwrap_or_else(|| format!("link[{k}]")))
            .field("invert_m")
        })
    };
    problem.links.iter().enumerate().filter_map(doubtful).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn culvert() -> Link {
        Link {
            id: None,
            from: 0,
            to: 1,
            width_m: 2.0,
            height_m: 1.5,
            invert_m: [3.0; 2],
            length_m: 0.0,
            roughness: 0.013,
            entry_loss: 0.5,
            exit_loss: 1.0,
            orifice: 0.6,
        }
    }

    #[test]
    fn every_regime_is_its_closed_form() {
        let near = |a: f64, b: f64| assert!((a / b - 1.0).abs() < 1e-12, "{a} {b}");
        let link = culvert();
        // Drowned entry, free exit.
        near(link.discharge_m3_s(6.0, 3.0), 0.6 * 3.0 * (2.0 * 9.81 * (3.0 - 0.75_f64)).sqrt());
        // Drowned at both ends: the losses of entry and exit.
        near(link.discharge_m3_s(6.0, 5.5), 3.0 * (2.0 * 9.81 * 0.5_f64 / 1.5).sqrt());
        near(link.discharge_m3_s(5.5, 6.0), -3.0 * (2.0 * 9.81 * 0.5_f64 / 1.5).sqrt());
        // Full with friction: R = A ÷ P of the whole box.
        let long = Link { length_m: 40.0, roughness: 0.015, ..link.clone() };
        let radius = 3.0 / 7.0_f64;
        let losses = 1.5 + 19.62 * 0.015 * 0.015 * 40.0 / radius.powf(4.0 / 3.0);
        near(long.discharge_m3_s(6.0, 5.5), 3.0 * (2.0 * 9.81 * 0.5 / losses).sqrt());
        // Open above and without losses: the broad-crested weir, free and drowned.
        let weir = Link { height_m: f64::INFINITY, entry_loss: 0.0, ..link.clone() };
        near(weir.discharge_m3_s(4.0, 3.5), 2.0 * (2.0 / 3.0_f64).powf(1.5) * 9.81_f64.sqrt());
        near(weir.discharge_m3_s(4.0, 3.9), 2.0 * 0.9 * (2.0 * 9.81 * 0.1_f64).sqrt());
        assert_eq!(link.discharge_m3_s(3.0, 2.0), 0.0);
        assert_eq!(link.discharge_m3_s(4.0, 4.0), 0.0);
    }

    #[test]
    fn more_head_never_means_less_water() {
        let link = Link { length_m: 25.0, invert_m: [3.0, 2.8], ..culvert() };
        let mut before = 0.0;
        for k in 1..3000 {
            let q = link.discharge_m3_s(3.0 + 0.002 * f64::from(k), 2.0);
            assert!(q >= before, "{k} {q} {before}");
            before = q;
        }
        let mut before = f64::INFINITY;
        for k in 0..3000 {
            let q = link.discharge_m3_s(6.0, 3.0 + 0.001 * f64::from(k));
            assert!(q <= before * (1.0 + 1e-12), "{k} {q} {before}");
            before = q;
        }
        assert!(before < 0.35);
    }

    #[test]
    fn a_step_of_any_length_levels_at_most() {
        let end = |level_m: f64, bed_m: f64, area_m2: f64| End {
            level_m,
            bed_m,
            volume_m3: (level_m - bed_m) * area_m2,
            area_m2,
            is_held: false,
        };
        let link = culvert();
        let (a, b) = (end(5.0, 3.0, 25.0), end(3.5, 3.0, 100.0));
        let passes = link.passes_m3(a, b, 1e9);
        assert!((5.0 - passes / 25.0 - (3.5 + passes / 100.0)).abs() < 1e-12);
        assert_eq!(link.passes_m3(b, a, 1e9), -passes);
        let river = End { is_held: true, ..b };
        assert!((link.passes_m3(a, river, 1e9) - 1.5 * 25.0).abs() < 1e-12);
        // A ground below the invert keeps what cannot reach it.
        assert!((link.passes_m3(end(3.2, 1.0, 25.0), end(0.5, 0.0, 25.0), 1e9) - 0.2 * 25.0).abs() < 1e-12);
    }
}
