//! The registers of people at risk and of help: slopes, old houses, sheds, institutions, shelters, teams, stores; cranes and vessels.

use super::geometry::Point;
use super::random::Random;
use super::registers::{Layer, Registers, town};
use super::sheet::t;
use super::sites::District;

/// People who carry a safety code (浙江安全码), as the district reports for 2021: 1085, all of those registered.
pub const CODED: u64 = 1085;
/// Of them registered under T7 in their blocks, not under an object.
pub const CODED_IN_BLOCKS: u64 = 125;

fn slopes(d: &District<'_>, into: &mut Registers, target: u64) {
    let mut random = Random::named("slopes");
    // A stream of its own: what the ground is like must not move the slopes.
    let mut ground = Random::named("slope ground");
    let mut l = Layer::new(
        "slopes",
        "slopes.csv",
        "site,class,people_below,households_below,monitored,past_failure,slope_deg,height_m,soil",
    );
    let mut left = target;
    let total = 160;
    let with_people = 96;
    for i in 0..total {
        let near = i < with_people;
        let fits =
            |d: &District<'_>, p: Point| (3.0..30.0).contains(&d.hill(p)) && d.bank(p) > 60.0 && d.dip(p) > 200.0;
        let found = if near {
            d.near_people(&mut random, 120.0, &l.taken.clone(), 700.0, fits)
        } else {
            d.anywhere(&mut random, 200.0, &l.taken.clone(), |d, p| {
                (6.0..60.0).contains(&d.hill(p)) && d.bank(p) > 60.0
            })
        };
        let Some(at) = found else { break };
        let geohazard = i % 5 == 0;
        let (mut people, mut households) = (0, 0);
        if near {
            let rest = (with_people - 1 - i) as u64;
            people = if rest == 0 { left } else { random.whole(2, 10).min(left.saturating_sub(rest * 2)).max(2) };
            // Keep the running sum on course for the target.
            let fair = left / (rest + 1);
            if rest > 0 {
                people = people.clamp(fair.saturating_sub(3).max(1), fair + 4);
            }
            left -= people.min(left);
            households = people.div_ceil(3);
        }
        let class = [3, 3, 2, 2, 1][random.whole(0, 4) as usize];
        let site = if geohazard { "地灾点" } else { "边坡" };
        let (slope_deg, height_m) = (ground.whole(26, 44), ground.whole(6, 24));
        let soil = ["residual", "colluvium", "weathered_rock", "silty_clay", "fill"][ground.whole(0, 4) as usize];
        // Surveys are not complete: two in five have neither angle nor soil.
        let surveyed = ground.chance(0.6);
        let known = |words: String| if surveyed { words } else { String::new() };
        let own = vec![
            t(site),
            t(class),
            t(people),
            t(households),
            t(random.chance(0.2)),
            t(random.chance(0.12)),
            t(known(slope_deg.to_string())),
            t(known(height_m.to_string())),
            t(known(soil.to_string())),
        ];
        let id = format!("XH-BP-{:03}", i + 1);
        let name = format!("{}示意{site}{:03}", town(d, at).trim_end_matches("街道"), i + 1);
        let vulnerable = people / 4;
        l.add(d, id, &name, at, own, (people, vulnerable, households), false);
    }
    l.done(into);
}

/// Returns the people registered.
fn old_houses(d: &District<'_>, into: &mut Registers) -> u64 {
    let mut random = Random::named("old houses");
    let mut l = Layer::new("old_houses", "old_houses.csv", "grade,people,vulnerable");
    let mut sum = 0;
    for i in 0..120 {
        let Some(at) = d.near_people(&mut random, 90.0, &l.taken.clone(), 350.0, |d, p| {
            d.hill(p) < 6.0
                && d.bank(p) > 45.0
                && matches!(d.class(p), super::cover::BUILT | super::cover::FIELD)
                && !matches!(town(d, p), "翠苑街道" | "文新街道" | "西溪街道")
        }) else {
            break;
        };
        let people = random.whole(1, 6);
        let vulnerable = random.whole(0, people.min(2));
        sum += people;
        let own = vec![t(if i % 4 == 3 { "D" } else { "C" }), t(people), t(vulnerable)];
        let name = format!("{}示意危旧房{:03}", town(d, at).trim_end_matches("街道"), i + 1);
        l.add(d, format!("XH-WF-{:03}", i + 1), &name, at, own, (people, vulnerable, people.div_ceil(4)), false);
    }
    l.done(into);
    sum
}

fn sheds(d: &District<'_>, into: &mut Registers) {
    let mut random = Random::named("sheds");
    let mut l = Layer::new("work_sheds", "work_sheds.csv", "people,in_water");
    for i in 0..60 {
        let wet = i % 8 == 7;
        let Some(at) = d.near_people(&mut random, 200.0, &l.taken.clone(), 700.0, |d, p| {
            d.hill(p) < 4.0 && if wet { (15.0..60.0).contains(&d.bank(p)) } else { d.bank(p) > 80.0 }
        }) else {
            break;
        };
        let name = format!("示意工地{:02}{}", i + 1, if wet { "（涉水在建）" } else { "" });
        l.add(d, format!("XH-GP-{:02}", i + 1), &name, at, vec![t(random.whole(12, 160)), t(wet)], (0, 0, 0), false);
    }
    l.done(into);
}

fn institutions(d: &District<'_>, into: &mut Registers) {
    let mut random = Random::named("institutions");
    let mut l = Layer::new("institutions", "institutions.csv", "site,people,vulnerable");
    for i in 0..180usize {
        let (site, zh, low, high, share) = match i % 12 {
            0..=4 => ("school", "学校", 300, 1800, 0.02),
            5 | 6 => ("kindergarten", "幼儿园", 80, 320, 1.0),
            7 | 8 => ("care_home", "养老机构", 40, 260, 0.95),
            9 => ("hospital", "医院", 80, 900, 0.7),
            _ => ("scenic", "景区场所", 50, 2500, 0.05),
        };
        let Some(at) = d.near_people(&mut random, 180.0, &l.taken.clone(), 160.0, |d, p| {
            d.hill(p) < if site == "scenic" { 60.0 } else { 6.0 } && d.bank(p) > 40.0
        }) else {
            break;
        };
        let people = random.whole(low, high);
        let vulnerable = (people as f64 * share) as u64;
        l.add(
            d,
            format!("XH-DW-{:03}", i + 1),
            &format!("示意{zh}{:03}", i + 1),
            at,
            vec![t(site), t(people), t(vulnerable)],
            (0, 0, 0),
            false,
        );
    }
    l.done(into);
}

fn shelters(d: &District<'_>, into: &mut Registers) {
    let mut random = Random::named("shelters");
    let mut l = Layer::new(
        "shelters",
        "shelters.csv",
        "grade,standardised,capacity_people,usable_area_m2,state,video_id,offers,care_places",
    );
    for i in 0..200usize {
        // 县级 ≥ 200, 乡级 ≥ 100, 村级 ≥ 50 people a place (Zhejiang standard as quoted in the fact table).
        let (grade, low, high) = match i {
            0..=2 => ("县级", 60, 160),
            3..=30 => ("乡级", 15, 45),
            _ => ("村级", 5, 16),
        };
        let in_low_place = i % 28 == 27;
        let Some(at) =
            d.near_people(&mut random, if i < 31 { 1100.0 } else { 420.0 }, &l.taken.clone(), 220.0, |d, p| {
                if in_low_place {
                    return d.dip(p) < 60.0;
                }
                d.hill(p) < 8.0
                    && d.bank(p) > 70.0
                    && d.dip(p) > 290.0
                    && d.upstream(p) < 60
                    && d.above_neighbours(p) > 0.03
            })
        else {
            break;
        };
        let capacity = random.whole(low, high) * 10;
        let area = capacity as f64 * random.between(2.0, 3.2);
        // 30 standardised places: the 县级, the 乡级 but one, none of those in low places.
        let standardised = i < 30 && !in_low_place || i == 30;
        // What they offer is constructed: a tenth (县级) or a twentieth (乡级) of the beds are care places; two village places of three
        // can be entered without a step.
        let (offers, care) = match (grade, i % 3) {
            ("县级", _) => ("care;access;women;men;pets", t(capacity / 10)),
            ("乡级", _) => ("care;access;women;men", t(capacity / 20)),
            (_, 0) => ("women;men", String::new()),
            _ => ("access;women;men", String::new()),
        };
        let own = vec![
            t(grade),
            t(standardised),
            t(capacity),
            format!("{:.0}", area),
            t("standby"),
            format!("SP-{:04}", i + 1),
            t(offers),
            care,
        ];
        let name = format!("{}示意避灾安置场所{:03}", town(d, at).trim_end_matches("街道"), i + 1);
        l.add(d, format!("XH-BN-{:03}", i + 1), &name, at, own, (0, 0, 0), false);
    }
    l.done(into);
}

fn help(d: &District<'_>, into: &mut Registers) {
    let mut random = Random::named("help");
    let dry = |d: &District<'_>, p: Point| d.hill(p) < 4.0 && d.bank(p) > 100.0 && d.dip(p) > 280.0;
    let mut l = Layer::new("forces", "forces.csv", "site,amount,carrier,units,seats");
    for i in 0..36 {
        let Some(at) = d.near_people(&mut random, 500.0, &l.taken.clone(), 150.0, dry) else { break };
        let (kind, n) = [
            ("排水抢险队", 24),
            ("镇街应急队", 30),
            ("消防救援站", 40),
            ("水上救援队", 18),
            ("医疗救护组", 12),
            ("地灾应急调查组", 8),
        ][i % 6];
        let mut own = vec![t(kind), format!("{} 人", n + random.whole(0, 10))];
        // Town teams lead people who cannot walk alone: pairs of helpers, two persons at a time.
        // Boats with a crew take eight.
        let carries = match kind {
            "镇街应急队" => ["escort", "6", "2"],
            "水上救援队" => ["boat", "2", "8"],
            _ => ["", "", ""],
        };
        own.extend(carries.map(str::to_string));
        l.add(d, format!("XH-DW-F{:02}", i + 1), &format!("示意{kind}{:02}", i + 1), at, own, (0, 0, 0), false);
    }
    let mut depots = Random::named("buses");
    for i in 0..8 {
        let Some(at) = d.near_people(&mut depots, 800.0, &l.taken.clone(), 300.0, dry) else { break };
        let own = vec![t("应急转运车队"), t("4 辆"), t("bus"), t(4), t(40)];
        l.add(d, format!("XH-DW-F{:02}", i + 37), &format!("示意应急转运车队{:02}", i + 1), at, own, (0, 0, 0), false);
    }
    l.done(into);
    let mut l = Layer::new("stores", "stores.csv", "site,amount");
    for i in 0..24 {
        let Some(at) = d.near_people(&mut random, 700.0, &l.taken.clone(), 150.0, dry) else { break };
        let (kind, unit, n) = [
            ("沙袋", "只", 2000),
            ("挡水板", "块", 80),
            ("救生衣", "件", 200),
            ("冲锋舟", "艘", 4),
            ("应急照明", "套", 20),
            ("生活包", "份", 500),
        ][i % 6];
        let own = vec![t(kind), format!("{} {unit}", n + random.whole(0, n / 4))];
        l.add(d, format!("XH-WZ-{:02}", i + 1), &format!("示意{kind}储备点{:02}", i + 1), at, own, (0, 0, 0), false);
    }
    l.done(into);
}

/// What only the wind endangers: tower cranes of building sites, vessels at their berths.
fn in_the_wind(d: &District<'_>, into: &mut Registers) {
    let mut random = Random::named("cranes");
    let mut l = Layer::new("cranes", "cranes.csv", "site,amount");
    for i in 0..36 {
        let fits = |d: &District<'_>, p: Point| d.hill(p) < 4.0 && d.bank(p) > 60.0;
        let Some(at) = d.near_people(&mut random, 300.0, &l.taken.clone(), 700.0, fits) else { break };
        let kind = ["塔式起重机", "塔式起重机", "塔式起重机", "施工升降机", "门式起重机", "架桥机"][i % 6];
        let own = vec![t(kind), format!("高 {} m", random.whole(6, 24) * 5)];
        l.add(d, format!("XH-TD-{:02}", i + 1), &format!("示意{kind}{:02}", i + 1), at, own, (0, 0, 0), false);
    }
    l.done(into);
    let mut random = Random::named("vessels");
    let mut l = Layer::new("vessels", "vessels.csv", "site,amount");
    for i in 0..24 {
        // Pleasure boats lie at the lake, the others at the river.
        let on_lake = i % 3 == 0;
        let water = &d.geography.waters[usize::from(on_lake)];
        let fits = |_: &District<'_>, p: Point| (3.0..60.0).contains(&water.distance(p));
        let Some(at) = d.anywhere(&mut random, 150.0, &l.taken.clone(), fits) else { break };
        let kind = if on_lake { "游船" } else { ["货船", "工程船", "渔船", "趸船"][i % 4] };
        let own = vec![t(kind), format!("{} 艘", random.whole(1, 8))];
        l.add(d, format!("XH-CB-{:02}", i + 1), &format!("示意{kind}泊位{:02}", i + 1), at, own, (0, 0, 0), false);
    }
    l.done(into);
}

/// Builds the second half of the registers.
pub fn build(d: &District<'_>, into: &mut Registers) {
    let in_houses = old_houses(d, into);
    slopes(d, into, CODED - CODED_IN_BLOCKS - in_houses);
    sheds(d, into);
    institutions(d, into);
    shelters(d, into);
    help(d, into);
    in_the_wind(d, into);
}
