"""Logs of a made-up Postfix, of the last days."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

DAYS = 5
_TLS = {
    "1.0": "TLSv1 with cipher AES256-SHA (256/256 bits)",
    "1.2": "TLSv1.2 with cipher ECDHE-RSA-AES256-GCM-SHA384 (256/256 bits)",
    "1.3": "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
}


class Postfix:
    """Writes sessions a second apart, from five days ago on."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._now = datetime.now(UTC).replace(hour=0, minute=0, second=1, microsecond=0) - timedelta(days=DAYS)
        self._numbers = count(1)

    def next_day(self) -> None:
        """The sessions that follow are of the day after."""
        self._now = self._now.replace(hour=0, minute=0, second=1) + timedelta(days=1)

    def session(self, account: str, sender: str, tls: str = "1.2", client: str = "scanner.example") -> None:
        """A client logs in and sends one message."""
        number = next(self._numbers)
        peer, queue_id = f"{client}[192.0.2.{number % 250}]", f"{0xA0000 + number:X}"
        self._say(f"connect from {peer}", number)
        if tls:
            self._say(f"Anonymous TLS connection established from {peer}: {_TLS[tls]}", number)
        self._say(f"{queue_id}: client={peer}, sasl_method=PLAIN, sasl_username={account}", number)
        self._say(f"{queue_id}: from=<{sender}>, size=1008, nrcpt=1 (queue active)", program="qmgr[7]")
        self._say(f"disconnect from {peer} ehlo=2 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=7", number)

    def failure(self, tried: str, client: str = "unknown") -> None:
        """A client's login is refused."""
        number = next(self._numbers)
        peer = f"{client}[198.51.100.{number % 250}]"
        self._say(f"connect from {peer}", number)
        self._say(f"warning: {peer}: SASL LOGIN authentication failed: (reason), sasl_username={tried}", number)
        self._say(f"disconnect from {peer} ehlo=1 auth=0/1 commands=1/2", number)

    def _say(self, text: str, number: int = 0, program: str = "") -> None:
        program = program or f"submission/smtpd[{1000 + number}]"
        self._lines.append(f"{self._now.isoformat()} mail.example postfix/{program}: {text}\n")
        self._now += timedelta(seconds=1)

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)


def ordinary_log() -> str:
    """Thirty senders of three domains, the busiest first in its name; all TLS versions; some failures."""
    postfix = Postfix()
    for day in range(DAYS + 1):
        for place in range(30):
            if place % 3 == 0 or day == DAYS:
                domain = ("contoso.example", "fabrikam.example", "northwind.test")[place % 3]
                address = f"sender-{place:02}@{domain}"
                for _ in range(4 if place == 0 else 1):
                    postfix.session(address, address, ("", "1.0", "1.2", "1.3")[place % 4])
        postfix.failure("admin@contoso.example")
        postfix.next_day()
    return "".join(postfix)
