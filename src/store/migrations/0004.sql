-- What was copied in a handoff that was not stated yet; never a secret's value.
CREATE TABLE copied (
    device TEXT NOT NULL,
    field  TEXT NOT NULL,
    what   TEXT NOT NULL,
    at     INTEGER NOT NULL,
    by     TEXT NOT NULL,
    PRIMARY KEY (device, field)
) STRICT;
