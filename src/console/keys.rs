//! The table of keys as it holds in this console: the compiled-in one, with the site's own keys in the place of its.

use std::collections::{BTreeMap, HashMap};

use super::chord::{Chord, Key};
use super::keymap::{Action, Binding, Context, KEYMAP, SPLIT_ARROWS};
use crate::text::wrap;

/// The cells that help gives to the keys, before what they do.
pub const HELP_KEYS: u16 = 16;

/// A row of the table with the keys that hold.
#[derive(Debug, Clone)]
pub struct Row {
    /// The row as it is compiled in: everything but the keys.
    pub binding: &'static Binding,
    chords: Vec<Chord>,
}

impl Row {
    /// The keys as people read them: "j ↓".
    pub fn keys(&self) -> String {
        let shown: Vec<String> = self.chords.iter().map(Chord::to_string).collect();
        shown.join(" ")
    }

    /// The first of the keys, the one that is shown.
    pub fn key(&self) -> String {
        self.chords
            .first()
            .map(Chord::to_string)
            .unwrap_or_default()
    }
}

/// The effective table.
#[derive(Debug, Clone)]
pub struct Keys {
    rows: Vec<Row>,
    by_chord: HashMap<(Context, Chord), Action>,
}

/// Why the site's own keys can't be used, in one sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeyTrouble(String);

impl Default for Keys {
    fn default() -> Keys {
        // A test holds that the compiled-in table has no conflict; were there one, its earlier row would hold.
        let rows: Vec<Row> = KEYMAP.iter().map(as_compiled).collect();
        let mut by_chord = HashMap::new();
        for row in &rows {
            for context in row.binding.contexts {
                for chord in &row.chords {
                    let place = by_chord.entry((*context, *chord));
                    place.or_insert(row.binding.action);
                }
            }
        }
        Keys { rows, by_chord }
    }
}

impl Keys {
    /// The table with these keys in the place of the compiled-in ones: by the action's name, each key as
    /// [`Chord::parse`] reads it. Where text is typed, an action keeps its keys if a new one would type a character; Esc
    /// and Ctrl-C stay what they are.
    ///
    /// # Errors
    /// [`KeyTrouble`] for a name or a key that there is not, and for a key that would mean two things in one pane.
    pub fn with(own: &BTreeMap<String, Vec<String>>) -> Result<Keys, KeyTrouble> {
        let mut rows: Vec<Row> = KEYMAP.iter().map(as_compiled).collect();
        for (name, keys) in own {
            let chords = chords(name, keys)?;
            let mut known = false;
            for row in rows
                .iter_mut()
                .filter(|row| row.binding.action.name() == name)
            {
                known = true;
                row.take(&chords)?;
            }
            if !known {
                return Err(KeyTrouble(format!(
                    "[keys] has no action {:?}; `umpdeck keys` lists their names",
                    crate::text::clean(name)
                )));
            }
        }
        let by_chord = by_chord(&rows)?;
        Ok(Keys { rows, by_chord })
    }

    /// What a key does in a context.
    pub fn action(&self, context: Context, chord: &Chord) -> Option<Action> {
        self.by_chord.get(&(context, *chord)).copied()
    }

    /// Every row of a context, for help.
    pub fn help(&self, context: Context) -> Vec<&Row> {
        self.rows
            .iter()
            .filter(|row| row.binding.contexts.contains(&context))
            .collect()
    }

    /// The help of a context in lines of so many cells: the keys, and what they do, on as many lines as that takes.
    pub fn help_lines(&self, context: Context, cells: usize) -> Vec<(String, String)> {
        let room = cells.saturating_sub(usize::from(HELP_KEYS));
        let mut lines = Vec::new();
        for row in self.help(context) {
            let mut keys = row.keys();
            for words in wrap(row.binding.help, room) {
                lines.push((std::mem::take(&mut keys), words));
            }
        }
        lines
    }

    /// The rows of a context in the order of the footer; those that are not in the footer are left out.
    pub fn footer(&self, context: Context) -> Vec<&Row> {
        let mut rows = self.help(context);
        rows.retain(|row| row.binding.footer > 0);
        rows.sort_by_key(|row| row.binding.footer);
        rows
    }

    /// The row of an action in a context.
    pub fn row(&self, context: Context, action: Action) -> Option<&Row> {
        let mut rows = self.rows.iter();
        rows.find(|row| row.binding.action == action && row.binding.contexts.contains(&context))
    }

    /// The key of an action in a context, for words that name it.
    pub fn key(&self, context: Context, action: Action) -> String {
        self.row(context, action).map(Row::key).unwrap_or_default()
    }

    /// All rows, in the order of the table.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }
}

impl Row {
    /// Takes over keys of the site's own.
    fn take(&mut self, own: &[Chord]) -> Result<(), KeyTrouble> {
        let binding = self.binding;
        let types = binding.contexts.iter().any(|context| context.types());
        if types && own.iter().any(|chord| chord.typed().is_some()) {
            return Ok(());
        }
        if binding.changes
            && let Some(chord) = own
                .iter()
                .find(|chord| SPLIT_ARROWS.contains(&chord.to_string().as_str()))
        {
            return Err(KeyTrouble(format!(
                "[keys] {} can't be {chord}: over a slow line an arrow key can arrive as {chord}, and this action changes something",
                binding.action.name()
            )));
        }
        let stays = |chord: &Chord| {
            *chord == Chord::plain(Key::Esc) || *chord == Chord::ctrl(Key::Char('c'))
        };
        let staying: Vec<Chord> = self.chords.iter().copied().filter(stays).collect();
        self.chords = own.to_vec();
        for chord in staying {
            if !self.chords.contains(&chord) {
                self.chords.push(chord);
            }
        }
        Ok(())
    }
}

fn as_compiled(binding: &'static Binding) -> Row {
    let keys = binding.keys.iter();
    Row {
        binding,
        chords: keys.filter_map(|key| Chord::parse(key).ok()).collect(),
    }
}

fn chords(name: &str, keys: &[String]) -> Result<Vec<Chord>, KeyTrouble> {
    if keys.is_empty() {
        return Err(KeyTrouble(format!("[keys] {name} names no key")));
    }
    keys.iter()
        .map(|key| Chord::parse(key).map_err(|why| KeyTrouble(format!("[keys] {name}: {why}"))))
        .collect()
}

fn by_chord(rows: &[Row]) -> Result<HashMap<(Context, Chord), Action>, KeyTrouble> {
    let mut by_chord: HashMap<(Context, Chord), &Row> = HashMap::new();
    for row in rows {
        for context in row.binding.contexts {
            for chord in &row.chords {
                let before = by_chord.insert((*context, *chord), row);
                if let Some(before) = before.filter(|one| one.binding.action != row.binding.action)
                {
                    return Err(KeyTrouble(format!(
                        "{chord} would be both {} ({}) and {} ({}) in the pane {}; give one of them another key in [keys]",
                        before.binding.action.name(),
                        before.binding.label,
                        row.binding.action.name(),
                        row.binding.label,
                        context.title()
                    )));
                }
            }
        }
    }
    let actions = by_chord.into_iter();
    Ok(actions
        .map(|(place, row)| (place, row.binding.action))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(own: &[(&str, &[&str])]) -> Result<Keys, String> {
        let own = own
            .iter()
            .map(|(name, keys)| {
                (
                    name.to_string(),
                    keys.iter().map(ToString::to_string).collect(),
                )
            })
            .collect();
        Keys::with(&own).map_err(|why| why.to_string())
    }

    fn does(keys: &Keys, context: Context, key: &str) -> Option<Action> {
        keys.action(context, &Chord::parse(key).unwrap())
    }

    #[test]
    fn no_key_means_two_things_in_one_pane() {
        let keys = with(&[]).unwrap();
        assert_eq!(keys.by_chord, Keys::default().by_chord);
        assert!(!keys.by_chord.is_empty());
        for binding in KEYMAP {
            for key in binding.keys {
                assert!(Chord::parse(key).is_ok(), "{key}");
            }
        }
    }

    #[test]
    fn a_name_stands_for_one_action() {
        let mut seen: HashMap<&str, Action> = HashMap::new();
        for binding in KEYMAP {
            let before = seen.insert(binding.action.name(), binding.action);
            assert!(before.is_none_or(|one| one == binding.action), "{before:?}");
        }
    }

    #[test]
    fn every_value_has_its_copy_key_in_device_result_and_menu() {
        use crate::registration::values::ValueKind;
        let keys = Keys::default();
        for kind in ValueKind::ALL {
            let action = Action::Copy(kind);
            let row = keys.row(Context::Device, action).expect("a key");
            for context in [Context::Run, Context::CopyMenu] {
                let own = keys.row(context, action).expect("a key").key();
                assert_eq!(own, row.key(), "{kind:?} has one key everywhere");
            }
            assert_eq!(action.name(), format!("copy-{}", kind.name()));
        }
    }

    #[test]
    fn an_own_key_takes_the_place_of_the_compiled_in_one() {
        let keys = with(&[("repair", &["f6", "ctrl-r"])]).unwrap();
        assert_eq!(does(&keys, Context::Fleet, "f6"), Some(Action::Repair));
        assert_eq!(does(&keys, Context::Device, "f"), None);
        assert_eq!(keys.key(Context::Fleet, Action::Repair), "F6");
    }

    #[test]
    fn two_actions_may_swap_their_keys() {
        let keys = with(&[("repair", &["p"]), ("push", &["f"])]).unwrap();
        assert_eq!(does(&keys, Context::Fleet, "p"), Some(Action::Repair));
        assert_eq!(does(&keys, Context::Device, "f"), Some(Action::Push));
    }

    #[test]
    fn a_conflict_is_refused_with_a_sentence_that_names_both() {
        let why = with(&[("repair", &["p"])]).unwrap_err();
        assert!(
            why.starts_with("p would be both repair (repair) and push (push) in the pane Fleet"),
            "{why}"
        );
        let why = with(&[("repair", &["esc"])]).unwrap_err();
        assert!(why.contains("repair") && why.contains("back"), "{why}");
    }

    #[test]
    fn what_is_no_action_and_no_key_is_named() {
        assert!(
            with(&[("repiar", &["p"])])
                .unwrap_err()
                .contains("\"repiar\"")
        );
        assert!(
            with(&[("repair", &["pp"])])
                .unwrap_err()
                .contains("\"pp\" is not a key")
        );
        assert!(
            with(&[("repair", &[])])
                .unwrap_err()
                .contains("names no key")
        );
    }

    #[test]
    fn esc_and_ctrl_c_stay_and_letters_stay_letters_where_text_is_typed() {
        let keys = with(&[
            ("back", &["z"]),
            ("next", &["J", "f8"]),
            ("copy-consent-url", &["Z"]),
        ]);
        let keys = keys.unwrap();
        assert_eq!(does(&keys, Context::Device, "esc"), Some(Action::Back));
        assert_eq!(does(&keys, Context::Device, "z"), Some(Action::Back));
        assert_eq!(does(&keys, Context::Filter, "z"), None);
        assert_eq!(does(&keys, Context::Create, "J"), None);
        assert_eq!(does(&keys, Context::Create, "tab"), Some(Action::Next));
        assert_eq!(does(&keys, Context::Device, "J"), Some(Action::Next));
    }

    #[test]
    fn what_a_split_arrow_key_may_type_changes_nothing() {
        let why = with(&[("push", &["A"])]).unwrap_err();
        assert!(why.contains("arrow key"), "{why}");
        assert!(with(&[("sort", &["B"])]).is_ok());
    }
}
