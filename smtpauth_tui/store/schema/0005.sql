-- The process that served a refused client only tells attempts apart: a number made of its name does that as well.
CREATE TABLE auth_failure_by_number (
    time INTEGER NOT NULL,
    server INTEGER NOT NULL REFERENCES server,
    process INTEGER NOT NULL,
    name INTEGER NOT NULL REFERENCES tried_name,
    client INTEGER NOT NULL REFERENCES client,
    mechanism INTEGER NOT NULL REFERENCES mechanism,
    ordinal INTEGER NOT NULL,
    source INTEGER NOT NULL REFERENCES source,
    PRIMARY KEY (time, server, process, name, client, mechanism, ordinal)
) STRICT, WITHOUT ROWID;
INSERT INTO auth_failure_by_number
SELECT time, server, number_of(process), name, client, mechanism, ordinal, source FROM auth_failure;
DROP TABLE auth_failure;
ALTER TABLE auth_failure_by_number RENAME TO auth_failure;
DROP TABLE failure_copy;
CREATE TABLE failure_copy (
    stem TEXT NOT NULL,
    time INTEGER NOT NULL,
    server INTEGER NOT NULL,
    process INTEGER NOT NULL,
    name INTEGER NOT NULL,
    client INTEGER NOT NULL,
    mechanism INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    PRIMARY KEY (stem, time, server, process, name, client, mechanism, ordinal)
) STRICT, WITHOUT ROWID;
