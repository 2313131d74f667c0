//! When the screen changes by itself: the loop sleeps until then, and not at all when nothing does.

use jiff::{SignedDuration, Timestamp};

use super::geometry;
use super::model::{Model, Overlay, RunProgress, Screen, StepState};
use super::update::{PATIENCE, REST};
use super::view::oldest_facts;

/// The next moment at which something on screen changes though nothing happens.
pub fn next(model: &Model) -> Option<Timestamp> {
    let now = model.now;
    let after = |at: Timestamp, wait: SignedDuration| at.checked_add(wait).ok();
    let mut moments: Vec<Timestamp> = Vec::new();
    moments.extend(model.toasts.iter().map(|toast| toast.until));
    moments.extend(model.moved_at.and_then(|at| after(at, REST)));
    moments.extend(
        model
            .sign_ins
            .iter()
            .filter_map(|(.., at)| after(*at, PATIENCE)),
    );
    if matches!(model.overlays.last(), Some(Overlay::SignIn(..))) {
        moments.extend(after(now, SignedDuration::from_secs(1)));
    }
    let seconds_shown = model.screens.last().is_some_and(|screen| match screen {
        Screen::Run(screen) => counts(&screen.progress),
        Screen::Handoff(screen) => screen.progress.as_ref().is_some_and(counts),
        _ => false,
    });
    if seconds_shown {
        moments.extend(after(now, SignedDuration::from_secs(1)));
    }
    moments.extend(ages(model).filter_map(|since| age_turns(since, now)));
    moments.into_iter().filter(|at| *at > now).min()
}

/// A step's seconds are counted on screen.
fn counts(progress: &RunProgress) -> bool {
    progress.end.is_none()
        && progress
            .steps
            .iter()
            .any(|step| matches!(step, StepState::Running(_) | StepState::Waiting(..)))
}

/// The moments whose ages are on screen.
fn ages(model: &Model) -> impl Iterator<Item = Timestamp> {
    let page = geometry::fleet_page(model);
    let first = model.fleet.list.offset;
    let rows = if model.screens.is_empty() {
        first..first + page
    } else {
        0..0
    };
    let of_rows = rows
        .filter_map(|at| model.fleet.row(at).and_then(|row| row.verdict.as_ref()))
        .filter_map(|verdict| verdict.read_at);
    let copied = match model.screens.last() {
        Some(Screen::Handoff(screen)) => screen.copied.to_vec(),
        _ => vec![],
    };
    of_rows
        .chain(oldest_facts(model))
        .chain(copied.into_iter().flatten())
}

/// When the age since `since` reads differently than at `now`: by the minute, then by the hour, then by the day.
fn age_turns(since: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let seconds = now.duration_since(since).as_secs().max(0);
    let unit = match seconds {
        ..3_600 => 60,
        3_600..86_400 => 3_600,
        _ => 86_400,
    };
    since
        .checked_add(SignedDuration::from_secs((seconds / unit + 1) * unit))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::age;

    #[test]
    fn an_age_reads_the_same_until_its_turn_and_differently_from_then_on() {
        let since: Timestamp = "2026-11-24T00:00:00Z".parse().unwrap();
        for seconds in [0, 59, 60, 3_599, 3_600, 86_399, 86_400, 172_799, 200_000] {
            let now = since
                .checked_add(SignedDuration::from_secs(seconds))
                .unwrap();
            let turn = age_turns(since, now).unwrap();
            let just_before = turn.checked_sub(SignedDuration::from_secs(1)).unwrap();
            assert_eq!(age(since, just_before), age(since, now), "at {seconds} s");
            assert_ne!(age(since, turn), age(since, now), "at {seconds} s");
        }
    }
}
