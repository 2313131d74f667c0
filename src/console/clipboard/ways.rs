//! Which ways to the operator's clipboard may work, from what the environment says. Pure, so that every combination can
//! be tested.

/// What the settings say about the clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Setting {
    /// Everything that may work.
    #[default]
    Auto,
    /// Only through the terminal.
    Osc52,
    /// Only through tmux.
    Tmux,
    /// Only to the desktop of this machine.
    Native,
    /// Not at all.
    Off,
}

/// What decides on the ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// The setting.
    pub setting: Setting,
    /// A command of the site's, program and arguments, that takes the text on standard input; empty = none.
    pub command: Vec<String>,
    /// The longest text that is sent through the terminal, in bytes of Base64.
    pub osc52_limit: usize,
    /// `$TMUX`: socket, process and session of the tmux that we run in.
    pub tmux: Option<String>,
    /// Whether `$STY` is set: we run in GNU screen.
    pub screen: bool,
    /// `$TERM`.
    pub term: String,
    /// Whether one of `$SSH_CONNECTION`, `$SSH_TTY` and `$SSH_CLIENT` is set: the desktop here is not the operator's.
    pub ssh: bool,
    /// Whether `$DISPLAY` or `$WAYLAND_DISPLAY` is set.
    pub display: bool,
}

impl Default for Environment {
    fn default() -> Self {
        Environment {
            setting: Setting::Auto,
            command: Vec::new(),
            osc52_limit: super::osc52::LIMIT,
            tmux: None,
            screen: false,
            term: String::new(),
            ssh: false,
            display: false,
        }
    }
}

impl Environment {
    /// Looks at this process's environment; settings as they are by default.
    pub fn of_process() -> Environment {
        Environment::from_variables(|name| std::env::var(name).ok())
    }

    /// Like [`Environment::of_process`], with a look-up of the caller's. An empty variable counts as not set.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Environment {
        let get = |name: &str| variable(name).filter(|value| !value.is_empty());
        let any = |names: &[&str]| names.iter().any(|name| get(name).is_some());
        Environment {
            tmux: get("TMUX"),
            screen: any(&["STY"]),
            term: get("TERM").unwrap_or_default(),
            ssh: any(&["SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"]),
            display: any(&["DISPLAY", "WAYLAND_DISPLAY"]),
            ..Environment::default()
        }
    }
}

/// A way to a clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// The site's own command.
    Command,
    /// tmux's buffer, which tmux hands on to the terminal.
    TmuxBuffer,
    /// The terminal's clipboard sequence, wrapped so that tmux lets it through.
    TmuxPassthrough,
    /// The sequence in pieces that GNU screen lets through.
    ScreenChunks,
    /// The plain sequence.
    Osc52,
    /// The desktop of this machine.
    Native,
}

impl Way {
    /// The way in words, as the operator's message names it.
    pub fn words(self) -> &'static str {
        match self {
            Way::Command => "the site's command",
            Way::TmuxBuffer => "tmux buffer",
            Way::TmuxPassthrough | Way::ScreenChunks | Way::Osc52 => "OSC 52",
            Way::Native => "this desktop's clipboard",
        }
    }
}

/// All ways that may work, in the order in which they are tried.
pub fn ways(environment: &Environment) -> Vec<Way> {
    let setting = environment.setting;
    if setting == Setting::Off {
        return Vec::new();
    }
    let auto = setting == Setting::Auto;
    let mut ways = Vec::new();
    if auto && !environment.command.is_empty() {
        ways.push(Way::Command);
    }
    let in_tmux = environment.tmux.is_some();
    if setting == Setting::Tmux || (auto && in_tmux) {
        ways.push(Way::TmuxBuffer);
    }
    if auto || setting == Setting::Osc52 || (setting == Setting::Tmux && in_tmux) {
        if in_tmux {
            ways.push(Way::TmuxPassthrough);
        } else if environment.screen {
            ways.push(Way::ScreenChunks);
        } else {
            // A multiplexer on the far side of ssh shows in TERM alone. tmux calls itself "screen" too, so both forms
            // go out: each ignores the other's.
            ways.push(Way::Osc52);
            if environment.term.starts_with("screen") {
                ways.push(Way::ScreenChunks);
            }
        }
    }
    if setting == Setting::Native || (auto && !environment.ssh && environment.display) {
        ways.push(Way::Native);
    }
    ways
}

#[cfg(test)]
mod tests {
    use super::*;

    type Variable = (&'static str, &'static str);

    fn environment(variables: &[Variable]) -> Environment {
        Environment::from_variables(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn everything_that_may_work_is_tried_and_nothing_else() {
        use Way::{Native, Osc52, ScreenChunks, TmuxBuffer, TmuxPassthrough};
        let tmux = ("TMUX", "/tmp/tmux-1000/default,77,0");
        let ssh = ("SSH_CONNECTION", "192.0.2.1 5 192.0.2.2 22");
        let cases: &[(&[Variable], &[Way])] = &[
            (&[("TERM", "xterm-256color")], &[Osc52]),
            (&[("TERM", "xterm"), ("DISPLAY", ":0")], &[Osc52, Native]),
            (&[("TERM", "xterm"), ("DISPLAY", ":0"), ssh], &[Osc52]),
            (
                &[("TERM", "xterm"), ("DISPLAY", ""), ("TMUX", "")],
                &[Osc52],
            ),
            (
                &[("TERM", "tmux-256color"), tmux, ssh],
                &[TmuxBuffer, TmuxPassthrough],
            ),
            (
                &[("TERM", "screen"), tmux, ("WAYLAND_DISPLAY", "wayland-0")],
                &[TmuxBuffer, TmuxPassthrough, Native],
            ),
            (
                &[("TERM", "screen"), ("STY", "12.pts"), ssh],
                &[ScreenChunks],
            ),
            (&[("TERM", "screen-256color"), ssh], &[Osc52, ScreenChunks]),
            (&[("TERM", "tmux-256color"), ssh], &[Osc52]),
        ];
        for (variables, expected) in cases {
            assert_eq!(ways(&environment(variables)), *expected, "{variables:?}");
        }
    }

    #[test]
    fn the_setting_narrows_the_ways() {
        let mut environment = environment(&[("TMUX", "/tmp/t,1,0"), ("DISPLAY", ":0")]);
        environment.command = vec!["site-copy".to_owned()];
        let mut with = |setting| {
            environment.setting = setting;
            ways(&environment)
        };
        assert_eq!(with(Setting::Off), []);
        assert_eq!(with(Setting::Native), [Way::Native]);
        assert_eq!(with(Setting::Osc52), [Way::TmuxPassthrough]);
        assert_eq!(with(Setting::Tmux), [Way::TmuxBuffer, Way::TmuxPassthrough]);
        assert_eq!(with(Setting::Auto).first(), Some(&Way::Command));
    }
}
