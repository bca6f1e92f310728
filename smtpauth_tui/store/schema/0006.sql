-- One sender's days are found day by day, by the key of daily: this index was a third of the roll-up.
DROP INDEX daily_by_sender;

-- What is counted ahead, beside the windows (store/windows.py): valid while the setting window_end is there.
-- Totals of each day; of each sender domain and day; and of each day's failures.
CREATE TABLE day_total (
    day INTEGER NOT NULL,
    tls INTEGER NOT NULL,
    auth INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    recipients INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (day, tls, auth)
) STRICT, WITHOUT ROWID;
CREATE TABLE domain_total (
    domain INTEGER NOT NULL REFERENCES domain,
    day INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    PRIMARY KEY (domain, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE failure_total (
    day INTEGER PRIMARY KEY,
    failures INTEGER NOT NULL,
    last INTEGER NOT NULL
) STRICT;

-- Who was seen on which days. party: a number of the list in store/codes.py; id: of that party's dictionary.
-- days: an integer in little-endian bytes, its bit n is the day first + n.
CREATE TABLE seen (
    party INTEGER NOT NULL,
    id INTEGER NOT NULL,
    first INTEGER NOT NULL,
    days BLOB NOT NULL,
    PRIMARY KEY (party, id)
) STRICT, WITHOUT ROWID;
-- How many of a party were seen on a day, by the day on which they were seen last before (-1: never before).
-- So those seen in a period are those of its days whose day before is not in it.
CREATE TABLE seen_again (
    party INTEGER NOT NULL,
    day INTEGER NOT NULL,
    before INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (party, day, before)
) STRICT, WITHOUT ROWID;
DELETE FROM setting WHERE name = 'window_end';
