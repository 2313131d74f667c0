//! The form for a new registration: its keys, and the rules of its fields while typing.

use tui_input::Input;

use super::super::chord::Chord;
use super::super::keymap::{Action, Context};
use super::super::message::{Ask, Effect, Then};
use super::super::model::{CreateField, CreateScreen, Model, Screen, Tone};
use super::{adopt, asking, back, typing};
use crate::desk::file::DeviceFile;
use crate::registration::fleet::{
    RedirectUri, valid_display_name, valid_mpn_id, valid_notes, valid_secret_months,
};
use crate::registration::plan::CreateForm;

/// Asks for the device's file, which the form is made from.
pub(super) fn ask(model: &mut Model) -> Vec<Effect> {
    match model.device().cloned() {
        Some(fqdn) => vec![asking::load(model, fqdn, Then::Create)],
        None => vec![],
    }
}

/// Opens the form with what the device and the blueprint suggest.
pub(super) fn open(model: &mut Model, file: DeviceFile) -> Vec<Effect> {
    // A key pressed twice asks twice; the first form may have been typed in.
    if matches!(model.screens.last(), Some(Screen::Create(screen)) if screen.fqdn == file.device.fqdn)
    {
        return vec![];
    }
    let unique_name = file.device.unique_name();
    if file.facts.must_be_chosen(&unique_name) {
        model.toast(
            Tone::Plain,
            "one of these may be the registration: choose it, or rename the others in Entra",
        );
        return adopt::open(model, file);
    }
    let suggested = CreateForm::suggested(&file.blueprint, &file.device, model.now);
    let form = match suggested {
        Ok(form) => form,
        Err(why) => {
            model.toast(
                Tone::Bad,
                format!("the form for {} can't be opened: {why}", file.device.fqdn),
            );
            return vec![];
        }
    };
    let texts = [
        form.name,
        file.device.fqdn.to_string(),
        form.redirect_uri.to_string(),
        form.secret_name,
        form.secret_months.to_string(),
        form.mpn_id.unwrap_or_default(),
        form.notes,
    ];
    let blueprints = file.blueprint_choices.clone();
    let blueprint = blueprints
        .iter()
        .position(|(name, _)| *name == file.blueprint.name)
        .unwrap_or(0);
    model.screens.push(Screen::Create(CreateScreen {
        fqdn: file.device.fqdn.clone(),
        file,
        blueprints,
        blueprint,
        field: CreateField::Name,
        inputs: texts.map(Input::from),
        errors: Default::default(),
        touched: false,
    }));
    vec![]
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    if action == Action::Back {
        if let Some(Screen::Create(screen)) = model.screens.last_mut()
            && std::mem::take(&mut screen.touched)
        {
            let key = model.keys.key(Context::Create, Action::Back);
            let words = format!("{key} again leaves, and what you typed is lost");
            model.toast(Tone::Plain, words);
            return vec![];
        }
        back(model);
        return vec![];
    }
    if action != Action::ToPlan {
        // A plan that was asked for is one of the form as it was.
        model.questions.gone_on();
    }
    let Some(Screen::Create(screen)) = model.screens.last_mut() else {
        return vec![];
    };
    match action {
        Action::Next => screen.field = turn(screen.field, 1),
        Action::Previous => screen.field = turn(screen.field, CreateField::ALL.len() - 1),
        Action::ChoiceNext => choose(screen, 1),
        Action::ChoicePrevious => choose(screen, -1),
        Action::ToPlan => match form(screen) {
            Ok(form) => {
                let blueprint = screen.blueprints[screen.blueprint].0.clone();
                return asking::plan(model, Ask::Create(form, blueprint));
            }
            Err((field, why)) => {
                screen.field = field;
                if let Some(at) = field.input() {
                    screen.errors[at] = Some(why);
                }
            }
        },
        _ => {}
    }
    vec![]
}

/// The next field that can be edited; the FQDN is the inventory's.
fn turn(field: CreateField, by: usize) -> CreateField {
    let all = CreateField::ALL;
    let next = all[(field as usize + by) % all.len()];
    if next == CreateField::Fqdn {
        turn(next, by)
    } else {
        next
    }
}

/// Right and left: another blueprint, or the cursor in a text.
fn choose(screen: &mut CreateScreen, by: isize) {
    match screen.field.input() {
        None => {
            let count = screen.blueprints.len().max(1) as isize;
            screen.blueprint = (screen.blueprint as isize + by).rem_euclid(count) as usize;
        }
        Some(at) => typing::step(&mut screen.inputs[at], by > 0),
    }
}

/// A key that is no command edits the field.
pub(super) fn typed(model: &mut Model, chord: &Chord) -> Vec<Effect> {
    model.questions.gone_on();
    let Some(Screen::Create(screen)) = model.screens.last_mut() else {
        return vec![];
    };
    if let Some(at) = screen.field.input()
        && typing::key(&mut screen.inputs[at], chord)
    {
        edited(screen);
    }
    vec![]
}

pub(super) fn pasted(model: &mut Model, line: &str) {
    model.questions.gone_on();
    let Some(Screen::Create(screen)) = model.screens.last_mut() else {
        return;
    };
    if let Some(at) = screen.field.input() {
        typing::paste(&mut screen.inputs[at], line);
        edited(screen);
    }
}

fn edited(screen: &mut CreateScreen) {
    screen.touched = true;
    if let Some(at) = screen.field.input() {
        screen.errors[at] = rule(screen.field, screen.inputs[at].value()).err();
    }
}

/// The rule of a field.
fn rule(field: CreateField, text: &str) -> Result<(), String> {
    match field {
        CreateField::Name | CreateField::SecretName => {
            valid_display_name(text).map_err(|why| why.to_string())
        }
        CreateField::RedirectUri => RedirectUri::parse(text)
            .map(|_| ())
            .map_err(|why| why.to_string()),
        CreateField::SecretMonths => match text.trim().parse::<u32>() {
            Ok(months) => valid_secret_months(months).map_err(|why| why.to_string()),
            Err(_) => Err("a number of months".to_string()),
        },
        CreateField::MpnId if text.trim().is_empty() => Ok(()),
        CreateField::MpnId => valid_mpn_id(text.trim()).map_err(|why| why.to_string()),
        CreateField::Notes => valid_notes(text).map_err(|why| why.to_string()),
        CreateField::Fqdn | CreateField::Blueprint => Ok(()),
    }
}

/// The form, when every field keeps its rule; else the first field that does not, with why.
pub(in crate::console) fn form(screen: &CreateScreen) -> Result<CreateForm, (CreateField, String)> {
    for field in CreateField::ALL {
        rule(field, screen.text(field)).map_err(|why| (field, why))?;
    }
    let text = |field| screen.text(field).trim().to_string();
    let redirect_uri = RedirectUri::parse(&text(CreateField::RedirectUri))
        .map_err(|why| (CreateField::RedirectUri, why.to_string()))?;
    let mpn_id = text(CreateField::MpnId);
    Ok(CreateForm {
        name: text(CreateField::Name),
        redirect_uri,
        secret_name: text(CreateField::SecretName),
        secret_months: text(CreateField::SecretMonths).parse().unwrap_or(24),
        mpn_id: (!mpn_id.is_empty()).then_some(mpn_id),
        notes: text(CreateField::Notes),
    })
}
