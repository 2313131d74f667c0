//! `umpdeck adopt`: takes an application that is there already for a device's registration.

use clap::Args;
use uuid::Uuid;

use super::arguments::Doing;
use super::change::carry_through;
use super::change_document::ChangeDocument;
use super::choosing::find;
use super::exit::{self, Exit, Stop};
use super::output::{self, Look};
use super::reading::{Reading, now};
use super::table::{Cell, Kind, table};
use super::{Global, Outcome};
use crate::registration::observed::Candidate;

/// Options of `adopt`.
#[derive(Debug, Args)]
#[command(after_help = format!("{} The application gets the device's unique name if it has none, and umpdeck remembers it on this machine. \
A deleted application is restored first. What differs from the blueprint stays: `umpdeck repair` changes that afterwards.", exit::OF_CHANGE))]
pub struct AdoptOptions {
    /// The device: its FQDN, or its first label if only one device has that
    pub device: String,
    /// The application's object ID; needed if several were found, or none
    #[arg(long, value_name = "ID")]
    pub object_id: Option<Uuid>,
    /// How.
    #[command(flatten)]
    pub doing: Doing,
}

/// Reads the device, plans, prints the plan, and carries it out when that was asked for. Where there is a choice, it
/// is listed.
pub(super) async fn run(global: &Global, options: &AdoptOptions) -> Result<Outcome, Stop> {
    let mut reading = Reading::open(global).await?;
    let fqdn = find(&reading.desk.fleet(now())?, &options.device)?;
    let desk = reading.desk.clone();
    let planned = reading
        .attended(desk.plan_adopt(&fqdn, options.object_id))
        .await;
    let trouble = match planned {
        Ok((plan, _)) => {
            return carry_through(&mut reading, plan, &options.doing).await;
        }
        Err(trouble) => trouble,
    };
    let file = reading.desk.device(&fqdn)?;
    let facts = &file.facts;
    let is_a_choice =
        options.object_id.is_none() && facts.application().is_none() && facts.candidates.len() > 1;
    if !is_a_choice {
        return Err(trouble.into());
    }
    output::note(&format!(
        "Nothing was done. Choose one: umpdeck adopt {fqdn} --object-id ID"
    ));
    let text = match options.doing.json {
        true => {
            let mut document = ChangeDocument::new(fqdn, file.device.tenant, "adopt");
            document.has_to_be_chosen(&facts.candidates);
            document.text(reading.desk.is_sandbox())
        }
        false => choice(&reading.look, &facts.candidates),
    };
    Ok(Outcome {
        text,
        exit: Exit::Work,
    })
}

fn choice(look: &Look, candidates: &[Candidate]) -> String {
    let day = crate::text::day;
    let row = |one: &Candidate| {
        let application = one.application.as_ref();
        let made = application.and_then(|app| app.created).map(day);
        vec![
            Cell::plain(&one.display_name),
            Cell::plain(one.object_id.to_string()),
            Cell::plain(&one.found_by),
            Cell::plain(made.unwrap_or_default()),
            Cell::plain(one.deleted.map(day).unwrap_or_default()),
        ]
    };
    let rows: Vec<_> = candidates.iter().map(row).collect();
    let columns = [
        ("APPLICATION", Kind::Wrapped),
        ("OBJECT ID", Kind::Words),
        ("FOUND BY", Kind::Words),
        ("CREATED", Kind::Words),
        ("DELETED", Kind::Words),
    ];
    table(look, &columns, &rows)
}
