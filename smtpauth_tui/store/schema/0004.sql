-- Sign-ins at an identity service. They are no messages: no other table counts them.
-- key: the service's id of the sign-in, or a digest where an export has none (store/exports.py).
-- outcome: a number of the list in store/codes.py. A country or city that is not known is empty.
CREATE TABLE sign_in (
    key TEXT PRIMARY KEY,
    time INTEGER NOT NULL,
    server INTEGER NOT NULL REFERENCES server,
    name INTEGER NOT NULL REFERENCES tried_name,
    client INTEGER NOT NULL REFERENCES client,
    country TEXT NOT NULL,
    city TEXT NOT NULL,
    asn INTEGER,
    outcome INTEGER NOT NULL,
    code INTEGER,
    reason TEXT NOT NULL,
    interactive INTEGER,
    source INTEGER NOT NULL REFERENCES source
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_by_time ON sign_in (time);
CREATE TABLE daily_sign_in (
    day INTEGER NOT NULL,
    name INTEGER NOT NULL REFERENCES tried_name,
    client INTEGER NOT NULL REFERENCES client,
    country TEXT NOT NULL,
    sign_ins INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (day, name, client, country)
) STRICT, WITHOUT ROWID;

-- Snapshots: totals by sender over a period without days. digest: the same export again is known by it.
-- first, last: days since 1970; null where the export does not name its period.
CREATE TABLE snapshot (
    id INTEGER PRIMARY KEY,
    source INTEGER NOT NULL UNIQUE REFERENCES source,
    digest BLOB NOT NULL UNIQUE,
    first INTEGER,
    last INTEGER
) STRICT;
CREATE TABLE snapshot_sender (
    snapshot INTEGER NOT NULL REFERENCES snapshot,
    place INTEGER NOT NULL,
    sender TEXT NOT NULL,
    folded TEXT NOT NULL,
    domain TEXT NOT NULL,
    messages INTEGER NOT NULL,
    tls_0 INTEGER NOT NULL,
    tls_3 INTEGER NOT NULL,
    tls_10 INTEGER NOT NULL,
    tls_11 INTEGER NOT NULL,
    tls_12 INTEGER NOT NULL,
    tls_13 INTEGER NOT NULL,
    tls_99 INTEGER NOT NULL,
    auth_1 INTEGER NOT NULL,
    auth_2 INTEGER NOT NULL,
    auth_9 INTEGER NOT NULL,
    PRIMARY KEY (snapshot, place)
) STRICT, WITHOUT ROWID;
