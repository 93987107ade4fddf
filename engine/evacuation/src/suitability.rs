//! Which shelter suits whom: words of need on one side, words of offer on the other.
//!
//! People who need care, step-free access, a house for their whole institution or a place for their animals may only go where all they
//! need is offered; beds that are kept for something take nobody else. It restricts the trips and nothing else, so the optimum stays exact and its proof the same.

use crate::Trips;
use dayu_base::{Finding, Text};

/// Different words that can be told apart.
const MOST_WORDS: usize = 62;

/// Needs of demand points and offers of shelters, by index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suitability {
    /// words in use, sorted
    words: Vec<String>,
    /// per demand point, one bit a word
    needs: Vec<u64>,
    /// per shelter
    offers: Vec<u64>,
    /// per shelter, what must be needed by whoever goes there
    kept_for: Vec<u64>,
}

/// The words of a field: separated by `;`, `；`, `、`, `,` or blanks.
pub fn words(field: &str) -> impl Iterator<Item = &str> {
    field.split([';', '；', '、', ',', ' ', '\u{3000}']).filter(|word| !word.is_empty())
}

impl Suitability {
    /// From one field of [`words`] a demand point and one a shelter.
    ///
    /// # Errors
    /// `EVA-061` more than 62 different words of need.
    pub fn of(needs: &[&str], offers: &[&str]) -> Result<Self, Finding> {
        Self::with_kept(needs, offers, &[])
    }

    /// As [`Suitability::of`], with one more field a shelter: what it is kept for. Only people who need all of that may go there; empty =
    /// everybody.
    ///
    /// # Errors
    /// As [`Suitability::of`].
    pub fn with_kept(needs: &[&str], offers: &[&str], kept_for: &[&str]) -> Result<Self, Finding> {
        // What is offered but never needed does not matter.
        let mut all: Vec<&str> = needs.iter().chain(kept_for).flat_map(|field| words(field)).collect();
        all.sort_unstable();
        all.dedup();
        if all.len() > MOST_WORDS {
            return Err(Finding::error(
                "EVA-061",
                Text::new(
                    format!("需求词有 {} 个，最多 {MOST_WORDS} 个。", all.len()),
                    format!("There are {} different words of need, at most {MOST_WORDS} can be told apart.", all.len()),
                ),
                Text::new("合并同义的需求词。", "Use one word for one need."),
            )
            .at("demand")
            .field("needs"));
        }
        let bits = |field: &&str| {
            words(field).filter_map(|word| all.binary_search(&word).ok()).fold(0_u64, |bits, at| bits | 1 << at)
        };
        Ok(Self {
            needs: needs.iter().map(bits).collect(),
            offers: offers.iter().map(bits).collect(),
            kept_for: kept_for.iter().map(bits).collect(),
            words: all.into_iter().map(str::to_owned).collect(),
        })
    }

    /// Whether the shelter offers all that the demand point needs, and is not kept for people who need something else. A point or shelter beyond those known needs and offers nothing.
    pub fn suits(&self, demand: u32, shelter: u32) -> bool {
        let bits = |all: &[u64], at: u32| all.get(at as usize).copied().unwrap_or(0);
        let needs = bits(&self.needs, demand);
        needs & !bits(&self.offers, shelter) == 0 && bits(&self.kept_for, shelter) & !needs == 0
    }

    /// Whether every shelter suits everybody.
    pub fn is_open(&self) -> bool {
        self.needs.iter().chain(&self.kept_for).all(|words| *words == 0)
    }

    /// Words of need that no shelter offers.
    pub fn offered_nowhere(&self) -> Vec<&str> {
        let all = |sides: &[u64]| sides.iter().fold(0, |all, bits| all | bits);
        let missing = all(&self.needs) & !all(&self.offers);
        (0..).zip(&self.words).filter(move |(at, _)| missing & (1 << at) != 0).map(|(_, word)| word.as_str()).collect()
    }

    /// Nobody may go to this shelter.
    pub(crate) fn close(&mut self, shelter: usize) {
        if self.kept_for.len() <= shelter {
            self.kept_for.resize(shelter + 1, 0);
        }
        self.kept_for[shelter] |= 1 << MOST_WORDS;
    }

    /// Nobody may go anywhere from this demand point: where it lies is not known.
    pub(crate) fn strand(&mut self, demand: usize) {
        if self.needs.len() <= demand {
            self.needs.resize(demand + 1, 0);
        }
        self.needs[demand] |= 1 << (MOST_WORDS + 1);
    }
}

impl Trips {
    /// The trips that lead where people find what they need.
    #[must_use]
    pub fn suited(self, suitability: &Suitability) -> Self {
        if suitability.is_open() { self } else { self.barred(suitability) }
    }
}
