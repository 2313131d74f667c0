-- Times are milliseconds since 1970-01-01 UTC; UUIDs are lower-case text.

CREATE TABLE tenant (
    id             TEXT NOT NULL PRIMARY KEY,
    name           TEXT NOT NULL,
    primary_domain TEXT NOT NULL,
    mpn_id         TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE device (
    fqdn           TEXT NOT NULL PRIMARY KEY,
    tenant         TEXT NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    blueprint      TEXT NOT NULL,
    portal_profile TEXT NOT NULL,
    portal_way     TEXT NOT NULL CHECK (portal_way IN ('handoff', 'http')),
    portal_url     TEXT NOT NULL,
    redirect_uri   TEXT,
    mpn_id         TEXT,
    notes          TEXT NOT NULL
) STRICT;
CREATE INDEX device_by_tenant ON device (tenant);

CREATE TABLE customer (
    device       TEXT NOT NULL REFERENCES device (fqdn) ON DELETE CASCADE,
    position     INTEGER NOT NULL,
    short_name   TEXT NOT NULL,
    full_name    TEXT NOT NULL,
    tenant_id    TEXT,
    redirect_uri TEXT,
    PRIMARY KEY (device, position)
) STRICT, WITHOUT ROWID;

-- What the three tables above were made from, as one number: most starts change nothing.
CREATE TABLE inventory (
    fingerprint INTEGER NOT NULL
) STRICT;

-- What the list shows, and nothing else: the first frame reads this table alone.
-- `status` is empty for a device that was never judged; the columns after it are then empty too.
CREATE TABLE fleet (
    fqdn                TEXT NOT NULL PRIMARY KEY REFERENCES device (fqdn) ON DELETE CASCADE,
    tenant              TEXT NOT NULL,
    status              INTEGER CHECK (status BETWEEN 1 AND 8),
    reason              TEXT,
    next                INTEGER CHECK (next BETWEEN 1 AND 8),
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

-- Facts are documents: they are read again at any time, one device or tenant at once.
CREATE TABLE tenant_facts (
    tenant TEXT NOT NULL PRIMARY KEY REFERENCES tenant (id) ON DELETE CASCADE,
    facts  TEXT NOT NULL
) STRICT;

CREATE TABLE registration_facts (
    device TEXT NOT NULL PRIMARY KEY REFERENCES device (fqdn) ON DELETE CASCADE,
    facts  TEXT NOT NULL
) STRICT;

-- Pushes, statements and links can't be read again from anywhere. So they outlive the inventory's entry:
-- a device that is listed again finds its own.
CREATE TABLE portal_record (
    device TEXT NOT NULL PRIMARY KEY,
    record TEXT NOT NULL
) STRICT;

CREATE TABLE link (
    device    TEXT NOT NULL PRIMARY KEY,
    tenant    TEXT NOT NULL,
    object_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE choice (
    device       TEXT NOT NULL PRIMARY KEY,
    blueprint    TEXT NOT NULL,
    redirect_uri TEXT,
    mpn_id       TEXT
) STRICT, WITHOUT ROWID;

-- The journal outlives the inventory as well.
CREATE TABLE run (
    id        TEXT NOT NULL PRIMARY KEY,
    device    TEXT NOT NULL,
    tenant    TEXT NOT NULL,
    intent    TEXT NOT NULL,
    plan      TEXT NOT NULL,
    owner     TEXT NOT NULL,
    began     INTEGER NOT NULL,
    heartbeat INTEGER NOT NULL,
    outcome   TEXT CHECK (outcome IN ('done', 'failed', 'stopped', 'abandoned')),
    note      TEXT NOT NULL DEFAULT '',
    ended     INTEGER,
    CHECK ((outcome IS NULL) = (ended IS NULL))
) STRICT;
-- One open run a registration, whatever a process believes.
CREATE UNIQUE INDEX one_open_run ON run (device) WHERE outcome IS NULL;
CREATE INDEX run_by_device ON run (device, began);
CREATE INDEX run_by_time ON run (began);

CREATE TABLE journal (
    seq    INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    run    TEXT NOT NULL REFERENCES run (id),
    step   INTEGER NOT NULL,
    phase  TEXT NOT NULL CHECK (phase IN ('about', 'done', 'failed', 'unknown')),
    detail TEXT NOT NULL,
    at     INTEGER NOT NULL
) STRICT;
CREATE INDEX journal_by_run ON journal (run, seq);

CREATE TABLE audit (
    seq        INTEGER NOT NULL PRIMARY KEY,
    at         INTEGER NOT NULL,
    os_user    TEXT NOT NULL,
    identity   TEXT NOT NULL,
    device     TEXT,
    run        TEXT,
    method     TEXT NOT NULL,
    path       TEXT NOT NULL,
    request_id TEXT,
    outcome    TEXT NOT NULL,
    hash       BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;
-- INSERT OR REPLACE would delete without the trigger above.
CREATE TRIGGER audit_is_appended BEFORE INSERT ON audit
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit)
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;
