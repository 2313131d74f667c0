//! An operator repairs what differs, and only that; and rotates a secret without a gap.

use crate::support::ground::{Ground, Home, WIDE, checks, choose, open, wait_for_line};
use crate::support::pty::Pty;
use serde_json::Value;

const DEVICE: &str = "ump-west.finebak.com";
const UNIQUE_NAME: &str = "umpdeck.ump-west.finebak.com";
/// Graph's User.Read, which somebody added.
const USER_READ: &str = "e1fe6dd8-ba31-4d61-89e7-88639da4683d";
/// Graph's User.Read.All, which is missing.
const USER_READ_ALL: &str = "a154be20-db9c-4678-8ab7-66f6cc099a59";

/// The registration as Graph shows it.
fn shown(ground: &Ground) -> Value {
    let application = ground.application(UNIQUE_NAME);
    let id = application["id"].as_str().expect("an id");
    ground.graph_application("Finebak", id)
}

fn object_id(ground: &Ground) -> String {
    let application = ground.application(UNIQUE_NAME);
    application["id"].as_str().expect("an id").to_string()
}

/// Carries the plan on the screen out; the log of requests begins with it. A refresh of other tenants may still be
/// under way beside it, so that only what changes something is counted from it.
#[track_caller]
fn apply(pty: &mut Pty, ground: &Ground) {
    ground.forget_requests();
    pty.send("\r");
    pty.wait_for("ump-west: done");
}

#[test]
fn a_repair_changes_what_differs_and_nothing_else() {
    let ground = Ground::start("");
    let home = Home::new();
    let mut pty = ground.console(&home, WIDE);
    let before = shown(&ground);
    assert!(before.to_string().contains(USER_READ) && !before.to_string().contains(USER_READ_ALL));
    choose(&mut pty, DEVICE);
    pty.send("f");
    pty.wait_for("Plan: repair");
    for planned in [
        "4 changes, 3 requests",
        "web.redirectUris",
        "enableIdTokenIssuance",
        "+ User.Read.All",
        "+ AppCatalog.ReadWrite.All",
        "verify the publisher",
        "Not changed: User.Read (Microsoft Graph, delegated)",
    ] {
        pty.wait_for(planned);
    }
    // What is read back is named with all that is asked for.
    let text = pty.screen_text();
    let changes = text.lines().filter(|line| !line.contains("GET "));
    let text: String = changes.map(|line| format!("{line}\n")).collect();
    for untouched in [
        "displayName",
        "signInAudience",
        "isFallbackPublicClient",
        "addPassword",
    ] {
        assert!(!text.contains(untouched), "{text}");
    }
    apply(&mut pty, &ground);
    let application = format!("/v1.0/applications/{}", object_id(&ground));
    assert_eq!(
        ground.changes(),
        [
            format!("PATCH {application} 204"),
            format!("POST {application}/setVerifiedPublisher 204"),
        ]
    );
    let all = ground.requests();
    assert!(all.contains(&format!("GET {application} 200")), "{all:?}");

    pty.wait_for("✔ OK");
    pty.send("\x1b");
    pty.wait_for("Enter open");
    pty.send("\r");
    pty.wait_for(&format!("Checklist {}", checks(0, 1)));
    let after = shown(&ground);
    let access = after["requiredResourceAccess"].to_string();
    assert!(access.contains(USER_READ_ALL), "{access}");
    assert!(
        access.contains(USER_READ),
        "what somebody added is still there: {access}"
    );
    assert_eq!(
        after["web"]["redirectUris"],
        serde_json::json!([format!("https://{DEVICE}/authenticate/OAuth2Callback")])
    );
    for same in [
        "displayName",
        "signInAudience",
        "passwordCredentials",
        "uniqueName",
    ] {
        assert_eq!(before[same], after[same], "{same}");
    }
}

#[test]
fn a_marked_extra_permission_is_taken_away_by_the_repair() {
    let ground = Ground::start("");
    let home = Home::new();
    let mut pty = ground.console(&home, WIDE);
    open(&mut pty, DEVICE);
    pty.wait_for(&format!("Checklist {}", checks(4, 1)));
    pty.send("2");
    pty.wait_for("+ User.Read ");
    pty.send("G ");
    pty.wait_for("remove");
    pty.send("f");
    pty.wait_for("Plan: repair");
    pty.wait_for("- User.Read (Microsoft Graph, delegated)");
    apply(&mut pty, &ground);
    let access = shown(&ground)["requiredResourceAccess"].to_string();
    assert!(!access.contains(USER_READ), "{access}");
    assert!(access.contains(USER_READ_ALL), "{access}");
    pty.send("\x1b");
    pty.wait_for("Permissions 6/6");
    pty.wait_gone("User.Read ");
}

#[test]
fn a_rotation_proves_the_new_secret_in_the_portal_before_the_old_one_goes() {
    let device = "livecloud.finebak.com";
    let ground = Ground::start("");
    let home = Home::new();
    let mut pty = ground.console(&home, WIDE);
    let keys = || {
        let application = ground.application(&format!("umpdeck.{device}"));
        let keys = application["keyIds"].as_array().expect("keys").clone();
        (keys, ground.portal(device)["secretKeyId"].clone())
    };
    let (before, in_portal) = keys();
    assert_eq!(before, std::slice::from_ref(&in_portal));

    // Nobody has on record which secret the portal uses: the one that is there stays.
    choose(&mut pty, device);
    pty.send("R");
    pty.wait_for("Plan: rotate");
    pty.wait_for(": nothing on record says who uses it");
    pty.send("\r");
    pty.wait_for("Entra accepts it; the portal's settings were read back");
    pty.wait_for("livecloud: done");
    let (first, in_portal) = keys();
    assert_eq!(first.len(), 2);
    assert!(first.contains(&before[0]) && before[0] != in_portal);
    pty.send("\x1b");
    wait_for_line(&pty, &[device, "Consent pending"]);

    // Now it is on record, and so goes when the next one has been proven.
    pty.send("R");
    pty.wait_for("Plan: rotate");
    pty.wait_for("remove the earlier secret");
    ground.forget_requests();
    pty.send("\r");
    pty.wait_for("removed \"umpdeck livecloud");
    let (second, now_in_portal) = keys();
    assert_eq!(second.len(), 2);
    assert!(second.contains(&before[0]) && second.contains(&now_in_portal));
    assert!(!second.contains(&in_portal), "the one before is gone");
    let requests = ground.requests();
    let place = |what: &str| {
        let place = requests.iter().position(|one| one.contains(what));
        place.unwrap_or_else(|| panic!("{what} in {requests:?}"))
    };
    let places = [
        place("/addPassword 200"),
        place("PUT /portal/"),
        place("/removePassword 204"),
    ];
    assert!(places.is_sorted(), "{requests:?}");
    let proven = requests[places[1]..places[2]]
        .iter()
        .any(|one| one.starts_with("POST ") && one.ends_with("/oauth2/v2.0/token 200"));
    assert!(proven, "{requests:?}");
}
