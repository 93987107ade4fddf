//! Does a place lie in the district, and if not, does it under another reading of its coordinates?

use geo::{BoundingRect, Geometry, Intersects, MultiPolygon, Point, Rect};

/// The district's outline with its box, for quick refusal.
pub(crate) struct Outline {
    area: MultiPolygon<f64>,
    rect: Rect<f64>,
}

/// What the coordinates of an object look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// inside, or nothing to compare with
    Inside,
    /// inside only with longitude and latitude exchanged
    Swapped,
    /// inside only when read as GCJ-02
    Gcj02,
    /// inside under no reading
    Outside,
}

impl Outline {
    /// `None` when the outline has no area to compare with.
    pub(crate) fn new(area: MultiPolygon<f64>) -> Option<Self> {
        let rect = area.bounding_rect()?;
        [rect.min().x, rect.min().y, rect.max().x, rect.max().y]
            .iter()
            .all(|v| v.is_finite())
            .then_some(Self { area, rect })
    }

    fn holds(&self, place: (f64, f64)) -> bool {
        let point = Point::new(place.0, place.1);
        place.0.is_finite() && place.1.is_finite() && self.rect.intersects(&point) && self.area.intersects(&point)
    }

    /// Compares a geometry (any part inside counts) and the other readings.
    pub(crate) fn fit(&self, geometry: &Geometry<f64>, alternates: &crate::raw::Alternates) -> Fit {
        let inside = match geometry {
            Geometry::Point(p) => self.holds((p.x(), p.y())),
            other => other.bounding_rect().is_some_and(|r| r.intersects(&self.rect)) && other.intersects(&self.area),
        };
        if inside { Fit::Inside } else { self.other_reading(alternates) }
    }

    /// The reading under which a place that is not inside would be.
    pub(crate) fn other_reading(&self, alternates: &crate::raw::Alternates) -> Fit {
        if alternates.swapped.is_some_and(|p| self.holds(p)) {
            Fit::Swapped
        } else if alternates.gcj02.is_some_and(|p| self.holds(p)) {
            Fit::Gcj02
        } else {
            Fit::Outside
        }
    }
}
