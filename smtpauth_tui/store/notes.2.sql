-- The last look of all rules: when, at which days (since 1970; NULL where there were none), and of each rule whether it
-- is on and what it lacked, for all that it could see or a part of it: [{"rule": "U8", "on": false, "missing": "…",
-- "partly": ""}].
CREATE TABLE checked (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    at INTEGER NOT NULL,
    first INTEGER,
    last INTEGER,
    rules TEXT NOT NULL
) STRICT;
-- Findings that went out by mail, by their days at that time.
CREATE TABLE IF NOT EXISTS mailed (
    rule TEXT NOT NULL,
    unit TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (rule, unit, since, until)
) STRICT;
