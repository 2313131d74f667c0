//! Adds a tenant to the settings file: one more block at its end, everything else as it was, byte for byte.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::editing::device_tenants_named;
use super::entries::{DEFAULT_GRAPH, DEFAULT_LOGIN};
use super::file::SettingsFile;
use super::secret_source::SecretSource;
use super::sign_in::SignIn;
use super::{Settings, SettingsError};

/// A tenant that is to be listed. Paths in it are whole ones: they are written as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTenant {
    /// Directory (tenant) ID.
    pub id: Uuid,
    /// What operators call it.
    pub name: String,
    /// The domain that it is known by.
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

pub(super) fn sign_in(way: &SignIn) -> String {
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
    /// A settings file's text with one more tenant at its end. Devices that named no tenant while there was only one
    /// name that one from here on.
    ///
    /// # Errors
    /// [`SettingsError::Invalid`] when the text, or the text with the tenant, can't be used.
    pub fn with_tenant(
        text: &str,
        file: &Path,
        tenant: &NewTenant,
    ) -> Result<String, SettingsError> {
        let before = Settings::parse(text, file)?;
        let text = match before.tenants.as_slice() {
            [only] => device_tenants_named(text, &before, only.name.get_ref())?,
            _ => text.to_string(),
        };
        let gap = match text.as_str() {
            "" => "",
            text if text.ends_with('\n') => "\n",
            _ => "\n\n",
        };
        let longer = format!("{text}{gap}{}", tenant.block());
        Settings::parse(&longer, file)?;
        Ok(longer)
    }

    /// Writes a tenant into the settings file, which is made from the starter where there is none.
    ///
    /// # Errors
    /// [`SettingsError`] when the file can't be used with the tenant, or can't be written; it is as it was then.
    pub fn add_tenant(file: &Path, tenant: &NewTenant) -> Result<(), SettingsError> {
        let open = SettingsFile::open(file)?;
        open.replace(&Settings::with_tenant(&open.text(), file, tenant)?)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

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

    #[test]
    fn devices_that_named_no_tenant_name_the_one_that_they_had() {
        let one = tenant(SignIn::default());
        let text = format!(
            "{}\n[[devices]]\nfqdn = \"a.example.com\" # mine\n",
            one.block()
        );
        let mut other = tenant(SignIn::default());
        (other.id, other.name) = (Uuid::from_u128(9), "Other".into());
        let longer = Settings::with_tenant(&text, Path::new("s.toml"), &other).unwrap();
        let read = Settings::parse(&longer, Path::new("s.toml")).unwrap();
        assert_eq!(read.devices[0].tenant.as_ref(), Some(&one.name));
        assert!(longer.contains("# mine"), "{longer}");
    }
}
