//! Texts beside points without covering one another: greedy, the most important first.

/// An upright box on the paper, mm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Box2 {
    /// left
    pub x: f64,
    /// top
    pub y: f64,
    /// width
    pub w: f64,
    /// height
    pub h: f64,
}

impl Box2 {
    /// True when two boxes share more than an edge.
    pub fn meets(&self, other: &Self) -> bool {
        self.x < other.x + other.w
            && other.x < self.x + self.w
            && self.y < other.y + other.h
            && other.y < self.y + self.h
    }
    fn inside(&self, width: f64, height: f64) -> bool {
        self.x >= 1.0 && self.y >= 1.0 && self.x + self.w <= width - 1.0 && self.y + self.h <= height - 1.0
    }
    fn centred(x: f64, y: f64, w: f64, h: f64) -> Self {
        Self { x: x - w / 2.0, y: y - h / 2.0, w, h }
    }
}

/// A text that wants a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wish {
    /// the point it names, mm
    pub anchor: (f64, f64),
    /// width of the text, mm
    pub w: f64,
    /// height of the text, mm
    pub h: f64,
    /// true for the name of an area, which stands on its anchor rather than beside it
    pub on_anchor: bool,
}

/// Directions to try, best first: right, left, above, below, then the diagonals between.
const DIRECTIONS: [(f64, f64); 12] = [
    (1.0, 0.0),
    (-1.0, 0.0),
    (0.7, -0.7),
    (0.7, 0.7),
    (-0.7, -0.7),
    (-0.7, 0.7),
    (0.0, -1.0),
    (0.0, 1.0),
    (0.92, -0.38),
    (0.92, 0.38),
    (-0.92, -0.38),
    (-0.92, 0.38),
];
/// Gaps between point and text to try, mm; from the second on a leader line is drawn.
const GAPS_MM: [f64; 5] = [2.4, 6.0, 11.0, 17.0, 24.0];

/// Places wishes in their order; one that finds no free place is `None`. `taken` are boxes that nothing may cover, `points`
/// boxes of symbols that texts should not cover if there is any other way.
pub fn place(wishes: &[Wish], taken: &[Box2], points: &[Box2], width: f64, height: f64) -> Vec<Option<Box2>> {
    let mut taken = taken.to_vec();
    wishes
        .iter()
        .map(|wish| {
            let free = |b: &Box2, strict: bool| {
                b.inside(width, height)
                    && !taken.iter().any(|t| t.meets(b))
                    && !(strict && points.iter().any(|p| p.meets(b)))
            };
            let candidates = candidates(wish);
            let found = candidates
                .iter()
                .find(|b| free(b, true))
                .or_else(|| candidates.iter().find(|b| free(b, false)))
                .copied();
            taken.extend(found);
            found
        })
        .collect()
}

fn candidates(wish: &Wish) -> Vec<Box2> {
    let (ax, ay) = wish.anchor;
    let mut boxes = Vec::new();
    if wish.on_anchor {
        boxes.push(Box2::centred(ax, ay, wish.w, wish.h));
        for k in [1.0, 2.0, 3.0] {
            boxes.extend(
                DIRECTIONS
                    .iter()
                    .map(|(dx, dy)| Box2::centred(ax + dx * k * wish.h * 1.6, ay + dy * k * wish.h, wish.w, wish.h)),
            );
        }
        return boxes;
    }
    for gap in GAPS_MM {
        for (dx, dy) in DIRECTIONS {
            // The box's near side (or corner) stands `gap` from the point.
            let cx = ax + dx * gap + dx.signum() * if dx == 0.0 { 0.0 } else { wish.w / 2.0 };
            let cy = ay + dy * gap + if dy.abs() > 0.5 { dy.signum() * wish.h / 2.0 } else { 0.0 };
            boxes.push(Box2::centred(cx, cy, wish.w, wish.h));
        }
    }
    boxes
}

/// Point of a box nearest to an anchor, and whether it is far enough to need a leader line.
pub fn leader(anchor: (f64, f64), b: &Box2) -> Option<(f64, f64)> {
    let (x, y) = (anchor.0.clamp(b.x, b.x + b.w), anchor.1.clamp(b.y, b.y + b.h));
    let (dx, dy) = (x - anchor.0, y - anchor.1);
    ((dx * dx + dy * dy).sqrt() > GAPS_MM[0] + 1.0).then_some((x, y))
}

/// Width of a text in Noto Sans CJK, in em: full width for Han and full-width signs, measured means for the rest.
pub fn width_em(text: &str) -> f64 {
    text.chars()
        .map(|c| match c {
            ' ' => 0.25,
            '.' | ',' | ':' | 'i' | 'l' | '|' | '\'' => 0.32,
            '%' | 'm' | 'w' | 'M' | 'W' => 0.9,
            c if (c as u32) < 0x2000 => 0.58,
            _ => 1.0,
        })
        .sum()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn wish(x: f64, y: f64) -> Wish {
        Wish { anchor: (x, y), w: 20.0, h: 4.0, on_anchor: false }
    }

    #[test]
    fn texts_never_cover_one_another_or_the_furniture() {
        let wishes: Vec<Wish> =
            (0..30).map(|k| wish(50.0 + f64::from(k % 6) * 3.0, 50.0 + f64::from(k / 6) * 3.0)).collect();
        let furniture = [Box2 { x: 60.0, y: 40.0, w: 30.0, h: 10.0 }];
        let placed = place(&wishes, &furniture, &[], 150.0, 120.0);
        let boxes: Vec<Box2> = placed.iter().flatten().copied().chain(furniture).collect();
        for (k, a) in boxes.iter().enumerate() {
            assert!(boxes[..k].iter().all(|b| !a.meets(b)));
        }
        assert!(placed[0].is_some(), "the most important one has a place");
        assert!(boxes.len() > 12, "only {} placed", boxes.len());
    }

    #[test]
    fn symbols_are_covered_only_when_nothing_else_is_left() {
        let beside = [Box2 { x: 52.0, y: 48.0, w: 4.0, h: 4.0 }];
        let right = place(&[wish(50.0, 50.0)], &[], &[], 100.0, 100.0)[0].unwrap();
        assert!(right.x > 50.0);
        let left = place(&[wish(50.0, 50.0)], &[], &beside, 100.0, 100.0)[0].unwrap();
        assert!(!left.meets(&beside[0]));
        let wall = [Box2 { x: 0.0, y: 0.0, w: 100.0, h: 100.0 }];
        assert!(place(&[wish(50.0, 50.0)], &[], &wall, 100.0, 100.0)[0].is_some());
        assert!(place(&[wish(50.0, 50.0)], &wall, &[], 100.0, 100.0)[0].is_none());
    }

    #[test]
    fn near_texts_need_no_leader() {
        let b = place(&[wish(50.0, 50.0)], &[], &[], 100.0, 100.0)[0].unwrap();
        assert_eq!(leader((50.0, 50.0), &b), None);
        assert_eq!(leader((30.0, b.y), &b), Some((b.x, b.y)));
    }

    #[test]
    fn han_is_wide_and_digits_are_narrow() {
        assert_eq!(width_em("西湖"), 2.0);
        assert!(width_em("0.62 m") < 3.5);
    }
}
