//! Many devices at once, as far as it can be thought through beforehand: which of them share a registration and so go
//! one after the other, which one may begin next, and whether a plan made anew still does what was shown.

use std::collections::{HashMap, VecDeque};

use uuid::Uuid;

use super::fleet::Fqdn;
use super::plan::{Action, Plan, Step};

/// How many devices may be worked on at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// In all tenants together; 0 counts as 1.
    pub at_once: usize,
    /// In each tenant; 0 counts as 1.
    pub per_tenant: usize,
}

/// What tells whether two devices share a registration.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// Its own name.
    pub device: &'a Fqdn,
    /// Its registration's object ID, where there is one.
    pub registration: Option<Uuid>,
    /// The devices whose redirect URIs stand on the same registration, as far as that was read.
    pub shared_with: &'a [Fqdn],
}

/// Gives each device its lane: devices of one registration have the same one, and nobody else has it. Lanes are
/// numbered in the order in which they appear.
pub fn lanes(members: &[Member<'_>]) -> Vec<usize> {
    let places: HashMap<&Fqdn, usize> = members
        .iter()
        .enumerate()
        .map(|(at, member)| (member.device, at))
        .collect();
    let mut first_of: HashMap<Uuid, usize> = HashMap::new();
    let mut parents: Vec<usize> = (0..members.len()).collect();
    for (at, member) in members.iter().enumerate() {
        if let Some(id) = member.registration {
            let first = *first_of.entry(id).or_insert(at);
            join(&mut parents, first, at);
        }
        for other in member.shared_with.iter().filter_map(|one| places.get(one)) {
            join(&mut parents, *other, at);
        }
    }
    let mut numbers: HashMap<usize, usize> = HashMap::new();
    (0..members.len())
        .map(|at| {
            let root = root(&mut parents, at);
            let next = numbers.len();
            *numbers.entry(root).or_insert(next)
        })
        .collect()
}

fn root(parents: &mut [usize], mut at: usize) -> usize {
    while parents[at] != at {
        parents[at] = parents[parents[at]];
        at = parents[at];
    }
    at
}

fn join(parents: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(parents, a), root(parents, b));
    parents[a.max(b)] = a.min(b);
}

/// A device that waits for its turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its place in the plan, counted from 0.
    pub place: usize,
    /// The directory ID of its tenant, whose bound holds for it.
    pub tenant: Uuid,
    /// Its lane, by [`lanes`].
    pub lane: usize,
}

/// The devices that wait and those under way. Who comes first begins first, unless its lane is taken or its tenant has
/// as many under way as it may: then the next one begins.
#[derive(Debug)]
pub struct Queue {
    bounds: Bounds,
    waiting: VecDeque<Waiting>,
    under_way: Vec<Waiting>,
}

impl Queue {
    /// A queue in this order. A bound of none would never end: at least one device is always let through.
    pub fn new(order: impl IntoIterator<Item = Waiting>, bounds: Bounds) -> Queue {
        Queue {
            bounds: Bounds {
                at_once: bounds.at_once.max(1),
                per_tenant: bounds.per_tenant.max(1),
            },
            waiting: order.into_iter().collect(),
            under_way: Vec::new(),
        }
    }

    /// The place of the device that may begin now, which counts as under way from here on.
    pub fn begin_next(&mut self) -> Option<usize> {
        if self.under_way.len() >= self.bounds.at_once {
            return None;
        }
        let may_begin = |one: &Waiting| {
            let tenant = self.under_way.iter().filter(|at| at.tenant == one.tenant);
            tenant.count() < self.bounds.per_tenant
                && self.under_way.iter().all(|at| at.lane != one.lane)
        };
        let at = self.waiting.iter().position(may_begin)?;
        let next = self.waiting.remove(at)?;
        let place = next.place;
        self.under_way.push(next);
        Some(place)
    }

    /// The device at this place is done with, whatever came of it.
    pub fn ended(&mut self, place: usize) {
        self.under_way.retain(|one| one.place != place);
    }

    /// Nobody is under way.
    pub fn is_idle(&self) -> bool {
        self.under_way.is_empty()
    }

    /// The places of those that have not begun.
    pub fn not_begun(&self) -> impl Iterator<Item = usize> {
        self.waiting.iter().map(|one| one.place)
    }
}

/// Whether two plans do the same on the same registration. When a new secret would end, what it is called and when an
/// earlier one is due follow the clock, so these may differ.
pub fn does_the_same(a: &Plan, b: &Plan) -> bool {
    let same_step = |a: &Step, b: &Step| match (&a.action, &b.action) {
        (Action::AddSecret { .. }, Action::AddSecret { .. }) => true,
        (Action::RetireLater { key_id: a, .. }, Action::RetireLater { key_id: b, .. }) => a == b,
        (a, b) => a == b,
    };
    a.device == b.device
        && a.target == b.target
        && a.steps.len() == b.steps.len()
        && a.steps.iter().zip(&b.steps).all(|(a, b)| same_step(a, b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registration::fixtures::World;
    use crate::registration::plan::{Intent, plan};
    use proptest::prelude::*;

    fn fqdn(at: usize) -> Fqdn {
        Fqdn::parse(&format!("ump-{at}.example.com")).unwrap()
    }

    proptest! {
        #[test]
        fn devices_of_one_registration_share_a_lane_and_nobody_else_does(
            registrations in prop::collection::vec(prop::option::of(0u128..6), 0..30),
        ) {
            let names: Vec<Fqdn> = (0..registrations.len()).map(fqdn).collect();
            let members: Vec<Member<'_>> = names.iter().zip(&registrations).map(|(device, id)| Member {
                device,
                registration: id.map(Uuid::from_u128),
                shared_with: &[],
            }).collect();
            let lanes = lanes(&members);
            for a in 0..lanes.len() {
                for b in 0..lanes.len() {
                    let one = a == b || (registrations[a].is_some() && registrations[a] == registrations[b]);
                    prop_assert_eq!(lanes[a] == lanes[b], one);
                }
            }
        }

        #[test]
        fn who_shares_by_redirect_uri_shares_a_lane_whichever_of_them_knows(
            pairs in prop::collection::vec((0usize..12, 0usize..12), 0..20),
        ) {
            let names: Vec<Fqdn> = (0..12).map(fqdn).collect();
            let mut shared = vec![vec![]; 12];
            for (a, b) in &pairs {
                shared[*a].push(names[*b].clone());
            }
            let members: Vec<Member<'_>> = names.iter().zip(&shared).map(|(device, shared_with)| Member {
                device,
                registration: None,
                shared_with,
            }).collect();
            let lanes = lanes(&members);
            // The oracle: spread each number over the pairs until nothing changes.
            let mut groups: Vec<usize> = (0..12).collect();
            for _ in 0..12 {
                for (a, b) in &pairs {
                    let least = groups[*a].min(groups[*b]);
                    (groups[*a], groups[*b]) = (least, least);
                }
            }
            for a in 0..12 {
                for b in 0..12 {
                    prop_assert_eq!(lanes[a] == lanes[b], groups[a] == groups[b]);
                }
            }
        }

        #[test]
        fn everybody_gets_one_turn_and_no_bound_is_ever_broken(
            lanes in prop::collection::vec(0usize..12, 0..40),
            at_once in 0usize..6,
            per_tenant in 0usize..4,
            ends in prop::collection::vec(any::<prop::sample::Index>(), 40),
        ) {
            // A registration lives in one tenant.
            let devices: Vec<(u128, usize)> = lanes.iter().map(|lane| (*lane as u128 % 4, *lane)).collect();
            let order = devices.iter().enumerate().map(|(place, (tenant, lane))| Waiting {
                place,
                tenant: Uuid::from_u128(*tenant),
                lane: *lane,
            });
            let mut queue = Queue::new(order, Bounds { at_once, per_tenant });
            let (mut under_way, mut had_turn): (Vec<usize>, Vec<usize>) = (vec![], vec![]);
            let mut ends = ends.into_iter();
            loop {
                while let Some(place) = queue.begin_next() {
                    under_way.push(place);
                    had_turn.push(place);
                }
                prop_assert!(under_way.len() <= at_once.max(1));
                for one in &under_way {
                    let (tenant, lane) = devices[*one];
                    let count = |fits: &dyn Fn(&(u128, usize)) -> bool| {
                        under_way.iter().filter(|other| fits(&devices[**other])).count()
                    };
                    prop_assert!(count(&|other| other.0 == tenant) <= per_tenant.max(1));
                    prop_assert_eq!(count(&|other| other.1 == lane), 1, "one at a time on a registration");
                }
                if under_way.is_empty() {
                    break;
                }
                let at = ends.next().unwrap().index(under_way.len());
                queue.ended(under_way.remove(at));
            }
            prop_assert!(queue.is_idle());
            prop_assert_eq!(queue.not_begun().count(), 0);
            for lane in 0..12 {
                let in_lane: Vec<_> = had_turn.iter().filter(|place| devices[**place].1 == lane).collect();
                prop_assert!(in_lane.is_sorted(), "a lane keeps its order");
            }
            had_turn.sort_unstable();
            prop_assert_eq!(had_turn, (0..devices.len()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_plan_made_a_minute_later_does_the_same_and_one_on_other_facts_does_not() {
        let world = World::right();
        let made = |world: &World, seconds: i64| {
            let now = world.now + jiff::SignedDuration::from_secs(seconds);
            let observed = world.observed();
            plan(
                &world.blueprint,
                &world.device,
                observed,
                Intent::Rotate,
                now,
            )
            .unwrap()
        };
        let first = made(&world, 0);
        let later = made(&world, 60);
        assert_ne!(first, later, "the new secret would end a minute later");
        assert!(does_the_same(&first, &later));
        let mut other = World::right();
        other.facts.record = None;
        other.facts.portal = Default::default();
        assert!(
            !does_the_same(&first, &made(&other, 0)),
            "nothing is removed now"
        );
    }
}
