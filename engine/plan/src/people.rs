use crate::DecideInput;
use crate::scene::Spot;
use dayu_assets::{Asset, Household, Layer};
use dayu_base::{Finding, Text};
use std::collections::BTreeMap;

/// Persons, and how many of them need help or are registered as T7.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub people: u64,
    pub vulnerable: u64,
    /// who moves when only the vulnerable move: those needing help, and whole households registered as T7
    pub first: u64,
}

impl Count {
    pub fn minus(self, other: Self) -> Self {
        let people = self.people.saturating_sub(other.people);
        Self {
            people,
            vulnerable: self.vulnerable.saturating_sub(other.vulnerable).min(people),
            first: self.first.saturating_sub(other.first).min(people),
        }
    }
    pub fn plus(self, other: Self) -> Self {
        Self {
            people: self.people.saturating_add(other.people),
            vulnerable: self.vulnerable.saturating_add(other.vulnerable),
            first: self.first.saturating_add(other.first),
        }
    }
    /// The part that moves when only the vulnerable move.
    pub fn only_first(self) -> Self {
        Self { people: self.first, vulnerable: self.vulnerable.min(self.first), first: self.first }
    }
    fn of(household: &Household) -> Self {
        let vulnerable = household.vulnerable.min(household.people);
        let first = if household.category == "T7" { household.people } else { vulnerable };
        Self { people: household.people, vulnerable, first }
    }
}

/// Who lives where, from the registers: people at objects, and which of them are residents of which block.
pub(crate) struct People<'a> {
    /// object → people in or under it; absent = unknown
    at: BTreeMap<&'a str, Count>,
    /// (object, block) → residents of the block who are registered at the object
    shared: BTreeMap<(&'a str, &'a str), Count>,
    /// what the registers do not settle
    pub findings: Vec<Finding>,
}

/// Objects whose people are residents and so stand in the population register as well. Workers in sheds and people in
/// institutions and underground spaces do not.
fn resident(layer: Layer) -> bool {
    matches!(layer, Layer::OldHouses | Layer::Slopes)
}

impl<'a> People<'a> {
    pub fn new(input: &DecideInput<'a>, spots: &[Spot<'a>]) -> Self {
        let mut households: BTreeMap<&str, &'a Household> = BTreeMap::new();
        let mut twice = 0_u64;
        for h in input.households {
            if households.insert(h.household_id.as_str(), h).is_some() {
                twice += 1;
            }
        }
        let homes = Homes::new(spots);
        let mut by_nearness = 0_u64;
        let mut registered: BTreeMap<&str, Count> = BTreeMap::new();
        let mut shared: BTreeMap<(&'a str, &'a str), Count> = BTreeMap::new();
        for h in households.values() {
            let count = Count::of(h);
            let object = h.object_id.as_deref();
            let block = h.block_id.as_deref().or_else(|| homes.block_of(object, &h.region));
            by_nearness += if h.block_id.is_none() && block.is_some() { h.people } else { 0 };
            if let Some(object) = object {
                let at = registered.entry(object).or_default();
                *at = at.plus(count);
                if let Some(block) = block {
                    let both = shared.entry((object, block)).or_default();
                    *both = both.plus(count);
                }
            }
            if let Some(block) = block {
                let at = registered.entry(block).or_default();
                *at = at.plus(count);
            }
        }
        let mut at: BTreeMap<&'a str, Count> = BTreeMap::new();
        let mut unsettled = 0_u64;
        for spot in spots {
            let id = spot.asset.id.as_str();
            let list = registered.get(id).copied();
            // The larger of register and list: nobody is lost where one of them is behind.
            let people = match (spot.people(), list.map(|c| c.people)) {
                (Some(a), Some(b)) => a.max(b),
                (Some(n), None) | (None, Some(n)) => n,
                (None, None) => continue,
            };
            let list = list.unwrap_or_default();
            let vulnerable = spot.vulnerable().unwrap_or(0).max(list.vulnerable).min(people);
            let first = list.first.max(vulnerable).min(people);
            let count = Count { people, vulnerable, first };
            at.insert(id, count);
            let rest = count.minus(list);
            if resident(spot.asset.layer) && rest.people > 0 {
                match spot.asset.region.as_deref().and_then(|r| homes.block_of(Some(id), r)) {
                    Some(block) => {
                        by_nearness += rest.people;
                        let both = shared.entry((id, block)).or_default();
                        *both = both.plus(rest);
                    }
                    None => unsettled += rest.people,
                }
            }
        }
        let mut findings = Vec::new();
        if twice > 0 {
            findings.push(Finding::warning(
                "PLN-027",
                Text::new(
                    format!("住户清单有 {twice} 个重复编号，只计一次"),
                    format!("{twice} household ids occur twice; counted once"),
                ),
                Text::new("核对住户清单编号", "check the ids of the household register"),
            ));
        }
        if by_nearness > 0 {
            findings.push(Finding::info(
                "PLN-023",
                Text::new(
                    format!("{by_nearness} 名登记在危旧房、边坡的人员没有注明人口单元，按同网格内最近的单元扣除，每人只计一次"),
                    format!("{by_nearness} people of houses and slopes name no population block; they are taken out of the nearest one of their grid, so that each is counted once"),
                ),
                Text::new("在住户清单中填写 block_id", "fill block_id in the household register"),
            ));
        }
        if unsettled > 0 {
            findings.push(Finding::info(
                "PLN-028",
                Text::new(
                    format!("{unsettled} 名危旧房、边坡人员所在网格没有人口单元，无法与常住人口核对，可能多计，不会漏计"),
                    format!("{unsettled} people of houses and slopes live in grids without a population block; they may be counted in excess, never lost"),
                ),
                Text::new("补齐人口图层的网格编码", "complete the region codes of the population layer"),
            ));
        }
        Self { at, shared, findings }
    }

    /// People of an object or block; `None` = unknown.
    pub fn at(&self, id: &str) -> Option<Count> {
        self.at.get(id).copied()
    }

    /// Residents of `block` registered at `object`, never more than `moved` of the object.
    pub fn shared(&self, object: &str, block: &str) -> Count {
        self.shared.get(&(object, block)).copied().unwrap_or_default()
    }

    /// Objects that share residents with blocks.
    pub fn sharing(&self) -> impl Iterator<Item = (&'a str, &'a str)> + '_ {
        self.shared.keys().copied()
    }
}

/// Which population block people live in, where no register says it.
struct Homes<'a> {
    blocks: BTreeMap<&'a str, Vec<&'a Asset>>,
    objects: BTreeMap<&'a str, &'a Asset>,
}

impl<'a> Homes<'a> {
    fn new(spots: &[Spot<'a>]) -> Self {
        let mut blocks: BTreeMap<&'a str, Vec<&'a Asset>> = BTreeMap::new();
        for spot in spots.iter().filter(|s| s.asset.layer == Layer::Population) {
            let asset: &'a Asset = spot.asset;
            if let Some(region) = asset.region.as_deref() {
                blocks.entry(region).or_default().push(asset);
            }
        }
        let objects =
            spots.iter().filter(|s| resident(s.asset.layer)).map(|s| (s.asset.id.as_str(), s.asset)).collect();
        Self { blocks, objects }
    }

    /// The block of the 网格 that lies nearest to the object (ties: the lower id); without an object only a sole block.
    fn block_of(&self, object: Option<&str>, region: &str) -> Option<&'a str> {
        let blocks = self.blocks.get(region)?;
        if let [only] = blocks.as_slice() {
            return Some(only.id.as_str());
        }
        let object = self.objects.get(object?)?;
        let away = |b: &Asset| (b.x_m - object.x_m).powi(2) + (b.y_m - object.y_m).powi(2);
        blocks.iter().min_by(|a, b| away(a).total_cmp(&away(b))).map(|b| b.id.as_str())
    }
}
