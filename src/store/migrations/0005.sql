-- A next step more: a portal that is filled in by hand. How many there are is the program's to say from now on.
CREATE TABLE fleet_anew (
    fqdn                TEXT NOT NULL PRIMARY KEY REFERENCES device (fqdn) ON DELETE CASCADE,
    tenant              TEXT NOT NULL,
    status              INTEGER CHECK (status BETWEEN 1 AND 8),
    reason              TEXT,
    next                INTEGER CHECK (next >= 1),
    checks_met          INTEGER,
    checks_all          INTEGER,
    permissions_present INTEGER,
    permissions_wanted  INTEGER,
    secret_end          INTEGER,
    secret_assumed      INTEGER CHECK (secret_assumed IN (0, 1)),
    portal              INTEGER CHECK (portal BETWEEN 1 AND 7),
    portal_at           INTEGER,
    customers           INTEGER,
    customers_pending   INTEGER,
    read_at             INTEGER,
    stale               INTEGER CHECK (stale IN (0, 1)),
    holds_until         INTEGER
) STRICT, WITHOUT ROWID;

INSERT INTO fleet_anew SELECT * FROM fleet;
DROP TABLE fleet;
ALTER TABLE fleet_anew RENAME TO fleet;
