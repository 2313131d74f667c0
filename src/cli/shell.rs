//! `umpdeck completions` and `umpdeck man`: what a shell and `man` want to know, from the command line's own table.

use std::io;
use std::path::PathBuf;

use clap::Args;
use clap::CommandFactory as _;

use super::Outcome;
use super::arguments::Arguments;
use super::exit::Stop;
use crate::desk::event::Trouble;

/// Options of `man`.
#[derive(Debug, Args)]
pub struct ManOptions {
    /// Write the pages of all commands into this folder
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// The completions of a shell.
pub(super) fn completions(shell: clap_complete::Shell) -> Outcome {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "umpdeck", &mut text);
    Outcome::done(String::from_utf8_lossy(&text).into_owned())
}

/// The manual page, or all of them into a folder.
pub(super) fn man(options: &ManOptions) -> Result<Outcome, Stop> {
    let failed = |why: io::Error, place: &str| {
        Trouble::new(
            "the manual can't be written",
            format!("{place}: {why}"),
            "Name a folder that exists and that you may write to.",
        )
    };
    let Some(folder) = &options.dir else {
        let page = page(Arguments::command()).map_err(|why| failed(why, "standard output"))?;
        return Ok(Outcome::done(page));
    };
    clap_mangen::generate_to(Arguments::command(), folder)
        .map_err(|why| failed(why, &folder.display().to_string()))?;
    Ok(Outcome::done(String::new()))
}

fn page(command: clap::Command) -> io::Result<String> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command).render(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
