//! Where a server is: https anywhere, plain http on this machine only, checked once by type.

use std::fmt;

use url::{Host, Url};

/// Why an address can't be used as a server's base, in words for an operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidBase(pub String);

/// A server's base address, without a slash at its end: `https://graph.microsoft.com`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    url: Url,
}

impl BaseUrl {
    /// Accepts https anywhere and http on loopback; no user name, query or fragment.
    ///
    /// # Errors
    /// [`InvalidBase`], in words for whoever wrote it.
    pub fn parse(text: &str) -> Result<BaseUrl, InvalidBase> {
        let invalid = |why: &str| Err(InvalidBase(format!("this address can't be used: {why}")));
        let Ok(mut url) = Url::parse(text.trim()) else {
            return invalid("it is not a URL such as https://host/path");
        };
        if !url.username().is_empty() || url.password().is_some() {
            return invalid("it has a user name or a password");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return invalid("it has a query (?…) or a fragment (#…)");
        }
        if url.host().is_none() {
            return invalid("it names no host");
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return invalid("http is allowed only on this machine; use https"),
            _ => return invalid("it must begin with https://"),
        }
        let path = url.path().trim_end_matches('/').to_string();
        url.set_path(&path);
        Ok(BaseUrl { url })
    }

    /// Whether the host is this machine by its written form (127.0.0.0/8, ::1, localhost); no name is looked up.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    /// The host with its port, for messages.
    pub fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_string(),
        }
    }

    /// The base's own path without a slash at its end: what stands before every request's path.
    pub fn path_prefix(&self) -> &str {
        self.url.path().trim_end_matches('/')
    }

    /// The address as text, without a slash at its end.
    pub fn as_str(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    /// The full address of a request's path (which begins with `/` and may have a query).
    /// Fails when the path would lead away from this base.
    ///
    /// # Errors
    /// [`InvalidBase`] for what is no path, or would lead to another server.
    pub fn join(&self, path: &str) -> Result<Url, InvalidBase> {
        let wrong = || InvalidBase(format!("{path:?} is not a path below {self}"));
        if !path.starts_with('/') {
            return Err(wrong());
        }
        let joined = Url::parse(&format!("{self}{path}")).map_err(|_| wrong())?;
        if self.holds(&joined) {
            Ok(joined)
        } else {
            Err(wrong())
        }
    }

    /// Turns a link that a server sent (`@odata.nextLink`, `Location`) into a request's path.
    /// `None` when it leads to another origin or out of this base: following it would carry the token away.
    pub fn path_of(&self, link: &str) -> Option<String> {
        let url = Url::parse(link).ok()?;
        if !self.holds(&url) {
            return None;
        }
        let mut path = url.path()[self.path_prefix().len()..].to_string();
        if let Some(query) = url.query() {
            path.push('?');
            path.push_str(query);
        }
        Some(path)
    }

    fn holds(&self, url: &Url) -> bool {
        url.origin() == self.url.origin()
            && url.username().is_empty()
            && url.password().is_none()
            && url
                .path()
                .strip_prefix(self.path_prefix())
                .is_some_and(|rest| rest.starts_with('/'))
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

/// A value as it may stand in a path or a query: everything but letters, digits and `-._*` becomes `%XX`.
pub fn encoded(value: &str) -> String {
    // Form encoding writes a space as "+", which a path does not understand; a real plus is %2B by then.
    url::form_urlencoded::byte_serialize(value.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_is_taken_anywhere_and_http_on_loopback_only() {
        for right in [
            "https://graph.microsoft.com",
            "https://graph.microsoft.com/",
            "http://127.0.0.1:8443/graph/",
            "http://[::1]:1",
            "http://localhost",
        ] {
            assert!(BaseUrl::parse(right).is_ok(), "{right} was refused");
        }
        for wrong in [
            "",
            "graph.microsoft.com",
            "http://graph.microsoft.com",
            "http://localhost.evil.example",
            "http://127.0.0.1.evil.example",
            "ftp://127.0.0.1",
            "https://user@host.example",
            "https://host.example/?a=1",
            "https://host.example/#a",
            "file:///etc/passwd",
        ] {
            assert!(BaseUrl::parse(wrong).is_err(), "{wrong} was accepted");
        }
    }

    #[test]
    fn a_refused_address_is_not_repeated_with_its_password() {
        let error = BaseUrl::parse("https://user:hunter2@host.example").unwrap_err();
        assert!(!error.to_string().contains("hunter2"));
    }

    #[test]
    fn paths_are_joined_below_the_base() {
        let base = BaseUrl::parse("http://127.0.0.1:8443/graph/").unwrap();
        assert_eq!(
            base.join("/v1.0/applications?$top=999").unwrap().as_str(),
            "http://127.0.0.1:8443/graph/v1.0/applications?$top=999"
        );
        assert!(base.join("v1.0").is_err());
        assert!(base.join("/../secrets").is_err());
        let root = BaseUrl::parse("https://host.example").unwrap();
        assert!(root.join("@evil.example/x").is_err());
        assert_eq!(
            root.join("//evil.example/x").unwrap().host_str(),
            Some("host.example")
        );
    }

    #[test]
    fn a_servers_link_is_followed_on_its_own_origin_only() {
        let base = BaseUrl::parse("https://graph.microsoft.com").unwrap();
        assert_eq!(
            base.path_of("https://graph.microsoft.com/v1.0/applications?$skiptoken=a%20b"),
            Some("/v1.0/applications?$skiptoken=a%20b".to_string())
        );
        for foreign in [
            "http://graph.microsoft.com/v1.0/applications",
            "https://graph.microsoft.com:444/v1.0/applications",
            "https://graph.microsoft.com@evil.example/v1.0",
            "https://user@graph.microsoft.com/v1.0",
            "https://evil.example/v1.0/applications",
            "//evil.example/v1.0",
            "/v1.0/applications",
        ] {
            assert_eq!(base.path_of(foreign), None, "{foreign}");
        }
        let below = BaseUrl::parse("https://host.example/a").unwrap();
        assert_eq!(below.path_of("https://host.example/ab/c"), None);
        assert_eq!(
            below.path_of("https://host.example/a/c"),
            Some("/c".to_string())
        );
    }

    #[test]
    fn a_value_in_a_path_cannot_leave_its_place() {
        assert_eq!(encoded("a b/c?d'e+f"), "a%20b%2Fc%3Fd%27e%2Bf");
    }
}
