//! Rust's text as far as it tells who is reached: its words, and the paths that they make.

/// The module that a file is, from the crate's root.
pub fn module_of(file: &str) -> Vec<String> {
    let inner = file.trim_start_matches("src/").trim_end_matches(".rs");
    let mut module: Vec<String> = inner.split('/').map(str::to_string).collect();
    if module.last().is_some_and(|last| last == "mod") {
        module.pop();
    }
    if module == ["lib"] || module == ["main"] {
        module.clear();
    }
    module
}

/// The text with comments and literals blanked out; lines stay where they are.
pub fn code_only(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    let starts = |at: usize, what: &str| {
        what.chars()
            .enumerate()
            .all(|(on, letter)| letters.get(at + on) == Some(&letter))
    };
    while at < letters.len() {
        let end = if starts(at, "//") {
            (at..letters.len()).find(|on| letters[*on] == '\n')
        } else if starts(at, "/*") {
            (at + 2..letters.len())
                .find(|on| starts(*on, "*/"))
                .map(|on| on + 2)
        } else if let Some((opening, closing)) = raw_string(&letters, at) {
            (at + opening..letters.len())
                .find(|on| starts(*on, &closing))
                .map(|on| on + closing.len())
        } else if letters[at] == '"' {
            let mut on = at + 1;
            while on < letters.len() && letters[on] != '"' {
                on += if letters[on] == '\\' { 2 } else { 1 };
            }
            Some((on + 1).min(letters.len()))
        } else if letters[at] == '\'' && letters.get(at + 1) == Some(&'\\') {
            (at + 3..letters.len())
                .find(|on| letters[*on] == '\'')
                .map(|on| on + 1)
        } else if letters[at] == '\'' && letters.get(at + 2) == Some(&'\'') {
            Some(at + 3)
        } else {
            code.push(letters[at]);
            at += 1;
            continue;
        };
        let end = end.unwrap_or(letters.len());
        code.push(' ');
        code.extend(letters[at..end].iter().filter(|letter| **letter == '\n'));
        at = end;
    }
    code
}

/// How long a raw string's opening is, and its closing.
fn raw_string(letters: &[char], at: usize) -> Option<(usize, String)> {
    let word_before = at > 0 && (letters[at - 1].is_alphanumeric() || letters[at - 1] == '_');
    if letters[at] != 'r' || (word_before && letters[at - 1] != 'b') {
        return None;
    }
    let hashes = letters[at + 1..]
        .iter()
        .take_while(|letter| **letter == '#')
        .count();
    let closing = format!("\"{}", "#".repeat(hashes));
    (letters.get(at + 1 + hashes) == Some(&'"')).then_some((hashes + 2, closing))
}

/// Words and marks with their lines; `::` is one mark.
pub fn tokens(code: &str) -> Vec<(usize, String)> {
    let mut tokens: Vec<(usize, String)> = Vec::new();
    for (line, text) in code.lines().enumerate() {
        let mut rest = text.trim_start();
        while let Some(first) = rest.chars().next() {
            let word = rest
                .find(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
                .unwrap_or(rest.len());
            let length = if word > 0 {
                word
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            tokens.push((line + 1, rest[..length].to_string()));
            rest = rest[length..].trim_start();
        }
    }
    tokens
}

/// Every floor that a path from `crate` or `super` leads to, with the line where it is named.
pub fn paths(tokens: &[(usize, String)], module: &[String]) -> Vec<(usize, String)> {
    let word = |at: usize| tokens.get(at).map_or("", |(_, word)| word.as_str());
    let mut found = Vec::new();
    // The depths of braces at which an inline module begins.
    let mut inline: Vec<usize> = Vec::new();
    let mut depth = 0;
    let mut at = 0;
    while at < tokens.len() {
        match word(at) {
            "{" => {
                if at >= 2 && word(at - 2) == "mod" {
                    inline.push(depth);
                }
                depth += 1;
            }
            "}" => {
                depth = depth.saturating_sub(1);
                if inline.last() == Some(&depth) {
                    inline.pop();
                }
            }
            "crate" if word(at + 1) == "::" => heads(tokens, at + 2, &mut found),
            "super" if at == 0 || word(at - 1) != "::" => {
                let mut levels = 1;
                while word(at + 1) == "::" && word(at + 2) == "super" {
                    levels += 1;
                    at += 2;
                }
                if word(at + 1) == "::" && levels == module.len() + inline.len() {
                    heads(tokens, at + 2, &mut found);
                }
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// The first words of a use tree that begins at `at`.
fn heads(tokens: &[(usize, String)], at: usize, found: &mut Vec<(usize, String)>) {
    let Some((line, first)) = tokens.get(at) else {
        return;
    };
    if first != "{" {
        found.push((*line, first.clone()));
        return;
    }
    let mut depth = 1;
    let mut fresh = true;
    for (line, word) in &tokens[at + 1..] {
        match word.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," if depth == 1 => fresh = true,
            word if depth == 1 && fresh => {
                found.push((*line, word.to_string()));
                fresh = false;
            }
            _ => {}
        }
        if depth == 0 {
            return;
        }
    }
}

/// Every path, with its groups spelt out one level deep: `std::{fs, fmt}` is `std::fs` and `std::fmt`.
pub fn mentions(tokens: &[(usize, String)]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let (line, mut path) = tokens[at].clone();
        at += 1;
        while tokens.get(at).is_some_and(|(_, word)| word == "::") {
            let mut members = Vec::new();
            if tokens.get(at + 1).is_some_and(|(_, word)| word == "{") {
                heads(tokens, at + 1, &mut members);
                found.extend(
                    members
                        .into_iter()
                        .map(|(line, member)| (line, format!("{path}::{member}"))),
                );
                break;
            }
            if let Some((_, word)) = tokens.get(at + 1) {
                path = format!("{path}::{word}");
            }
            at += 2;
        }
        found.push((line, path));
    }
    found
}
