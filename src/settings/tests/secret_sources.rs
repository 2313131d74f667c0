//! Where a secret comes from: a command, a file, a variable; none is ever shown.

use secrecy::ExposeSecret;

use super::*;

#[test]
fn a_command_gives_a_secret_or_says_why_not() {
    let shell = |script: &str| {
        let words = ["sh", "-c", script].map(str::to_string);
        SecretSource::Command(words.to_vec()).read()
    };
    assert_eq!(shell("echo hunter2").unwrap().expose_secret(), "hunter2");
    for (script, part) in [
        ("echo hunter2; echo locked >&2; exit 2", "and said: locked"),
        ("true", "empty"),
        ("echo hunter2; echo more", "more than one line"),
    ] {
        let error = shell(script).unwrap_err().to_string();
        assert!(
            error.contains("the command sh") && error.contains(part),
            "{error}"
        );
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn a_secret_file_is_read_only_when_nobody_else_may() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("s");
    fs::write(&file, "hunter2\n").unwrap();
    let source = SecretSource::File(file.clone());
    let set = |mode| fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    for mode in [0o644, 0o640, 0o604] {
        set(mode);
        let error = source.read().unwrap_err().to_string();
        assert!(
            error.contains("chmod 600") && !error.contains("hunter2"),
            "{error}"
        );
    }
    set(0o600);
    let secret = source.read().unwrap();
    assert_eq!(secret.expose_secret(), "hunter2");
    assert!(!format!("{secret:?}").contains("hunter2"));
    fs::write(&file, "\n").unwrap();
    assert!(source.read().unwrap_err().to_string().contains("empty"));
}

#[test]
fn a_variable_that_is_not_set_is_named() {
    let source = SecretSource::Env("UMPDECK_NOBODY_SETS_THIS".into());
    let error = source.read().unwrap_err().to_string();
    assert!(error.contains("UMPDECK_NOBODY_SETS_THIS"), "{error}");
}
