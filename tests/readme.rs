//! The README's table of keys is the console's own.

use umpdeck::console::keymap::readme_table;

const BEGIN: &str = "`umpdeck keys --markdown` prints it -->\n";
const END: &str = "<!-- keys end -->";

#[test]
fn the_readme_has_the_keys_of_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let (before, rest) = readme
        .split_once(BEGIN)
        .expect("the README has a place for the keys");
    let (now, after) = rest
        .split_once(END)
        .expect("the place for the keys has an end");
    let wanted = readme_table();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, format!("{before}{BEGIN}{wanted}{END}{after}")).unwrap();
    } else {
        assert_eq!(now, wanted, "run UPDATE=1 cargo test --test readme");
    }
}
