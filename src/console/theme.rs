//! How things look: a style for each meaning, and the glyphs. No other file of the console names a colour or a glyph.

use ratatui::style::{Color, Modifier, Style};
use serde::{Deserialize, Deserializer};

/// The themes that are compiled in, by name.
const BUILT_IN: &[(&str, &str)] = &[
    ("default", include_str!("../../assets/themes/default.toml")),
    (
        "high-contrast",
        include_str!("../../assets/themes/high-contrast.toml"),
    ),
    ("light", include_str!("../../assets/themes/light.toml")),
    (
        "no-colour",
        include_str!("../../assets/themes/no-colour.toml"),
    ),
];

/// A style for each meaning, and the glyphs to go with them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Theme {
    /// Ordinary text.
    #[serde(deserialize_with = "style")]
    pub text: Style,
    /// What may be overlooked: column heads, ages, hairlines.
    #[serde(deserialize_with = "style")]
    pub dim: Style,
    /// Titles.
    #[serde(deserialize_with = "style")]
    pub title: Style,
    /// What stands out without being good or bad: the cursor's mark, the sandbox badge, matches.
    #[serde(deserialize_with = "style")]
    pub accent: Style,
    /// The cell under the cursor.
    #[serde(deserialize_with = "style")]
    pub selected: Style,
    /// Keys in the footer and the help.
    #[serde(deserialize_with = "style")]
    pub key: Style,
    /// Broken now.
    #[serde(deserialize_with = "style")]
    pub broken: Style,
    /// Needs work.
    #[serde(deserialize_with = "style")]
    pub work: Style,
    /// Waits for somebody else.
    #[serde(deserialize_with = "style")]
    pub waiting: Style,
    /// In order.
    #[serde(deserialize_with = "style")]
    pub good: Style,
    /// Not known.
    #[serde(deserialize_with = "style")]
    pub unknown: Style,
    /// A field that is typed into.
    #[serde(deserialize_with = "style")]
    pub input: Style,
    /// The words of an error.
    #[serde(deserialize_with = "style")]
    pub error: Style,
    /// The words of a warning.
    #[serde(deserialize_with = "style")]
    pub warning: Style,
    /// The glyphs.
    #[serde(skip)]
    pub glyphs: Glyphs,
}

/// The characters that draw marks and lines. Each takes one cell, the ASCII ellipsis excepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyphs {
    /// Broken now.
    pub broken: &'static str,
    /// Needs work.
    pub work: &'static str,
    /// Waits for somebody else.
    pub waiting: &'static str,
    /// In order, done.
    pub good: &'static str,
    /// Not known.
    pub unknown: &'static str,
    /// Before the row under the cursor.
    pub cursor: &'static str,
    /// Before a marked row.
    pub mark: &'static str,
    /// A hairline's cell.
    pub hairline: &'static str,
    /// Where text was cut.
    pub ellipsis: &'static str,
    /// Between breadcrumbs.
    pub crumb: &'static str,
    /// On either side of a choice.
    pub choice: (&'static str, &'static str),
    /// A hidden character of a secret.
    pub hidden: &'static str,
    /// Nothing to show.
    pub none: &'static str,
    /// Between words of a line, and before a step that has not begun.
    pub dot: &'static str,
    /// From a value to its successor.
    pub arrow: &'static str,
    /// Beside the column that is sorted by: rising, falling.
    pub sorted: (&'static str, &'static str),
    /// Something is under way: shown in turn.
    pub spinner: &'static [&'static str],
}

impl Glyphs {
    /// For terminals with a UTF-8 locale.
    pub const UNICODE: Glyphs = Glyphs {
        broken: "✖",
        work: "▲",
        waiting: "◔",
        good: "✔",
        unknown: "?",
        cursor: "▌",
        mark: "•",
        hairline: "─",
        ellipsis: "…",
        crumb: "›",
        choice: ("‹", "›"),
        hidden: "•",
        none: "–",
        dot: "·",
        arrow: "→",
        sorted: ("▴", "▾"),
        spinner: &["◐", "◓", "◑", "◒"],
    };

    /// For every other terminal.
    pub const ASCII: Glyphs = Glyphs {
        broken: "x",
        work: "!",
        waiting: "~",
        good: "+",
        unknown: "?",
        cursor: ">",
        mark: "*",
        hairline: "-",
        ellipsis: "...",
        crumb: ">",
        choice: ("<", ">"),
        hidden: "*",
        none: "-",
        dot: ".",
        arrow: ">",
        sorted: ("^", "v"),
        spinner: &["|", "/", "-", "\\"],
    };
}

impl Default for Glyphs {
    fn default() -> Self {
        Glyphs::UNICODE
    }
}

/// Why a theme cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ThemeError {
    /// No theme has the name.
    #[error(
        "there is no theme \"{name}\"; write one of: {}{own}",
        Theme::names_words()
    )]
    Unknown {
        /// The name, cleaned.
        name: String,
        /// The names of the site's own, each after a comma.
        own: String,
    },
    /// A theme file cannot be read as one.
    #[error("the theme cannot be used: {why}")]
    Broken {
        /// What is wrong, with its line.
        why: String,
    },
}

impl Theme {
    /// The names that the setting may have: "auto, default, …".
    pub fn names_words() -> String {
        let built_in = BUILT_IN.iter().map(|(name, _)| *name);
        let names: Vec<&str> = std::iter::once("auto").chain(built_in).collect();
        names.join(", ")
    }

    /// Reads a theme from TOML: each role a table of `fg`, `bg`, `bold`, `dim`, `reverse`, `underlined`.
    ///
    /// # Errors
    ///
    /// [`ThemeError::Broken`] when a role is missing or unknown, or a colour is none.
    pub fn parse(toml: &str) -> Result<Theme, ThemeError> {
        toml::from_str(toml).map_err(|error| ThemeError::Broken {
            why: error.to_string(),
        })
    }

    /// The theme for a terminal: the one that `setting` names, `auto` being the default one, among those of the site's `own`,
    /// by name and text, and the compiled-in ones, whose place they may take. `no_color` and a terminal type without colours win over the name; without a UTF-8 locale, and on
    /// terminals whose fonts have few glyphs, the glyphs are ASCII.
    ///
    /// # Errors
    ///
    /// [`ThemeError`] when no theme has the name, or the chosen one can't be read as one.
    pub fn choose(
        own: &[(String, String)],
        setting: &str,
        no_color: bool,
        utf8: bool,
        term: &str,
    ) -> Result<Theme, ThemeError> {
        let name = match setting {
            "" | "auto" => "default",
            name => name,
        };
        let own_text = own.iter().find(|(known, _)| known == name);
        let built_in = BUILT_IN.iter().find(|(known, _)| *known == name);
        let chosen = own_text
            .map(|(_, text)| text.as_str())
            .or(built_in.map(|(_, text)| *text))
            .ok_or_else(|| ThemeError::Unknown {
                name: crate::text::clean(name),
                own: own
                    .iter()
                    .map(|(known, _)| format!(", {}", crate::text::clean(known)))
                    .collect(),
            })?;
        let plain = term.is_empty() || term == "dumb" || term.starts_with("vt");
        let mut theme = if no_color || plain {
            Theme::no_colour()?
        } else {
            Theme::parse(chosen)?
        };
        if !utf8 || plain || term == "linux" {
            theme.glyphs = Glyphs::ASCII;
        }
        Ok(theme)
    }

    fn no_colour() -> Result<Theme, ThemeError> {
        Theme::parse(include_str!("../../assets/themes/no-colour.toml"))
    }
}

/// Whether the environment's locale is a UTF-8 one, by the first of LC_ALL, LC_CTYPE and LANG that is set and not empty.
pub fn is_utf8_locale(variable: &dyn Fn(&str) -> Option<String>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| variable(name).filter(|value| !value.is_empty()))
        .unwrap_or_default()
        .to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

/// Whether the environment asks for no colours: NO_COLOR is set and not empty.
pub fn wants_no_colours(variable: &dyn Fn(&str) -> Option<String>) -> bool {
    variable("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// A role as it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Look {
    fg: Option<String>,
    bg: Option<String>,
    #[serde(default)]
    bold: bool,
    #[serde(default)]
    dim: bool,
    #[serde(default)]
    reverse: bool,
    #[serde(default)]
    underlined: bool,
}

fn style<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Style, D::Error> {
    let look = Look::deserialize(deserializer)?;
    let colour = |name: Option<String>| {
        name.map(|name| {
            name.parse::<Color>().map_err(|_| {
                serde::de::Error::custom(format!(
                    "\"{name}\" is not a colour; write a name (\"red\", \"lightred\"), a number up to 255, or \"#rrggbb\""
                ))
            })
        })
        .transpose()
    };
    let mut style = Style::new();
    style.fg = colour(look.fg)?;
    style.bg = colour(look.bg)?;
    let modifiers = [
        (look.bold, Modifier::BOLD),
        (look.dim, Modifier::DIM),
        (look.reverse, Modifier::REVERSED),
        (look.underlined, Modifier::UNDERLINED),
    ];
    for (wanted, modifier) in modifiers {
        if wanted {
            style = style.add_modifier(modifier);
        }
    }
    Ok(style)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn styles(theme: &Theme) -> [Style; 14] {
        [
            theme.text,
            theme.dim,
            theme.title,
            theme.accent,
            theme.selected,
            theme.key,
            theme.broken,
            theme.work,
            theme.waiting,
            theme.good,
            theme.unknown,
            theme.input,
            theme.error,
            theme.warning,
        ]
    }

    #[test]
    fn every_theme_that_is_compiled_in_parses() {
        for (name, _) in BUILT_IN {
            let theme = Theme::choose(&[], name, false, true, "xterm-256color");
            assert!(theme.is_ok(), "{name}: {theme:?}");
        }
    }

    #[test]
    fn the_default_theme_leaves_the_colours_to_the_operators_palette() {
        let theme = Theme::choose(&[], "auto", false, true, "xterm").expect("the default theme");
        for style in styles(&theme) {
            for colour in [style.fg, style.bg].into_iter().flatten() {
                assert!(!matches!(colour, Color::Indexed(_) | Color::Rgb(..)));
            }
            assert_eq!(style.bg, None);
        }
    }

    #[test]
    fn no_color_takes_every_colour_away_whatever_the_setting() {
        for (setting, no_color, term) in [("light", true, "xterm"), ("default", false, "dumb")] {
            let theme = Theme::choose(&[], setting, no_color, true, term).expect("a theme");
            assert!(
                styles(&theme)
                    .iter()
                    .all(|style| style.fg.is_none() && style.bg.is_none())
            );
        }
    }

    #[test]
    fn poor_terminals_get_ascii_glyphs() {
        let glyphs = |utf8, term| Theme::choose(&[], "auto", false, utf8, term).map(|t| t.glyphs);
        assert_eq!(glyphs(true, "xterm-256color"), Ok(Glyphs::UNICODE));
        assert_eq!(glyphs(false, "xterm-256color"), Ok(Glyphs::ASCII));
        assert_eq!(glyphs(true, "linux"), Ok(Glyphs::ASCII));
        let utf8 = |set: &[(&str, &str)]| {
            is_utf8_locale(&|name| {
                let mut set = set.iter();
                set.find(|(one, _)| *one == name)
                    .map(|(_, value)| value.to_string())
            })
        };
        assert!(utf8(&[("LC_CTYPE", ""), ("LANG", "de_DE.UTF-8")]));
        assert!(!utf8(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]));
        assert!(!wants_no_colours(&|_| Some(String::new())));
    }

    #[test]
    fn a_theme_of_the_sites_own_is_found_by_its_name_and_named_among_the_others() {
        let text = include_str!("../../assets/themes/default.toml").replace("red", "magenta");
        let own = [("noc".to_string(), text)];
        let choose = |name| Theme::choose(&own, name, false, true, "xterm");
        assert_eq!(
            choose("noc").expect("a theme").broken.fg,
            Some(Color::Magenta)
        );
        assert!(choose("default").is_ok());
        let why = choose("nic").expect_err("no theme").to_string();
        assert!(why.ends_with("no-colour, noc"), "{why}");
    }

    #[test]
    fn a_mistake_in_a_theme_is_named() {
        let broken = Theme::parse("text = { fg = \"rad\" }").expect_err("no colour");
        assert!(broken.to_string().contains("\"rad\" is not a colour"));
        let unknown = Theme::choose(&[], "neon", false, true, "xterm").expect_err("no theme");
        assert!(unknown.to_string().contains("high-contrast"));
    }
}
