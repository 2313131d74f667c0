//! The clipboard, through what stands between a console and its operator: ssh, GNU screen, a real xterm, a desktop of
//! this machine, and nothing at all.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::support::ground::{Home, PROGRAM, WIDE, eventually, open};
use crate::support::outside::{are_here, find};
use crate::support::pty::Pty;
use umpdeck::console::clipboard::{LIMIT, osc52_plain, osc52_screen};

const DEVICE: &str = "livecloud.finebak.com";
const REDIRECT_URI: &str = "https://livecloud.finebak.com/authenticate/OAuth2Callback";

/// A process that ends with the test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn plain(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

/// The longest text that is sent through a terminal.
fn longest() -> String {
    let letters = ('a'..='z').cycle();
    letters.take(LIMIT / 4 * 3).collect()
}

/// Copies the redirect URI of a device in a console that has just begun; the toast says by which way.
#[track_caller]
fn copy(pty: &mut Pty, toast: &str) {
    crate::support::ground::wait_for_the_fleet(pty);
    open(pty, DEVICE);
    pty.send("u");
    pty.wait_for(toast);
}

#[track_caller]
fn wait_for_copy(pty: &Pty, text: &str) {
    pty.wait_for_bytes(|bytes| {
        let all = crate::support::pty::osc52_texts(bytes);
        all.iter().any(|one| one == text)
    });
}

/// A program that hands the bytes of a pipe to the terminal that it runs in, as they are.
struct Relay {
    folder: tempfile::TempDir,
}

impl Relay {
    fn new() -> Relay {
        let folder = tempfile::tempdir().expect("a folder");
        let made = Command::new("mkfifo")
            .arg(folder.path().join("pipe"))
            .status();
        assert!(made.expect("mkfifo").success());
        Relay { folder }
    }

    fn pipe(&self) -> PathBuf {
        self.folder.path().join("pipe")
    }

    fn arguments(&self) -> [String; 3] {
        let script = format!("stty raw -echo; exec cat '{}'", self.pipe().display());
        ["sh".into(), "-c".into(), script]
    }

    /// Opens the pipe; waits until the program reads it.
    fn open(&self) -> File {
        File::options()
            .write(true)
            .open(self.pipe())
            .expect("the pipe")
    }
}

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
    wait_for_copy(&pty, REDIRECT_URI);
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
    crate::support::ground::wait_for_the_fleet(&pty);
    pty.kill(rustix::process::Signal::KILL);
    pty.wait_exit();
    eventually("the console to end", || {
        std::fs::read_to_string(&ended).is_ok_and(|code| code == "129\n")
    });
}

#[test]
fn in_gnu_screen_a_copy_reaches_the_terminal_around_it() {
    if !are_here(&["screen"]) {
        return;
    }
    let home = Home::new();
    let mut pty = in_screen(&home, &[PROGRAM.into(), "--sandbox".into()]);
    copy(&mut pty, "sent, by OSC 52");
    wait_for_copy(&pty, REDIRECT_URI);
    pty.send("\x03");
    pty.wait_exit();
}

#[test]
fn gnu_screen_hands_the_longest_text_on_whole() {
    if !are_here(&["screen"]) {
        return;
    }
    let (home, relay) = (Home::new(), Relay::new());
    let pty = in_screen(&home, &relay.arguments());
    let text = longest();
    let bytes = osc52_screen(&text, LIMIT).expect("it fits");
    relay.open().write_all(&bytes).expect("the terminal");
    wait_for_copy(&pty, &text);
}

/// A program in a GNU screen of the test's own, which ends when its terminal does.
fn in_screen(home: &Home, program: &[String]) -> Pty {
    let mut environment = home.environment();
    let sockets = format!("{}/screens", environment[0].1);
    std::fs::create_dir(&sockets).expect("a folder");
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(&sockets, private).expect("a mode");
    let settings = format!("{sockets}/screenrc");
    std::fs::write(&settings, "startup_message off\nautodetach off\n").expect("a file");
    environment.push(("SCREENDIR", sockets));
    let mut arguments = vec!["-U", "-c", &settings];
    arguments.extend(program.iter().map(String::as_str));
    let environment: Vec<(&str, &str)> = environment
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    Pty::start("screen", &arguments, &environment, WIDE)
}

/// A display of the test's own.
struct Display {
    name: String,
    _server: Ended,
}

impl Display {
    fn start() -> Display {
        let mut child = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1024x768x24",
                "-nolisten",
                "tcp",
                "-noreset",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb starts");
        let stdout = child.stdout.take().expect("its output");
        let server = Ended(child);
        let mut number = String::new();
        BufReader::new(stdout)
            .read_line(&mut number)
            .expect("its display");
        Display {
            name: format!(":{}", number.trim()),
            _server: server,
        }
    }

    /// What somebody who pastes there would get.
    fn clipboard(&self) -> String {
        let output = Command::new("xclip")
            .args(["-display", &self.name, "-o", "-selection", "clipboard"])
            .output()
            .expect("xclip");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

#[test]
fn xterm_takes_what_the_console_writes_into_its_clipboard() {
    if !are_here(&["Xvfb", "xterm", "xclip"]) {
        return;
    }
    let (display, relay, home) = (Display::start(), Relay::new(), Home::new());
    let xterm = Command::new("xterm")
        .env("DISPLAY", &display.name)
        .env("HOME", &home.environment()[0].1)
        // Off by default in xterm; this is what its manual says to set.
        .args(["-xrm", "XTerm*disallowedWindowOps: 20,21,SetXprop"])
        .args(["-geometry", "200x50", "-e"])
        .args(relay.arguments())
        .stdin(Stdio::null())
        .spawn()
        .expect("xterm starts");
    let _xterm = Ended(xterm);
    let mut terminal = relay.open();
    // Every byte of a session: frames, and between them the copy.
    let mut pty = home.start(&["--sandbox"], WIDE);
    copy(&mut pty, "sent, by OSC 52");
    terminal.write_all(&pty.raw_bytes()).expect("the terminal");
    eventually("xterm's clipboard", || display.clipboard() == REDIRECT_URI);

    let text = longest();
    let bytes = osc52_plain(&text, LIMIT).expect("it fits");
    terminal.write_all(&bytes).expect("the terminal");
    eventually("the longest text", || display.clipboard() == text);
}

#[test]
fn on_a_desktop_of_this_machine_its_clipboard_has_the_copy() {
    if !are_here(&["Xvfb", "xclip"]) {
        return;
    }
    let (display, home) = (Display::start(), Home::new());
    let mut pty = with_display(&home, &display.name);
    copy(&mut pty, "sent, by OSC 52 and this desktop's clipboard");
    assert_eq!(display.clipboard(), REDIRECT_URI);
    assert_eq!(pty.osc52(), [REDIRECT_URI]);
    pty.send("\x03");
    assert_eq!(pty.wait_exit(), 0);
}

fn with_display(home: &Home, display: &str) -> Pty {
    let mut environment = home.environment();
    environment.push(("DISPLAY", display.to_string()));
    let environment: Vec<(&str, &str)> = environment
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    Pty::start(PROGRAM, &["--sandbox"], &environment, WIDE)
}

#[test]
fn with_nothing_at_all_the_copy_is_sent_and_what_failed_is_said_and_the_bare_line_shows_it() {
    let home = Home::new();
    // A display that is named and not there.
    let mut pty = with_display(&home, ":6553");
    copy(&mut pty, "not by this desktop's clipboard");
    pty.wait_for("sent, by OSC 52");
    assert_eq!(pty.osc52(), [REDIRECT_URI]);
    assert!(
        !pty.screen_text().contains("copied"),
        "{}",
        pty.screen_text()
    );
    pty.send("y");
    pty.wait_for("Copy from");
    pty.send("jjb");
    pty.wait_until(|screen| {
        let contents = screen.contents();
        contents.lines().any(|line| line.trim_end() == REDIRECT_URI)
    });
    pty.send("\x03");
    assert_eq!(pty.wait_exit(), 0);
}
