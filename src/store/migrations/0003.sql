-- Client secrets that were replaced and are to be removed from a day on. Can't be read again from anywhere, so a row
-- outlives the inventory's entry.
CREATE TABLE retirement (
    key_id    TEXT NOT NULL PRIMARY KEY,
    device    TEXT NOT NULL,
    tenant    TEXT NOT NULL,
    object_id TEXT NOT NULL,
    name      TEXT NOT NULL,
    due       INTEGER NOT NULL,
    put_down  INTEGER NOT NULL,
    run       TEXT NOT NULL
) STRICT, WITHOUT ROWID;
