//! The state of a run as bytes: taken at any time, resumed later, bit for bit the same as a run that was never interrupted.
//!
//! Little-endian. `DAYUFLOW`, version, grid, digest of the ground, the run, and a checksum over all before it.

use crate::balance::{Balance, Total};
use crate::{AttributionRow, BalanceRow, FlowProblem, FlowRow, GaugeRow, RunStats, Scheme, Snapshot};
use dayu_base::{Finding, Text};

const MAGIC: &[u8; 8] = b"DAYUFLOW";
const VERSION: u64 = 3;

/// The scheme as a number: states of different schemes hold different things.
fn scheme(problem: &FlowProblem) -> u64 {
    match problem.solver.scheme {
        Scheme::Inertial => 0,
        Scheme::InertialSubgrid { side } => 1 + 256 * side as u64,
        Scheme::Dynamic => 2,
        Scheme::FillSpill { .. } => 3,
    }
}

/// State of a run at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedState {
    /// the time asked for, as text in seconds: names the file
    pub name: String,
    /// the state
    pub bytes: Vec<u8>,
}

/// FNV-1a, 64 bits (Fowler, Noll & Vo): finds damage, not malice.
fn checksum(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// Digest of what a state must share with the run that resumes it: beds.
fn ground(problem: &FlowProblem) -> u64 {
    // Not-a-number has many forms; a wall is a wall.
    let bits = problem.bed_m.iter().map(|z| if z.is_nan() { u64::MAX } else { z.to_bits() });
    bits.fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ b).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23))
}

/// Writes or reads the parts of a run in one order, so that both always agree.
pub(crate) enum Tape<'a> {
    Write(Vec<u8>),
    Read { bytes: &'a [u8], broken: bool },
}

/// What a tape carries.
pub(crate) trait Taped: Copy + Default {
    const SIZE: usize;
    fn put(self, into: &mut Vec<u8>);
    fn get(bytes: &[u8]) -> Self;
}

macro_rules! taped {
    ($($kind:ty),*) => {$(
        impl Taped for $kind {
            const SIZE: usize = size_of::<$kind>();
            fn put(self, into: &mut Vec<u8>) {
                into.extend_from_slice(&self.to_le_bytes());
            }
            fn get(bytes: &[u8]) -> Self {
                bytes.first_chunk().map_or_else(Default::default, |b| Self::from_le_bytes(*b))
            }
        }
    )*};
}
taped!(u8, u32, i32, u64, i64, f32, f64);

impl Taped for bool {
    const SIZE: usize = 1;
    fn put(self, into: &mut Vec<u8>) {
        into.push(u8::from(self));
    }
    fn get(bytes: &[u8]) -> Self {
        bytes.first() == Some(&1)
    }
}

impl Tape<'_> {
    fn take(&mut self, size: usize) -> &[u8] {
        match self {
            Self::Read { bytes, broken } => match bytes.split_at_checked(size) {
                Some((first, rest)) => {
                    *bytes = rest;
                    first
                }
                None => {
                    *broken = true;
                    &[]
                }
            },
            Self::Write(_) => &[],
        }
    }

    pub fn value<T: Taped>(&mut self, value: &mut T) {
        match self {
            Self::Write(into) => value.put(into),
            Self::Read { .. } => *value = T::get(self.take(T::SIZE)),
        }
    }

    /// As many values as there are: another number is no state of this run.
    pub fn slice<T: Taped>(&mut self, values: &mut [T]) {
        let mut count = values.len() as u64;
        self.value(&mut count);
        if count != values.len() as u64 {
            self.fail();
            return;
        }
        match self {
            Self::Write(into) => values.iter().for_each(|v| v.put(into)),
            Self::Read { .. } => {
                let bytes = self.take(T::SIZE * values.len());
                values.iter_mut().zip(bytes.chunks_exact(T::SIZE)).for_each(|(v, b)| *v = T::get(b));
            }
        }
    }

    /// A list that may grow.
    pub fn list<T: Taped>(&mut self, values: &mut Vec<T>) {
        let count = self.count(values.len(), T::SIZE);
        values.resize(count, T::default());
        self.slice(values);
    }

    /// Number of entries; when read, no more than the bytes that are left can hold.
    pub fn count(&mut self, count: usize, size: usize) -> usize {
        let mut number = count as u64;
        self.value(&mut number);
        let room = match self {
            Self::Write(_) => u64::MAX,
            Self::Read { bytes, .. } => (bytes.len() / size.max(1)) as u64,
        };
        if number > room {
            self.fail();
            return 0;
        }
        number as usize
    }

    /// What is read does not belong to this run.
    pub fn fail(&mut self) {
        if let Self::Read { bytes, broken } = self {
            (*bytes, *broken) = (&[], true);
        }
    }

    pub fn text(&mut self, text: &mut String) {
        let mut bytes = text.clone().into_bytes();
        self.list(&mut bytes);
        match String::from_utf8(bytes) {
            Ok(read) => *text = read,
            Err(_) => self.fail(),
        }
    }

    pub fn total(&mut self, total: &mut Total) {
        let [mut sum, mut rest] = total.parts();
        self.value(&mut sum);
        self.value(&mut rest);
        *total = Total::from_parts([sum, rest]);
    }

    pub fn balance(&mut self, balance: &mut Balance) {
        for total in [
            &mut balance.rain,
            &mut balance.inflow,
            &mut balance.infiltrated,
            &mut balance.drained,
            &mut balance.outflow,
        ] {
            self.total(total);
        }
        self.value(&mut balance.stored_start_m3);
        self.value(&mut balance.worst);
    }

    pub fn snapshots(&mut self, snapshots: &mut Vec<Snapshot>) {
        let count = self.count(snapshots.len(), 40);
        snapshots.resize_with(count, Default::default);
        for (time_s, depth, u, v) in snapshots {
            self.value(time_s);
            [depth, u, v].into_iter().for_each(|field| self.list(field));
        }
    }

    pub fn shares(&mut self, rows: &mut Vec<AttributionRow>) {
        let count = self.count(rows.len(), 33);
        let none = || AttributionRow { time_s: 0.0, id: String::new(), source: String::new(), share: None };
        rows.resize_with(count, none);
        for row in rows {
            self.text(&mut row.id);
            self.text(&mut row.source);
            self.value(&mut row.time_s);
            let (mut is_wet, mut share) = (row.share.is_some(), row.share.unwrap_or(0.0));
            self.value(&mut is_wet);
            self.value(&mut share);
            row.share = is_wet.then_some(share);
        }
    }

    pub fn stats(&mut self, stats: &mut RunStats) {
        self.value(&mut stats.steps);
        self.value(&mut stats.cell_updates);
        self.value(&mut stats.dt_min_s);
        self.value(&mut stats.dt_max_s);
    }

    /// Rows written so far.
    pub fn rows(&mut self, gauges: &mut Vec<GaugeRow>, flows: &mut Vec<FlowRow>, balance: &mut Vec<BalanceRow>) {
        let count = self.count(gauges.len(), 56);
        let none = || GaugeRow {
            time_s: 0.0,
            id: String::new(),
            level_m: 0.0,
            depth_m: 0.0,
            speed_m_s: 0.0,
            u_m_s: 0.0,
            v_m_s: 0.0,
        };
        gauges.resize_with(count, none);
        for g in gauges {
            self.text(&mut g.id);
            for v in [&mut g.time_s, &mut g.level_m, &mut g.depth_m, &mut g.speed_m_s, &mut g.u_m_s, &mut g.v_m_s] {
                self.value(v);
            }
        }
        let count = self.count(flows.len(), 32);
        flows.resize_with(count, || FlowRow { time_s: 0.0, id: String::new(), flow_m3_s: 0.0, volume_m3: 0.0 });
        for f in flows {
            self.text(&mut f.id);
            for v in [&mut f.time_s, &mut f.flow_m3_s, &mut f.volume_m3] {
                self.value(v);
            }
        }
        let count = self.count(balance.len(), 64);
        balance.resize_with(count, BalanceRow::default);
        for b in balance {
            for v in [
                &mut b.time_s,
                &mut b.rain_m3,
                &mut b.inflow_m3,
                &mut b.infiltrated_m3,
                &mut b.drained_m3,
                &mut b.outflow_m3,
                &mut b.stored_m3,
                &mut b.error_m3,
            ] {
                self.value(v);
            }
        }
    }
}

fn header(problem: &FlowProblem, tape: &mut Tape) {
    let g = &problem.grid;
    let mut version = VERSION;
    let (mut shape, mut place) = ([g.nx as u64, g.ny as u64], [g.x0_m, g.y0_m, g.cell_m]);
    tape.value(&mut version);
    let mut scheme = scheme(problem);
    tape.value(&mut scheme);
    shape.iter_mut().for_each(|v| tape.value(v));
    place.iter_mut().for_each(|v| tape.value(v));
    let mut digest = ground(problem);
    tape.value(&mut digest);
}

/// A tape to write a state of the problem on.
pub(crate) fn start_writing(problem: &FlowProblem) -> Tape<'static> {
    let mut tape = Tape::Write(MAGIC.to_vec());
    header(problem, &mut tape);
    tape
}

/// The bytes of a finished tape.
pub(crate) fn finish_writing(tape: Tape) -> Vec<u8> {
    let Tape::Write(mut bytes) = tape else { return Vec::new() };
    checksum(bytes.iter().copied()).put(&mut bytes);
    bytes
}

/// A tape to read a state from.
///
/// # Errors
/// `SIM-121` no state, damaged, of another version, grid or ground.
pub(crate) fn start_reading<'a>(problem: &FlowProblem, bytes: &'a [u8]) -> Result<Tape<'a>, Finding> {
    if bytes.len() < 16 || !bytes.starts_with(MAGIC) {
        return Err(unusable("不是水动力状态文件", "it is no state of a flow run"));
    }
    let (content, sum) = bytes.split_at(bytes.len() - 8);
    if u64::get(sum) != checksum(content.iter().copied()) {
        return Err(unusable("文件已损坏（校验和不符）", "the file is damaged (its checksum does not match)"));
    }
    let content = &content[MAGIC.len()..];
    if u64::get(content) != VERSION {
        return Err(unusable("由另一版本写成", "another version wrote it"));
    }
    let Tape::Write(want) = start_writing(problem) else { return Err(damaged()) };
    let want = &want[MAGIC.len()..];
    let (scheme, shape, ground) = (16, want.len() - 8, want.len());
    if content.get(..scheme) != Some(&want[..scheme]) {
        return Err(unusable(
            "由另一格式（或另一亚网格尺寸）算得",
            "another scheme (or another size of the subgrid) made it",
        ));
    }
    if content.get(..shape) != Some(&want[..shape]) {
        return Err(unusable("网格不同（范围或单元大小）", "its grid is another one (extent or cell size)"));
    }
    if content.get(..ground) != Some(want) {
        return Err(unusable(
            "地形不同（高程、掩膜或建筑）",
            "its ground is another one (elevation, mask or buildings)",
        ));
    }
    Ok(Tape::Read { bytes: &content[ground..], broken: false })
}

/// True when all was there and nothing is left.
pub(crate) fn is_complete(tape: &Tape) -> bool {
    matches!(tape, Tape::Read { bytes: [], broken: false })
}

pub(crate) fn damaged() -> Finding {
    unusable(
        "内容与本情景不符（边界、连通构造物、泵站、断面、阈值或损失的数目不同）",
        "its content does not fit this scenario (numbers of boundaries, links, pumps, sections, thresholds or losses)",
    )
}

fn unusable(zh: &str, en: &str) -> Finding {
    Finding::error(
        "SIM-121",
        Text::new(format!("热启动状态不可用：{zh}"), format!("the saved state cannot be resumed: {en}")),
        Text::new(
            "用同一地形、网格与边界的情景重新保存",
            "save it again from a scenario of the same ground, grid and boundaries",
        ),
    )
    .field("state.load")
}
