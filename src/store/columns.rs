//! How the core's types become columns, and back.

use std::fmt::Display;
use std::str::FromStr;

use jiff::{RoundMode, Timestamp, TimestampRound, Unit};
use rusqlite::types::Type;
use rusqlite::{Error, Row, RowIndex};
use uuid::Uuid;

use crate::registration::fleet::{Fqdn, RedirectUri};

/// A column by its name, or by its place where many rows are read: a name is looked for in each row anew.
pub(super) trait Column: RowIndex + Display + Copy {}

impl<T: RowIndex + Display + Copy> Column for T {}

/// Whole milliseconds, rounded down.
pub(super) fn milliseconds(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// Whole milliseconds, rounded up: a moment that must not be reached too early.
pub(super) fn milliseconds_up(at: Timestamp) -> i64 {
    let up = TimestampRound::new()
        .smallest(Unit::Millisecond)
        .mode(RoundMode::Ceil);
    at.round(up).unwrap_or(at).as_millisecond()
}

/// A column's value can't be: somebody else wrote it, or the file is damaged.
pub(super) fn unreadable(column: impl Display, why: impl Display) -> Error {
    Error::FromSqlConversionFailure(0, Type::Null, format!("column {column}: {why}").into())
}

/// A column as text, parsed.
pub(super) fn parsed<T>(row: &Row<'_>, column: impl Column) -> rusqlite::Result<T>
where
    T: FromStr,
    T::Err: Display,
{
    let text = row
        .get_ref(column)?
        .as_str()
        .map_err(|why| unreadable(column, why))?;
    text.parse().map_err(|why| unreadable(column, why))
}

/// A column as text, parsed, or nothing.
pub(super) fn parsed_or_nothing<T>(
    row: &Row<'_>,
    column: impl Column,
) -> rusqlite::Result<Option<T>>
where
    T: FromStr,
    T::Err: Display,
{
    match row
        .get_ref(column)?
        .as_str_or_null()
        .map_err(|why| unreadable(column, why))?
    {
        Some(text) => text
            .parse()
            .map(Some)
            .map_err(|why| unreadable(column, why)),
        None => Ok(None),
    }
}

pub(super) fn fqdn(row: &Row<'_>, column: impl Column) -> rusqlite::Result<Fqdn> {
    let text = row
        .get_ref(column)?
        .as_str()
        .map_err(|why| unreadable(column, why))?;
    Fqdn::parse(text).map_err(|why| unreadable(column, why))
}

pub(super) fn fqdn_or_nothing(
    row: &Row<'_>,
    column: impl Column,
) -> rusqlite::Result<Option<Fqdn>> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| Fqdn::parse(&text).map_err(|why| unreadable(column, why)))
        .transpose()
}

pub(super) fn redirect_uri(
    row: &Row<'_>,
    column: impl Column,
) -> rusqlite::Result<Option<RedirectUri>> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| RedirectUri::parse(&text).map_err(|why| unreadable(column, why)))
        .transpose()
}

pub(super) fn uuid(row: &Row<'_>, column: impl Column) -> rusqlite::Result<Uuid> {
    parsed(row, column)
}

pub(super) fn timestamp(row: &Row<'_>, column: impl Column) -> rusqlite::Result<Timestamp> {
    timestamp_or_nothing(row, column)?.ok_or_else(|| unreadable(column, "no time"))
}

pub(super) fn timestamp_or_nothing(
    row: &Row<'_>,
    column: impl Column,
) -> rusqlite::Result<Option<Timestamp>> {
    let number: Option<i64> = row.get(column)?;
    number
        .map(|number| Timestamp::from_millisecond(number).map_err(|why| unreadable(column, why)))
        .transpose()
}

/// SQLite's integers are signed; a limit beyond them is no limit.
pub(super) fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
