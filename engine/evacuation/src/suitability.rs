//! Which shelter suits whom: words of need on one side, words of offer on the other.
//!
//! People who need care, step-free access, a house for their whole institution, women alone, or a place for their animals may only go
//! where all they need is offered. It restricts the trips and nothing else, so the optimum stays exact and its proof the same.

use crate::Trips;
use dayu_base::{Finding, Text};

/// Different words that can be told apart.
const MOST_WORDS: usize = 63;

/// Needs of demand points and offers of shelters, by index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suitability {
    /// words in use, sorted
    words: Vec<String>,
    /// per demand point, one bit a word
    needs: Vec<u64>,
    /// per shelter
    offers: Vec<u64>,
}

/// The words of a field: separated by `;`, `；`, `、`, `,` or blanks.
pub fn words(field: &str) -> impl Iterator<Item = &str> {
    field.split([';', '；', '、', ',', ' ', '\u{3000}']).filter(|word| !word.is_empty())
}

impl Suitability {
    /// From one field of [`words`] a demand point and one a shelter.
    ///
    /// # Errors
    /// `EVA-061` more than 63 different words of need.
    pub fn of(needs: &[&str], offers: &[&str]) -> Result<Self, Finding> {
        // What is offered but never needed does not matter.
        let mut all: Vec<&str> = needs.iter().flat_map(|field| words(field)).collect();
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
            words: all.into_iter().map(str::to_owned).collect(),
        })
    }

    /// Whether the shelter offers all that the demand point needs. A point or shelter beyond those known needs and offers nothing.
    pub fn suits(&self, demand: u32, shelter: u32) -> bool {
        let bits = |all: &[u64], at: u32| all.get(at as usize).copied().unwrap_or(0);
        bits(&self.needs, demand) & !bits(&self.offers, shelter) == 0
    }

    /// Whether every shelter suits everybody.
    pub fn is_open(&self) -> bool {
        self.needs.iter().all(|needs| *needs == 0)
    }

    /// Words of need that no shelter offers.
    pub fn offered_nowhere(&self) -> Vec<&str> {
        let offered = self.offers.iter().fold(0, |all, bits| all | bits);
        (0..).zip(&self.words).filter(|(at, _)| offered & (1 << at) == 0).map(|(_, word)| word.as_str()).collect()
    }

    /// Nobody may go anywhere from this demand point: where it lies is not known.
    pub(crate) fn strand(&mut self, demand: usize) {
        if self.needs.len() <= demand {
            self.needs.resize(demand + 1, 0);
        }
        self.needs[demand] |= 1 << MOST_WORDS;
    }
}

impl Trips {
    /// The trips that lead where people find what they need.
    #[must_use]
    pub fn suited(self, suitability: &Suitability) -> Self {
        if suitability.is_open() { self } else { self.barred(suitability) }
    }
}
