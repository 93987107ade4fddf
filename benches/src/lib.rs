//! What the measurements share: repeated timing, processor time, the memory reference, the machine they ran on, and numbers that
//! are the same in every run. The measurements themselves stand in `benches/`; README.md tells what they are and what they gave.

mod draws;
mod machine;
mod memory;
mod spread;

pub use draws::Draws;
pub use machine::{cpu_s, cpu_s_of_children, machine_line};
pub use memory::triad_bytes_per_s;
pub use spread::Spread;
