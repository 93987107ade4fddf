//! The metrics: each gives an error to hold against its tolerance.

mod agreement;
mod balance;
mod field;
mod marks;
mod profile;
mod series;

pub(crate) use agreement::{Compared, compared};
pub(crate) use field::same_place;
pub(crate) use marks::mark_points;
pub(crate) use profile::{answer_profile, model_profile};
pub(crate) use series::{answer_series, model_series};

use crate::metric::Metric;
use crate::run::Run;
use crate::source::Wrong;

/// The value of a metric; not smaller than 0.
///
/// # Errors
/// When an output is absent or nothing can be compared.
pub(crate) fn measure(run: &Run<'_>, metric: &Metric) -> Result<f64, Wrong> {
    match metric {
        Metric::Profile(a) => profile::profile(run, a),
        Metric::Front(a) => profile::front(run, a),
        Metric::Jump(a) => profile::jump(run, a),
        Metric::Series(a) => series::series(run, a),
        Metric::Period(a) => series::period(run, a),
        Metric::Volume(a) => balance::volume(run, a),
        Metric::Below(a) => balance::below(run, a),
        Metric::Field(a) => field::field(run, a),
        Metric::Max(a) => field::largest(run, a),
        Metric::Wet(a) => field::wet(run, a),
        Metric::Symmetry(a) => field::symmetry(run, a),
        Metric::Marks(a) => marks::marks(run, a),
        Metric::Agreement(a) => agreement::agreement(run, a),
    }
}
