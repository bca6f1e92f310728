-- A source is known by what it holds, not by its name: how it begins, how far it was read, and what stands before that
-- place. fork: another content that begins alike. place: bytes read, decompressed. split, state, orphans: JSON, what
-- waits between two imports (formats/). form: of its stamps.
-- anew: 1 where an earlier log that came later completes it: it is to be read again from its beginning.
CREATE TABLE source_by_content (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL,
    stem TEXT NOT NULL,
    format TEXT NOT NULL,
    host TEXT NOT NULL,
    zone TEXT NOT NULL,
    lines INTEGER NOT NULL,
    octets INTEGER NOT NULL,
    submissions INTEGER NOT NULL,
    auth_failures INTEGER NOT NULL,
    facts INTEGER NOT NULL,
    incomplete INTEGER NOT NULL,
    not_understood INTEGER NOT NULL,
    damaged TEXT NOT NULL,
    first INTEGER,
    last INTEGER,
    imported_at INTEGER NOT NULL,
    head_length INTEGER NOT NULL,
    head BLOB NOT NULL,
    fork INTEGER NOT NULL,
    place INTEGER NOT NULL,
    tail BLOB NOT NULL,
    split TEXT NOT NULL,
    state TEXT NOT NULL,
    orphans TEXT NOT NULL,
    form TEXT NOT NULL,
    anew INTEGER NOT NULL,
    UNIQUE (head_length, head, fork)
) STRICT;
INSERT INTO source_by_content
SELECT id, path, '', format, host, '', lines, bytes, submissions, auth_failures, submissions + auth_failures, incomplete,
       not_understood, damaged, first, last, imported_at, 0, head, id, 0, x'', '', '', '', '', 0
FROM source;
DROP TABLE source;
ALTER TABLE source_by_content RENAME TO source;
CREATE INDEX source_by_path ON source (path);

-- Files as the last import left them: one that is unchanged and was read to its end is not opened again.
-- source: NULL where it is no log.
CREATE TABLE file_seen (
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    size INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    source INTEGER REFERENCES source,
    PRIMARY KEY (device, inode)
) STRICT, WITHOUT ROWID;

-- Failures that a log has in common with logs of other forms, the last few seconds of each: which are taken already.
-- stem: the log's place without rotation. The rest is the key of auth_failure.
CREATE TABLE failure_copy (
    stem TEXT NOT NULL,
    time INTEGER NOT NULL,
    server INTEGER NOT NULL,
    process TEXT NOT NULL,
    name INTEGER NOT NULL,
    client INTEGER NOT NULL,
    mechanism INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    PRIMARY KEY (stem, time, server, process, name, client, mechanism, ordinal)
) STRICT, WITHOUT ROWID;

-- Lines that looked like a mail server's and could not be read, the first of each source. number: about where it stood.
CREATE TABLE unread_line (
    source INTEGER NOT NULL REFERENCES source,
    number INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (source, number, text)
) STRICT, WITHOUT ROWID;
