//! 最晚安全撤离时刻: until when one can still set out and reach a safe shelter before the roads there close.
//!
//! One search back in time from all shelters of a set (latest departure, the mirror of Dijkstra's earliest arrival): the latest time
//! to enter a link is the earlier of its closing and the latest time at its far end, less the time on it. A link that has closed
//! once counts as closed for good: nobody waits in the water for it to fall.

mod earliest;
mod link;
mod members;
mod mode;
mod search;
mod water;

pub use earliest::{Arrivals, Outward};
pub use link::{Cause, Closing, TimedLink};
pub use members::{MemberTimes, over_members};
pub use mode::{DepthFactor, Mode, Pace, Preparation, Weather};
pub use search::{Latest, LatestDepartures, Place, forward_arrival};
pub use water::{LinkWater, closing_for, wind_closing};
