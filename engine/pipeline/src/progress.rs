use serde::Serialize;

/// The arrows of the flow, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// 读入
    Load,
    /// 建模
    Build,
    /// 推演
    Simulate,
    /// 评估
    Assess,
    /// 研判
    Decide,
    /// 成图成单成表
    Compose,
    /// 完成
    Done,
}

impl Stage {
    /// Machine name.
    pub fn id(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Build => "build",
            Self::Simulate => "simulate",
            Self::Assess => "assess",
            Self::Decide => "decide",
            Self::Compose => "compose",
            Self::Done => "done",
        }
    }
    /// Chinese name.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Load => "读入数据",
            Self::Build => "建立模型",
            Self::Simulate => "推演积水",
            Self::Assess => "评估影响",
            Self::Decide => "研判与安置",
            Self::Compose => "编制图单表",
            Self::Done => "完成",
        }
    }
    /// Rough share of a run spent before this stage and at its end, for one progress figure.
    fn span(self) -> (f64, f64) {
        match self {
            Self::Load => (0.0, 0.04),
            Self::Build => (0.04, 0.06),
            Self::Simulate => (0.06, 0.70),
            Self::Assess => (0.70, 0.72),
            Self::Decide => (0.72, 0.78),
            Self::Compose => (0.78, 1.0),
            Self::Done => (1.0, 1.0),
        }
    }
    /// Share of the whole run when `fraction` of this stage is done.
    pub fn overall(self, fraction: f64) -> f64 {
        let (from, to) = self.span();
        from + (to - from) * fraction.clamp(0.0, 1.0)
    }
}

/// Told of progress; answers `false` to cancel.
pub type Progress<'a> = &'a (dyn Fn(Stage, f64) -> bool + Sync);
