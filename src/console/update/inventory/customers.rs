//! A device's customers in its form: four lines each, and one more that begins another.

use super::super::super::model::{FormKey, FormLine, FormScreen};
use crate::inventory::{CustomerEntry, CustomerField, Entry, check_customer};

/// The lines of a device's customers, with the one that begins another.
pub(super) fn lines(entry: &Entry) -> Vec<FormLine> {
    let each = entry.customers.iter().enumerate().flat_map(|(at, one)| {
        let line = move |field| FormLine::typed(FormKey::Customer(at, field), one.get(field));
        CustomerField::ALL.into_iter().map(line)
    });
    each.chain(std::iter::once(beginning(entry.customers.len())))
        .collect()
}

fn beginning(at: usize) -> FormLine {
    FormLine::typed(FormKey::Customer(at, CustomerField::ShortName), "")
}

/// The last line begins a customer as soon as something is typed in it: the rest of that one follows, and a new last line.
pub(super) fn make_room(screen: &mut FormScreen) {
    let Some(FormLine {
        key: FormKey::Customer(at, CustomerField::ShortName),
        input,
        ..
    }) = screen.lines.last()
    else {
        return;
    };
    let at = *at;
    if !input.value().is_empty() {
        let rest = CustomerField::ALL.into_iter().skip(1);
        let rest = rest.map(|field| FormLine::typed(FormKey::Customer(at, field), ""));
        screen.lines.extend(rest);
        screen.lines.push(beginning(at + 1));
    }
}

/// The rule of a customer's line. Who has no short name any more is taken out, whatever else is said of it.
pub(super) fn rule(screen: &FormScreen, line: &FormLine) -> Result<(), String> {
    let FormKey::Customer(at, field) = line.key else {
        return Ok(());
    };
    let all = typed(screen);
    let Some(own) = all.get(at) else {
        return Ok(());
    };
    let short_name = own.get(CustomerField::ShortName);
    if short_name.is_empty() {
        let is_new = at >= screen.customers_before();
        return match is_new && field == CustomerField::ShortName && !own.is_empty() {
            true => Err("a customer needs a short name".to_string()),
            false => Ok(()),
        };
    }
    check_customer(field, own.get(field))?;
    let twin = |(of, other): (usize, &CustomerEntry)| {
        of < at && other.get(CustomerField::ShortName) == short_name
    };
    match field == CustomerField::ShortName && all.iter().enumerate().any(twin) {
        true => Err("another customer has this short name".to_string()),
        false => Ok(()),
    }
}

/// The customers that the form asks for.
pub(super) fn entries(screen: &FormScreen) -> Vec<CustomerEntry> {
    let mut all = typed(screen);
    all.retain(|one| !one.get(CustomerField::ShortName).is_empty());
    all
}

/// All that stands in the form, those that are taken out included.
fn typed(screen: &FormScreen) -> Vec<CustomerEntry> {
    let mut all: Vec<CustomerEntry> = Vec::new();
    for line in &screen.lines {
        if let FormKey::Customer(at, field) = line.key {
            if at >= all.len() {
                all.resize_with(at + 1, CustomerEntry::default);
            }
            all[at].set(field, line.input.value());
        }
    }
    all
}
