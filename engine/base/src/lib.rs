//! The words every room of dayu shares: findings, response levels, colours, origins, marks, instants and digests.
//!
//! Pure: no file, clock, network, environment or random access.

mod colour;
mod digest;
mod finding;
mod level;
mod mark;
mod text;
mod time;

pub use colour::RiskColour;
pub use digest::sha256_hex;
pub use finding::{Finding, Severity, worst_severity};
pub use level::{HazardChain, ResponseLevel};
pub use mark::{Mark, Origin, Realm};
pub use text::Text;
pub use time::{Instant, Zone};
