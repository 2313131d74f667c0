-- What a tenant's directory holds, as it was listed and followed since: a document, read again whenever it is lost.
CREATE TABLE directory (
    tenant  TEXT NOT NULL PRIMARY KEY REFERENCES tenant (id) ON DELETE CASCADE,
    listing TEXT NOT NULL
) STRICT;
