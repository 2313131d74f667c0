//! How the sandbox's Graph is asked: lists, filters, pages, deltas and batches.

use std::time::Duration;

use crate::support::trial::*;
use serde_json::{Value, json};

#[tokio::test]
async fn pages_follow_the_host_that_was_asked() {
    let trial = Trial::start("").await;
    let token = trial.app_only("Contoso Telco").await;
    let (_, all) = trial.ask(&token, "GET", "/applications", None).await;
    let mut seen: Vec<String> = Vec::new();
    let mut path = "/applications?$top=5&$select=displayName".to_string();
    let mut pages = 0;
    loop {
        let (status, page) = trial.ask(&token, "GET", &path, None).await;
        assert_eq!(status, 200, "{page}");
        seen.extend(names(&page).into_iter().map(str::to_string));
        pages += 1;
        match page["@odata.nextLink"].as_str() {
            Some(next) => {
                assert!(next.starts_with(&format!("{}/v1.0/", trial.sandbox.url())));
                path = next.to_string();
            }
            None => break,
        }
    }
    assert!(pages > 2);
    assert_eq!(seen, names(&all));
    let host = [("Host", "localhost:1234")];
    let (_, page) = trial
        .ask_with(&token, "GET", "/applications?$top=1", None, &host)
        .await;
    let next = page["@odata.nextLink"].as_str().unwrap();
    assert!(next.starts_with("http://localhost:1234/v1.0/"), "{next}");
}

#[tokio::test]
async fn lists_are_filtered_as_graph_documents() {
    let trial = Trial::start("").await;
    let token = trial.app_only("Finebak").await;
    let found = async |filter: &str| {
        let path = format!("/applications?$filter={filter}");
        let (status, body) = trial.ask(&token, "GET", &path, None).await;
        match status {
            200 => Ok(names(&body).len()),
            _ => Err(body["error"]["code"].as_str().unwrap().to_string()),
        }
    };
    let uri = "https://ump-west.finebak.com/authenticate/";
    let by_uri = |tail: &str| format!("web/redirectUris/any(u:u eq '{uri}{tail}')");
    assert_eq!(found(&by_uri("oauth2callback")).await, Ok(1));
    assert_eq!(
        found(&by_uri("OAuth2Callback")).await,
        Ok(0),
        "letter by letter"
    );
    assert_eq!(found("startswith(displayName,'UMP Sync')").await, Ok(7));
    assert_eq!(found("tags/any(t:t eq 'umpdeck')").await, Ok(7));
    let unsupported = Err("Request_UnsupportedQuery".to_string());
    assert_eq!(found("notes eq 'x'").await, unsupported);
    assert_eq!(found("displayName ne 'x'").await, unsupported);
    let path = "/applications?$filter=displayName ne 'Finebak Payroll'&$count=true&$top=1";
    let (_, body) = trial
        .ask_with(
            &token,
            "GET",
            path,
            None,
            &[("ConsistencyLevel", "eventual")],
        )
        .await;
    assert_eq!(body["@odata.count"], 8);
    let (status, _) = trial
        .ask(&token, "GET", "/applications?$select=colour", None)
        .await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn a_batch_is_answered_one_by_one() {
    let trial = Trial::start("").await;
    let token = trial.app_only("Finebak").await;
    let json_type = json!({"Content-Type": "application/json"});
    let body = json!({"requests": [
        {"id": "1", "method": "GET", "url": "/applications?$top=2"},
        {"id": "2", "method": "GET", "url": "/applications(uniqueName='nobody')"},
        {"id": "3", "method": "GET", "url": "/organization", "dependsOn": ["2"]},
        {"id": "4", "method": "POST", "url": "/applications", "headers": json_type, "body": {"displayName": "b"}},
    ]});
    let (status, answer) = trial.ask(&token, "POST", "/$batch", Some(body)).await;
    assert_eq!(status, 200);
    let statuses: Vec<u64> = answer["responses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["status"].as_u64().unwrap())
        .collect();
    assert_eq!(statuses, [200, 404, 424, 201]);
}

#[tokio::test]
async fn what_the_sandbox_lacks_it_says_in_graphs_form() {
    let trial = Trial::start("").await;
    let token = trial.app_only("Finebak").await;
    for path in ["/groups", "/applications/x/y", "/nothing/at/all"] {
        let (status, body) = trial.ask(&token, "GET", path, None).await;
        assert!([404, 501].contains(&status), "{path}: {status}");
        assert!(body["error"]["code"].is_string());
    }
    for path in [
        "/domains",
        "/policies/appManagementPolicies",
        "/policies/authorizationPolicy",
        "/servicePrincipals?$filter=displayName eq 'Microsoft Graph'",
        "/servicePrincipals",
        "/oauth2PermissionGrants",
    ] {
        assert_eq!(trial.ask(&token, "GET", path, None).await.0, 200, "{path}");
    }
}

/// The whole answer of a delta, page by page: its objects, and the link for the next time.
async fn delta(trial: &Trial, token: &str, path: &str) -> (Vec<Value>, String) {
    let mut next = path.to_string();
    let mut all = Vec::new();
    loop {
        let (status, page) = trial.ask(token, "GET", &next, None).await;
        assert_eq!(status, 200, "{page}");
        all.extend(page["value"].as_array().unwrap().clone());
        match page["@odata.nextLink"].as_str() {
            Some(link) => next = link.to_string(),
            None => return (all, page["@odata.deltaLink"].as_str().unwrap().to_string()),
        }
    }
}

#[tokio::test]
async fn a_delta_tells_what_changed_and_what_went() {
    let trial = Trial::start("").await;
    let token = trial.app_only("Finebak").await;
    let (_, list) = trial
        .ask(&token, "GET", "/applications?$top=999", None)
        .await;
    let (all, link) = delta(
        &trial,
        &token,
        "/applications/delta?$select=displayName&$top=3",
    )
    .await;
    assert_eq!(all.len(), list["value"].as_array().unwrap().len());
    assert_eq!(all[0].as_object().unwrap().len(), 2, "id and the selected");

    assert_eq!(delta(&trial, &token, &link).await.0, Vec::<Value>::new());

    let first = all[0]["id"].as_str().unwrap();
    let second = all[1]["id"].as_str().unwrap();
    let path = format!("/applications/{first}");
    let name = json!({"displayName": "Renamed"});
    trial.ask(&token, "PATCH", &path, Some(name)).await;
    let path = format!("/applications/{second}");
    trial.ask(&token, "DELETE", &path, None).await;
    let (changes, later) = delta(&trial, &token, &link).await;
    assert_eq!(
        changes,
        [
            json!({"displayName": "Renamed", "id": first}),
            json!({"id": second, "@removed": {"reason": "changed"}}),
        ]
    );
    let again = delta(&trial, &token, &link).await.0;
    assert_eq!(again, changes, "a link may be asked again");

    let path = format!("/directory/deletedItems/{second}");
    trial.ask(&token, "DELETE", &path, None).await;
    let (changes, _) = delta(&trial, &token, &later).await;
    assert_eq!(
        changes,
        [json!({"id": second, "@removed": {"reason": "deleted"}})]
    );

    let (none, link) = delta(&trial, &token, "/applications/delta?$deltatoken=latest").await;
    assert!(none.is_empty());
    let other = trial.app_only("Contoso Telco").await;
    let (status, body) = trial.ask(&other, "GET", &link, None).await;
    assert_eq!(status, 410, "{body}");
}

#[tokio::test]
async fn a_delta_does_not_pass_over_what_replication_still_hides() {
    let trial = Trial::start("").await;
    let token = trial.app_only("Finebak").await;
    let (_, link) = delta(&trial, &token, "/applications/delta()?$deltatoken=latest").await;
    trial.faults("lag=1s").await;
    let new = json!({"displayName": "Late"});
    let (status, made) = trial.ask(&token, "POST", "/applications", Some(new)).await;
    assert_eq!(status, 201, "{made}");
    let mut link = link;
    let came = async {
        loop {
            let (changes, next) = delta(&trial, &token, &link).await;
            link = next;
            if let [late] = changes.as_slice() {
                return late["id"].clone();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let came = tokio::time::timeout(Duration::from_secs(60), came).await;
    assert_eq!(came.expect("it comes"), made["id"]);
    let (again, _) = delta(&trial, &token, &link).await;
    assert!(again.is_empty(), "once: {again:?}");
}

/// What a list answers with `ConsistencyLevel: eventual`: its objects' names, or the refusal's code.
async fn eventual(trial: &Trial, token: &str, path: &str) -> Result<Vec<String>, String> {
    let header = [("ConsistencyLevel", "eventual")];
    let (status, body) = trial.ask_with(token, "GET", path, None, &header).await;
    match status {
        200 => Ok(names(&body).into_iter().map(str::to_string).collect()),
        _ => Err(body["error"]["code"].as_str().unwrap().to_string()),
    }
}

#[tokio::test]
async fn advanced_queries_need_the_header_and_the_count() {
    let trial = Trial::start("").await;
    let token = trial.app_only("Finebak").await;
    let unsupported = Err("Request_UnsupportedQuery".to_string());
    for (query, found) in [
        ("$filter=displayName ne 'Intranet Search'", 8),
        ("$filter=not startswith(displayName,'UMP')", 2),
        ("$filter=endsWith(displayName,'WEST')", 1),
        ("$filter=web/redirectUris/$count eq 2", 2),
        (
            "$filter=tags/any(t:startsWith(t,'ump')) and displayName ge 'ump sync ump-e' and displayName le 'ump sync ump-o'",
            1,
        ),
        ("$orderby=displayName desc", 9),
        (
            "$filter=createdDateTime le 2100-01-01T00:00:00Z&$orderby=createdDateTime",
            9,
        ),
    ] {
        let path = format!("/applications?{query}");
        assert_eq!(
            eventual(&trial, &token, &path).await,
            unsupported,
            "{query}"
        );
        let path = format!("{path}&$count=true");
        let (status, _) = trial.ask(&token, "GET", &path, None).await;
        assert_eq!(status, 400, "without the header: {query}");
        let all = eventual(&trial, &token, &path).await.unwrap();
        assert_eq!(all.len(), found, "{query}: {all:?}");
    }
    let plain = "/applications?$filter=createdDateTime ge 2000-01-01T00:00:00Z and (displayName in ('Finebak Payroll') or startswith(displayName,'UMP'))";
    let (status, body) = trial.ask(&token, "GET", plain, None).await;
    assert_eq!((status, names(&body).len()), (200, 8), "{body}");
    for wrong in [
        "$filter=displayName gt 'a'",
        "$filter=contains(displayName,'a')",
        "$filter=displayName eq 'a",
        "$skip=2",
        "$top=0",
        "$top=1000",
        "$expand=nothing",
        "$search=\"displayName:ump\"",
        "$orderby=notes&$count=true",
        "$colour=red",
    ] {
        let (status, body) = trial
            .ask(&token, "GET", &format!("/applications?{wrong}"), None)
            .await;
        assert_eq!(status, 400, "{wrong}: {body}");
    }
}

#[tokio::test]
async fn a_sorted_list_is_paged_in_its_order() {
    let trial = Trial::start("").await;
    let token = trial.app_only("Finebak").await;
    let header = [("ConsistencyLevel", "eventual")];
    let mut path = "/applications?$orderby=displayName desc&$count=true&$top=4&$select=displayName"
        .to_string();
    let (mut seen, mut pages) = (Vec::new(), 0);
    loop {
        let (status, page) = trial.ask_with(&token, "GET", &path, None, &header).await;
        assert_eq!((status, &page["@odata.count"]), (200, &json!(9)), "{page}");
        seen.extend(names(&page).into_iter().map(str::to_string));
        pages += 1;
        match page["@odata.nextLink"].as_str() {
            Some(next) => path = next.to_string(),
            None => break,
        }
    }
    let mut sorted = seen.clone();
    sorted.sort_by_key(|name| std::cmp::Reverse(name.to_lowercase()));
    assert_eq!((pages, seen.len()), (3, 9));
    assert_eq!(seen, sorted);
}

#[tokio::test]
async fn a_search_finds_words_and_the_count_segment_counts() {
    let trial = Trial::start("").await;
    let token = trial.app_only("Finebak").await;
    let path = "/applications?$search=\"displayName:west\" OR \"displayName:payroll\"";
    let found = eventual(&trial, &token, path).await.unwrap();
    assert_eq!(found, ["Finebak Payroll", "UMP Sync ump-west"]);
    let count = async |eventual: bool| {
        let url = format!("{}/v1.0/applications/$count", trial.sandbox.url());
        let mut get = trial.client.get(url).bearer_auth(&token);
        if eventual {
            get = get.header("ConsistencyLevel", "eventual");
        }
        let answer = get.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert_eq!(count(true).await, (200, "9".to_string()));
    assert_eq!(count(false).await.0, 400);
}
