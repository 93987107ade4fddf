//! How people move: on foot, by bus or car, by boat; how fast, through how much water.
//!
//! All values are defaults of this program (mark D) after recalled figures (mark R): none is official.

/// Speed share up to a depth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DepthFactor {
    /// upper bound of depth, m
    pub below_m: f64,
    /// share of the dry speed, 0 … 1
    pub factor: f64,
}

/// Who walks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// grown and healthy, 1.2 m/s (D)
    Healthy,
    /// old people or children, 0.8 m/s (D)
    Slow,
    /// in a wheelchair or led, 0.5 m/s (D); needs an escort
    Assisted,
    /// carrying goods, 0.9 m/s (D)
    Laden,
}

/// What slows everybody down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weather {
    /// × 0.7 (D)
    pub night: bool,
    /// × 0.8 (D)
    pub heavy_rain: bool,
}

/// Time between the order and the first step, s (D): 10 min until it is heard, then 15–30 min in a household (the longer one
/// is used), 60 min in an institution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preparation {
    /// 40 min
    Household,
    /// 70 min
    Institution,
}

impl Preparation {
    /// Seconds from the order to the first step.
    pub fn seconds(self) -> f64 {
        match self {
            Self::Household => 2400.0,
            Self::Institution => 4200.0,
        }
    }
}

/// One way of moving.
#[derive(Clone, Debug, PartialEq)]
pub struct Mode {
    /// speed on a dry link (boat: on water), m/s
    pub speed_m_s: f64,
    /// speed shares by depth, ascending; beyond the last the link is closed
    pub depth_factors: Vec<DepthFactor>,
    /// this ARR class and worse closes a link; 7 = never
    pub closed_from_hazard: u8,
    /// must keep to the direction of one-way streets
    pub one_way: bool,
    /// needs at least this depth, m: a boat
    pub needs_depth_m: Option<f64>,
    /// bridges close from this wind, Beaufort; `None` = wind does not stop it
    pub bridge_wind: Option<u8>,
}

impl Mode {
    /// On foot: 1.0 below 0.1 m, 0.6 below 0.3 m, 0.3 up to 0.5 m, then closed; also closed from H3 (thresholds §6, D). The slow and the
    /// assisted stop at 0.3 m, where planned moves stop anyway.
    pub fn walk(pace: Pace, weather: Weather) -> Self {
        let dry = match pace {
            Pace::Healthy => 1.2,
            Pace::Slow => 0.8,
            Pace::Assisted => 0.5,
            Pace::Laden => 0.9,
        };
        let night = if weather.night { 0.7 } else { 1.0 };
        let rain = if weather.heavy_rain { 0.8 } else { 1.0 };
        let mut depth_factors =
            vec![DepthFactor { below_m: 0.1, factor: 1.0 }, DepthFactor { below_m: 0.3, factor: 0.6 }];
        if matches!(pace, Pace::Healthy | Pace::Laden) {
            depth_factors.push(DepthFactor { below_m: 0.5, factor: 0.3 });
        }
        Self {
            speed_m_s: dry * night * rain,
            depth_factors,
            closed_from_hazard: 3,
            one_way: false,
            needs_depth_m: None,
            bridge_wind: Some(10),
        }
    }

    /// By bus or car, 20 km/h, stopped at H2, that is from 0.3 m of still water (thresholds §6, D); keeps to one-way streets.
    pub fn bus() -> Self {
        Self {
            speed_m_s: 20.0 / 3.6,
            depth_factors: vec![DepthFactor { below_m: 0.3, factor: 1.0 }],
            closed_from_hazard: 2,
            one_way: true,
            needs_depth_m: None,
            bridge_wind: Some(8),
        }
    }

    /// By boat, 5 km/h (D), where at least 0.5 m of water stands (W4: boats), not in H5 and worse.
    pub fn boat() -> Self {
        Self {
            speed_m_s: 5.0 / 3.6,
            depth_factors: Vec::new(),
            closed_from_hazard: 5,
            one_way: false,
            needs_depth_m: Some(0.5),
            bridge_wind: None,
        }
    }

    /// By boat on its trailer: at a bus's pace where there is little water, at a boat's (5 km/h, D) from the depth that stops a bus, not in H5
    /// and worse; against one-way streets where need be.
    pub fn boat_on_trailer() -> Self {
        let (bus, boat) = (Self::bus(), Self::boat());
        let stops_m = bus.limit_m().unwrap_or(0.0);
        let afloat = DepthFactor { below_m: f64::INFINITY, factor: boat.speed_m_s / bus.speed_m_s };
        Self {
            depth_factors: vec![DepthFactor { below_m: stops_m, factor: 1.0 }, afloat],
            closed_from_hazard: boat.closed_from_hazard,
            one_way: false,
            ..bus
        }
    }

    /// Depth from which a link is closed, m; `None` = depth does not close it.
    pub fn limit_m(&self) -> Option<f64> {
        self.depth_factors.last().map(|f| f.below_m).filter(|m| m.is_finite())
    }
}
