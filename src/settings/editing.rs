//! Changes entries in the text of a settings file: everything that does not change stays as it is written, remarks
//! included. The text that comes out was read again, and says just what was meant.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, Value, value};
use uuid::Uuid;

use super::new_tenant::sign_in;
use super::sign_in::SignIn;
use super::{Settings, SettingsError};
use crate::inventory::{Change, Entry, Field, applied, put_value, write_into};

const DEVICES: &str = "devices";
const TENANTS: &str = "tenants";

/// What is to change of a tenant; `None` = as it is, an empty text = not written any more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TenantEdit {
    /// What operators call it.
    pub name: Option<String>,
    /// The domain that it is known by.
    pub primary_domain: Option<String>,
    /// The Partner One (MPN) ID of its registrations.
    pub mpn_id: Option<String>,
    /// The proxy to it.
    pub proxy: Option<String>,
    /// Certificates to trust beside the system's.
    pub ca_file: Option<String>,
    /// How umpdeck signs in to it.
    pub sign_in: Option<SignIn>,
}

impl TenantEdit {
    fn texts(&self) -> [(&'static str, Option<&String>); 5] {
        [
            ("name", self.name.as_ref()),
            ("primary_domain", self.primary_domain.as_ref()),
            ("mpn_id", self.mpn_id.as_ref()),
            ("proxy", self.proxy.as_ref()),
            ("ca_file", self.ca_file.as_ref()),
        ]
    }
}

/// A settings file's text with these changes of its devices. New ones come at its end.
///
/// # Errors
/// [`SettingsError::Invalid`] when the text can't be used, or its devices are not written as blocks.
pub fn with_devices(text: &str, file: &Path, changes: &[Change]) -> Result<String, SettingsError> {
    let before = Settings::parse(text, file)?;
    let wanted = applied(before.written_devices(), changes);
    let mut document = document(text, &before)?;
    let mut added = Vec::new();
    let mut rewritten: HashMap<String, (&Entry, &Entry)> = HashMap::new();
    let mut removed: HashSet<String> = HashSet::new();
    for change in changes {
        match change {
            Change::Added(entry) => added.push(entry),
            Change::Changed { before, after } => {
                rewritten.insert(before.name(), (&**before, &**after));
            }
            Change::Removed(entry) => {
                removed.insert(entry.name());
            }
        }
    }
    if !document.contains_key(DEVICES) {
        document.insert(DEVICES, Item::ArrayOfTables(ArrayOfTables::new()));
    }
    let blocks = blocks(&mut document, &before, DEVICES)?;
    for table in blocks.iter_mut() {
        if let Some((before, after)) = rewritten.get(&name_of(table)) {
            write_into(table, Some(before), after);
        }
    }
    remove(&mut document, DEVICES, &|table| {
        removed.contains(&name_of(table))
    });
    append(&mut document, &added);
    let text = as_text(&document, text);
    let read = Settings::parse(&text, file)?;
    match read.written_devices() == wanted {
        true => Ok(text),
        false => Err(before.invalid(
            None,
            DEVICES,
            "they are written in a form that umpdeck can't change; edit the file by hand",
        )),
    }
}

/// A settings file's text without a tenant.
///
/// # Errors
/// [`SettingsError::Invalid`] when the text can't be used, or a device is listed for the tenant.
pub fn without_tenant(text: &str, file: &Path, id: Uuid) -> Result<String, SettingsError> {
    let before = Settings::parse(text, file)?;
    let devices = before.devices_of(id);
    if devices > 0 {
        let why = format!(
            "{devices} {} listed for it; remove {} or give {} another tenant first",
            if devices == 1 {
                "device is"
            } else {
                "devices are"
            },
            if devices == 1 { "it" } else { "them" },
            if devices == 1 { "it" } else { "them" },
        );
        return Err(before.invalid(None, TENANTS, why));
    }
    let mut document = document(text, &before)?;
    blocks(&mut document, &before, TENANTS)?;
    remove(&mut document, TENANTS, &|table| id_of(table) == Some(id));
    let text = as_text(&document, text);
    Settings::parse(&text, file)?;
    Ok(text)
}

/// A settings file's text with a tenant changed. Devices that name it by a name that changes name it by the new one.
///
/// # Errors
/// [`SettingsError::Invalid`] when the text, or the text with the change, can't be used.
pub fn with_tenant_edited(
    text: &str,
    file: &Path,
    id: Uuid,
    edit: &TenantEdit,
) -> Result<String, SettingsError> {
    let before = Settings::parse(text, file)?;
    let mut document = document(text, &before)?;
    let old_name = before.tenants.iter().find(|one| one.id == id);
    let old_name = old_name.map(|one| one.name.get_ref().clone());
    let tenants = blocks(&mut document, &before, TENANTS)?;
    for table in tenants.iter_mut().filter(|table| id_of(table) == Some(id)) {
        for (key, text) in edit.texts() {
            match text.map(String::as_str) {
                None => {}
                Some("") => {
                    table.remove(key);
                }
                Some(text) => put_value(table, key, text.into()),
            }
        }
        if let Some(way) = &edit.sign_in
            && let Ok(written) = sign_in(way).parse::<Value>()
        {
            table.remove("sign_in");
            table.insert("sign_in", value(written));
        }
    }
    if let (Some(old), Some(new)) = (old_name, &edit.name)
        && document.contains_key(DEVICES)
    {
        for table in blocks(&mut document, &before, DEVICES)?.iter_mut() {
            let named = table.get(Field::Tenant.key()).and_then(Item::as_str);
            if named.is_some_and(|named| named.eq_ignore_ascii_case(&old)) {
                put_value(table, Field::Tenant.key(), new.as_str().into());
            }
        }
    }
    let text = as_text(&document, text);
    Settings::parse(&text, file)?;
    Ok(text)
}

/// The text with the tenant written in each device that names none.
pub(super) fn device_tenants_named(
    text: &str,
    before: &Settings,
    name: &str,
) -> Result<String, SettingsError> {
    if before.devices.iter().all(|device| device.tenant.is_some()) {
        return Ok(text.to_string());
    }
    let mut document = document(text, before)?;
    for table in blocks(&mut document, before, DEVICES)?.iter_mut() {
        if !table.contains_key(Field::Tenant.key()) {
            table.insert(Field::Tenant.key(), value(name));
        }
    }
    Ok(as_text(&document, text))
}

impl Settings {
    /// How many devices are listed for a tenant.
    pub fn devices_of(&self, id: Uuid) -> usize {
        let known = self.known(vec![], vec![]);
        let devices = self.devices.iter();
        let tenants = devices.map(|one| known.tenant(one.tenant.as_deref().unwrap_or_default()));
        tenants.filter(|tenant| *tenant == Ok(id)).count()
    }
}

fn document(text: &str, settings: &Settings) -> Result<DocumentMut, SettingsError> {
    // What the one parser takes, the other takes too.
    text.parse::<DocumentMut>()
        .map_err(|why| settings.invalid(None, "the file", why.message()))
}

fn blocks<'a>(
    document: &'a mut DocumentMut,
    settings: &Settings,
    key: &str,
) -> Result<&'a mut ArrayOfTables, SettingsError> {
    let blocks = document.get_mut(key).and_then(Item::as_array_of_tables_mut);
    blocks.ok_or_else(|| {
        let why = format!("they are written as one list, which umpdeck can't change; write each one as a [[{key}]] block");
        settings.invalid(None, key, why)
    })
}

fn name_of(table: &Table) -> String {
    let name = table.get(Field::Fqdn.key()).and_then(Item::as_str);
    name.unwrap_or_default().trim().to_ascii_lowercase()
}

fn id_of(table: &Table) -> Option<Uuid> {
    Uuid::parse_str(table.get("id")?.as_str()?).ok()
}

/// Every table below, in the order of the tree.
fn each_table(table: &mut Table, visit: &mut dyn FnMut(&mut Table)) {
    for (_, item) in table.iter_mut() {
        match item {
            Item::Table(inner) => {
                visit(inner);
                each_table(inner, visit);
            }
            Item::ArrayOfTables(all) => {
                for inner in all.iter_mut() {
                    visit(inner);
                    each_table(inner, visit);
                }
            }
            _ => {}
        }
    }
}

/// What stands before a table's head and is not about it: everything up to the last empty line.
fn not_about_it(before: &str) -> &str {
    match before.rfind("\n\n") {
        Some(at) => &before[..=at],
        None => "",
    }
}

/// Takes blocks away. Remarks that stand right above such a block go with it; what stands further above stays, above
/// whatever comes next.
fn remove(document: &mut DocumentMut, key: &str, goes: &dyn Fn(&Table) -> bool) {
    let mut kept: Vec<(isize, String)> = Vec::new();
    if let Some(all) = document.get_mut(key).and_then(Item::as_array_of_tables_mut) {
        for table in all.iter().filter(|table| goes(table)) {
            let prefix = table.decor().prefix().and_then(|text| text.as_str());
            let prefix = not_about_it(prefix.unwrap_or_default());
            if prefix.chars().any(|letter| !letter.is_whitespace()) {
                kept.push((table.position().unwrap_or_default(), prefix.to_string()));
            }
        }
        all.retain(|table| !goes(table));
        if all.is_empty() {
            document.remove(key);
        }
    }
    if kept.is_empty() {
        return;
    }
    let mut places: Vec<isize> = Vec::new();
    each_table(document.as_table_mut(), &mut |table| {
        places.extend(table.position())
    });
    places.sort_unstable();
    let mut above: HashMap<isize, String> = HashMap::new();
    let mut at_end = String::new();
    for (position, text) in kept {
        match places.get(places.partition_point(|place| *place <= position)) {
            Some(next) => above.entry(*next).or_default().push_str(&text),
            None => at_end.push_str(&text),
        }
    }
    each_table(document.as_table_mut(), &mut |table| {
        if let Some(text) = table.position().and_then(|place| above.remove(&place)) {
            let own = table.decor().prefix().and_then(|own| own.as_str());
            let prefix = format!("{text}{}", own.unwrap_or_default());
            table.decor_mut().set_prefix(prefix);
        }
    });
    if !at_end.is_empty() {
        let own = document.trailing().as_str().unwrap_or_default();
        document.set_trailing(format!("{at_end}{own}"));
    }
}

/// Puts new devices behind everything else.
fn append(document: &mut DocumentMut, added: &[&Entry]) {
    if added.is_empty() {
        return;
    }
    let mut last: isize = 0;
    each_table(document.as_table_mut(), &mut |table| {
        last = last.max(table.position().unwrap_or(0))
    });
    let end = document.trailing().as_str().unwrap_or_default().to_string();
    document.set_trailing("");
    let Some(all) = document
        .get_mut(DEVICES)
        .and_then(Item::as_array_of_tables_mut)
    else {
        let mut all = ArrayOfTables::new();
        fill(&mut all, added, last, &end);
        document.insert(DEVICES, Item::ArrayOfTables(all));
        return;
    };
    fill(all, added, last, &end);
}

fn fill(all: &mut ArrayOfTables, added: &[&Entry], last: isize, end: &str) {
    for (at, entry) in added.iter().enumerate() {
        let mut table = Table::new();
        write_into(&mut table, None, entry);
        table.set_position(Some(last + 1 + at as isize));
        if at == 0 && !end.is_empty() {
            table.decor_mut().set_prefix(format!("{end}\n"));
        }
        all.push(table);
    }
}

/// The document with the line ends that the text had.
fn as_text(document: &DocumentMut, before: &str) -> String {
    let text = document.to_string();
    match before.contains("\r\n") {
        true => text.replace("\r\n", "\n").replace('\n', "\r\n"),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::inventory::{Changes, CustomerEntry, CustomerField};

    const TENANT: &str = "[[tenants]]\nid = \"11111111-2222-3333-4444-555555555555\" # ours\nname = \"Finebak\"\n\
        primary_domain = \"finebak.com\"\n";
    const ID: Uuid = uuid::uuid!("11111111-2222-3333-4444-555555555555");

    fn file() -> &'static Path {
        Path::new("/etc/umpdeck/settings.toml")
    }

    fn entry(name: &str, notes: &str) -> Entry {
        let mut entry = Entry::named(name);
        entry.set(Field::Notes, notes);
        entry
    }

    fn listed(text: &str) -> Vec<Entry> {
        Settings::parse(text, file()).unwrap().written_devices()
    }

    fn changed(text: &str, name: &str, change: impl Fn(&mut Entry)) -> Change {
        let before = listed(text)
            .into_iter()
            .find(|one| one.name() == name)
            .unwrap();
        let mut after = before.clone();
        change(&mut after);
        Change::Changed {
            before: before.into(),
            after: after.into(),
        }
    }

    #[test]
    fn new_devices_come_at_the_end_and_nothing_else_changes() {
        let starter = Settings::starter();
        for text in [
            "",
            "# mine\nrefresh_minutes = 7 # often\n",
            TENANT,
            "[[devices]]\nfqdn = \"a.example.com\"\n[[devices.customers]]\nshort_name = \"abc\"\n\n# the end\n",
            starter.as_str(),
        ] {
            let changes = [
                Change::Added(entry("x.example.com", "rack 4")),
                Change::Added(entry("y.example.com", "")),
            ];
            let longer = with_devices(text, file(), &changes).unwrap();
            assert!(longer.starts_with(text), "{longer}");
            assert!(
                longer.ends_with("[[devices]]\nfqdn = \"x.example.com\"\nnotes = \"rack 4\"\n\n[[devices]]\nfqdn = \"y.example.com\"\n"),
                "{longer}"
            );
        }
    }

    #[test]
    fn a_field_changes_where_it_stands_and_remarks_stay() {
        let text = "# all\n[[devices]]\n# name\nfqdn = \"A.example.com\" # the first\nnotes = 'old' # where\n\n\
            # second\n[[devices]]\nfqdn = \"b.example.com\"\n";
        let change = changed(text, "a.example.com", |entry| {
            entry.set(Field::Notes, "new");
            entry.set(Field::MpnId, "123");
        });
        let edited = with_devices(text, file(), &[change]).unwrap();
        assert_eq!(
            edited,
            "# all\n[[devices]]\n# name\nfqdn = \"A.example.com\" # the first\nnotes = \"new\" # where\nmpn_id = \"123\"\n\n\
             # second\n[[devices]]\nfqdn = \"b.example.com\"\n"
        );
    }

    #[test]
    fn a_removed_device_takes_the_remark_right_above_it_along_and_no_other() {
        let text = "refresh_minutes = 7\n\n# Our devices.\n\n# in rack 4\n[[devices]]\nfqdn = \"a.example.com\"\n\
            [[devices.customers]]\nshort_name = \"abc\"\n\n[[devices]]\nfqdn = \"b.example.com\"\n\n# end\n";
        let gone = |name: &str| {
            let entry = listed(text).into_iter().find(|one| one.name() == name);
            Change::Removed(entry.unwrap())
        };
        let left = with_devices(text, file(), &[gone("a.example.com")]).unwrap();
        assert_eq!(
            left,
            "refresh_minutes = 7\n\n# Our devices.\n\n[[devices]]\nfqdn = \"b.example.com\"\n\n# end\n"
        );
        let none = with_devices(
            text,
            file(),
            &[gone("a.example.com"), gone("b.example.com")],
        )
        .unwrap();
        assert!(
            none.contains("# Our devices.") && none.ends_with("# end\n"),
            "{none}"
        );
        assert!(!none.contains("rack") && !none.contains("[["), "{none}");
    }

    #[test]
    fn customers_come_and_go_with_their_device() {
        let text =
            "[[devices]]\nfqdn = \"a.example.com\"\n\n[[devices]]\nfqdn = \"b.example.com\"\n";
        let mut customer = CustomerEntry::default();
        customer.set(CustomerField::ShortName, "zeta");
        let with = with_devices(
            text,
            file(),
            &[changed(text, "a.example.com", |entry| {
                entry.customers = vec![customer.clone()]
            })],
        )
        .unwrap();
        assert!(
            with.contains("[[devices.customers]]\nshort_name = \"zeta\"\n"),
            "{with}"
        );
        let without = with_devices(
            &with,
            file(),
            &[changed(&with, "a.example.com", |entry| {
                entry.customers.clear()
            })],
        );
        assert_eq!(without.unwrap(), text);
    }

    #[test]
    fn line_ends_of_another_system_stay() {
        let text = "# mine\r\n[[devices]]\r\nfqdn = \"a.example.com\"\r\n";
        let longer =
            with_devices(text, file(), &[Change::Added(entry("b.example.com", ""))]).unwrap();
        assert_eq!(
            longer,
            format!("{text}\r\n[[devices]]\r\nfqdn = \"b.example.com\"\r\n")
        );
    }

    #[test]
    fn devices_in_one_list_are_refused_in_words() {
        let text = "devices = [{ fqdn = \"a.example.com\" }]\n";
        let error = with_devices(text, file(), &[Change::Added(entry("b.example.com", ""))]);
        let error = error.unwrap_err().to_string();
        assert!(error.contains("[[devices]] block"), "{error}");
    }

    #[test]
    fn a_tenant_changes_with_the_devices_that_name_it() {
        let text = format!(
            "{TENANT}\n[[devices]]\nfqdn = \"a.example.com\"\ntenant = \"finebak\" # here\n\n[[devices]]\nfqdn = \"b.example.com\"\n"
        );
        let edit = TenantEdit {
            name: Some("Fine".into()),
            mpn_id: Some("123".into()),
            sign_in: Some(SignIn::Command {
                command: vec!["az".into()],
            }),
            ..TenantEdit::default()
        };
        let edited = with_tenant_edited(&text, file(), ID, &edit).unwrap();
        let read = Settings::parse(&edited, file()).unwrap();
        assert_eq!(read.tenants[0].name.get_ref(), "Fine");
        assert_eq!(Some(&read.tenants[0].sign_in), edit.sign_in.as_ref());
        assert_eq!(read.devices[0].tenant.as_deref(), Some("Fine"));
        assert_eq!(read.devices[1].tenant, None);
        assert!(
            edited.contains("# ours") && edited.contains("# here"),
            "{edited}"
        );
        let cleared = TenantEdit {
            mpn_id: Some(String::new()),
            ..TenantEdit::default()
        };
        let edited = with_tenant_edited(&edited, file(), ID, &cleared).unwrap();
        assert!(!edited.contains("mpn_id"), "{edited}");
        let wrong = TenantEdit {
            primary_domain: Some("x".into()),
            ..TenantEdit::default()
        };
        assert!(with_tenant_edited(&text, file(), ID, &wrong).is_err());
    }

    #[test]
    fn a_tenant_with_devices_is_not_removed() {
        let text = format!("{TENANT}\n[[devices]]\nfqdn = \"a.example.com\"\n");
        let error = without_tenant(&text, file(), ID).unwrap_err().to_string();
        assert!(error.contains("1 device is listed for it"), "{error}");
        assert_eq!(
            without_tenant(&format!("# mine\n\n{TENANT}"), file(), ID).unwrap(),
            "# mine\n"
        );
    }

    proptest! {
        #[test]
        fn whatever_changes_the_file_says_just_that_and_keeps_every_remark_that_is_not_about_a_removed_device(
            before in prop::collection::btree_map("[a-e]", "[a-z\"' =#\\n]{0,6}", 0..5),
            after in prop::collection::btree_map("[a-e]", "[a-z\"' =#\\n]{0,6}", 0..5),
        ) {
            let name = |one: &String| format!("{one}.example.com");
            let mut text = format!("# first\n\n{TENANT}# second\n");
            for (one, notes) in &before {
                let block = crate::inventory::write_toml(&[entry(&name(one), notes)]);
                text.push_str(&format!("\n# about {one}\n{block}"));
            }
            let listed_before = listed(&text);
            let mut changes = Changes::default();
            for one in before.keys().filter(|one| !after.contains_key(*one)) {
                changes.devices.push(Change::Removed(entry(&name(one), &before[one])));
            }
            for (one, notes) in &after {
                let after = entry(&name(one), notes);
                match before.get(one) {
                    None => changes.devices.push(Change::Added(after)),
                    Some(old) if old != notes => {
                        let before = entry(&name(one), old).into();
                        let after = after.into();
                        changes.devices.push(Change::Changed { before, after });
                    }
                    Some(_) => {}
                }
            }
            let edited = with_devices(&text, file(), &changes.devices).unwrap();
            let mut found = listed(&edited);
            found.sort_by_key(Entry::name);
            let wanted: Vec<Entry> = after.iter().map(|(one, notes)| entry(&name(one), notes)).collect();
            prop_assert_eq!(found, wanted, "{}", edited);
            prop_assert!(edited.contains("# first") && edited.contains("# ours") && edited.contains("# second"), "{}", edited);
            for one in before.keys() {
                prop_assert_eq!(edited.contains(&format!("# about {one}")), after.contains_key(one), "{}", edited);
            }
            prop_assert_eq!(listed_before.len(), before.len());
        }
    }
}
