-- What people and the program note between imports. Times: UTC seconds.
-- Findings of the rules (rules/): what was unusual, and when somebody was told. since, until: days since 1970 in the
-- store's zone. evidence: JSON.
CREATE TABLE finding (
    key TEXT PRIMARY KEY,
    rule TEXT NOT NULL,
    severity TEXT NOT NULL,
    unit TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER NOT NULL,
    reason TEXT NOT NULL,
    evidence TEXT NOT NULL,
    found_at INTEGER NOT NULL,
    told_at INTEGER
) STRICT;
-- What is known to be right: until that time, or for ever.
CREATE TABLE acknowledgement (
    rule TEXT NOT NULL,
    unit TEXT NOT NULL,
    reason TEXT NOT NULL,
    until INTEGER,
    at INTEGER NOT NULL,
    PRIMARY KEY (rule, unit)
) STRICT;
-- What no rule looks at. kind: network, account, host, as.
CREATE TABLE allowed (
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (kind, value)
) STRICT;
CREATE TABLE saved_filter (name TEXT PRIMARY KEY, text TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
-- Accounts that have to be changed: who does it, and whether it is done.
CREATE TABLE todo (
    account TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    note TEXT NOT NULL,
    done_at INTEGER,
    at INTEGER NOT NULL
) STRICT;
-- What the rules looked at: the settings of that time (a digest), from which day on, and a mark of 4 bytes for each day
-- from marked on, which is another one when the day's totals are.
CREATE TABLE looked (
    rule TEXT PRIMARY KEY,
    settings TEXT NOT NULL,
    first INTEGER NOT NULL,
    marked INTEGER NOT NULL,
    marks BLOB NOT NULL
) STRICT;
