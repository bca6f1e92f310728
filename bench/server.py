"""A mail server that never was: what it writes of each visit, and what truly happened."""

import heapq
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Final

from bench.people import CIPHERS, People, Person, Way
from bench.truth import VERSIONS, Truth

_DAY: Final = 86_400
_MOST_SESSIONS: Final = 100
"""That one process serves (max_use)."""
_DIGITS: Final = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"
_PAIRS: Final = [a + b for a in _DIGITS for b in _DIGITS]
_SHORT_IDS: Final = 4_000
_FORGED: Final = "x, sasl_username=forged@evil.example"
_FORGED_HELO: Final = "1A2B3C: client=a[192.0.2.1], sasl_method=PLAIN, sasl_username=forged@evil.example"


class Server:
    """Visits come in the order of their times; `lines` takes what is written of them, each with its time."""

    def __init__(self, people: People, dice: Random, first: date, truth: Truth, *, short_ids: bool) -> None:
        self.lines: list[tuple[float, str]] = []
        self._people = people
        self._dice = dice
        self._throw = dice.random
        self._truth = truth
        self._epoch = int(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp())
        self._dates = [(first + timedelta(days=day)).isoformat() for day in range(400)]
        self._free: defaultdict[str, list[tuple[float, int, int]]] = defaultdict(list)
        self._newest_pid = 900
        self._manager = f"postfix/qmgr[{self._pid('qmgr', 0, 0)}]: "
        self._short: list[str] = []
        if short_ids:
            self._short = [f"{dice.getrandbits(20) % 1_000_000:05X}{0x40000 + n:05X}" for n in range(_SHORT_IDS)]
        self._taken = 0
        self._visitors: tuple[Callable[[float], None], ...] = (
            *42 * (self._screened,),
            *18 * (self._incoming,),
            *20 * (self._rejected,),
            *8 * (self._guessing,),
            *12 * (self._mailbox,),
        )

    def submission(self, moment: float, person: Person, count: int) -> None:
        """Somebody signs in and hands in so many messages."""
        way = person.ways[0] if self._throw() < 0.7 else person.ways[-1]
        say, throw = self.lines.append, self._throw
        name = f"postfix/{way.service}/smtpd[{self._pid(way.service, moment, moment + 3 + 3 * count)}]: "
        say((moment, f"{name}connect from {way.peer}"))
        moment += 0.05 + 0.1 * throw()
        if way.version:
            say((moment, f"{name}{_secured(way.peer, way.version, way.cipher)}"))
        moment += 0.05
        if throw() < 0.01:
            self._failure(moment, name, way.peer, way.mechanism, person.login)
            moment += 0.3
        done = 0
        for _ in range(count):
            moment += 0.1 + 0.3 * throw()
            queue_id = self._queue_id(moment)
            say((moment, f"{name}{queue_id}: client={way.peer}, {_login(way, person)}"))
            accepted = moment
            moment += 0.1 + throw()
            if throw() < 0.004:
                say((moment, f"{name}lost connection after DATA (0 bytes) from {way.peer}"))
                break
            sender = person.addresses[-1] if throw() < 0.5 else person.addresses[0]
            if throw() < 0.002:
                sender = ""
            self._queued(moment, queue_id, sender, forged=throw() < 0.002)
            self._truth.messages[self._date(accepted), person.login, VERSIONS[way.version]] += 1
            done += 1
            moment += 0.4
        starttls = " starttls=1" if way.version and way.service == "submission" else ""
        said = f"auth=1 mail={count} rcpt={count} data={done} quit=1 commands={5 + 3 * count}"
        say((moment + 0.1, f"{name}disconnect from {way.peer} ehlo=2{starttls} {said}"))

    def foreign(self, moment: float) -> None:
        """Somebody else comes, who hands in nothing with a login."""
        self._visitors[int(self._throw() * 100)](moment)

    def statistics(self, day: int) -> None:
        """What anvil writes every ten minutes."""
        name = f"postfix/anvil[{self._pid('anvil', day * _DAY, day * _DAY)}]: "
        said = "statistics: max connection rate 3/60s for (smtpd:192.0.2.9)"
        self.lines += [(float(at), f"{name}{said}") for at in range(day * _DAY + 600, (day + 1) * _DAY, 600)]

    # what every message goes through

    def _queued(self, moment: float, queue_id: str, sender: str, *, forged: bool) -> None:
        """A message that was handed in goes out, sometimes at the second try."""
        say, throw, dice = self.lines.append, self._throw, self._dice
        origin = sender.rpartition("@")[2] or "x"
        message_id = _FORGED if forged else f"{dice.getrandbits(48):x}.{int(moment)}@{origin}"
        say(
            (
                moment,
                f"postfix/cleanup[{self._pid('cleanup', moment, moment + 0.2)}]: {queue_id}: message-id=<{message_id}>",
            )
        )
        if throw() < 0.5:
            say((moment + 0.03, f"opendkim[911]: {queue_id}: DKIM-Signature field added (s=mail, d={origin})"))
        moment += 0.05 + 0.2 * throw()
        recipients = 1 if throw() < 0.8 else dice.randint(2, 6)
        size = 400 + int(dice.lognormvariate(9.3, 1.6))
        active = f"{self._manager}{queue_id}: from=<{sender}>, size={size}, nrcpt={recipients} (queue active)"
        say((moment, active))
        deferred = throw() < 0.03
        for _ in range(recipients):
            exchanger = dice.choice(self._people.exchangers)
            after = 0.2 + 2.5 * throw()
            name = f"postfix/smtp[{self._pid('smtp', moment, moment + 3)}]: "
            if throw() < 0.6:
                cipher = CIPHERS["TLSv1.3"][0]
                said = f"Trusted TLS connection established to {exchanger}:25: TLSv1.3 with cipher {cipher}"
                say((moment + 0.1, f"{name}{said}"))
            to = f"to=<r{int(900 * throw())}@{dice.choice(self._people.domains)}>, relay={exchanger}:25"
            said = f"{name}{queue_id}: {to}, delay={after:.2f}, delays=0.05/0.01/{after / 2:.2f}/{after / 2:.2f}, "
            sent = f"{said}dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {dice.getrandbits(40):010X})"
            if deferred:
                why = f"host {exchanger} said: 451 4.7.1 Greylisted, come back later (in reply to RCPT TO command)"
                say((moment + after, f"{said}dsn=4.7.1, status=deferred ({why})"))
                say((moment + 305, active))
                say((moment + 306 + after, sent))
            else:
                say((moment + after, sent))
        say((moment + (312 if deferred else 3), f"{self._manager}{queue_id}: removed"))

    def _failure(self, moment: float, name: str, peer: str, mechanism: str, login: str) -> None:
        """A sign-in is refused; newer servers log the name, older ones do not."""
        named = f", sasl_username={login}" if self._throw() < 0.5 else ""
        said = f"SASL {mechanism} authentication failed: authentication failure{named}"
        self.lines.append((moment, f"{name}warning: {peer}: {said}"))
        self._truth.failures[self._date(moment)] += 1

    # who else comes

    def _screened(self, moment: float) -> None:
        """A client that postscreen takes: many are sent away, some may pass."""
        say, dice = self.lines.append, self._dice
        address = dice.choice(self._people.strangers).partition("[")[2][:-1]
        end = f"[{address}]:{1024 + int(self._throw() * 60000)}"
        name = f"postfix/postscreen[{self._pid('postscreen', 0, 0)}]: "
        say((moment, f"{name}CONNECT from {end} to [192.0.2.1]:25"))
        if self._throw() < 0.57:
            say((moment + 0.3, f"{name}PASS {'OLD' if self._throw() < 0.7 else 'NEW'} {end}"))
            return
        listed = f"addr {address} listed by domain zen.dnsbl.example as 127.0.0.{dice.randint(2, 11)}"
        say((moment + 0.1, f"postfix/dnsblog[{self._pid('dnsblog', moment, moment + 0.2)}]: {listed}"))
        say((moment + 0.2, f"{name}PREGREET 11 after 0.07 from {end}: EHLO User\\r\\n"))
        say((moment + 6, f"{name}DNSBL rank {dice.randint(3, 9)} for {end}"))
        why = f"550 5.7.1 Service unavailable; client [{address}] blocked using zen.dnsbl.example"
        who = f"from=<x{dice.getrandbits(10)}@{dice.choice(self._people.domains)}>, to=<{self._local()}>"
        say((moment + 6.2, f"{name}NOQUEUE: reject: RCPT from {end}: {why}; {who}, proto=ESMTP, helo=<User>"))
        say((moment + 6.3, f"{name}HANGUP after 0.4 from {end} in tests after SMTP handshake"))
        say((moment + 6.31, f"{name}DISCONNECT {end}"))

    def _incoming(self, moment: float) -> None:
        """Another server brings a message for somebody here."""
        say, dice = self.lines.append, self._dice
        peer = dice.choice(self._people.servers)
        name = f"postfix/smtpd[{self._pid('smtpd', moment, moment + 4)}]: "
        say((moment, f"{name}connect from {peer}"))
        secured = self._throw() < 0.9
        if secured:
            version = "TLSv1.3" if self._throw() < 0.7 else "TLSv1.2"
            say((moment + 0.1, f"{name}{_secured(peer, version, CIPHERS[version][0])}"))
        queue_id = self._queue_id(moment + 0.4)
        say((moment + 0.4, f"{name}{queue_id}: client={peer}"))
        origin = dice.choice(self._people.domains)
        message_id = f"{dice.getrandbits(40):x}@{origin}"
        cleanup = self._pid("cleanup", moment, moment + 0.8)
        say((moment + 0.6, f"postfix/cleanup[{cleanup}]: {queue_id}: message-id=<{message_id}>"))
        size = 1_500 + int(90_000 * self._throw())
        said = f"from=<news{dice.getrandbits(10)}@{origin}>, size={size}, nrcpt=1 (queue active)"
        say((moment + 0.8, f"{self._manager}{queue_id}: {said}"))
        to, lmtp = self._local(), self._pid("lmtp", moment, moment + 2)
        stored = f"sieve: msgid=<{message_id}>: stored mail into mailbox 'INBOX'"
        say((moment + 1.0, f"dovecot: lmtp({to})<{lmtp}><{dice.getrandbits(60):x}>: {stored}"))
        relay = "relay=mail01[private/dovecot-lmtp], delay=0.31, delays=0.1/0/0.01/0.2, dsn=2.0.0"
        sent = f"to=<{to}>, {relay}, status=sent (250 2.0.0 <{to}> {dice.getrandbits(32):x} Saved)"
        say((moment + 1.1, f"postfix/lmtp[{lmtp}]: {queue_id}: {sent}"))
        say((moment + 1.2, f"{self._manager}{queue_id}: removed"))
        starttls = " starttls=1" if secured else ""
        say((moment + 2.5, f"{name}disconnect from {peer} ehlo=2{starttls} mail=1 rcpt=1 data=1 quit=1 commands=7"))

    def _rejected(self, moment: float) -> None:
        """Somebody tries to relay, or has a name that leads nowhere."""
        say, dice = self.lines.append, self._dice
        peer = dice.choice(self._people.strangers)
        name = f"postfix/smtpd[{self._pid('smtpd', moment, moment + 2)}]: "
        say((moment, f"{name}connect from {peer}"))
        if self._throw() < 0.5:
            to = f"v{dice.getrandbits(7)}@{dice.choice(self._people.domains)}"
            helo = _FORGED_HELO if self._throw() < 0.004 else f"[{dice.getrandbits(8)}.0.2.1]"
            why = f"554 5.7.1 <{to}>: Relay access denied; from=<x{dice.getrandbits(10)}@{self._people.domains[0]}>"
            said = f"NOQUEUE: reject: RCPT from {peer}: {why} to=<{to}> proto=ESMTP helo=<{helo}>"
        else:
            address = peer.partition("[")[2][:-1]
            host = f"host{dice.getrandbits(13)}.{self._people.domains[0]}"
            said = f"warning: hostname {host} does not resolve to address {address}: Name or service not known"
        say((moment + 0.5, f"{name}{said}"))
        say((moment + 0.9, f"{name}lost connection after RCPT from {peer}"))
        say((moment + 1.0, f"{name}disconnect from {peer} ehlo=1 mail=1 rcpt=0/1 commands=2/3"))

    def _guessing(self, moment: float) -> None:
        """Somebody guesses passwords."""
        dice = self._dice
        peer = self._people.strangers[int(self._throw() * 900)]
        service = "submission" if self._throw() < 0.67 else "smtps"
        name = f"postfix/{service}/smtpd[{self._pid(service, moment, moment + 9)}]: "
        self.lines.append((moment, f"{name}connect from {peer}"))
        if service == "smtps" or self._throw() < 0.65:
            version = "TLSv1.2" if self._throw() < 0.8 else "TLSv1"
            self.lines.append((moment + 0.1, f"{name}{_secured(peer, version, CIPHERS[version][0])}"))
        tries = dice.randint(1, 3)
        for number in range(tries):
            login = dice.choice(self._people.persons).login if self._throw() < 0.83 else "admin"
            self._failure(moment + 1 + 2 * number, name, peer, "LOGIN", login)
        said = f"disconnect from {peer} ehlo=1 auth=0/{tries} rset=1 commands=2/{2 + tries}"
        self.lines.append((moment + 7.5, f"{name}{said}"))

    def _mailbox(self, moment: float) -> None:
        """Somebody reads mail."""
        dice = self._dice
        person = dice.choice(self._people.persons)
        address = person.ways[0].peer.rpartition("[")[2][:-1]
        session, pid = f"{dice.getrandbits(32):08x}", dice.getrandbits(22)
        where = f"rip={address}, lip=192.0.2.1, mpid={pid}, TLS, session=<{session}>"
        said = f"dovecot: imap-login: Login: user=<{person.login}>, method=PLAIN, {where}"
        self.lines.append((moment, said))
        if self._throw() < 0.5:
            counts = "deleted=0 expunged=0 trashed=0 hdr_count=0 hdr_bytes=0 body_count=0 body_bytes=0"
            said = f"Disconnected: Logged out in={pid % 900} out={pid % 90_000} {counts}"
            self.lines.append((moment + 30, f"dovecot: imap({person.login})<{pid}><{session}>: {said}"))

    def _local(self) -> str:
        return self._people.persons[int(self._throw() * len(self._people.persons))].addresses[0]

    # numbers

    def _date(self, moment: float) -> str:
        return self._dates[int(moment) // _DAY]

    def _pid(self, service: str, start: float, end: float) -> int:
        """A process of a service that is free at *start*, taken until *end*."""
        free = self._free[service]
        if free and free[0][0] <= start:
            _, pid, served = heapq.heappop(free)
        else:
            self._newest_pid = 900 + (self._newest_pid - 899 + int(self._throw() * 7)) % 4_190_000
            pid, served = self._newest_pid, 0
        if served + 1 < _MOST_SESSIONS:
            heapq.heappush(free, (end, pid, served + 1))
        return pid

    def _queue_id(self, moment: float) -> str:
        """Long ones have the time in them, in base 52; short ones come again."""
        self._taken += 1
        if self._short:
            return self._short[self._taken % _SHORT_IDS]
        second = self._epoch + int(moment)
        high, low = divmod(second, 2704)
        top, middle = divmod(high, 2704)
        micros = divmod(int(moment % 1 * 1_000_000), 2704)
        inode = f"{_DIGITS[self._taken // 51 % 51]}{_DIGITS[self._taken % 51]}"
        return f"{_PAIRS[top]}{_PAIRS[middle]}{_PAIRS[low]}{_PAIRS[micros[0]]}{_PAIRS[micros[1]]}z{inode}"


def _secured(peer: str, version: str, cipher: str) -> str:
    return f"Anonymous TLS connection established from {peer}: {version} with cipher {cipher}"


def _login(way: Way, person: Person) -> str:
    return f"sasl_method={way.mechanism}, sasl_username={person.login}"
