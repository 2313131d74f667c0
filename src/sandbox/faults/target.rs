//! Which requests a fault befalls: by the last name in their path, their method, their number and by lot.

/// The name that stands for every request.
pub(super) const ANY: &str = "any";

/// Which requests are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// The last name in the path: `addPassword`, `auth-tokens`, `applications`; or [`ANY`].
    operation: String,
    /// The method; `None` = any.
    method: Option<String>,
    /// The first so many that match go through.
    spared: u32,
    /// So many are still befallen; `None` = all that come.
    left: Option<u32>,
    /// The share that is befallen, of a hundred.
    percent: u8,
}

impl Target {
    /// Reads `PATCH:applications#2*3@50%`.
    pub fn parse(text: &str) -> Result<Target, &'static str> {
        let (text, percent) = match text.split_once('@') {
            None => (text, 100),
            Some((text, share)) => (text, read_percent(share)?),
        };
        let (text, left) = match text.split_once('*') {
            None => (text, None),
            Some((text, times)) => (
                text,
                Some(number(
                    times,
                    "what follows the * is not a number from 1 on",
                )?),
            ),
        };
        let (named, spared) = match text.split_once('#') {
            None => (text, 0),
            Some((named, first)) => {
                let first = number(first, "what follows the # is not a number from 1 on")?;
                (named, first - 1)
            }
        };
        let (method, operation) = match named.split_once(':') {
            Some((method, operation)) => (Some(method.trim().to_ascii_uppercase()), operation),
            None => (None, named),
        };
        let operation = operation.trim().to_string();
        if operation.is_empty() {
            return Err("it names no operation");
        }
        // What can't be met would do nothing without a word.
        if operation.contains(['/', '(', ')']) {
            return Err("an operation is one name without keys, such as applications");
        }
        Ok(Target {
            operation,
            method,
            spared,
            left,
            percent,
        })
    }

    pub fn is_named(&self, name: &str) -> bool {
        self.operation == name
    }

    /// Whether this request is befallen; counts it.
    pub fn meets(&mut self, method: &str, path: &str, lots: &mut fastrand::Rng) -> bool {
        let named = self.method.as_deref().is_none_or(|one| one == method)
            && (self.operation == ANY || self.operation == operation(path));
        if !named || self.left == Some(0) {
            return false;
        }
        if self.spared > 0 {
            self.spared -= 1;
            return false;
        }
        if self.percent < 100 && lots.u8(0..100) >= self.percent {
            return false;
        }
        self.left = self.left.map(|left| left - 1);
        true
    }
}

/// The last name in a path, keys and GUIDs aside: `applications` of `/v1.0/applications(uniqueName='a')`.
pub(in crate::sandbox) fn operation(path: &str) -> &str {
    let is_key = |part: &str| part.len() == 36 && part.bytes().filter(|b| *b == b'-').count() == 4;
    let last = |path| str::rsplit(path, '/').find(|part| !part.is_empty() && !is_key(part));
    let keyed = path.split_once('(').map(|(before, _)| before);
    // What follows a key in parentheses is the operation, if anything does: `…(appId='a')/addPassword`.
    let after = path.rsplit_once(')').map_or(path, |(_, after)| after);
    last(after).or_else(|| last(keyed?)).unwrap_or_default()
}

fn number(text: &str, wrong: &'static str) -> Result<u32, &'static str> {
    match text.trim().parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(wrong),
    }
}

fn read_percent(text: &str) -> Result<u8, &'static str> {
    let wrong = "what follows the @ is not a percentage from 1% to 100%";
    let digits = text.trim().strip_suffix('%').ok_or(wrong)?;
    match digits.trim().parse() {
        Ok(percent @ 1..=100) => Ok(percent),
        _ => Err(wrong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operation_is_the_last_name_of_a_path() {
        let id = "0197a8a2-7a53-7f03-9f3e-6a2b1c0d4e5f";
        for (path, name) in [
            (format!("/v1.0/applications/{id}"), "applications"),
            (
                format!("/v1.0/applications/{id}/addPassword"),
                "addPassword",
            ),
            (
                "/v1.0/applications(uniqueName='a/b')".into(),
                "applications",
            ),
            (
                "/v1.0/applications(appId='a')/addPassword".into(),
                "addPassword",
            ),
            ("/v1.0/applications/delta()".into(), "delta"),
            (format!("/{id}/oauth2/v2.0/token"), "token"),
            ("/v1.0/$batch".into(), "$batch"),
            ("/".into(), ""),
        ] {
            assert_eq!(operation(&path), name, "{path}");
        }
    }
}
