//! Latest safe departure, checked by walking forward in time.
#![allow(clippy::unwrap_used, clippy::panic)]

use dayu_evacuation::{
    Cause, Latest, LatestDepartures, LinkWater, Mode, Pace, Place, Preparation, TimedLink, Weather, closing_for,
    forward_arrival, over_members, wind_closing,
};
use proptest::prelude::*;

fn both(edge: u32, from: u32, to: u32, metres: f64, closes_s: Option<f64>) -> [TimedLink; 2] {
    let link = |from, to| TimedLink { from, to, metres, edge, slower: Vec::new(), opens_s: None, closes_s };
    [link(from, to), link(to, from)]
}

/// Shelter in the middle of link 0, nodes 0 – 1 – 2 – 3 in a row of 100 m links, a dry way round of 1000 m from 3 to 0.
fn row() -> Vec<TimedLink> {
    [
        both(0, 0, 1, 100.0, None),
        both(1, 1, 2, 100.0, Some(600.0)),
        both(2, 2, 3, 100.0, Some(300.0)),
        both(3, 3, 0, 1000.0, Some(5000.0)),
    ]
    .concat()
}

const SHELTER: Place = Place { edge: 0, along_m: 50.0, off_m: 10.0 };

fn until(latest: Latest) -> (f64, Option<u32>) {
    match latest {
        Latest::Until { at_s, decided_by } => (at_s, decided_by),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_closing_less_the_way_decides_and_the_link_is_named() {
    let links = row();
    let found = LatestDepartures::to(&links, 4, 1.0, &[(SHELTER, None)]);
    assert_eq!(found.from_node(1), Latest::Always);
    // Over link 1, through by 600 s; the way round through 3 is closed by link 2 at 300 s.
    assert_eq!(until(found.from_node(2)), (500.0, Some(1)));
    // From 3 the long dry way is open longer.
    assert_eq!(until(found.from_node(3)), (4000.0, Some(3)));
    // A house 20 m off the middle of link 2: to node 3 before link 2 closes.
    assert_eq!(until(found.from(&Place { edge: 2, along_m: 50.0, off_m: 20.0 })), (230.0, Some(2)));
    // Beside the shelter on its own link.
    assert_eq!(found.from(&Place { edge: 0, along_m: 80.0, off_m: 5.0 }), Latest::Always);
    // Guarding the road wins time.
    let mut guarded = links.clone();
    for link in guarded.iter_mut().filter(|l| l.edge == 1) {
        link.closes_s = None;
    }
    assert_eq!(LatestDepartures::to(&guarded, 4, 1.0, &[(SHELTER, None)]).from_node(2), Latest::Always);
    // A shelter that becomes unsafe itself decides without a link.
    let found = LatestDepartures::to(&links, 4, 1.0, &[(SHELTER, Some(400.0))]);
    assert_eq!(until(found.from_node(1)), (340.0, None));
    assert_eq!(found.shelter_from(&Place { edge: 2, along_m: 50.0, off_m: 20.0 }), Some(0));
    assert_eq!(LatestDepartures::to(&links, 4, 1.0, &[]).from_node(1), Latest::Never);
}

#[test]
fn one_way_links_are_kept_and_bounded_searches_stop() {
    let one = vec![TimedLink { from: 0, to: 1, metres: 100.0, edge: 0, slower: vec![], opens_s: None, closes_s: None }];
    let found = LatestDepartures::to(&one, 2, 1.0, &[(Place { edge: 0, along_m: 100.0, off_m: 0.0 }, None)]);
    assert_eq!((found.from_node(0), found.from_node(1)), (Latest::Always, Latest::Never));
    let links = row();
    let near = LatestDepartures::within(&links, 4, 1.0, &[(SHELTER, None)], |node| node < 2);
    assert_eq!(near.from_node(3), Latest::Until { at_s: 4000.0, decided_by: Some(3) });
    assert_eq!(until(near.from_node(2)).1, Some(1));
}

#[test]
fn water_slows_then_closes_by_mode() {
    let water = LinkWater {
        reaches: vec![(0.05, 100.0), (0.15, 600.0), (0.27, 900.0), (0.30, 1000.0), (0.5, 2000.0)],
        timed_m: vec![0.05, 0.15, 0.27, 0.30, 0.5],
        peak_m: 0.6,
        hazard: None,
    };
    let grown = Mode::walk(Pace::Healthy, Weather::default());
    let (closing, slower, opens) = closing_for(&grown, &water, false);
    assert_eq!(closing.map(|c| (c.at_s, c.cause)), Some((2000.0, Cause::Depth(0.5))));
    // 0.10 m was not timed: the time of 0.05 m, earlier and safe.
    assert_eq!((slower, opens), (vec![(100.0, 0.6), (1000.0, 0.3)], None));
    let led = Mode::walk(Pace::Assisted, Weather { night: true, heavy_rain: true });
    assert_eq!(closing_for(&led, &water, false).0.unwrap().at_s, 1000.0);
    assert!((led.speed_m_s - 0.5 * 0.7 * 0.8).abs() < 1e-12);
    assert_eq!(closing_for(&Mode::bus(), &water, false).0.unwrap().at_s, 1000.0);
    assert_eq!(closing_for(&Mode::bus(), &water, true).0, None);
    assert_eq!(closing_for(&Mode::boat(), &water, false).2, Some(2000.0));
    let wind = [(10, 700.0), (8, 400.0)];
    assert_eq!(wind_closing(&Mode::bus(), true, &wind).unwrap().at_s, 400.0);
    assert_eq!(wind_closing(&grown, true, &wind).unwrap().cause, Cause::Wind(10));
    assert_eq!((wind_closing(&grown, false, &wind), wind_closing(&Mode::boat(), true, &wind)), (None, None));
    let fast = LinkWater { hazard: Some((3, 50.0)), ..water };
    assert_eq!(closing_for(&grown, &fast, false).0.unwrap().cause, Cause::Hazard(3));
    let slow = TimedLink {
        from: 0,
        to: 1,
        metres: 120.0,
        edge: 0,
        slower: vec![(100.0, 0.5)],
        opens_s: None,
        closes_s: Some(150.0),
    };
    // 50 s at half speed make 25 m; the other 95 m before.
    let found = LatestDepartures::to(
        std::slice::from_ref(&slow),
        2,
        1.0,
        &[(Place { edge: 0, along_m: 120.0, off_m: 0.0 }, None)],
    );
    assert_eq!(until(found.from_node(0)), (5.0, Some(0)));
    assert_eq!(Preparation::Household.seconds() + 1800.0, Preparation::Institution.seconds());
}

#[test]
fn one_member_makes_no_probability() {
    let at = |at_s: f64| Latest::Until { at_s, decided_by: None };
    let one = over_members(&[at(60.0)]).unwrap();
    assert_eq!((one.members, one.holds_90, one.holds_50, one.worst), (1, None, None, at(60.0)));
    let ten: Vec<Latest> = (1..=9).map(|k| at(f64::from(k))).chain([Latest::Always]).collect();
    let many = over_members(&ten).unwrap();
    assert_eq!((many.holds_90, many.holds_50), (Some(at(2.0)), Some(at(6.0))));
    assert_eq!(over_members(&[Latest::Never, Latest::Always]).unwrap().worst, Latest::Never);
    assert_eq!(over_members(&[]), None);
}

/// A time that is no whole number of milliseconds in binary is walked again as it was told.
#[test]
fn a_told_time_is_the_time_walked_again() {
    let link = TimedLink {
        from: 0,
        to: 1,
        metres: 247.0,
        edge: 0,
        slower: vec![(191.0, 0.2)],
        opens_s: None,
        closes_s: Some(589.0),
    };
    let shelter = Place { edge: 0, along_m: 247.0, off_m: 0.0 };
    let links = [link];
    let found = LatestDepartures::to(&links, 2, 1.2, &[(shelter, None)]);
    let at_s = until(found.from_node(0)).0;
    assert!((at_s - 64.766).abs() < 1e-9, "{at_s}");
    assert!(forward_arrival(&links, 2, 1.2, 0, at_s, &[1]).is_some());
    assert!(forward_arrival(&links, 2, 1.2, 0, at_s + 0.002, &[1]).is_none());
}

proptest! {
    /// Leaving at the time found reaches a shelter; leaving two seconds later does not.
    #[test]
    fn replaying_forward_confirms_the_time(
        ends in prop::collection::vec((0..7_u32, 0..7_u32, 1..400_u32, prop::option::of(0..900_u32), prop::option::of((0..900_u32, 1..10_u32))), 4..16),
        goal in 0..7_u32,
    ) {
        let links: Vec<TimedLink> = (0..).zip(&ends).map(|(edge, &(from, to, metres, closes, slow))| TimedLink {
            from, to, metres: f64::from(metres), edge,
            slower: slow.map(|(at, tenths)| (f64::from(at), f64::from(tenths) / 10.0)).into_iter().collect(),
            opens_s: None,
            closes_s: closes.map(f64::from),
        }).collect();
        // The shelter stands at the far end of a link of no length into the goal.
        let mut with_goal = links.clone();
        with_goal.push(TimedLink { from: goal, to: 7, metres: 0.0, edge: ends.len() as u32, slower: vec![], opens_s: None, closes_s: None });
        let shelter = Place { edge: ends.len() as u32, along_m: 0.0, off_m: 0.0 };
        let found = LatestDepartures::to(&with_goal, 8, 1.2, &[(shelter, None)]);
        for node in 0..7 {
            let walk = |at_s: f64| forward_arrival(&links, 8, 1.2, node, at_s, &[goal]);
            match found.from_node(node) {
                Latest::Always => prop_assert!(walk(1e7).is_some()),
                Latest::Never => prop_assert!(walk(-1e5).is_none()),
                Latest::Until { at_s, decided_by } => {
                    prop_assert!(walk(at_s).is_some(), "{node} {at_s}");
                    prop_assert!(walk(at_s + 2.0).is_none(), "{node} {at_s}");
                    prop_assert!(links[decided_by.unwrap() as usize].closes_s.is_some());
                }
            }
        }
    }
}
