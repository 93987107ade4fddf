//! Rows and snapshots of a subgrid run.

use crate::balance::{Balance, Total};
use crate::record::{flow_rows, gauge_row};
use crate::saved::Tape;
use crate::subgrid::exchange::Exchange;
use crate::subgrid::ground::{Ground, NO_PART};
use crate::subgrid::links::Links;
use crate::subgrid::water::Water;
use crate::{BalanceRow, FlowProblem, FlowRow, GaugeRow, Snapshot};
use dayu_base::{Finding, Text};
use dayu_terrain::faces_on_line;

/// The links of one section with their sign, and its running volume.
struct SectionFlow {
    id: String,
    links: Vec<(usize, f64)>,
    flow_m3_s: f64,
    volume_m3: Total,
}

/// Everything written while the water moves.
pub(crate) struct Record {
    sections: Vec<SectionFlow>,
    /// name, part, bed of the pixel
    gauges_at: Vec<(String, usize, f64)>,
    pub gauges: Vec<GaugeRow>,
    pub flows: Vec<FlowRow>,
    pub balance: Vec<BalanceRow>,
    pub snapshots: Vec<Snapshot>,
    /// greatest relative difference between a snapshot's pixels and the water of the parts
    pub mass_difference: f64,
}

impl Record {
    /// Finds the links of sections and the parts of gauges; what lies on walls or off the grid is left out and named.
    pub fn new(problem: &FlowProblem, ground: &Ground, links: &Links, findings: &mut Vec<Finding>) -> Self {
        let mut gauges_at = Vec::new();
        for gauge in &problem.gauges {
            match ground.part_of.get(gauge.cell) {
                Some(&part) if part != NO_PART => {
                    gauges_at.push((gauge.id.clone(), part as usize, problem.bed_m[gauge.cell]));
                }
                _ => findings.push(
                    Finding::warning(
                        "SIM-113",
                        Text::new(
                            "测点落在墙体、建筑或无数据单元上，未输出",
                            "the gauge stands in a wall, building or nodata cell and is left out",
                        ),
                        Text::new("移动测点", "move the gauge"),
                    )
                    .at(format!("gauge {}", gauge.id)),
                ),
            }
        }
        let mut sections = Vec::new();
        for section in &problem.sections {
            let mut own = Vec::new();
            for face in faces_on_line(&ground.cells, &section.line.clone().into()) {
                let from = links.through.partition_point(|t| (t.0, t.1) < (face.axis, face.index));
                let here = links.through[from..].iter().take_while(|t| (t.0, t.1) == (face.axis, face.index));
                own.extend(here.map(|t| (t.2, f64::from(face.sign))));
            }
            if own.is_empty() {
                findings.push(
                    Finding::warning(
                        "SIM-114",
                        Text::new(
                            "断面没有穿过任何单元边，流量恒为 0",
                            "the section crosses no cell face; its flow is 0",
                        ),
                        Text::new("延长断面或移入计算范围", "lengthen the section or move it into the extent"),
                    )
                    .at(format!("section {}", section.id)),
                );
            }
            sections.push(SectionFlow {
                id: section.id.clone(),
                links: own,
                flow_m3_s: 0.0,
                volume_m3: Total::default(),
            });
        }
        Self {
            sections,
            gauges_at,
            gauges: Vec::new(),
            flows: Vec::new(),
            balance: Vec::new(),
            snapshots: Vec::new(),
            mass_difference: 0.0,
        }
    }

    /// Adds the flow of a step to the sections.
    pub fn step(&mut self, water: &Water, dt_s: f64) {
        for section in &mut self.sections {
            section.flow_m3_s = section.links.iter().map(|&(link, sign)| water.flow_m3_s[link] * sign).sum();
            section.volume_m3.add(section.flow_m3_s * dt_s);
        }
    }

    /// What was written so far.
    pub fn tape(&mut self, tape: &mut Tape) {
        let mut sections = self.sections.len() as u64;
        tape.value(&mut sections);
        if sections != self.sections.len() as u64 {
            return tape.fail();
        }
        for section in &mut self.sections {
            tape.value(&mut section.flow_m3_s);
            tape.total(&mut section.volume_m3);
        }
        tape.value(&mut self.mass_difference);
        tape.rows(&mut self.gauges, &mut self.flows, &mut self.balance);
        tape.snapshots(&mut self.snapshots);
    }

    /// Writes the rows of a time. The flow of a row is the mean of the step that ends then.
    #[allow(clippy::too_many_arguments)] // the state of a run, taken apart by the caller
    pub fn rows(
        &mut self,
        problem: &FlowProblem,
        ground: &Ground,
        links: &Links,
        water: &Water,
        exchange: &Exchange,
        balance: &mut Balance,
        time_s: f64,
    ) {
        for (id, part, bed) in &self.gauges_at {
            let level_m = water.level_m[*part].max(*bed);
            let depth_m = level_m - bed;
            let velocity =
                if depth_m > problem.solver.dry_depth_m { water.velocity(ground, links, *part) } else { (0.0, 0.0) };
            self.gauges.push(gauge_row(time_s, id, level_m, depth_m, velocity));
        }
        let boundaries = exchange.volumes.iter().map(|v| (v.flow_m3_s, v.volume_m3.value()));
        let sections = self.sections.iter().map(|s| (&s.id, s.flow_m3_s, s.volume_m3.value()));
        flow_rows(problem, time_s, boundaries, &exchange.links, sections, &mut self.flows);
        self.balance.push(balance.row(time_s, water.stored_m3()));
    }

    /// Keeps depth and velocity of every pixel; NaN in walls. Within a part the surface is level, so the pixels hold exactly its water.
    pub fn snapshot(&mut self, ground: &Ground, links: &Links, water: &Water, dry_m: f64, time_s: f64) {
        let n = ground.pixels.len();
        let (mut depth, mut u, mut v) = (vec![f64::NAN; n], vec![f64::NAN; n], vec![f64::NAN; n]);
        let mut held_in_pixels = Total::default();
        for part in 0..ground.parts() {
            let (east, north) = water.velocity(ground, links, part);
            let over = water.level_m[part] - ground.floor_m[part];
            let mut sum = 0.0;
            for entry in ground.start[part] as usize..ground.start[part + 1] as usize {
                let pixel = ground.pixel_of[entry] as usize;
                let h = (over - f64::from(ground.rise_m[entry])).max(0.0);
                sum += h;
                depth[pixel] = h;
                (u[pixel], v[pixel]) = if h > dry_m { (east, north) } else { (0.0, 0.0) };
            }
            held_in_pixels.add(sum * ground.pixel_area_m2());
        }
        let stored = water.stored_m3();
        if stored > 0.0 {
            self.mass_difference = self.mass_difference.max((held_in_pixels.value() / stored - 1.0).abs());
        }
        self.snapshots.push((time_s, depth, u, v));
    }
}
