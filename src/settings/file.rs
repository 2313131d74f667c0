//! The settings file as it was read, to be replaced as a whole and only as long as nobody else has changed it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::{Settings, SettingsError};
use crate::private;

/// The mode of a file that is made anew.
const ITS_OWNERS_ALONE: u32 = 0o600;

/// The settings file as it was when it was read.
#[derive(Debug, Clone)]
pub struct SettingsFile {
    file: PathBuf,
    /// What a link leads to is replaced, not the link.
    place: PathBuf,
    text: Option<String>,
    mode: u32,
}

impl SettingsFile {
    /// Reads the file; there may be none yet.
    ///
    /// # Errors
    /// [`SettingsError`] when it can't be read, or others than its owner may change it.
    pub fn open(file: &Path) -> Result<SettingsFile, SettingsError> {
        let unreadable = |source| SettingsError::Unreadable {
            file: file.to_path_buf(),
            source,
        };
        let (place, mode) = match fs::canonicalize(file) {
            Ok(place) => {
                let metadata = fs::metadata(&place).map_err(unreadable)?;
                private::check(file, &metadata, private::Rule::OwnerWrites)?;
                (place, metadata.permissions().mode() & 0o777)
            }
            Err(why) if why.kind() == ErrorKind::NotFound => (file.to_path_buf(), ITS_OWNERS_ALONE),
            Err(why) => return Err(unreadable(why)),
        };
        Ok(SettingsFile {
            file: file.to_path_buf(),
            text: read(&place).map_err(unreadable)?,
            place,
            mode,
        })
    }

    /// What stands in it; where there is none, the starter.
    pub fn text(&self) -> String {
        self.text.clone().unwrap_or_else(Settings::starter)
    }

    /// Puts this text in its stead. Whoever reads the file sees the old one or the new one; its mode stays.
    ///
    /// # Errors
    /// [`SettingsError::NotWritten`], also when somebody else has changed it since it was read; it is as it was then.
    pub fn replace(&self, text: &str) -> Result<(), SettingsError> {
        let failed = |why: io::Error| SettingsError::NotWritten {
            file: self.file.clone(),
            why: why.to_string(),
        };
        let folder = match self.place.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        fs::create_dir_all(folder).map_err(failed)?;
        let beside = folder.join(format!(".settings-{}.new", Uuid::new_v4().simple()));
        let unchanged = || Ok::<bool, io::Error>(read(&self.place)? == self.text);
        let replaced = write(&beside, text, self.mode).and_then(|()| match unchanged()? {
            true => fs::rename(&beside, &self.place),
            false => Err(io::Error::other(
                "somebody else has changed it since it was read; read it again",
            )),
        });
        if let Err(why) = replaced {
            // It may not be there at all.
            let _ = fs::remove_file(&beside);
            return Err(failed(why));
        }
        // The name lasts through a power loss only when the folder is written too; some file systems can't.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
        Ok(())
    }
}

fn read(place: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(place) {
        Ok(text) => Ok(Some(text)),
        Err(why) if why.kind() == ErrorKind::NotFound => Ok(None),
        Err(why) => Err(why),
    }
}

fn write(place: &Path, text: &str, mode: u32) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(ITS_OWNERS_ALONE)
        .open(place)?;
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(file: &Path) -> u32 {
        fs::metadata(file).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn the_file_is_replaced_whole_behind_its_link_and_keeps_its_mode() {
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("real.toml"), dir.path().join("link.toml"));
        fs::write(&file, "refresh_minutes = 7\n").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let open = SettingsFile::open(&link).unwrap();
        open.replace("refresh_minutes = 8\n").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(mode(&file), 0o644);
        assert_eq!(fs::read_to_string(&file).unwrap(), "refresh_minutes = 8\n");
        let names = fs::read_dir(dir.path()).unwrap().count();
        assert_eq!(names, 2, "nothing is left behind");
    }

    #[test]
    fn a_file_that_somebody_else_changed_meanwhile_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("s.toml");
        for before in [Some("refresh_minutes = 7\n"), None] {
            match before {
                Some(text) => fs::write(&file, text).unwrap(),
                None => fs::remove_file(&file).unwrap(),
            }
            let open = SettingsFile::open(&file).unwrap();
            fs::write(&file, "# somebody else\n").unwrap();
            let error = open.replace("").unwrap_err().to_string();
            assert!(error.contains("somebody else has changed it"), "{error}");
            assert_eq!(fs::read_to_string(&file).unwrap(), "# somebody else\n");
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_others_may_change_is_not_even_opened() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("s.toml");
        fs::write(&file, "").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
        let error = SettingsFile::open(&file).unwrap_err().to_string();
        assert!(error.contains("chmod 600"), "{error}");
    }

    #[test]
    fn a_new_file_is_its_owners_alone() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("new/s.toml");
        let open = SettingsFile::open(&file).unwrap();
        assert_eq!(open.text(), Settings::starter());
        open.replace("").unwrap();
        assert_eq!(mode(&file), 0o600);
    }
}
