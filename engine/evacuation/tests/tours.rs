//! Round trips of buses, boats and escorts.
#![allow(clippy::unwrap_used)]

use dayu_evacuation::{
    Carrier, Latest, LatestDepartures, Mode, Pace, Place, TimedLink, TourShelter, TourStop, Weather, forward_arrival,
    plan_tours,
};
use proptest::prelude::*;

fn carrier(id: &str, place: u32, seats: u64) -> Carrier {
    let (load_s, unload_s, assisted_load_s, assisted_unload_s) = (2.0, 1.0, 60.0, 30.0);
    Carrier { id: id.into(), place, seats, free_s: 0.0, load_s, unload_s, assisted_load_s, assisted_unload_s }
}

/// Links of a row of nodes 1 km apart, both ways.
fn row(nodes: u32, closes: &[(u32, f64)]) -> Vec<TimedLink> {
    (0..nodes - 1)
        .flat_map(|k| {
            let closes_s = closes.iter().find(|c| c.0 == k).map(|c| c.1);
            let link =
                |from, to| TimedLink { from, to, metres: 1000.0, edge: k, slower: vec![], opens_s: None, closes_s };
            [link(k, k + 1), link(k + 1, k)]
        })
        .collect()
}

#[test]
fn a_bus_goes_round_until_the_road_closes() {
    // Depot 0, village 2, shelter 0; the bus needs 180 s per km.
    let bus = Mode::bus();
    let links = row(3, &[(1, 1500.0)]);
    let ride = |from: u32, to: u32, at: f64| forward_arrival(&links, 3, bus.speed_m_s, from, at, &[to]);
    let stops = [TourStop { place: 2, people: 100, ready_s: 300.0, ..TourStop::default() }];
    let beds = [TourShelter { place: 0, beds: 1000 }];
    let plan = plan_tours(&stops, &[carrier("b", 0, 30)], &beds, &ride, &ride).unwrap();
    // 0 → 360, waits for nobody, loads 60 s, back at 780, unloads 30 s; again 810 → 1170, 1230 → 1590: link 1 is passed by 1410.
    assert_eq!(plan.tours.iter().map(|t| t.people).collect::<Vec<_>>(), [30, 30]);
    assert_eq!(plan.left, [(0, 40, "road_closed")]);
    assert!((plan.tours[1].arrives_s - 1590.0).abs() < 0.1);
    // A second bus saves them all but ten.
    let plan = plan_tours(&stops, &[carrier("a", 0, 30), carrier("b", 0, 30)], &beds, &ride, &ride).unwrap();
    assert_eq!(plan.tours.iter().map(|t| t.people).sum::<u64>(), 100);
    // The road itself says the same: the last one leaves by 1320.
    let found = LatestDepartures::to(&links, 3, bus.speed_m_s, &[(Place { edge: 0, along_m: 0.0, off_m: 0.0 }, None)]);
    let Latest::Until { at_s, decided_by } = found.from_node(2) else { panic!() };
    assert!((at_s - 1320.0).abs() < 0.1 && decided_by == Some(1));
}

#[test]
fn escorts_run_there_and_walk_back() {
    let links = row(2, &[]);
    let fast = Mode::walk(Pace::Healthy, Weather::default()).speed_m_s;
    let slow = Mode::walk(Pace::Assisted, Weather::default()).speed_m_s;
    let run = |from: u32, to: u32, at: f64| forward_arrival(&links, 2, fast, from, at, &[to]);
    let lead = |from: u32, to: u32, at: f64| forward_arrival(&links, 2, slow, from, at, &[to]);
    let team = Carrier { load_s: 600.0, ..carrier("t", 0, 1) };
    let stops = [TourStop { place: 1, people: 2, ..TourStop::default() }];
    let plan = plan_tours(&stops, &[team], &[TourShelter { place: 0, beds: 5 }], &run, &lead).unwrap();
    let back: Vec<f64> = plan.tours.iter().map(|t| t.arrives_s.round()).collect();
    assert_eq!(back, [833.0 + 600.0 + 2000.0, 2.0 * 3433.0 + 1.0 + 1.0]);
}

#[test]
fn a_boat_waits_for_water() {
    let mut links = row(2, &[]);
    for link in &mut links {
        link.opens_s = Some(5000.0);
    }
    let boat = Mode::boat();
    assert_eq!(forward_arrival(&links, 2, boat.speed_m_s, 0, 0.0, &[1]), None);
    assert!(forward_arrival(&links, 2, boat.speed_m_s, 0, 5000.0, &[1]).is_some());
}

#[test]
fn impossible_carriers_are_refused_and_reasons_told() {
    let ride = |_: u32, _: u32, at: f64| Some(at + 60.0);
    let stops = [TourStop { place: 1, people: 4, ..TourStop::default() }];
    let beds = [TourShelter { place: 0, beds: 3 }];
    assert_eq!(plan_tours(&stops, &[carrier("b", 0, 0)], &beds, &ride, &ride).unwrap_err().code, "EVA-056");
    assert_eq!(plan_tours(&stops, &[], &beds, &ride, &ride).unwrap().left, [(0, 4, "no_carrier")]);
    let plan = plan_tours(&stops, &[carrier("b", 0, 9)], &beds, &ride, &ride).unwrap();
    assert_eq!((plan.tours.len(), plan.left), (1, vec![(0, 1, "shelters_full")]));
}

#[test]
fn people_who_stay_together_get_one_shelter_though_several_are_nearer() {
    // Three small houses next door, one that holds all of them farther off; six others are served first and could take its beds.
    let ride = |from: u32, to: u32, at: f64| Some(at + 60.0 * f64::from(from.abs_diff(to)));
    let beds = [(2, 20), (3, 20), (4, 20), (30, 45)].map(|(place, beds)| TourShelter { place, beds });
    let home = TourStop { place: 1, people: 45, ready_s: 600.0, together: true, ..TourStop::default() };
    let others = TourStop { place: 29, people: 6, ..TourStop::default() };
    let buses = [carrier("a", 0, 20), carrier("b", 0, 20)];
    let plan = plan_tours(&[home.clone(), others.clone()], &buses, &beds, &ride, &ride).unwrap();
    let to =
        |stop: u32| plan.tours.iter().filter(|t| t.stop == stop).map(|t| (t.shelter, t.people)).collect::<Vec<_>>();
    assert_eq!(to(0), [(3, 20), (3, 20), (3, 5)]);
    assert_eq!(to(1), [(2, 6)]);
    assert!(plan.left.is_empty() && plan.parted.is_empty());
    // No house holds all: they are split, and that is told.
    let plan = plan_tours(&[home, others], &buses, &beds[..3], &ride, &ride).unwrap();
    assert_eq!(plan.parted, [0]);
    assert_eq!(plan.tours.iter().map(|t| t.people).sum::<u64>(), 51);
}

#[test]
fn who_is_helped_boards_slowly_and_walks_to_the_bus_first() {
    let ride = |_: u32, _: u32, at: f64| Some(at + 100.0);
    let home = TourStop { place: 1, people: 30, assisted: 12, approach_s: 500.0, ..TourStop::default() };
    let beds = [TourShelter { place: 0, beds: 99 }];
    let plan = plan_tours(&[home], &[carrier("b", 0, 20)], &beds, &ride, &ride).unwrap();
    // 12 × 60 s and 8 × 2 s; 12 × 30 s and 8 × 1 s; then 10 who need no help.
    let [first, second] = &plan.tours[..] else { panic!("{plan:?}") };
    assert_eq!((first.pickup_s, first.leaves_s, first.assisted), (100.0, 100.0 + 500.0 + 736.0, 12));
    assert_eq!(first.free_s - first.arrives_s, 368.0);
    assert_eq!((second.assisted, second.leaves_s - second.pickup_s), (0, 520.0));
}

#[test]
fn a_bus_leaves_with_whom_it_could_load_before_the_road_closes() {
    // The road to the shelter closes at 1000 s, the village is cut off at 1500 s: 20 who are helped would take 1200 s.
    let shelter = |_: u32, to: u32, at: f64| (to == 9 || at <= 1000.0).then_some(at + 100.0);
    let home = |until_s| TourStop { place: 1, people: 20, assisted: 20, until_s, ..TourStop::default() };
    let beds = [TourShelter { place: 0, beds: 99 }];
    let depot = |_: u32, _: u32, at: f64| (at < 500.0).then_some(at + 100.0);
    let plan = plan_tours(&[home(None)], &[carrier("b", 5, 20)], &beds, &depot, &shelter).unwrap();
    assert_eq!(plan.tours.iter().map(|t| (t.people, t.leaves_s)).collect::<Vec<_>>(), [(10, 700.0)]);
    assert_eq!(plan.left, [(0, 10, "road_closed")]);
    let plan = plan_tours(&[home(Some(850.0))], &[carrier("b", 5, 20)], &beds, &depot, &shelter).unwrap();
    assert_eq!(plan.tours.iter().map(|t| (t.people, t.leaves_s)).collect::<Vec<_>>(), [(12, 820.0)]);
}

proptest! {
    #[test]
    fn nobody_is_lost_and_no_carrier_is_in_two_places(
        stops in prop::collection::vec((0..5_u32, 0..60_u64, 0..500_u32, prop::option::of(0..4000_u32), any::<bool>()), 0..5),
        seats in prop::collection::vec((0..5_u32, 1..20_u64), 0..4),
        beds in prop::collection::vec((0..5_u32, 0..80_u64), 0..3),
    ) {
        let stops: Vec<TourStop> = stops.iter().map(|s| TourStop {
            place: s.0, people: s.1, assisted: s.1 / 3, ordered_s: f64::from(s.2) / 2.0, ready_s: f64::from(s.2), approach_s: 40.0, until_s: s.3.map(f64::from),
            together: s.4,
        }).collect();
        let carriers: Vec<Carrier> = seats.iter().enumerate().map(|(k, s)| carrier(&format!("c{k}"), s.0, s.1)).collect();
        let shelters: Vec<TourShelter> = beds.iter().map(|b| TourShelter { place: b.0, beds: b.1 }).collect();
        let ride = |from: u32, to: u32, at: f64| (at < 3000.0).then(|| at + 100.0 * f64::from(from.abs_diff(to)));
        let plan = plan_tours(&stops, &carriers, &shelters, &ride, &ride).unwrap();
        prop_assert!(plan.tours.iter().all(|t| t.starts_s >= stops[t.stop as usize].ordered_s));
        for (k, stop) in stops.iter().enumerate() {
            let fetched: u64 = plan.tours.iter().filter(|t| t.stop as usize == k).map(|t| t.people).sum();
            let left: u64 = plan.left.iter().filter(|l| l.0 as usize == k).map(|l| l.1).sum();
            prop_assert_eq!(fetched + left, stop.people);
            let helped: u64 = plan.tours.iter().filter(|t| t.stop as usize == k).map(|t| t.assisted).sum();
            prop_assert!(helped <= stop.assisted && (left > 0 || helped == stop.assisted));
            if stop.together && !plan.parted.contains(&(k as u32)) {
                let mut to: Vec<u32> = plan.tours.iter().filter(|t| t.stop as usize == k).map(|t| t.shelter).collect();
                to.dedup();
                prop_assert!(to.len() <= 1 && left == 0);
            }
        }
        for (k, shelter) in shelters.iter().enumerate() {
            prop_assert!(plan.tours.iter().filter(|t| t.shelter as usize == k).map(|t| t.people).sum::<u64>() <= shelter.beds);
        }
        for (k, carrier) in carriers.iter().enumerate() {
            let mut free = carrier.free_s;
            for tour in plan.tours.iter().filter(|t| t.carrier as usize == k) {
                prop_assert!(tour.people > 0 && tour.people <= carrier.seats);
                prop_assert!(tour.starts_s >= free && tour.pickup_s >= tour.starts_s && tour.leaves_s >= tour.pickup_s);
                prop_assert!(tour.arrives_s >= tour.leaves_s && tour.free_s >= tour.arrives_s);
                let stop = &stops[tour.stop as usize];
                prop_assert!(tour.pickup_s >= stop.ready_s && stop.until_s.is_none_or(|u| tour.leaves_s <= u));
                free = tour.free_s;
            }
        }
    }
}
