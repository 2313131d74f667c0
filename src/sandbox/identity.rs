//! Ids and secrets. Those of the training fleet follow from names, so every start shows the same; those made while it
//! runs are random.

use ring::digest::{SHA256, digest};
use uuid::Uuid;

/// The fleet's GUID of a name.
pub(super) fn guid(name: &str) -> Uuid {
    let hash = digest(&SHA256, format!("umpdeck sandbox {name}").as_bytes());
    let mut bytes = [0u8; 16];
    bytes.copy_from_slice(&hash.as_ref()[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// The fleet's secret value of a name.
pub(super) fn training_secret(name: &str) -> String {
    secret_from(digest(&SHA256, format!("training secret {name}").as_bytes()).as_ref())
}

/// A new secret value of 40 characters.
pub(super) fn new_secret() -> String {
    let mut seed = Uuid::new_v4().as_bytes().to_vec();
    seed.extend(Uuid::new_v4().as_bytes());
    secret_from(digest(&SHA256, &seed).as_ref())
}

/// A code to type in: nine letters that spell no words.
pub(super) fn new_user_code() -> String {
    const LETTERS: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";
    let random = Uuid::new_v4();
    let letters = random.as_bytes().iter().take(9);
    letters
        .map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]))
        .collect()
}

/// An opaque text, such as a device code.
pub(super) fn new_opaque() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

fn secret_from(seed: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.~";
    let more = digest(&SHA256, seed);
    let letters: String = seed
        .iter()
        .chain(more.as_ref())
        .take(37)
        .map(|byte| char::from(LETTERS[usize::from(byte & 63)]))
        .collect();
    // Entra's values bear this mark after the hint's three characters.
    format!("{}8Q~{}", &letters[..3], &letters[3..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_always_gives_the_same_guid_and_secret() {
        assert_eq!(guid("tenant finebak"), guid("tenant finebak"));
        assert_ne!(guid("tenant finebak"), guid("tenant contoso"));
        assert_eq!(training_secret("x").len(), 40);
        assert_ne!(new_secret(), new_secret());
    }
}
