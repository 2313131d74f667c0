//! Files of the site's own beside what is compiled in: blueprints, portal profiles, themes, the text of the invitations.

use std::fs;
use std::path::Path;

use crate::desk::event::Trouble;
use crate::desk::site::{Profile, ProfileError, Template};
use crate::registration::blueprint::{Blueprint, BlueprintError};

/// The compiled-in blueprints and the site's own; one of the same name takes the place of the compiled-in one.
pub(super) fn blueprints(dir: Option<&Path>) -> Result<Vec<Blueprint>, Trouble> {
    let parse = |text: &str| {
        Blueprint::parse(text).map_err(|error| match error {
            BlueprintError::Syntax(error) => syntax(text, &error),
            other => other.to_string(),
        })
    };
    let own = own("blueprint", dir, &parse)?;
    Ok(with_own(Blueprint::built_in(), own, |one| &one.name))
}

/// The compiled-in portal profiles and the site's own, likewise.
pub(super) fn profiles(dir: Option<&Path>) -> Result<Vec<Profile>, Trouble> {
    let parse = |text: &str| {
        Profile::parse(text).map_err(|error| match error {
            ProfileError::Syntax(error) => syntax(text, &error),
            other => other.to_string(),
        })
    };
    let own = own("portal profile", dir, &parse)?;
    Ok(with_own(Profile::built_in(), own, |one| &one.name))
}

fn with_own<T>(mut all: Vec<T>, own: Vec<T>, name: impl Fn(&T) -> &str) -> Vec<T> {
    for one in own {
        match all.iter().position(|other| name(other) == name(&one)) {
            Some(place) => all[place] = one,
            None => all.push(one),
        }
    }
    all
}

/// The themes of the site's own: each by its file's name.
///
/// # Errors
/// [`Trouble`] for a folder or a file that can't be read.
pub(super) fn themes(dir: Option<&Path>) -> Result<Vec<(String, String)>, Trouble> {
    named("theme", dir, &|text| Ok(text.to_string()))
}

fn own<T>(
    what: &str,
    dir: Option<&Path>,
    parse: &dyn Fn(&str) -> Result<T, String>,
) -> Result<Vec<T>, Trouble> {
    let all = named(what, dir, parse)?;
    Ok(all.into_iter().map(|(_, one)| one).collect())
}

/// Reads every `.toml` file of a folder, in the order of their names, each with its name.
fn named<T>(
    what: &str,
    dir: Option<&Path>,
    parse: &dyn Fn(&str) -> Result<T, String>,
) -> Result<Vec<(String, T)>, Trouble> {
    let Some(dir) = dir else {
        return Ok(Vec::new());
    };
    let failed = |place: &Path, why: String| {
        Trouble::new(
            format!("the {what}s of this site can't be used"),
            format!("{}: {why}", place.display()),
            "Correct it, or the settings file that names it, and start again.",
        )
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).map_err(|why| failed(dir, why.to_string()))? {
        let file = entry.map_err(|why| failed(dir, why.to_string()))?.path();
        if file.extension().is_some_and(|end| end == "toml") {
            files.push(file);
        }
    }
    files.sort();
    files
        .iter()
        .map(|file| {
            let text = fs::read_to_string(file).map_err(|why| failed(file, why.to_string()))?;
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            let one = parse(&text).map_err(|why| failed(file, why))?;
            Ok((name.into_owned(), one))
        })
        .collect()
}

fn syntax(text: &str, error: &toml::de::Error) -> String {
    let line = error.span().and_then(|span| text.get(..span.start));
    match line {
        Some(before) => format!(
            "line {}: {}",
            before.matches('\n').count() + 1,
            error.message()
        ),
        None => error.message().to_string(),
    }
}

/// The site's own text of the invitations.
pub(super) fn invitation(file: &Path) -> Result<Template, Trouble> {
    let failed = |why: String| {
        Trouble::new(
            "the invitation's text can't be used",
            format!("{}: {why}", file.display()),
            "Correct it, or the settings file that names it, and start again.",
        )
    };
    let text = fs::read_to_string(file).map_err(|why| failed(why.to_string()))?;
    Template::parse(&text).map_err(|why| failed(why.to_string()))
}
