//! The portal's settings beside Entra's.

use ratatui::buffer::Buffer;

use super::table::{Table, cut_value};
use crate::console::model::{Judged, Model};
use crate::console::view::put;
use crate::registration::observed::RecordSource;
use crate::registration::values::ValueKind;
use crate::text::ago;

pub(super) fn draw(model: &Model, judged: &Judged, table: Table<'_>, buffer: &mut Buffer) {
    let Table { look, area, .. } = table;
    let file = &judged.file;
    let facts = &file.facts;
    let half = area.width.saturating_sub(30) / 2;
    put(buffer, 27, area.y, half, "PORTAL", look.theme.dim);
    put(buffer, 29 + half, area.y, half, "ENTRA", look.theme.dim);
    let (client_id, redirect, secret, source) = match (&facts.portal.value, &facts.record) {
        (Some(read), record) => {
            let secret = match read.has_client_secret {
                Some(true) => "one is set",
                Some(false) => "(empty)",
                None => "not shown",
            };
            let at = facts
                .portal
                .at
                .map(|at| ago(at, model.now))
                .unwrap_or_default();
            let mut source = format!("read {at}");
            if let Some(record) = record {
                source.push_str(&format!(
                    "; last pushed {} by {}",
                    ago(record.at, model.now),
                    record.by
                ));
            }
            (
                read.client_id.clone(),
                read.redirect_uri.clone(),
                secret,
                source,
            )
        }
        (None, Some(record)) => {
            let how = match record.source {
                RecordSource::Pushed => "pushed",
                RecordSource::Stated => "stated",
            };
            let source = format!("{how} {} by {}", ago(record.at, model.now), record.by);
            (
                record.client_id.to_string(),
                record.redirect_uri.clone(),
                "as stated",
                source,
            )
        }
        (None, None) => {
            let source = match &facts.portal.failure {
                Some(failure) => failure.why.clone(),
                None => "can't be read; nothing stated".to_string(),
            };
            (
                "(not known)".to_string(),
                "(not known)".to_string(),
                "(not known)",
                source,
            )
        }
    };
    let none = look.glyphs.none.to_string();
    let entra = facts.application();
    let client_entra = entra.map_or(none.clone(), |app| app.app_id.to_string());
    // What Entra has, not what it should have: the wanted one, or the one that stands in its place.
    let wanted = file.value(ValueKind::RedirectUri).unwrap_or_default();
    let redirect_entra = entra
        .and_then(|app| {
            let uris = &app.web_redirect_uris;
            let own = |uri: &&String| uri.contains(file.device.fqdn.as_str());
            uris.iter()
                .find(|uri| **uri == wanted)
                .or_else(|| uris.iter().find(own))
        })
        .cloned()
        .unwrap_or(none.clone());
    let secret_entra = crate::registration::secret::SecretInUse::of(facts)
        .credential()
        .map_or(none.clone(), |one| one.display_name.clone());
    let rows = [
        (&file.page.client_id, client_id, client_entra),
        (&file.page.client_secret, secret.to_string(), secret_entra),
        (&file.page.redirect_uri, redirect, redirect_entra),
    ];
    for (at, (label, portal, entra)) in rows.iter().enumerate() {
        let y = area.y + 1 + at as u16;
        put(buffer, 1, y, 25, &look.cut(label, 25), look.theme.text);
        let empty = portal.is_empty();
        let portal = if empty { "(empty)" } else { portal };
        let same = at == 1 || portal.starts_with("(not") || portal == entra;
        let style = if same {
            look.theme.text
        } else {
            look.theme.work
        };
        put(buffer, 27, y, half, &cut_value(look, portal, half), style);
        put(
            buffer,
            29 + half,
            y,
            half,
            &cut_value(look, entra, half),
            look.theme.text,
        );
    }
    let notes = [
        format!("Page: {}", file.page.page),
        format!("Portal: {}", file.device.portal_url),
        format!("Source: {source}"),
    ];
    for (at, note) in notes.iter().enumerate() {
        let y = area.y + 5 + at as u16;
        if y < area.y + area.height {
            put(
                buffer,
                1,
                y,
                area.width - 1,
                &look.cut(note, usize::from(area.width) - 2),
                look.theme.dim,
            );
        }
    }
}
