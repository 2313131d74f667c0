//! Whether everything that umpdeck stands on works: the store, each tenant's sign-in and Graph, the portals, this
//! machine's clock. Nothing is changed, and nobody is asked to sign in.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tokio::task::JoinSet;

use super::Desk;
use crate::entra::failure::GraphError;
use crate::entra::signin::discovery;
use crate::http::{Client, HttpError, Request};
use crate::text::counted;

/// How far two clocks may be apart, in seconds: the token of a certificate is good for ten minutes, Entra allows five.
const CLOCKS_APART: i64 = 120;
/// How many portals are asked at once.
const AT_ONCE: usize = 8;

/// What was found of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The thing: "store", "Finebak: sign-in".
    pub subject: String,
    /// Whether it works.
    pub health: Health,
    /// What was found, in words.
    pub found: String,
    /// What to do; empty where nothing is.
    pub mend: String,
}

/// Whether a thing works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It works.
    Good,
    /// It does not.
    Bad,
    /// It could not be told.
    Unknown,
}

impl Finding {
    /// It works.
    pub fn good(subject: impl Into<String>, found: impl Into<String>) -> Finding {
        Finding::of(subject, Health::Good, found, "")
    }

    /// It does not work: what to do.
    pub fn bad(
        subject: impl Into<String>,
        found: impl Into<String>,
        mend: impl Into<String>,
    ) -> Finding {
        Finding::of(subject, Health::Bad, found, mend)
    }

    /// It could not be told: what to do for it.
    pub fn unknown(
        subject: impl Into<String>,
        found: impl Into<String>,
        mend: impl Into<String>,
    ) -> Finding {
        Finding::of(subject, Health::Unknown, found, mend)
    }

    fn of(
        subject: impl Into<String>,
        health: Health,
        found: impl Into<String>,
        mend: impl Into<String>,
    ) -> Finding {
        Finding {
            subject: subject.into(),
            health,
            found: found.into(),
            mend: mend.into(),
        }
    }
}

impl Desk {
    /// Examines everything, all tenants at once; the findings are in the order of the settings.
    pub async fn examine(&self) -> Vec<Finding> {
        let store = self.clone();
        let store = tokio::task::spawn_blocking(move || store.examine_store());
        let mut tenants = JoinSet::new();
        for (place, tenant) in self.tenants().into_iter().enumerate() {
            let desk = self.clone();
            tenants.spawn(async move { (place, desk.examine_tenant(tenant.id).await) });
        }
        let portals = self.examine_portals().await;
        let mut tenants = tenants.join_all().await;
        tenants.sort_by_key(|(place, _)| *place);
        let mut findings = vec![store.await.unwrap_or_else(|why| {
            Finding::unknown("store", why.to_string(), "Run `umpdeck doctor` again.")
        })];
        let (lines, apart): (Vec<_>, Vec<_>) = tenants.into_iter().map(|(_, one)| one).unzip();
        let apart = apart.into_iter().flatten().max_by_key(|apart| apart.abs());
        findings.extend((!lines.is_empty()).then(|| clock(apart)));
        findings.extend(lines.into_iter().flatten());
        findings.extend(portals);
        findings
    }

    fn examine_store(&self) -> Finding {
        let store = &self.inner.store;
        let place = store.path().display().to_string();
        match store.check() {
            Ok(()) => Finding::good("store", format!("{place} is not damaged")),
            Err(error) => {
                let trouble = super::Trouble::from(error);
                Finding::bad("store", trouble.why, trouble.next)
            }
        }
    }

    /// The findings of a tenant, and by how many seconds its clock is before this machine's.
    async fn examine_tenant(&self, tenant: uuid::Uuid) -> (Vec<Finding>, Option<i64>) {
        let ways = match self.inner.ways(tenant) {
            Ok(ways) => ways,
            Err(trouble) => {
                let finding = Finding::unknown(tenant.to_string(), trouble.why, trouble.next);
                return (vec![finding], None);
            }
        };
        let name = &ways.site.tenant.name;
        let session = ways.graph.session();
        let host = session.login().base().host();
        let subject = format!("{name}: sign-in");
        let mut apart = None;
        let mut findings = Vec::new();
        match discovery::server_time(session.login(), tenant).await {
            Ok(time) => apart = time.map(|time| time.as_second() - Timestamp::now().as_second()),
            Err(error) => findings.push(Finding::bad(&subject, error.to_string(), error.next())),
        }
        if findings.is_empty() {
            findings.push(match ways.graph.identity().await {
                Ok(identity) => Finding::good(&subject, format!("signed in as {}", identity.name)),
                Err(GraphError::SignIn(_)) if session.settings().way.needs_a_person() => {
                    Finding::unknown(
                        &subject,
                        format!("{host} answers; nobody has signed in yet (with a code)"),
                        format!("`umpdeck signin \"{name}\"` signs in."),
                    )
                }
                Err(error) => Finding::bad(&subject, error.to_string(), error.next()),
            });
        }
        let signed_in = findings.iter().all(|one| one.health == Health::Good);
        findings.push(self.examine_graph(&ways.graph, name, signed_in).await);
        (findings, apart)
    }

    async fn examine_graph(
        &self,
        graph: &crate::entra::graph::Graph,
        name: &str,
        signed_in: bool,
    ) -> Finding {
        let subject = format!("{name}: Graph");
        let host = graph.client().base().host();
        if signed_in {
            return match graph.organization().await {
                Ok(_) => Finding::good(subject, format!("{host} accepts the token")),
                Err(error) => Finding::bad(subject, error.to_string(), error.next()),
            };
        }
        match reach(graph.client(), "/v1.0/organization").await {
            Ok(answered) => answered.finding(subject, &host, ""),
            Err(error) => Finding::bad(subject, error.to_string(), error.next()),
        }
    }

    /// Every host of a portal with an interface, once, however many devices it serves.
    async fn examine_portals(&self) -> Vec<Finding> {
        let mut hosts: BTreeMap<String, (Client, usize)> = BTreeMap::new();
        for portal in self.inner.listed().portals.values() {
            let host = portal.client.base().host();
            hosts
                .entry(host)
                .or_insert_with(|| (portal.client.clone(), 0))
                .1 += 1;
        }
        let mut findings = Vec::new();
        let mut waiting = hosts.into_iter();
        let mut asked = JoinSet::new();
        loop {
            while asked.len() < AT_ONCE
                && let Some((host, (client, devices))) = waiting.next()
            {
                asked.spawn(async move {
                    let reached = reach(&client, "/").await;
                    (host, devices, reached)
                });
            }
            let Some(Ok((host, devices, reached))) = asked.join_next().await else {
                break;
            };
            let subject = format!("portal {host}");
            let serves = format!("it serves {}", counted(devices, "device"));
            findings.push(match reached {
                Ok(answered) => answered.finding(subject, "", &format!("; {serves}")),
                Err(error) => Finding::bad(subject, format!("{error}; {serves}"), error.next()),
            });
        }
        findings.sort_by(|one, other| one.subject.cmp(&other.subject));
        findings
    }
}

/// How a server answered.
enum Answered {
    /// Whatever it said to a caller without a token, it is there.
    Well,
    /// By a status that says it can't serve anybody just now.
    Badly(u16),
}

impl Answered {
    fn by(status: u16) -> Answered {
        match status {
            500.. => Answered::Badly(status),
            _ => Answered::Well,
        }
    }

    fn finding(&self, subject: String, before: &str, after: &str) -> Finding {
        match self {
            Answered::Well => {
                Finding::good(subject, format!("{before} answers{after}").trim_start())
            }
            Answered::Badly(status) => Finding::bad(
                subject,
                format!("{before} answers that it is out of service now ({status}){after}")
                    .trim_start(),
                "Try again in a minute.",
            ),
        }
    }
}

/// Whether a server answers at all, to a caller without a token.
async fn reach(client: &Client, path: &str) -> Result<Answered, HttpError> {
    match client.send_once(&Request::get(path), None).await {
        Ok(answer) => Ok(Answered::by(answer.status)),
        Err(HttpError::NotJson { status, .. }) => Ok(Answered::by(status)),
        Err(HttpError::RedirectRefused { .. }) => Ok(Answered::Well),
        Err(error) => Err(error),
    }
}

fn clock(apart: Option<i64>) -> Finding {
    const SUBJECT: &str = "clock";
    let Some(apart) = apart else {
        return Finding::unknown(
            SUBJECT,
            "no server sent its time",
            "Correct the connection to the sign-in service first.",
        );
    };
    let which = if apart > 0 { "behind" } else { "ahead of" };
    match apart.abs() {
        0..=1 => Finding::good(SUBJECT, "the same time as the sign-in service"),
        2..=CLOCKS_APART => Finding::good(
            SUBJECT,
            format!("{} s {which} the sign-in service", apart.abs()),
        ),
        far => Finding::bad(
            SUBJECT,
            format!("{far} s {which} the sign-in service"),
            "Set this machine's clock: sign-in with a certificate and the days left depend on it.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_minutes_off_is_told_with_its_direction() {
        assert_eq!(clock(Some(1)).health, Health::Good);
        assert_eq!(clock(Some(-90)).found, "90 s ahead of the sign-in service");
        let behind = clock(Some(600));
        assert_eq!(behind.health, Health::Bad);
        assert_eq!(behind.found, "600 s behind the sign-in service");
        assert_eq!(clock(None).health, Health::Unknown);
    }
}
