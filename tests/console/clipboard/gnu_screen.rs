//! In GNU screen the copy reaches the terminal around it.

use std::io::Write as _;

use super::*;
use umpdeck::console::clipboard::osc52_screen;

/// A program in a GNU screen of the test's own, which ends when its terminal does.
fn in_screen(home: &Home, program: &[String]) -> Pty {
    let sockets = format!("{}/screens", home.path().display());
    std::fs::create_dir(&sockets).expect("a folder");
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(&sockets, private).expect("a mode");
    let settings = format!("{sockets}/screenrc");
    std::fs::write(&settings, "startup_message off\nautodetach off\n").expect("a file");
    let mut arguments = vec!["-U", "-c", &settings];
    arguments.extend(program.iter().map(String::as_str));
    home.start_other("screen", &arguments, &[("SCREENDIR", &sockets)], WIDE)
}

#[test]
fn in_gnu_screen_a_copy_reaches_the_terminal_around_it() {
    if !are_here(&["screen"]) {
        return;
    }
    let home = Home::new();
    let mut pty = in_screen(&home, &[PROGRAM.into(), "--sandbox".into()]);
    copy(&mut pty, "sent, by OSC 52");
    pty.wait_for_copy(REDIRECT_URI);
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
    pty.wait_for_copy(&text);
}
