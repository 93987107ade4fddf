//! Members of an ensemble: what each one changes in rain and track. The same scenario gives the same members on every machine: numbers
//! come from a counter, not from a running generator.

mod draw;
mod forcing;
mod summary;

pub use draw::{Member, Method, draw_members};
pub use forcing::{mean_track_error_km, member_margin_s, member_rain, member_track, within_run};
pub use summary::{DrawnMembers, Probability, drawn_members, probability};
