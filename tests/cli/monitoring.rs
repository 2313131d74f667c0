//! `metrics`, `status --watch`, `completions` and `man` through the real binary.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use crate::support::program::{Home, PROGRAM, SandboxProgram, text};

/// The value of the only sample that begins so.
fn sample(metrics: &str, begins: &str) -> f64 {
    let mut found = metrics.lines().filter_map(|line| line.strip_prefix(begins));
    let value = found
        .next()
        .unwrap_or_else(|| panic!("{begins} in {metrics}"));
    assert_eq!(found.next(), None, "only one {begins}");
    value.trim().parse().expect("a number")
}

#[test]
fn metrics_tell_the_fleet_by_status_the_days_left_the_age_and_which_tenant_failed() {
    let home = Home::new();
    let output = home.run(&["metrics", "--sandbox"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let metrics = text(&output.stdout);
    let of = |begins: &str| sample(&metrics, begins);
    assert_eq!(of("umpdeck_refresh_ok{tenant=\"Fabrikam Carrier\"}"), 0.0);
    assert_eq!(of("umpdeck_refresh_ok{tenant=\"Finebak\"}"), 1.0);
    let livecloud = "device=\"livecloud.finebak.com\"";
    assert_eq!(
        of(&format!(
            "umpdeck_secret_days_left{{{livecloud},tenant=\"Finebak\"}}"
        )),
        -3.0
    );
    assert!(
        of(&format!(
            "umpdeck_facts_age_seconds{{{livecloud},tenant=\"Finebak\"}}"
        )) < 600.0
    );
    assert_eq!(
        of(&format!(
            "umpdeck_device_status{{{livecloud},status=\"secret-expired\",tenant=\"Finebak\"}}"
        )),
        1.0
    );
    let devices: f64 = metrics
        .lines()
        .filter_map(|line| {
            line.strip_prefix("umpdeck_devices{")?
                .rsplit(' ')
                .next()?
                .parse::<f64>()
                .ok()
        })
        .sum();
    let each = metrics
        .lines()
        .filter(|line| line.starts_with("umpdeck_device_status{"))
        .count();
    assert_eq!(devices, each as f64, "every device is counted once");
    assert!(
        !metrics.contains("umpdeck_secret_days_left{device=\"edge1"),
        "nothing is known of it"
    );
}

#[test]
fn a_file_of_metrics_is_there_whole_readable_by_the_collector_and_alone() {
    let home = Home::new();
    let folder = home.path().join("textfile");
    std::fs::create_dir(&folder).unwrap();
    let place = folder.join("umpdeck.prom");
    std::fs::write(&place, "old").unwrap();
    let output = home.run(&["metrics", "--sandbox", "--file", place.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(output.stdout.is_empty());
    let written = std::fs::read_to_string(&place).unwrap();
    assert!(written.ends_with('\n') && written.contains("umpdeck_devices{"));
    assert_eq!(
        std::fs::metadata(&place).unwrap().permissions().mode() & 0o777,
        0o644
    );
    assert_eq!(
        std::fs::read_dir(&folder).unwrap().count(),
        1,
        "nothing beside it"
    );
}

#[test]
fn a_file_that_can_not_be_written_is_said_and_the_old_one_stays() {
    let home = Home::new();
    let place = home.path().join("none/umpdeck.prom");
    let output = home.run(&["metrics", "--sandbox", "--file", place.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(3));
    let words = text(&output.stderr);
    assert!(
        words.contains("the metrics can't be written") && words.contains("name another place"),
        "{words}"
    );
}

#[test]
fn a_watch_says_how_things_stand_once_and_then_only_what_changes() {
    let ground = Home::new();
    let sandbox = SandboxProgram::start(&ground);
    let home = Home::new();
    let mut watch = home
        .command(PROGRAM)
        .args([
            "status",
            "--watch",
            "--every",
            "1s",
            "--endpoint",
            sandbox.url(),
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    let mut lines = BufReader::new(watch.stdout.take().expect("its output")).lines();
    let mut said = Vec::new();
    // The failing tenant is the last that the first reading says.
    loop {
        let line = lines.next().expect("a line").expect("text");
        let last = line.contains("Fabrikam Carrier could not be read");
        said.push(line);
        if last {
            break;
        }
    }
    assert!(said[0].contains("30 devices, 21 not in order."), "{said:?}");
    assert!(
        said.iter()
            .any(|line| line.contains("voice05.contoso-telco.com: Drift: ")),
        "{said:?}"
    );
    let other = Home::new();
    let repaired = other.run(&["repair", "voice05", "--yes", "--endpoint", sandbox.url()]);
    assert_eq!(
        repaired.status.code(),
        Some(0),
        "{}",
        text(&repaired.stderr)
    );
    let next = lines.next().expect("a line").expect("text");
    assert!(
        next.contains("voice05.contoso-telco.com: OK, was Drift: "),
        "{next}"
    );
    watch.kill().expect("it runs");
    watch.wait().expect("an end");
}

#[test]
fn a_shells_completions_and_the_manual_know_every_command() {
    let home = Home::new();
    let completions = home.run(&["completions", "bash"]);
    assert_eq!(completions.status.code(), Some(0));
    let script = home.path().join("umpdeck.bash");
    std::fs::write(&script, &completions.stdout).unwrap();
    let read = Command::new("bash")
        .arg("-n")
        .arg(&script)
        .status()
        .expect("bash");
    assert!(read.success(), "bash reads it");
    let words = text(&completions.stdout);

    let pages = home.path().join("man");
    std::fs::create_dir(&pages).unwrap();
    let man = home.run(&["man", "--dir", pages.to_str().unwrap()]);
    assert_eq!(man.status.code(), Some(0), "{}", text(&man.stderr));
    let help = text(&home.run(&["--help"]).stdout);
    let commands = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| {
            line.strip_prefix("  ")?
                .split_whitespace()
                .next()
                .filter(|_| !line.starts_with("   "))
        });
    let mut count = 0;
    for command in commands {
        count += 1;
        assert!(words.contains(command), "{command} in the completions");
        let page = pages.join(format!("umpdeck-{command}.1"));
        let page = std::fs::read_to_string(&page).unwrap_or_else(|why| panic!("{page:?}: {why}"));
        assert!(page.contains(".SH SYNOPSIS"), "{page}");
    }
    assert!(count > 10, "{help}");
}

#[test]
fn the_example_alerts_ask_for_what_is_written_and_the_timer_runs_a_command_that_there_is() {
    let home = Home::new();
    let metrics = text(&home.run(&["metrics", "--sandbox"]).stdout);
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/packaging/examples/");
    let read = |name: &str| std::fs::read_to_string(format!("{examples}{name}")).expect(name);
    let alerts = read("umpdeck-alerts.yml");
    let mut names = Vec::new();
    for line in alerts.lines().filter(|line| line.contains("expr:")) {
        let words = line.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        names.extend(words.filter(|word| word.starts_with("umpdeck_")));
    }
    assert!(names.len() >= 5, "{alerts}");
    for name in names {
        assert!(metrics.contains(&format!("# TYPE {name} gauge")), "{name}");
    }
    for status in ["secret-expired", "not-registered", "drift", "not-pushed"] {
        assert!(alerts.contains(status));
        assert!(
            metrics.contains(&format!("status=\"{status}\"")),
            "{status}"
        );
    }
    let service = read("umpdeck-metrics.service").replace("\\\n", " ");
    let start = service
        .lines()
        .find_map(|line| line.strip_prefix("ExecStart=/usr/bin/umpdeck "));
    let words: Vec<&str> = start.expect("a start").split_whitespace().collect();
    use clap::Parser as _;
    let line = [&["umpdeck"], words.as_slice()].concat();
    umpdeck::cli::arguments::Arguments::try_parse_from(line).expect("a command line");
}
