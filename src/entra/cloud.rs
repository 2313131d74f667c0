//! Microsoft's clouds, told by their sign-in hosts.

/// The sign-in hosts of the national and sovereign clouds. Every other host is the global cloud's, or a stand-in for it.
const NATIONAL: [&str; 6] = [
    "login.microsoftonline.us",
    "login.partner.microsoftonline.cn",
    "login.chinacloudapi.cn",
    "login.sovcloud-identity.fr",
    "login.sovcloud-identity.de",
    "login.sovcloud-identity.sg",
];

/// Whether a sign-in address is a national cloud's, where Microsoft verifies no publishers.
pub fn is_national(login: &str) -> bool {
    let host = login.split("://").last().unwrap_or_default();
    let host = host.split(['/', ':']).next().unwrap_or_default();
    NATIONAL.iter().any(|one| one.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_documented_hosts_are_national_clouds() {
        for host in NATIONAL {
            assert!(is_national(&format!("https://{host}/")), "{host}");
        }
        for other in [
            "https://login.microsoftonline.com",
            "http://127.0.0.1:8443/",
            "https://login.microsoftonline.us.example.com/",
        ] {
            assert!(!is_national(other), "{other}");
        }
    }
}
