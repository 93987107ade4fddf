use dayu_base::Mark;

/// Rain of one window that starts landslides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RainCurve {
    /// length of the window, h
    pub window_h: f64,
    /// rain in it, mm
    pub rain_mm: f64,
}

/// Rain thresholds of slopes without instruments, as data. Each part carries its mark; the ratios and the raising of a class are
/// defaults of this program, no rule of any authority.
#[derive(Clone, Debug, PartialEq)]
pub struct SlopeThresholds {
    /// rain per window
    pub curve: Vec<RainCurve>,
    /// where the curve comes from
    pub curve_mark: Mark,
    /// its source in words
    pub curve_source: String,
    /// share of the curve from which a slope is watched (blue)
    pub watch_ratio: f64,
    /// share from which is warned (yellow)
    pub warn_ratio: f64,
    /// share from which is acted (orange; red for a slope of class 1 or one that failed before)
    pub act_ratio: f64,
    /// share from which every slope is red
    pub severe_ratio: f64,
    /// where the ratios come from
    pub ratio_mark: Mark,
}

impl Default for SlopeThresholds {
    /// Hong Kong natural terrain: 75, 90, 100, 120, 150, 180, 200 mm in 1, 2, 4, 6, 8, 12, 24 h (inventory of 19 763 landslides),
    /// read (V); watch 0.5, warn 0.6, act 1.0, severe 1.25 are defaults of this program (D).
    fn default() -> Self {
        let points = [(1.0, 75.0), (2.0, 90.0), (4.0, 100.0), (6.0, 120.0), (8.0, 150.0), (12.0, 180.0), (24.0, 200.0)];
        Self {
            curve: points.iter().map(|&(window_h, rain_mm)| RainCurve { window_h, rain_mm }).collect(),
            curve_mark: Mark::Read,
            curve_source: "香港天然山坡滑坡触发雨量（最大滚动雨量，19763 处滑坡编录）".into(),
            watch_ratio: 0.5,
            warn_ratio: 0.6,
            act_ratio: 1.0,
            severe_ratio: 1.25,
            ratio_mark: Mark::Default,
        }
    }
}
