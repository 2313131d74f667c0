//! Adds a tenant to the settings file: one more block at its end, everything else as it was, byte for byte.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::entries::{DEFAULT_GRAPH, DEFAULT_LOGIN, SignIn};
use super::secret_source::SecretSource;
use super::{Settings, SettingsError};

/// A tenant that is to be listed. Paths in it are whole ones: they are written as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTenant {
    /// Directory (tenant) ID.
    pub id: Uuid,
    /// What operators call it.
    pub name: String,
    /// Its primary domain.
    pub primary_domain: String,
    /// The sign-in host of its cloud.
    pub login: String,
    /// The Graph host of its cloud.
    pub graph: String,
    /// The proxy to it.
    pub proxy: Option<String>,
    /// Certificates to trust beside the system's.
    pub ca_file: Option<PathBuf>,
    /// How umpdeck signs in to it.
    pub sign_in: SignIn,
}

impl NewTenant {
    /// The block that lists it, without what holds anyway.
    pub fn block(&self) -> String {
        let mut block = String::from("[[tenants]]\n");
        let mut line = |key: &str, value: String| {
            // Writing into a text can't fail.
            let _ = writeln!(block, "{key} = {value}");
        };
        line("id", quoted(&self.id.to_string()));
        line("name", quoted(&self.name));
        line("primary_domain", quoted(&self.primary_domain));
        for (key, host, usual) in [
            ("login", &self.login, DEFAULT_LOGIN),
            ("graph", &self.graph, DEFAULT_GRAPH),
        ] {
            if host != usual {
                line(key, quoted(host));
            }
        }
        if let Some(proxy) = &self.proxy {
            line("proxy", quoted(proxy));
        }
        if let Some(file) = &self.ca_file {
            line("ca_file", path(file));
        }
        line("sign_in", sign_in(&self.sign_in));
        block
    }
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn path(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}

fn words(words: &[String]) -> String {
    let all: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    format!("[{}]", all.join(", "))
}

fn sign_in(way: &SignIn) -> String {
    let rest = match way {
        SignIn::DeviceCode { client_id, scopes } => {
            let id = format!("client_id = {}", quoted(&client_id.to_string()));
            match *way == SignIn::device_code(*client_id) {
                true => id,
                false => format!("{id}, scopes = {}", words(scopes)),
            }
        }
        SignIn::ClientSecret { client_id, secret } => format!(
            "client_id = {}, {}",
            quoted(&client_id.to_string()),
            match secret {
                SecretSource::Env(name) => format!("secret_env = {}", quoted(name)),
                SecretSource::File(file) => format!("secret_file = {}", path(file)),
                SecretSource::Command(all) => format!("secret_command = {}", words(all)),
            }
        ),
        SignIn::Certificate {
            client_id,
            certificate,
        } => format!(
            "client_id = {}, certificate = {}",
            quoted(&client_id.to_string()),
            path(certificate)
        ),
        SignIn::Command { command } => format!("command = {}", words(command)),
    };
    format!("{{ way = {}, {rest} }}", quoted(way.way()))
}

impl Settings {
    /// A settings file's text with one more tenant at its end.
    ///
    /// # Errors
    /// [`SettingsError::Invalid`] when the text, or the text with the tenant, can't be used.
    pub fn with_tenant(
        text: &str,
        file: &Path,
        tenant: &NewTenant,
    ) -> Result<String, SettingsError> {
        Settings::parse(text, file)?;
        let gap = match text {
            "" => "",
            text if text.ends_with('\n') => "\n",
            _ => "\n\n",
        };
        let longer = format!("{text}{gap}{}", tenant.block());
        Settings::parse(&longer, file)?;
        Ok(longer)
    }

    /// Writes a tenant into the settings file, which is made from the starter where there is none. The file is replaced
    /// as a whole: whoever reads it sees the old one or the new one. It is its owner's alone then.
    ///
    /// # Errors
    /// [`SettingsError`] when the file can't be used with the tenant, or can't be written; it is as it was then.
    pub fn add_tenant(file: &Path, tenant: &NewTenant) -> Result<(), SettingsError> {
        let failed = |why: io::Error| SettingsError::NotWritten {
            file: file.to_path_buf(),
            why: why.to_string(),
        };
        // What a link leads to is replaced, not the link.
        let place = match fs::canonicalize(file) {
            Ok(place) => place,
            Err(why) if why.kind() == ErrorKind::NotFound => file.to_path_buf(),
            Err(why) => return Err(failed(why)),
        };
        let before = read(&place).map_err(failed)?;
        let begin = before.clone().unwrap_or_else(Settings::starter);
        let text = Settings::with_tenant(&begin, file, tenant)?;
        let folder = match place.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        fs::create_dir_all(folder).map_err(failed)?;
        let beside = folder.join(format!(".settings-{}.new", Uuid::new_v4().simple()));
        let replaced = write(&beside, &text).and_then(|()| match read(&place)? == before {
            true => fs::rename(&beside, &place),
            false => Err(io::Error::other(
                "somebody else changed it just now; try again",
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

fn write(place: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(place)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(sign_in: SignIn) -> NewTenant {
        NewTenant {
            id: Uuid::from_u128(5),
            name: "O'Neill \"Söhne\" \\ Co #1".into(),
            primary_domain: "oneill.example.com".into(),
            login: DEFAULT_LOGIN.into(),
            graph: DEFAULT_GRAPH.into(),
            proxy: None,
            ca_file: None,
            sign_in,
        }
    }

    #[test]
    fn what_is_written_is_read_as_what_was_meant() {
        let client_id = Uuid::from_u128(6);
        let secret = |secret| SignIn::ClientSecret { client_id, secret };
        for sign_in in [
            SignIn::default(),
            SignIn::device_code(client_id),
            SignIn::DeviceCode {
                client_id,
                scopes: vec!["User.Read".into()],
            },
            secret(SecretSource::Env("S".into())),
            secret(SecretSource::File("/a b/'c\"".into())),
            secret(SecretSource::Command(vec![
                "pass".into(),
                "a 'b' \"c\"".into(),
            ])),
            SignIn::Certificate {
                client_id,
                certificate: "/etc/c.pem".into(),
            },
            SignIn::Command {
                command: vec!["az".into(), "-o".into(), "json".into()],
            },
        ] {
            let mut tenant = tenant(sign_in.clone());
            tenant.proxy = Some("http://proxy:8080".into());
            tenant.ca_file = Some("/etc/ca.pem".into());
            tenant.graph = "https://graph.microsoft.us".into();
            let text = Settings::with_tenant("", Path::new("/etc/s.toml"), &tenant).unwrap();
            let read = Settings::parse(&text, Path::new("/etc/s.toml")).unwrap();
            let entry = &read.tenants[0];
            assert_eq!(entry.sign_in, sign_in);
            assert_eq!(*entry.name.get_ref(), tenant.name);
            assert_eq!(
                (&entry.proxy, &entry.ca_file),
                (&tenant.proxy, &tenant.ca_file)
            );
            assert_eq!(
                (entry.login.as_str(), &entry.graph),
                (DEFAULT_LOGIN, &tenant.graph)
            );
        }
    }

    #[test]
    fn nothing_else_of_the_file_changes() {
        let tenant = tenant(SignIn::default());
        for text in [
            "# mine\r\nrefresh_minutes = 7\r\n",
            "[screen]\nascii = true # no end of line",
            "[[devices]]\nfqdn = \"a.example.com\"\n[[devices.customers]]\nshort_name = \"abc\"\n\n\n",
        ] {
            let longer = Settings::with_tenant(text, Path::new("s.toml"), &tenant).unwrap();
            assert!(longer.starts_with(text), "{longer}");
            assert!(longer.ends_with(&tenant.block()));
        }
        let twice = Settings::with_tenant(&tenant.block(), Path::new("s.toml"), &tenant);
        assert!(twice.unwrap_err().to_string().contains("another tenant"));
        let inline = "tenants = []\n";
        assert!(Settings::with_tenant(inline, Path::new("s.toml"), &tenant).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_replaced_whole_behind_its_link_and_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("real.toml"), dir.path().join("link.toml"));
        fs::write(&file, "refresh_minutes = 7\n").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        Settings::add_tenant(&link, &tenant(SignIn::default())).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
        let text = fs::read_to_string(&file).unwrap();
        assert!(
            text.starts_with("refresh_minutes = 7\n\n[[tenants]]\n"),
            "{text}"
        );
        assert!(Settings::add_tenant(&link, &tenant(SignIn::default())).is_err());
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
        let names = fs::read_dir(dir.path()).unwrap().count();
        assert_eq!(names, 2, "nothing is left behind");
    }

    #[test]
    fn without_a_file_it_begins_with_the_starter() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("new/settings.toml");
        Settings::add_tenant(&file, &tenant(SignIn::default())).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with(&Settings::starter()));
        let (settings, ..) = Settings::load(Some(&file)).unwrap();
        assert_eq!(settings.tenants[0].sign_in, SignIn::default());
    }
}
