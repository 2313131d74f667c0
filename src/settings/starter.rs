//! The settings file to begin with: `assets/settings.toml`, with the defaults and the limits filled in.

use super::tables::{AT_ONCE, RETIRE_AFTER_DAYS, limits_words};
use super::{
    DEFAULT_CLIENT_ID, DEFAULT_GRAPH, DEFAULT_LOGIN, LogLevel, REFRESH_MINUTES,
    SECRET_EXPIRING_DAYS, Settings,
};

impl Settings {
    /// A commented settings file to begin with; it says what holds without it, and what may stand in its place.
    pub fn starter() -> String {
        let Settings {
            refresh_minutes,
            secret_expiring_days,
            secrets,
            bulk,
            screen,
            log_level,
            ..
        } = Settings::default();
        let places = [
            ("{refresh_minutes}", refresh_minutes.to_string()),
            ("{refresh_minutes: limits}", limits_words(&REFRESH_MINUTES)),
            ("{secret_expiring_days}", secret_expiring_days.to_string()),
            (
                "{secret_expiring_days: limits}",
                limits_words(&SECRET_EXPIRING_DAYS),
            ),
            ("{secrets_copy}", secrets.copy.word().to_string()),
            (
                "{retire_after_push_days}",
                secrets.retire_after_push_days.to_string(),
            ),
            (
                "{retire_after_handoff_days}",
                secrets.retire_after_handoff_days.to_string(),
            ),
            (
                "{retire_after_days: limits}",
                limits_words(&RETIRE_AFTER_DAYS),
            ),
            ("{at_once}", bulk.at_once.to_string()),
            ("{at_once_per_tenant}", bulk.at_once_per_tenant.to_string()),
            ("{at_once: limits}", limits_words(&AT_ONCE)),
            ("{log_level}", log_level.word().to_string()),
            ("{log_levels}", LogLevel::ALL.map(LogLevel::word).join(", ")),
            ("{theme}", screen.theme),
            ("{ascii}", screen.ascii.to_string()),
            ("{mouse}", screen.mouse.to_string()),
            ("{login}", DEFAULT_LOGIN.to_string()),
            ("{graph}", DEFAULT_GRAPH.to_string()),
            ("{client_id}", DEFAULT_CLIENT_ID.to_string()),
        ];
        let mut text = include_str!("../../assets/settings.toml").to_string();
        for (place, value) in places {
            text = text.replace(place, &value);
        }
        text
    }
}
