-- The last look of all rules: when, at which days (since 1970; NULL where there were none), and of each rule whether it
-- is on and what it lacked: [{"rule": "U8", "on": false, "missing": "…"}].
CREATE TABLE checked (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    at INTEGER NOT NULL,
    first INTEGER,
    last INTEGER,
    rules TEXT NOT NULL
) STRICT;
