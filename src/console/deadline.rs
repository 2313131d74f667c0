//! When the screen changes by itself: the loop sleeps until then, and not at all when nothing does.

use jiff::{SignedDuration, Timestamp};

use super::header::counted_facts;
use super::model::reading::LONG;
use super::model::{Model, Overlay, RunProgress, Screen, StepState};
use super::panes;
use super::update::{PATIENCE, REST};
use crate::text::days_left;

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
    moments.extend(reading_counts(model));
    let seconds_shown = model.screens.last().is_some_and(|screen| match screen {
        Screen::Run(run) => model.runs.get(run).is_some_and(|run| counts(&run.progress)),
        Screen::Handoff(screen) => screen.progress.as_ref().is_some_and(counts),
        _ => false,
    });
    if seconds_shown {
        moments.extend(after(now, SignedDuration::from_secs(1)));
    }
    let (mut since, mut until) = (Vec::new(), Vec::new());
    match model.screens.last() {
        None => (since, until) = panes::fleet::counted(model),
        Some(Screen::Adopt(screen)) => {
            since.extend(screen.candidates().iter().filter_map(|one| one.deleted));
        }
        Some(Screen::Handoff(screen)) => since.extend(screen.copied.values()),
        Some(Screen::Secrets(screen)) => (since, until) = panes::secrets::counted(model, screen),
        Some(Screen::Audit(screen)) => {
            let shown = screen.rows().iter().skip(screen.list.offset);
            let shown = shown.take(super::geometry::fleet_page(model));
            since.extend(shown.map(|row| row.entry.at));
        }
        Some(_) => {}
    }
    since.extend(counted_facts(model));
    moments.extend(since.into_iter().filter_map(|at| age_turns(at, now)));
    moments.extend(until.into_iter().filter_map(|at| days_turn(at, now)));
    moments.into_iter().filter(|at| *at > now).min()
}

/// When a reading that is under way becomes long, and from then on its next second.
fn reading_counts(model: &Model) -> Option<Timestamp> {
    let since = model.reading_since()?;
    let seconds = model.now.duration_since(since).as_secs() + 1;
    let next = SignedDuration::from_secs(seconds).max(LONG);
    since.checked_add(next).ok()
}

/// A step's seconds are counted on screen.
fn counts(progress: &RunProgress) -> bool {
    progress.end.is_none()
        && progress
            .steps
            .iter()
            .any(|step| matches!(step, StepState::Running(_) | StepState::Waiting(..)))
}

/// When the age since `since` reads differently than at `now`: by the minute, then by the hour, then by the day.
fn age_turns(since: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let seconds = now.as_second().saturating_sub(since.as_second()).max(0);
    let unit = match seconds {
        ..3_600 => 60,
        3_600..86_400 => 3_600,
        _ => 86_400,
    };
    whole_second(since.as_second() + (seconds / unit + 1) * unit)
}

/// When the days until `end`, or since then, read differently than at `now`.
fn days_turn(end: Timestamp, now: Timestamp) -> Option<Timestamp> {
    const DAY: i64 = 86_400;
    match days_left(end, now) {
        0 => Some(end),
        days @ 1.. => whole_second(end.as_second() - days * DAY + 1),
        days => whole_second(end.as_second() + (1 - days) * DAY),
    }
}

/// Ages and days are counted in whole seconds.
fn whole_second(seconds: i64) -> Option<Timestamp> {
    Timestamp::from_second(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{age, days_words};

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

    #[test]
    fn days_read_the_same_until_their_turn_and_differently_from_then_on() {
        let end: Timestamp = "2026-11-24T00:00:00.5Z".parse().unwrap();
        let words = |now| days_words(days_left(end, now));
        for seconds in [
            -200_000, -172_801, -172_800, -86_401, -86_400, -1, 0, 1, 86_399, 86_400, 172_800,
            200_000,
        ] {
            let now = end.checked_add(SignedDuration::from_secs(seconds)).unwrap();
            let turn = days_turn(end, now).unwrap();
            let just_before = turn
                .checked_sub(SignedDuration::from_millis(1))
                .unwrap()
                .max(now);
            assert!(turn > now, "at {seconds} s");
            assert_eq!(words(just_before), words(now), "at {seconds} s");
            assert_ne!(words(turn), words(now), "at {seconds} s");
        }
    }
}
