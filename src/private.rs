//! Files and folders that are for one user alone: what others may do with them, and the command that mends it.
//!
//! The ground floor of places on disk: it knows nothing of the rest.

use std::fs::{self, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::Path;

/// Others may use what is for one user alone. Says why, then what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}; {mend}")]
pub struct Exposed {
    why: String,
    mend: String,
}

impl Exposed {
    /// Who may do what with which place.
    pub fn why(&self) -> &str {
        &self.why
    }

    /// What takes that away.
    pub fn mend(&self) -> &str {
        &self.mend
    }
}

/// Whose a place must be, and what others may do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The user's own, and nobody else may do anything: store, log, secrets.
    OwnerAlone,
    /// The user's own or the administrator's, and nobody else may write: settings, which name programs to run.
    /// A group of the user's own, the one that bears the user's number, is nobody else.
    OwnerWrites,
}

/// Holds a place against a rule.
///
/// # Errors
/// [`Exposed`], with the command that mends it.
pub fn check(path: &Path, metadata: &Metadata, rule: Rule) -> Result<(), Exposed> {
    let user = rustix::process::geteuid().as_raw();
    let kind = if metadata.is_dir() { "folder" } else { "file" };
    let place = path.display();
    let owner = metadata.uid();
    if owner != user && !(rule == Rule::OwnerWrites && owner == 0) {
        return Err(Exposed {
            why: format!(
                "the {kind} {place} belongs to another user (uid {owner}, and this is uid {user})"
            ),
            mend: format!(
                "use a place of your own, or change the owner: chown {user} {}",
                quoted(path)
            ),
        });
    }
    let mode = metadata.permissions().mode() & 0o777;
    let (forbidden, may, right) = match rule {
        Rule::OwnerAlone => (0o077, "use", if metadata.is_dir() { "700" } else { "600" }),
        Rule::OwnerWrites if metadata.gid() == owner => (0o002, "change", "600"),
        Rule::OwnerWrites => (0o022, "change", "600"),
    };
    if mode & forbidden == 0 {
        return Ok(());
    }
    Err(Exposed {
        why: format!("others than its owner may {may} the {kind} {place} (its mode is {mode:03o})"),
        mend: format!("take their rights away: chmod {right} {}", quoted(path)),
    })
}

/// Makes a folder for this user alone where there is none; one that is there stays as it is.
///
/// # Errors
/// What the system says.
pub fn make_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

/// [`make_folder`], and one that is there must be for this user alone already.
///
/// # Errors
/// What the system says, or [`Exposed`].
pub fn folder(path: &Path) -> Result<(), Failure> {
    make_folder(path)?;
    check(path, &fs::metadata(path)?, Rule::OwnerAlone)?;
    Ok(())
}

/// Takes others' rights away from a file of umpdeck's own: one from a backup, for example, may have them.
///
/// # Errors
/// What the system says.
pub fn keep(path: &Path) -> io::Result<()> {
    match fs::metadata(path)?.permissions().mode() & 0o077 {
        0 => Ok(()),
        _ => fs::set_permissions(path, Permissions::from_mode(0o600)),
    }
}

/// The first folder on the way to a place in which anybody may put something else in the place's stead, if there is
/// one. In a folder with the sticky bit, such as `/tmp`, nobody may.
pub fn open_way(path: &Path) -> Option<Exposed> {
    const ANYBODY_WRITES: u32 = 0o002;
    const STICKY: u32 = 0o1000;
    let whole = path.canonicalize().ok()?;
    let folder = whole.ancestors().skip(1).find(|folder| {
        let mode = fs::metadata(folder).map_or(0, |found| found.permissions().mode());
        mode & ANYBODY_WRITES != 0 && mode & STICKY == 0
    })?;
    Some(Exposed {
        why: format!(
            "anybody may replace {}, since anybody may write in {}",
            path.display(),
            folder.display()
        ),
        mend: format!("take that right away: chmod o-w {}", quoted(folder)),
    })
}

/// Why a folder can't be used.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// What the system says.
    #[error(transparent)]
    System(#[from] io::Error),
    /// Others may use it.
    #[error(transparent)]
    Exposed(#[from] Exposed),
}

/// A path as one word for a shell.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@:".contains(c);
    match !text.is_empty() && text.chars().all(plain) {
        true => text,
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_mode(path: &Path, mode: u32) -> Metadata {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        fs::metadata(path).unwrap()
    }

    #[test]
    fn nothing_wider_than_the_owner_alone_is_taken_and_the_words_mend_it() {
        let base = tempfile::tempdir().unwrap();
        let inside = base.path().join("it's mine");
        folder(&inside).unwrap();
        assert_eq!(fs::metadata(&inside).unwrap().mode() & 0o777, 0o700);
        let file = base.path().join("f");
        fs::write(&file, "").unwrap();
        for others in [0o001, 0o004, 0o007, 0o010, 0o020, 0o040, 0o077] {
            let found = of_mode(&file, 0o600 | others);
            let error = check(&file, &found, Rule::OwnerAlone).unwrap_err();
            let end = format!("; take their rights away: chmod 600 {}", file.display());
            assert!(error.to_string().ends_with(&end), "{error}");
            of_mode(&inside, 0o700 | others);
            let Err(Failure::Exposed(error)) = folder(&inside) else {
                panic!("{others:o} was taken");
            };
            let shell = error.mend.split_once(": ").unwrap().1;
            let done = std::process::Command::new("sh")
                .args(["-c", shell])
                .status();
            assert!(done.unwrap().success(), "{shell}");
            folder(&inside).unwrap();
        }
        of_mode(&file, 0o644);
        keep(&file).unwrap();
        check(&file, &fs::metadata(&file).unwrap(), Rule::OwnerAlone).unwrap();
    }

    #[test]
    fn settings_may_be_read_by_others_and_not_changed() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let may = |mode| check(file.path(), &of_mode(file.path(), mode), Rule::OwnerWrites);
        assert_eq!(may(0o644), Ok(()));
        assert!(may(0o646).is_err());
        let own_group = fs::metadata(file.path()).is_ok_and(|found| found.gid() == found.uid());
        assert_eq!(may(0o664).is_ok(), own_group);
    }

    #[test]
    fn a_place_of_another_user_is_refused_whatever_its_mode() {
        if !rustix::process::geteuid().is_root() {
            return; // Only root can give a file away.
        }
        let dir = tempfile::tempdir().unwrap();
        std::os::unix::fs::chown(dir.path(), Some(4242), None).unwrap();
        let error = folder(dir.path()).unwrap_err().to_string();
        assert!(
            error.contains("uid 4242") && error.contains("chown 0 "),
            "{error}"
        );
    }

    #[test]
    fn a_folder_that_anybody_writes_in_is_found_on_the_way_unless_it_is_sticky() {
        let base = tempfile::tempdir().unwrap();
        let between = base.path().join("between");
        let place = between.join("data");
        folder(&place).unwrap();
        assert_eq!(open_way(&place), None);
        of_mode(&between, 0o777);
        let found = open_way(&place).unwrap().to_string();
        assert!(
            found.contains("chmod o-w ") && found.ends_with("between"),
            "{found}"
        );
        of_mode(&between, 0o1777);
        assert_eq!(open_way(&place), None);
    }
}
