//! The first line: the way back, and what everything shown depends on.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::geometry;
use super::keymap::Action;
use super::model::{Model, Screen};
use super::view::{Look, harmless, put};
use crate::text::{ago, width};

/// The header's words, as many as fit: the way back, and what everything shown depends on.
struct Header {
    crumbs: Vec<String>,
    right: Vec<(String, HeaderTone)>,
}

impl Header {
    fn of(model: &Model) -> Header {
        let total = usize::from(model.size.0);
        let (mut crumbs, mut right) = (crumbs(model), header_right(model));
        let gaps = |parts: usize| 3 * parts.saturating_sub(1);
        let fits = |crumbs: &[String], right: &[(String, HeaderTone)]| {
            let left: usize = crumbs.iter().map(|crumb| width(crumb)).sum();
            let words: usize = right.iter().map(|(text, _)| width(text)).sum();
            left + gaps(crumbs.len()) + words + gaps(right.len()) + 4 <= total
        };
        // The badges stay whatever happens; the rest makes room for the way back.
        let is_badge = |(_, tone): &(String, HeaderTone)| matches!(tone, HeaderTone::Badge);
        if !fits(&crumbs, &right) {
            // How old it is weighs more than who asked for it.
            right.retain(|(_, tone)| !matches!(tone, HeaderTone::SignedIn));
        }
        while right.last().is_some_and(|last| !is_badge(last)) && !fits(&crumbs, &right) {
            right.pop();
        }
        while crumbs.len() > 1 && !fits(&crumbs, &right) {
            crumbs.remove(usize::from(crumbs.len() > 2));
        }
        Header { crumbs, right }
    }

    fn right_width(&self) -> usize {
        let words: usize = self.right.iter().map(|(text, _)| width(text)).sum();
        words + 3 * self.right.len().saturating_sub(1)
    }
}

fn crumbs(model: &Model) -> Vec<String> {
    let mut crumbs = vec!["umpdeck".to_string(), "Fleet".to_string()];
    let tenant = match model.on_list() {
        true => model.fleet.tenant,
        false => model.tenant_at_work().or(model.fleet.tenant),
    };
    if let Some(tenant) = tenant.and_then(|id| model.tenant(id)) {
        crumbs.push(tenant.tenant.name.clone());
    }
    if let Some(Screen::Secrets(_)) = model.screens.first() {
        crumbs.push("Secrets".to_string());
    }
    // The device stands before what is done to it, whether it was opened first or not.
    let opened = |screen: &Screen| matches!(screen, Screen::Device(_));
    if let Some(fqdn) = model.device().filter(|_| !model.on_list())
        && !model.screens.iter().any(opened)
    {
        crumbs.push(fqdn.to_string());
    }
    for screen in &model.screens {
        crumbs.push(match screen {
            Screen::Device(screen) => screen.fqdn.to_string(),
            Screen::Secrets(_) => continue,
            Screen::Audit(_) => "Audit".to_string(),
            Screen::Create(_) => "Create".to_string(),
            Screen::Contact(_) => "First contact".to_string(),
            Screen::Adopt(_) => "Adopt".to_string(),
            Screen::Plan(screen) => format!("Plan: {}", screen.file.plan.intent.word()),
            Screen::Run(run) => match model.runs.get(run) {
                Some(run) => format!("Run: {}", run.file.plan.intent.word()),
                None => continue,
            },
            Screen::Handoff(_) => "Handoff".to_string(),
            Screen::BulkPlan(screen) => format!("Bulk plan: {}", screen.plan.intent.word()),
            Screen::BulkRun => "Bulk run".to_string(),
            Screen::Form(screen) => screen.title(),
            Screen::Change(_) => "Change".to_string(),
            Screen::Decision(_) => "Which one is right".to_string(),
        });
    }
    crumbs
}

/// Where one is on the left; what everything shown depends on, on the right.
pub(super) fn draw(model: &Model, look: Look<'_>, buffer: &mut Buffer) {
    let theme = look.theme;
    let region = geometry::regions(model.size, 0).header;
    let separator = format!(" {} ", look.glyphs.crumb);
    let header = Header::of(model);
    let crumbs = &header.crumbs;
    let mut spans = vec![Span::raw(" ")];
    for (at, crumb) in crumbs.iter().enumerate() {
        if at > 0 {
            spans.push(Span::styled(separator.clone(), theme.dim));
        }
        let last = at + 1 == crumbs.len();
        spans.push(Span::styled(
            harmless(crumb).into_owned(),
            if last { theme.title } else { theme.dim },
        ));
    }
    buffer.set_line(region.x, region.y, &Line::from(spans), region.width);
    let mut x = region.width.saturating_sub(header.right_width() as u16 + 1);
    for (at, (text, tone)) in header.right.iter().enumerate() {
        if at > 0 {
            put(
                buffer,
                x,
                region.y,
                3,
                &format!(" {} ", look.glyphs.dot),
                theme.dim,
            );
            x += 3;
        }
        let style = match tone {
            HeaderTone::Badge => theme.warning,
            HeaderTone::Bad => theme.broken,
            HeaderTone::Plain | HeaderTone::SignedIn | HeaderTone::Facts => theme.dim,
        };
        put(buffer, x, region.y, region.width, text, style);
        x += width(text) as u16;
    }
    look.hairline(buffer, region, 1);
}

enum HeaderTone {
    Badge,
    Bad,
    Plain,
    SignedIn,
    Facts,
}

fn header_right(model: &Model) -> Vec<(String, HeaderTone)> {
    let mut parts = Vec::new();
    if model.sandbox {
        parts.push(("SANDBOX".to_string(), HeaderTone::Badge));
    }
    let tenant = match model.screens.is_empty() {
        true => model.fleet.tenant,
        false => model.tenant_at_work(),
    };
    if model.read_only.why(tenant).is_some() {
        parts.push(("READ-ONLY".to_string(), HeaderTone::Badge));
    }
    let shown = model.tenants_in_view();
    let reading: Vec<_> = shown.iter().filter(|one| one.reading.is_some()).collect();
    let failed: Vec<_> = shown.iter().filter(|one| one.failure.is_some()).collect();
    let words = match reading.as_slice() {
        [] => None,
        [one] => Some(format!("reading {}", one.tenant.name)),
        several if several.len() < shown.len() => Some(format!(
            "reading {} of {} tenants",
            several.len(),
            shown.len()
        )),
        all => Some(format!("reading {} tenants", all.len())),
    };
    if let Some(words) = words {
        let counted = model.long_reading().map(|elapsed| {
            let key = model.keys.key(model.context(), Action::Refresh);
            format!("{words}, {} s, {key} stops", elapsed.as_secs())
        });
        parts.push((counted.unwrap_or(words), HeaderTone::Plain));
    }
    match failed.as_slice() {
        [] => {}
        [one] => parts.push((
            format!("{} can't be read", one.tenant.name),
            HeaderTone::Bad,
        )),
        several => parts.push((
            format!("{} tenants can't be read", several.len()),
            HeaderTone::Bad,
        )),
    }
    if let [one] = shown.as_slice()
        && let Some(identity) = &one.identity
    {
        let words = format!("signed in as {}", identity.name);
        parts.push((words, HeaderTone::SignedIn));
    }
    if reading.is_empty()
        && let Some(oldest) = oldest_facts(model)
    {
        parts.push((
            format!(
                "read {}",
                ago(oldest, model.now).trim_start_matches("just ")
            ),
            HeaderTone::Facts,
        ));
    }
    parts
}

/// When the oldest facts were read, if the header says so.
pub fn counted_facts(model: &Model) -> Option<jiff::Timestamp> {
    let header = Header::of(model);
    let shown = matches!(header.right.last(), Some((_, HeaderTone::Facts)));
    oldest_facts(model).filter(|_| shown)
}

/// When the oldest of the facts on screen were read.
fn oldest_facts(model: &Model) -> Option<jiff::Timestamp> {
    let read =
        |row: &crate::desk::event::FleetRow| row.verdict.as_ref().and_then(|one| one.read_at);
    if !model.on_list() {
        return model.fleet.of(model.device()?).and_then(read);
    }
    model.fleet.oldest()
}
