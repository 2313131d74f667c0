//! Over ssh the copy reaches the near side, and a line that breaks ends the far one.

use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::time::Duration;

use super::*;
use crate::support::ground::eventually;
use crate::support::outside::find;

/// An sshd of the test's own on loopback, with keys of its own, that lets this user in.
struct Sshd {
    folder: tempfile::TempDir,
    port: u16,
    _server: Ended,
}

impl Sshd {
    fn start() -> Sshd {
        let folder = tempfile::tempdir().expect("a folder");
        for key in ["host", "client"] {
            let made = Command::new("ssh-keygen")
                .args([
                    "-q",
                    "-t",
                    "ed25519",
                    "-N",
                    "",
                    "-f",
                    plain(&folder.path().join(key)),
                ])
                .status();
            assert!(made.expect("ssh-keygen").success());
        }
        for _ in 0..10 {
            if let Some(sshd) = Sshd::listen(&folder) {
                let (port, server) = sshd;
                return Sshd {
                    folder,
                    port,
                    _server: server,
                };
            }
        }
        panic!("sshd does not start; as root it wants the folder /run/sshd");
    }

    /// `None` = it ended at once: somebody else has taken the port, for example.
    fn listen(folder: &tempfile::TempDir) -> Option<(u16, Ended)> {
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let at = |name: &str| folder.path().join(name).display().to_string();
        let lines = [
            format!("Port {port}"),
            "ListenAddress 127.0.0.1".into(),
            format!("HostKey {}", at("host")),
            format!("AuthorizedKeysFile {}", at("client.pub")),
            "PidFile none".into(),
            "StrictModes no".into(),
            "UsePAM no".into(),
            "PasswordAuthentication no".into(),
            "PermitRootLogin prohibit-password".into(),
            "PrintMotd no".into(),
        ];
        std::fs::write(at("sshd_config"), lines.join("\n")).expect("a file");
        let host = std::fs::read_to_string(at("host.pub")).expect("a key");
        let known = format!("[127.0.0.1]:{port} {host}");
        std::fs::write(at("known_hosts"), known).expect("a file");
        let child = Command::new(find("sshd").expect("sshd"))
            .args(["-D", "-e", "-f", &at("sshd_config")])
            .stdin(Stdio::null())
            .stderr(File::create(at("log")).expect("a file"))
            .spawn()
            .expect("sshd starts");
        let mut server = Ended(child);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if server.0.try_wait().expect("a child").is_some() {
                return None;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Some((port, server))
    }

    /// A command on the far side, on a terminal here.
    fn run(&self, command: &str) -> Pty {
        let user = Command::new("id").arg("-un").output().expect("id").stdout;
        let user = String::from_utf8(user).expect("a name");
        let at = |name: &str| self.folder.path().join(name).display().to_string();
        let known = format!("UserKnownHostsFile={}", at("known_hosts"));
        let (port, key, target) = (
            self.port.to_string(),
            at("client"),
            format!("{}@127.0.0.1", user.trim()),
        );
        let arguments = [
            "-tt",
            "-F",
            "none",
            "-p",
            &port,
            "-i",
            &key,
            "-o",
            &known,
            "-o",
            "StrictHostKeyChecking=yes",
            "-o",
            "IdentitiesOnly=yes",
            "-o",
            "BatchMode=yes",
            &target,
            command,
        ];
        Pty::start("ssh", &arguments, &[("SSH_AUTH_SOCK", "")], WIDE)
    }
}

/// A command line that keeps the console inside of a home, for a shell.
fn shell_line(home: &Home, more: &str) -> String {
    let variables: Vec<String> = home
        .environment()
        .into_iter()
        .map(|(name, value)| format!("{name}='{value}'"))
        .collect();
    format!(
        "exec env {} LC_ALL=C.UTF-8 {more} '{PROGRAM}' --sandbox",
        variables.join(" ")
    )
}

#[test]
fn through_ssh_a_copy_reaches_the_terminal_on_this_side() {
    if !are_here(&["sshd", "ssh", "ssh-keygen"]) {
        return;
    }
    let (sshd, home) = (Sshd::start(), Home::new());
    // A display of the far machine is not the operator's: it is not written to.
    let mut pty = sshd.run(&shell_line(&home, "DISPLAY=:7"));
    copy(&mut pty, "sent, by OSC 52");
    pty.wait_for_copy(REDIRECT_URI);
    assert_eq!(pty.osc52(), [REDIRECT_URI]);
    assert!(
        !pty.screen_text().contains("desktop"),
        "{}",
        pty.screen_text()
    );
    pty.send("\x03");
    assert_eq!(pty.wait_exit(), 0);
    assert!(!pty.modes().alternate_screen);
}

#[test]
fn a_line_that_breaks_ends_the_console_on_the_far_side() {
    if !are_here(&["sshd", "ssh", "ssh-keygen"]) {
        return;
    }
    let (sshd, home) = (Sshd::start(), Home::new());
    let ended = home.environment()[0].1.clone() + "/ended";
    let line = shell_line(&home, "").replacen("exec ", "", 1);
    // The shell there must outlive the line to say how the console ended.
    let mut pty = sshd.run(&format!("trap '' HUP; {line}; echo $? >'{ended}'"));
    wait_for_the_fleet(&pty);
    pty.kill(rustix::process::Signal::KILL);
    pty.wait_exit();
    eventually("the console to end", || {
        std::fs::read_to_string(&ended).is_ok_and(|code| code == "129\n")
    });
}
