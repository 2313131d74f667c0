//! The invitation's text: a template with named places, filled in for one customer.

/// A template that can't be used, in words for who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A place that means nothing.
    #[error("line {line}: there is no {{{name}}}; there are: {}", names())]
    Unknown {
        /// Its line, from 1.
        line: usize,
        /// The name in the braces.
        name: String,
    },
    /// A brace without its partner.
    #[error("line {line}: a brace is not closed, or not opened")]
    Brace {
        /// Its line, from 1.
        line: usize,
    },
    /// Nothing is left of it.
    #[error("it has no text")]
    Empty,
}

/// A place of the template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blank {
    /// Full name, or short name.
    Customer,
    /// The customer's short name: 3–15 letters, digits, underscore.
    ShortName,
    /// The directory ID of the customer's tenant.
    TenantId,
    /// The provider's tenant by name.
    Provider,
    /// The device's FQDN.
    Device,
    /// The address of the Customer Authentication Portal, where invitation links begin.
    PortalUrl,
    /// Where the customer's admin consents.
    ConsentUrl,
    /// The registration's client ID.
    ClientId,
    /// Display name of the registration.
    Application,
    /// The permissions, one to a line.
    Permissions,
    /// The roles that the consenting admin needs, by the blueprint.
    Roles,
}

impl Blank {
    /// All of them, in the order of the documentation.
    pub const ALL: [Blank; 11] = [
        Blank::Customer,
        Blank::ShortName,
        Blank::TenantId,
        Blank::Provider,
        Blank::Device,
        Blank::PortalUrl,
        Blank::ConsentUrl,
        Blank::ClientId,
        Blank::Application,
        Blank::Permissions,
        Blank::Roles,
    ];

    /// Its name in a template.
    pub fn name(self) -> &'static str {
        match self {
            Blank::Customer => "customer",
            Blank::ShortName => "short_name",
            Blank::TenantId => "tenant_id",
            Blank::Provider => "provider",
            Blank::Device => "device",
            Blank::PortalUrl => "portal_url",
            Blank::ConsentUrl => "consent_url",
            Blank::ClientId => "client_id",
            Blank::Application => "application",
            Blank::Permissions => "permissions",
            Blank::Roles => "roles",
        }
    }
}

fn names() -> String {
    let names = Blank::ALL.map(|blank| format!("{{{}}}", blank.name()));
    names.join(" ")
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Blank(Blank),
}

/// The template of an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

impl Template {
    /// Reads a template: lines that begin with "#" are left out, names in braces are places.
    ///
    /// # Errors
    /// What is wrong, with its line.
    pub fn parse(text: &str) -> Result<Template, TemplateError> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let lines = text.lines().enumerate();
        for (at, line) in lines.filter(|(_, line)| !line.starts_with('#')) {
            let mut rest = line;
            while let Some(open) = rest.find(['{', '}']) {
                let brace = TemplateError::Brace { line: at + 1 };
                if rest[open..].starts_with('}') {
                    return Err(brace);
                }
                let close = open + rest[open..].find('}').ok_or(brace)?;
                let name = &rest[open + 1..close];
                let blank = Blank::ALL.into_iter().find(|blank| blank.name() == name);
                let blank = blank.ok_or_else(|| TemplateError::Unknown {
                    line: at + 1,
                    name: name.to_string(),
                })?;
                plain.push_str(&rest[..open]);
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
                pieces.push(Piece::Blank(blank));
                rest = &rest[close + 1..];
            }
            plain.push_str(rest);
            plain.push('\n');
        }
        pieces.push(Piece::Text(plain));
        let is_text = |piece: &Piece| !matches!(piece, Piece::Text(text) if text.trim().is_empty());
        if !pieces.iter().any(is_text) {
            return Err(TemplateError::Empty);
        }
        Ok(Template { pieces })
    }

    /// The one that is compiled in.
    pub fn built_in() -> Template {
        // A test parses it, so the plain words never stand in.
        Template::parse(include_str!("../../assets/invitation.txt")).unwrap_or(Template {
            pieces: vec![Piece::Blank(Blank::ConsentUrl)],
        })
    }

    /// The text with every place filled in.
    ///
    /// # Errors
    /// Why a place can't be filled in, in words: an invitation with a gap goes to nobody.
    pub fn fill(&self, value: impl Fn(Blank) -> Result<String, String>) -> Result<String, String> {
        let mut filled = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Blank(blank) => filled.push_str(&value(*blank)?),
            }
        }
        Ok(filled.trim_start_matches('\n').to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiled_in_template_uses_and_documents_every_place() {
        let text = include_str!("../../assets/invitation.txt");
        let template = Template::parse(text).unwrap();
        assert_eq!(Template::built_in(), template);
        for blank in Blank::ALL {
            let documented = format!("# {{{}}} ", blank.name());
            assert!(text.contains(&documented), "{documented}");
        }
        let filled = template.fill(|blank| Ok(format!("<{}>", blank.name())));
        let filled = filled.unwrap();
        assert!(filled.starts_with("Dear administrator of <customer>,"));
        assert!(!filled.contains('#') && !filled.contains('{'), "{filled}");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let unknown = Template::parse("# x\nDear {name}").unwrap_err().to_string();
        assert!(
            unknown.starts_with("line 2: there is no {name}; there are: {customer} "),
            "{unknown}"
        );
        for wrong in ["a {customer", "a customer}"] {
            assert_eq!(
                Template::parse(wrong),
                Err(TemplateError::Brace { line: 1 })
            );
        }
        assert_eq!(Template::parse("# x\n\n"), Err(TemplateError::Empty));
    }

    #[test]
    fn a_value_that_looks_like_a_place_is_not_filled_in_again() {
        let template = Template::parse("{customer} at {device}").unwrap();
        let filled = template.fill(|blank| match blank {
            Blank::Customer => Ok("{device}".to_string()),
            _ => Ok("ump".to_string()),
        });
        assert_eq!(filled.unwrap(), "{device} at ump\n");
    }

    #[test]
    fn a_place_that_cannot_be_filled_in_leaves_no_text() {
        let template = Template::parse("{customer} at {device}").unwrap();
        let filled = template.fill(|blank| match blank {
            Blank::Device => Err("no device".to_string()),
            _ => Ok("acme".to_string()),
        });
        assert_eq!(filled, Err("no device".to_string()));
    }
}
