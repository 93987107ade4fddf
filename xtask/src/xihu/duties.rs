//! Who answers for what, down to the household; every person is obviously fictitious.

use super::exposed::{CODED, CODED_IN_BLOCKS};
use super::people::Block;
use super::places::TOWNS;
use super::random::Random;
use super::regions::{Region, share};
use super::sheet::{Sheet, t};
use super::sites::Object;

/// Fictitious people: 演示人员0001, telephone 000-0000-0001.
struct People {
    sheet: Sheet,
}

impl People {
    fn add(&mut self, unit: &str) -> String {
        let n = self.sheet.rows.len() + 1;
        let id = format!("XH-R{n:05}");
        self.sheet.push(vec![id.clone(), format!("演示人员{n:04}"), format!("000-0000-{n:04}"), unit.into()]);
        id
    }
}

/// Department that answers for a layer.
fn department(layer: &str) -> usize {
    match layer {
        "waterlogging_points" | "underpasses" | "mobile_pumps" | "outfalls" => 0,
        "pumps" | "gates" | "gauges" => 1,
        "slopes" => 2,
        "old_houses" | "work_sheds" | "cranes" | "underground_spaces" => 3,
        "metro_entrances" => 4,
        "institutions" => 5,
        _ => 6,
    }
}

const DEPARTMENTS: [&str; 7] = [
    "区城管局（构造）",
    "区水利部门（构造）",
    "规划资源分局（构造）",
    "区住建局（构造）",
    "轨道运营单位（构造）",
    "区教育与民政部门（构造）",
    "区应急管理局（构造）",
];

/// `responsibility.csv`, `protected/contacts.csv`, `protected/households.csv`.
pub fn build(regions: &[Region], blocks: &[Block], objects: &[Object]) -> Vec<Sheet> {
    let mut people = People { sheet: Sheet::new("protected/contacts.csv", "person_id,name,phone,unit") };
    let mut duty = Sheet::new("responsibility.csv", "scope,role,level,person_id,post,substitute_id");
    let mut random = Random::named("duties");

    let chief = people.add("区防汛防台抗旱指挥部（构造）");
    let deputy = people.add("区防汛防台抗旱指挥部（构造）");
    let leaders: Vec<String> = TOWNS.iter().map(|_| people.add("区领导（构造）")).collect();
    let departments: Vec<(String, String)> = DEPARTMENTS.iter().map(|d| (people.add(d), people.add(d))).collect();
    let towns: Vec<[String; 4]> = TOWNS
        .iter()
        .map(|town| {
            let unit = format!("{}（构造）", town.1);
            [people.add(&unit), people.add(&unit), people.add(&unit), people.add(&unit)]
        })
        .collect();
    let mut row = |scope: &str, role: &str, level: &str, person: &str, post: String, substitute: &str| {
        duty.push(vec![t(scope), t(role), t(level), t(person), post, t(substitute)]);
    };

    // Regions: the leader of every step of the tree.
    let mut zone_of: Vec<(String, String)> = Vec::new();
    let mut village_of: Vec<(String, [String; 3])> = Vec::new();
    let mut grid_of: Vec<(String, String, String)> = Vec::new();
    for r in regions {
        let town = TOWNS[r.town].1;
        match r.level {
            "district" => row(&r.code, "行政责任人", "区", &chief, "区防指指挥长".into(), &deputy),
            "town" => {
                row(&r.code, "行政责任人", "区", &leaders[r.town], format!("联系{town}的区领导"), &deputy);
                row(&r.code, "行政责任人", "镇街", &towns[r.town][0], format!("{town}主要领导"), &towns[r.town][1]);
                row(&r.code, "转移责任人", "镇街", &towns[r.town][2], format!("{town}防汛分管领导"), &towns[r.town][3]);
            }
            "zone" => {
                let p = people.add(&format!("{}（构造）", r.name));
                row(&r.code, "行政责任人", "战区", &p, format!("{}负责人", r.name), &towns[r.town][3]);
                zone_of.push((r.code.clone(), p));
            }
            "village" => {
                let unit = format!("{}（构造）", r.name);
                let v = [people.add(&unit), people.add(&unit), people.add(&unit)];
                row(&r.code, "行政责任人", "村社", &v[0], format!("{}书记", r.name), &v[1]);
                row(&r.code, "转移责任人", "村社", &v[1], format!("{}转移责任人", r.name), &v[2]);
                row(&r.code, "预警责任人", "村社", &v[2], format!("{}预警责任人", r.name), &v[1]);
                village_of.push((r.code.clone(), v));
            }
            _ => {
                let p = people.add(&format!("{}（构造）", r.name));
                let v = village_of.last().map(|v| v.1[1].clone()).unwrap_or_default();
                row(&r.code, "网格员", "网格", &p, format!("{}网格员", r.name), &v);
                grid_of.push((r.code.clone(), p, r.parent.clone()));
            }
        }
    }

    // Objects: 区领导 → 镇街领导 → 村社干部 → 网格员, plus the department.
    for o in objects {
        let Some((_, grid, village)) = grid_of.iter().find(|g| g.0 == o.region) else { continue };
        let Some((_, v)) = village_of.iter().find(|x| x.0 == *village) else { continue };
        let Some(r) = regions.iter().find(|r| r.code == o.region) else { continue };
        let (town, name) = (r.town, TOWNS[r.town].1);
        let d = department(o.layer);
        row(&o.id, "行政责任人", "区", &leaders[town], format!("联系{name}的区领导"), &deputy);
        row(
            &o.id,
            "部门责任人",
            "区",
            &departments[d].0,
            format!("{}防汛责任人", DEPARTMENTS[d].trim_end_matches("（构造）")),
            &departments[d].1,
        );
        row(&o.id, "行政责任人", "镇街", &towns[town][2], format!("{name}防汛分管领导"), &towns[town][3]);
        row(&o.id, "转移责任人", "村社", &v[1], "村社转移责任人".into(), &v[2]);
        row(&o.id, "巡查责任人", "网格", grid, "网格员".into(), &v[2]);
        if matches!(o.layer, "slopes" | "old_houses" | "waterlogging_points" | "underpasses") {
            row(&o.id, "预警责任人", "村社", &v[2], "村社预警责任人".into(), &v[1]);
            row(&o.id, "抢险责任人", "镇街", &towns[town][3], format!("{name}抢险队长"), &towns[town][2]);
        }
    }

    // Households: the registered people of houses and slopes, then people with special needs in their blocks.
    let mut sheet = Sheet::new(
        "protected/households.csv",
        "household_id,region,block_id,object_id,category,people,vulnerable,need,helper_id,head_id,code_id,origin",
    );
    let mut coded = 0;
    let mut add = |people: &mut People,
                   region: &str,
                   block: &str,
                   object: &str,
                   category: &str,
                   n: u64,
                   vulnerable: u64,
                   need: &str| {
        let id = format!("XH-HU-{:04}", sheet.rows.len() + 1);
        let helper = grid_of
            .iter()
            .find(|g| g.0 == region)
            .and_then(|g| village_of.iter().find(|v| v.0 == g.2))
            .map(|v| v.1[0].clone())
            .unwrap_or_default();
        let head = people.add("住户（构造）");
        let code = format!("AQM-{:04}/{:04}", coded + 1, coded + n);
        coded += n;
        sheet.push(vec![
            id.clone(),
            t(region),
            t(block),
            t(object),
            t(category),
            t(n),
            t(vulnerable),
            t(need),
            helper.clone(),
            head,
            code,
            t("synthetic"),
        ]);
        (id, helper)
    };
    let needs = ["独居老人", "残疾", "慢病", "孕婴", "留守"];
    let mut helped: Vec<(String, String)> = Vec::new();
    for o in objects.iter().filter(|o| o.people > 0) {
        let category = if o.layer == "slopes" { "T4" } else { "T3" };
        let n = o.households.clamp(1, o.people) as usize;
        let parts = share(o.people as usize, &vec![1.0; n], 1);
        let mut weak = o.vulnerable;
        for p in parts {
            let w = weak.min(p as u64);
            weak -= w;
            let need = if w > 0 { needs[random.whole(0, 4) as usize] } else { "" };
            helped.push(add(&mut people, &o.region, "", &o.id, category, p as u64, w, need));
        }
    }
    let mut left = CODED_IN_BLOCKS;
    let mut k = 0;
    while left > 0 {
        let b = &blocks[random.whole(0, blocks.len() as u64 - 1) as usize];
        let n = random.whole(1, 2).min(left);
        left -= n;
        helped.push(add(&mut people, &b.region, &b.id, "", "T7", n, n, needs[k % 5]));
        k += 1;
    }
    debug_assert_eq!(coded, CODED);
    for (id, helper) in helped {
        row(&id, "帮扶责任人", "户", &helper, "村社干部（包户到人）".into(), "");
    }
    vec![duty, people.sheet, sheet]
}
