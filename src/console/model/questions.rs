//! The questions to the desk that are on their way. Each has a number and its answer bears it, so that an answer is
//! told from what was asked later, and from what nobody waits for any more.

use std::collections::HashMap;

use crate::registration::fleet::Fqdn;

/// The number of a question; a later one has a greater number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Question(u64);

/// What is read again and again, each time for the same place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// The file of a device.
    File(Fqdn),
    /// The client secrets of the fleet.
    Secrets,
    /// The audit trail, of one device or of all.
    Audit(Option<Fqdn>),
    /// The names of each device's customers.
    Customers,
}

/// What an answer is to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opens {
    /// A plan.
    Plan,
    /// The form of a new registration.
    Form,
    /// What the operator is to choose from.
    Choice,
}

impl Opens {
    /// It, in a sentence.
    pub fn word(self) -> &'static str {
        match self {
            Opens::Plan => "plan",
            Opens::Form => "form",
            Opens::Choice => "choice",
        }
    }
}

/// Who waits for the answer to a question that was to open something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Awaited {
    /// The operator, where it was asked.
    Here,
    /// Nobody: the operator has gone on, or asked about another device since. About which device it was.
    GoneOn(Fqdn, Opens),
    /// Nobody: the same was asked again.
    AskedAgain,
}

/// The questions that are on their way.
#[derive(Debug, Default)]
pub struct Questions {
    last: u64,
    opening: Vec<Opening>,
    answered: HashMap<Subject, Question>,
}

/// A question whose answer opens something.
#[derive(Debug)]
struct Opening {
    question: Question,
    about: Fqdn,
    opens: Opens,
    gone_on: bool,
}

impl Questions {
    /// The next question.
    pub fn ask(&mut self) -> Question {
        self.last += 1;
        Question(self.last)
    }

    /// The next question, whose answer opens something where the operator is now. Only the newest of these opens
    /// anything.
    pub fn ask_to_open(&mut self, about: &Fqdn, opens: Opens) -> Question {
        self.gone_on();
        self.opening.retain(|one| one.about != *about);
        let question = self.ask();
        self.opening.push(Opening {
            question,
            about: about.clone(),
            opens,
            gone_on: false,
        });
        question
    }

    /// The operator has turned to something else: what was asked for is not to come up there.
    pub fn gone_on(&mut self) {
        for one in &mut self.opening {
            one.gone_on = true;
        }
    }

    /// The answer to a question that was to open something is there: who waits for it.
    pub fn awaited(&mut self, question: Question) -> Awaited {
        let at = self.opening.iter().position(|one| one.question == question);
        match at.map(|at| self.opening.swap_remove(at)) {
            None => Awaited::AskedAgain,
            Some(one) if one.gone_on => Awaited::GoneOn(one.about, one.opens),
            Some(_) => Awaited::Here,
        }
    }

    /// Takes an answer about a subject; says whether it is newer than the one before. One that was asked for earlier
    /// and comes later says what was.
    pub fn is_news(&mut self, subject: Subject, question: Question) -> bool {
        let before = self.answered.get(&subject);
        let news = before.is_none_or(|before| *before <= question);
        if news {
            self.answered.insert(subject, question);
        }
        news
    }
}
