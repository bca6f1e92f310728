"""What stands on Postfix's lines: the patterns of its words, the names of its daemons, and the time in a queue id."""

import re
from typing import Final

from smtpauth_tui.formats.stamps import quarters_off

_CLIENT = r"(\S*)\[([0-9a-fA-F.:%\w]+)\](?::\d+)?"

# connect from crm.lan.contoso.example[127.91.42.212]
CONNECT: Final = re.compile(rf"connect from {_CLIENT}$")
# Anonymous TLS connection established from unknown[192.0.2.7]: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 ...
# ... from unknown[192.0.2.7] to mail.contoso.example: TLSv1.3 with ...     (SNI, with tls_server_sni_maps)
TLS: Final = re.compile(
    rf"\w+ TLS connection (?:established|reused) from {_CLIENT}(?: to \S+)?: ((?:TLS|SSL)v[\d.]+) with cipher "
)
# A25A325AB0A: client=h[192.0.2.7], sasl_method=LOGIN, sasl_username=front desk
CLIENT: Final = re.compile(rf"(\w+): client={_CLIENT}(?:, (.*))?$", re.DOTALL)
LOGIN: Final = re.compile(r"sasl_method=(\S*), sasl_username=(.*)$", re.DOTALL)
# ..., orig_queue_id=4jTFqj4v8XzNYqR, orig_client=h[192.0.2.7]              (a filter hands the message back)
HANDED_BACK: Final = re.compile(r"(?:^|, )(?:orig_queue_id=\w+, )?orig_client=\S+$|(?:^|, )orig_queue_id=\w+$")
# A25A325AB0A: from=<ben@fabrikam.example>, size=1008, nrcpt=1 (queue active)
QUEUED: Final = re.compile(r"(\w+): from=<(.*)>, size=(\d{1,12}), nrcpt=(\d{1,9}) \(queue \w+\)$", re.DOTALL)
# A25A325AB0A: reject: header Subject: ...        A25A325AB0A: removed (canceled)
REFUSED: Final = re.compile(r"(\w+): (?:removed|reject|milter-reject|discard|milter-discard)\b")
# 4jW5J1203: info: header Received: from DESKTOP (unknown [192.0.2.7])??(using TLSv1.3 with cipher ...
RECEIVED: Final = re.compile(
    r"\w+: (?:info|warning): header Received: from \S+ \(\S+ \[(?:IPv6:)?([^\]\s]+)\]\)(?:\?\?|\s+)(.*)"
)
RECEIVED_TLS: Final = re.compile(r"\(using ((?:TLS|SSL)v[\d.]+) with cipher ")
RECEIVED_WITH: Final = re.compile(
    r"(?:\(Authenticated sender: .{1,200}?\)(?:\?\?|\s+))?by \S+ \([^)]*\) with (?:UTF8|E)?SMTP(S?)A? id (\w+)"
)
# warning: unknown[192.0.2.7]: SASL LOGIN authentication failed: (reason unavailable), sasl_username=ben
FAILED: Final = re.compile(rf"warning: {_CLIENT}: SASL (\S+) authentication failed(?:: (.*))?$", re.DOTALL)
# proxy-accept: END-OF-MESSAGE: 250 2.0.0 Ok: queued as 5F7D81C0; from=<a@b> to=<c@d> proto=ESMTP helo=<pc>
# NOQUEUE: proxy-accept: END-OF-MESSAGE from h[192.0.2.7]: 250 2.0.0 ...
PROXIED: Final = re.compile(rf"(?:NOQUEUE: )?proxy-accept: END-OF-MESSAGE(?: from {_CLIENT})?: (250 .*)", re.DOTALL)
QUEUED_AS: Final = re.compile(r"queued as (\w+)$")
# disconnect from unknown[192.0.2.7] ehlo=2 starttls=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=8
USED_STARTTLS: Final = re.compile(r" starttls=[1-9]")
USED_STARTTLS_BYTES: Final = re.compile(rb" starttls=[1-9]")
# lost connection after DATA (1024 bytes) from unknown[192.0.2.7]           (the message is never queued)
GAVE_UP: Final = re.compile(rf"(?:lost connection|timeout) after (?:DATA|BDAT)(?: \(\d+ bytes\))? from {_CLIENT}$")
QUEUE_ID: Final = re.compile(r"(\w{12,40}): ")

NO_LOGIN_NAME: Final = "(unavailable)"
WRAPPED: Final = frozenset({"smtps", "submissions"})
"""Names that master.cf gives to services which begin with TLS (RFC 8314)."""

QUEUE_MANAGERS: Final = frozenset({"qmgr", "nqmgr"})
DAEMONS: Final = QUEUE_MANAGERS | frozenset(
    "anvil bounce cleanup defer discard dnsblog error flush lmtp local master oqmgr pickup pipe postdrop "
    "postfix-script postlogd postmulti postqueue postscreen postsuper proxymap qmqpd relay scache sendmail showq "
    "smtp smtpd spawn tlsmgr tlsproxy trace trivial-rewrite verify virtual".split()
)
_APART: Final = 5
"""Seconds between a line and the time of its queue id."""
_END_OF_TIME: Final = 1 << 36
"""UTC seconds beyond which (the year 4147) nothing is a queue id's time."""
_BASE_52: Final = {c: i for i, c in enumerate("0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz")}


def queue_id_time(queue_id: str) -> int | None:
    """UTC seconds in a long queue id (``enable_long_queue_ids``); None for a short one.

    Seconds in base 52, at least six characters, four of microseconds, ``z``, and the inode.
    """
    end = queue_id.rfind("z")
    if end < 10 or not all(character in _BASE_52 for character in queue_id[:end]):
        return None
    seconds = 0
    for character in queue_id[: end - 4]:
        seconds = seconds * 52 + _BASE_52[character]
    return seconds if seconds < _END_OF_TIME else None


def moment_of(stamp: int, queue_id: str) -> int:
    """UTC seconds of a line: its *stamp*, or where that is off by whole quarters of an hour, its queue id's time."""
    known = queue_id_time(queue_id)
    return known if known is not None and quarters_off(stamp, known, _APART, _APART) else stamp
