"""The SQL with which the writer adds facts, finds those that the store has, and counts."""

from typing import Final

from smtpauth_tui.store.codes import AUTH_UNKNOWN, TLS_UNKNOWN

SAME_MESSAGE: Final = 2
"""Seconds by which two forms of one log may differ: each collector stamps the line when it takes it."""

CREATE_STAGED: Final = """
    CREATE TEMP TABLE staged (time INTEGER, queue_id TEXT, server INTEGER, account INTEGER, sender INTEGER,
        client INTEGER, tls INTEGER, mechanism INTEGER, recipients INTEGER, size INTEGER, day INTEGER, auth INTEGER,
        slack INTEGER)
"""
CREATE_STAGED_FAILURE: Final = """
    CREATE TEMP TABLE staged_failure (time INTEGER, server INTEGER, process TEXT, name INTEGER, client INTEGER,
        mechanism INTEGER, ordinal INTEGER, day INTEGER,
        PRIMARY KEY (time, server, process, name, client, mechanism, ordinal)) WITHOUT ROWID
"""
# filled: the messages of a batch of which the store lacks something that the batch has
CREATE_FILLED: Final = """
    CREATE TEMP TABLE filled (time INTEGER, queue_id TEXT, server INTEGER, day INTEGER, old_sender INTEGER,
        old_recipients INTEGER, old_tls INTEGER, old_auth INTEGER, sender INTEGER, recipients INTEGER, tls INTEGER,
        auth INTEGER, account INTEGER, mechanism INTEGER, client INTEGER,
        PRIMARY KEY (time, queue_id, server)) WITHOUT ROWID
"""
# the servers that may be one: a log that does not name its host may be any host's, and a proxy hands on to any server
CREATE_SAME_SERVER: Final = (
    "CREATE TEMP TABLE same_server (one INTEGER, other INTEGER, PRIMARY KEY (one, other)) WITHOUT ROWID"
)
_THE_SAME: Final = """
    known.time BETWEEN staged.time - staged.slack AND staged.time + staged.slack AND known.queue_id = staged.queue_id
    AND EXISTS (SELECT 1 FROM same_server WHERE one = staged.server AND other = known.server)
"""
_LOGIN_MISSES: Final = f"mechanism.auth = {AUTH_UNKNOWN} AND staged.auth <> {AUTH_UNKNOWN}"
_TLS_MISSES: Final = f"known.tls = {TLS_UNKNOWN} AND staged.tls <> {TLS_UNKNOWN}"
_CLIENT_MISSES: Final = "known.client <> staged.client AND client.address = ''"
_SENDER_MISSES: Final = "known.sender <> staged.sender AND address.text = ''"
SELECT_FILLED: Final = f"""
    INSERT OR IGNORE INTO filled
    SELECT known.time, known.queue_id, known.server, staged.day, known.sender, known.recipients, known.tls,
           mechanism.auth, iif({_SENDER_MISSES}, staged.sender, known.sender),
           max(known.recipients, staged.recipients), iif({_TLS_MISSES}, staged.tls, known.tls),
           iif({_LOGIN_MISSES}, staged.auth, mechanism.auth), iif({_LOGIN_MISSES}, staged.account, known.account),
           iif({_LOGIN_MISSES}, staged.mechanism, known.mechanism),
           iif({_LOGIN_MISSES} OR {_CLIENT_MISSES}, staged.client, known.client)
    FROM staged CROSS JOIN main.submission AS known ON {_THE_SAME} JOIN mechanism ON mechanism.id = known.mechanism
    JOIN address ON address.id = known.sender JOIN client ON client.id = known.client
    WHERE {_TLS_MISSES} OR {_LOGIN_MISSES} OR {_SENDER_MISSES} OR {_CLIENT_MISSES}
       OR staged.recipients > known.recipients
"""
FILL: Final = """
    UPDATE submission SET tls = filled.tls, mechanism = filled.mechanism, account = filled.account,
        sender = filled.sender, recipients = filled.recipients, client = filled.client FROM filled
    WHERE submission.time = filled.time AND submission.queue_id = filled.queue_id AND submission.server = filled.server
"""
FILLED_SENDERS: Final = """
    SELECT sender FROM filled WHERE day = :day UNION SELECT old_sender FROM filled WHERE day = :day
"""
DROP_KNOWN: Final = f"DELETE FROM staged WHERE EXISTS (SELECT 1 FROM main.submission AS known WHERE {_THE_SAME})"
INSERT_STAGED: Final = """
    INSERT INTO submission
    SELECT time, queue_id, server, account, sender, client, tls, mechanism, recipients, size, ? FROM staged
"""
COUNT_STAGED: Final = """
    INSERT INTO daily
    SELECT day, sender, account, tls, auth, count(*), sum(recipients), sum(size), min(time), max(time)
    FROM staged WHERE true GROUP BY day, sender, account, tls, auth
    ON CONFLICT DO UPDATE SET
        messages = messages + excluded.messages, recipients = recipients + excluded.recipients,
        bytes = bytes + excluded.bytes, first = min(first, excluded.first), last = max(last, excluded.last)
"""
SELECT_ADDED: Final = """
    SELECT day, sender, account, tls, auth, count(*), sum(recipients) FROM staged
    GROUP BY day, sender, account, tls, auth
"""
COUNT_STAGED_TOTALS: Final = """
    INSERT INTO daily_total
    SELECT day, address.domain, tls, auth, count(*), sum(recipients), min(time), max(time)
    FROM staged JOIN address ON address.id = staged.sender WHERE true GROUP BY day, address.domain, tls, auth
    ON CONFLICT DO UPDATE SET
        messages = messages + excluded.messages, recipients = recipients + excluded.recipients,
        first = min(first, excluded.first), last = max(last, excluded.last)
"""
_ALIKE: Final = """
    known.server IN (SELECT other FROM same_server WHERE one = staged_failure.server)
    AND known.process = staged_failure.process AND known.name = staged_failure.name
    AND known.client = staged_failure.client AND known.mechanism = staged_failure.mechanism
"""
OTHER_FORMS: Final = (
    "SELECT 1 FROM source WHERE form NOT IN (:form, 'document', '') AND last >= :first AND first <= :last LIMIT 1"
)
STAGED_ORDER: Final = "server, process, name, client, mechanism, time, ordinal"
FAILURE_KEY: Final = "time, server, process, name, client, mechanism, ordinal"
_KNOWN_KEY: Final = ", ".join(f"known.{name}" for name in FAILURE_KEY.split(", "))
SELECT_KNOWN_FAILURES: Final = f"""
    SELECT {_KNOWN_KEY} FROM staged_failure CROSS JOIN main.auth_failure AS known
    ON known.time = staged_failure.time AND known.ordinal = staged_failure.ordinal AND {_ALIKE}
"""
DROP_KNOWN_FAILURES: Final = f"""
    DELETE FROM staged_failure WHERE EXISTS (
        SELECT 1 FROM main.auth_failure AS known
        WHERE known.time = staged_failure.time AND known.ordinal = staged_failure.ordinal AND {_ALIKE})
"""
SELECT_COPIES: Final = f"""
    SELECT {_KNOWN_KEY} FROM main.auth_failure AS known JOIN source ON source.id = known.source
    WHERE known.time BETWEEN :first AND :last AND source.form <> :form
      AND known.process = :process AND known.name = :name AND known.client = :client AND known.mechanism = :mechanism
      AND known.server IN (SELECT other FROM same_server WHERE one = :server)
    ORDER BY known.time, known.ordinal
"""
DROP_STAGED_FAILURE: Final = """
    DELETE FROM staged_failure WHERE time = ? AND server = ? AND process = ? AND name = ? AND client = ?
      AND mechanism = ? AND ordinal = ?
"""
STANDS_UNDER_OTHERS: Final = """
    SELECT 1 FROM main.auth_failure WHERE time = ? AND server = ? AND process = ? AND name = ? AND ordinal = ?
"""
INSERT_STAGED_FAILURES: Final = """
    INSERT INTO auth_failure
    SELECT time, server, process, name, client, mechanism, ordinal, ? FROM staged_failure
"""
COUNT_STAGED_FAILURES: Final = """
    INSERT INTO daily_failure
    SELECT day, name, client, count(*), min(time), max(time) FROM staged_failure WHERE true GROUP BY day, name, client
    ON CONFLICT DO UPDATE SET
        failures = failures + excluded.failures, first = min(first, excluded.first), last = max(last, excluded.last)
"""

RECOUNT_DAY: Final = """
    INSERT INTO daily
    SELECT :day, sender, account, tls, mechanism.auth, count(*), sum(recipients), sum(size), min(time), max(time)
    FROM submission JOIN mechanism ON mechanism.id = submission.mechanism
    WHERE time >= :first AND time < :end
    GROUP BY sender, account, tls, mechanism.auth
"""
RECOUNT_FILLED: Final = RECOUNT_DAY.replace("GROUP BY", f"AND sender IN ({FILLED_SENDERS}) GROUP BY")
RECOUNT_TOTALS: Final = """
    INSERT INTO daily_total
    SELECT day, address.domain, tls, auth, sum(messages), sum(recipients), min(first), max(last)
    FROM daily JOIN address ON address.id = daily.sender WHERE day = ? GROUP BY address.domain, tls, auth
"""
RECOUNT_FAILURES: Final = """
    INSERT INTO daily_failure
    SELECT :day, name, client, count(*), min(time), max(time) FROM auth_failure
    WHERE time >= :first AND time < :end GROUP BY name, client
"""
DROP_UNUSED: Final = (
    """DELETE FROM tried_name WHERE id NOT IN (SELECT name FROM auth_failure)
       AND id NOT IN (SELECT name FROM sign_in)""",
    """DELETE FROM address WHERE id NOT IN (SELECT account FROM submission)
       AND id NOT IN (SELECT sender FROM submission)""",
    "DELETE FROM domain WHERE id NOT IN (SELECT domain FROM address)",
    """DELETE FROM client WHERE id NOT IN (SELECT client FROM submission)
       AND id NOT IN (SELECT client FROM auth_failure) AND id NOT IN (SELECT client FROM sign_in)""",
)
"""Strings of the dictionaries that no fact uses any more."""
