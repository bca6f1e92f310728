-- Totals by day and sender domain: the charts' cost is bound to days and domains, not to senders.
CREATE TABLE daily_total (
    day INTEGER NOT NULL,
    domain INTEGER NOT NULL REFERENCES domain,
    tls INTEGER NOT NULL,
    auth INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    recipients INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (day, domain, tls, auth)
) STRICT, WITHOUT ROWID;
INSERT INTO daily_total
SELECT day, address.domain, tls, auth, sum(messages), sum(recipients), min(first), max(last)
FROM daily JOIN address ON address.id = daily.sender GROUP BY day, address.domain, tls, auth;

-- The senders of the last days that have any submissions, ready to be listed: see store/windows.py.
-- The setting window_end is the last of these days; without it the windows are not up to date.
CREATE TABLE window (
    span INTEGER NOT NULL,
    sender INTEGER NOT NULL REFERENCES address,
    messages INTEGER NOT NULL,
    recipients INTEGER NOT NULL,
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
    PRIMARY KEY (span, sender)
) STRICT, WITHOUT ROWID;
CREATE INDEX window_by_messages ON window (span, messages DESC, sender);
