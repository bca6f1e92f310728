-- Mails on their way. state: the words of MailState. Times: UTC seconds.
CREATE TABLE mail (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT NOT NULL UNIQUE,
    once TEXT UNIQUE,
    report TEXT NOT NULL,
    subject TEXT NOT NULL,
    sender TEXT NOT NULL,
    message BLOB NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    give_up INTEGER NOT NULL,
    next_try INTEGER,
    answer TEXT NOT NULL DEFAULT '',
    lease_until INTEGER,
    lease TEXT NOT NULL DEFAULT '',
    process TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX mail_by_state ON mail (state, next_try);
CREATE TABLE recipient (
    mail INTEGER NOT NULL REFERENCES mail,
    place INTEGER NOT NULL,
    address TEXT NOT NULL,
    state TEXT NOT NULL,
    answer TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (mail, place),
    UNIQUE (mail, address)
) STRICT, WITHOUT ROWID;
