-- What the store knows of itself: the zone in which it counts its days.
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- Dictionaries: each string once. Accounts and sender addresses are grouped without regard to case (folded).
CREATE TABLE domain (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE address (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL,
    folded TEXT NOT NULL UNIQUE,
    domain INTEGER NOT NULL REFERENCES domain
) STRICT;
CREATE INDEX address_by_domain ON address (domain);
CREATE TABLE tried_name (id INTEGER PRIMARY KEY, text TEXT NOT NULL, folded TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE client (id INTEGER PRIMARY KEY, address TEXT NOT NULL UNIQUE, name TEXT NOT NULL) STRICT;
CREATE TABLE mechanism (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, auth INTEGER NOT NULL) STRICT;
-- key: the host's first label and the instance; one server has the short name in one log and the long one in another
CREATE TABLE server (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, host TEXT NOT NULL, instance TEXT NOT NULL) STRICT;

-- What was read: one row a source, found again by its place and how it begins.
CREATE TABLE source (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL,
    head BLOB NOT NULL,
    format TEXT NOT NULL,
    host TEXT NOT NULL,
    lines INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    submissions INTEGER NOT NULL,
    auth_failures INTEGER NOT NULL,
    incomplete INTEGER NOT NULL,
    not_understood INTEGER NOT NULL,
    damaged TEXT NOT NULL,
    first INTEGER,
    last INTEGER,
    imported_at INTEGER NOT NULL,
    UNIQUE (path, head)
) STRICT;

-- Facts. time: UTC seconds. tls, auth: numbers of the lists in store/codes.py.
CREATE TABLE submission (
    time INTEGER NOT NULL,
    queue_id TEXT NOT NULL,
    server INTEGER NOT NULL REFERENCES server,
    account INTEGER NOT NULL REFERENCES address,
    sender INTEGER NOT NULL REFERENCES address,
    client INTEGER NOT NULL REFERENCES client,
    tls INTEGER NOT NULL,
    mechanism INTEGER NOT NULL REFERENCES mechanism,
    recipients INTEGER NOT NULL,
    size INTEGER NOT NULL,
    source INTEGER NOT NULL REFERENCES source,
    PRIMARY KEY (time, queue_id, server)
) STRICT, WITHOUT ROWID;

CREATE TABLE auth_failure (
    time INTEGER NOT NULL,
    server INTEGER NOT NULL REFERENCES server,
    process TEXT NOT NULL,
    name INTEGER NOT NULL REFERENCES tried_name,
    client INTEGER NOT NULL REFERENCES client,
    mechanism INTEGER NOT NULL REFERENCES mechanism,
    ordinal INTEGER NOT NULL,
    source INTEGER NOT NULL REFERENCES source,
    PRIMARY KEY (time, server, process, name, client, mechanism, ordinal)
) STRICT, WITHOUT ROWID;

-- The roll-up: counted in the transaction that brings the facts. day: days since 1970 in the store's zone.
CREATE TABLE daily (
    day INTEGER NOT NULL,
    sender INTEGER NOT NULL REFERENCES address,
    account INTEGER NOT NULL REFERENCES address,
    tls INTEGER NOT NULL,
    auth INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    recipients INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (day, sender, account, tls, auth)
) STRICT, WITHOUT ROWID;
CREATE INDEX daily_by_sender ON daily (sender, day);

CREATE TABLE daily_failure (
    day INTEGER NOT NULL,
    name INTEGER NOT NULL REFERENCES tried_name,
    client INTEGER NOT NULL REFERENCES client,
    failures INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (day, name, client)
) STRICT, WITHOUT ROWID;
