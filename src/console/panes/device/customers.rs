//! The customers behind the device: who they are, whether they have consented, and what their admin still lacks.

use ratatui::buffer::Buffer;

use super::table::Table;
use crate::console::model::Judged;
use crate::console::view::put;
use crate::registration::customers::{Roles, consent_word, roles_word};
use crate::text::cut_middle_with;

pub(super) fn draw(judged: &Judged, table: Table<'_>, buffer: &mut Buffer) {
    let Table { look, area, .. } = table;
    let lines = judged.file.customers();
    if lines.is_empty() {
        let words = match &judged.file.facts.customers.failure {
            Some(failure) => format!("The customers could not be read: {}", failure.why),
            None => "No customers are listed for this device.".to_string(),
        };
        let words = look.cut(&words, usize::from(area.width.saturating_sub(4)));
        put(buffer, 3, area.y + 1, area.width, &words, look.theme.dim);
        return;
    }
    // The name and the tenant come in where there is room; what the line under the cursor is about stands below anyway.
    let wide = area.width >= 110;
    let widest = area.width >= 150;
    let name = if wide { 20 } else { 0 };
    let tenant = if widest { 36 } else { 9 };
    let licence = 15;
    // A column that no line has anything for only takes room; the line under the cursor says what is not known.
    let missing = if lines
        .iter()
        .any(|one| one.facts.missing_permissions.is_some())
    {
        7
    } else {
        0
    };
    let has_uri = wide && lines.iter().any(|one| one.redirect_uri.is_some());
    let mut x = 3;
    let mut column = |cells: u16| {
        let at = x;
        x += cells + u16::from(cells > 0) * 2;
        at
    };
    let at_short = column(15);
    let at_name = column(name);
    let at_tenant = column(tenant);
    let at_licence = column(licence);
    let at_consent = column(8);
    let at_missing = column(missing);
    let at_roles = column(10);
    let at_uri = column(0);
    let mut heads = vec![
        (at_short, "CUSTOMER"),
        (at_tenant, "TENANT"),
        (at_licence, "LICENCE"),
        (at_consent, "CONSENT"),
        (at_roles, "ROLES"),
    ];
    if missing > 0 {
        heads.push((at_missing, "MISSING"));
    }
    if wide {
        heads.push((at_name, "NAME"));
    }
    if has_uri {
        heads.push((at_uri, "OWN REDIRECT URI"));
    }
    table.draw(buffer, lines.len(), &heads, |buffer, at, cells| {
        let line = &lines[at];
        let one = &line.facts;
        let (glyph, style) = look.urgency(line.urgency());
        cells.put(buffer, 1, 1, glyph, style);
        cells.name(buffer, at_short, 15, &one.short_name, look.theme.text);
        cells.put(buffer, at_name, name, &one.full_name, look.theme.text);
        let id = one.tenant_id.map(|id| id.to_string());
        let id = id.as_deref().unwrap_or(look.glyphs.none);
        let id = cut_middle_with(id, usize::from(tenant), look.glyphs.ellipsis);
        cells.put(buffer, at_tenant, tenant, &id, look.theme.dim);
        let word = one.licence.as_deref().unwrap_or(look.glyphs.none);
        cells.put(buffer, at_licence, licence, word, look.theme.dim);
        cells.put(buffer, at_consent, 8, consent_word(&one.consent), style);
        let lacking = match &one.missing_permissions {
            None => look.glyphs.unknown.to_string(),
            Some(missing) => missing.len().to_string(),
        };
        let lacks = one
            .missing_permissions
            .as_ref()
            .is_some_and(|all| !all.is_empty());
        let of_missing = if lacks {
            look.theme.work
        } else {
            look.theme.dim
        };
        cells.put(buffer, at_missing, missing, &lacking, of_missing);
        let of_roles = match line.roles {
            Roles::Lacking => look.theme.work,
            _ => look.theme.dim,
        };
        cells.put(buffer, at_roles, 10, roles_word(&line.roles), of_roles);
        if let Some(uri) = line.redirect_uri.as_ref().filter(|_| wide) {
            let room = area.width.saturating_sub(at_uri + 1);
            let uri = cut_middle_with(uri.as_str(), usize::from(room), look.glyphs.ellipsis);
            cells.put(buffer, at_uri, room, &uri, look.theme.text);
        }
    });
}
