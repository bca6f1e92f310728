"""Mail servers other than Postfix in memory: what they write of sessions and messages, for logs of any mixture."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Final

from tests.importer.mail_server import Line, Step

PEOPLE: Final = ("ana@shop.example", "front desk", "cy@other.example", "Dee", "\xe9va@third.example")
HOSTS: Final = (("pc.example", "192.0.2.10"), ("", "192.0.2.11"), ("h.example", "2001:db8::7"))
ODD: Final = (
    " <= x@y.example H=(pc) [192.0.2.9] P=esmtpsa A=a:b S=1",
    "AUTH=server, relay=[192.0.2.9], authid=x",
    "a\u20acb",
)
BASE_62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
MOST_OPEN: Final = 8


class Server:
    """A server of one kind; its lines interleave, most share their second with others."""

    def __init__(self, draw: random.Random, start: int, own: bool = False) -> None:
        self.draw, self.time, self.own = draw, start, own
        self._numbers = count(1)
        self._pids = iter(lambda: draw.randrange(200, 216), 0)

    def session(self) -> Iterator[Step]:
        """The lines of one client, or of a message on its way."""
        raise NotImplementedError

    def lines(self, size: int) -> list[Line]:
        """The next *size* lines of the log."""
        draw, found, tasks = self.draw, [], []
        while len(found) < size:
            if len(tasks) < MOST_OPEN and draw.random() < 0.3:
                tasks.append(self.session())
            if not tasks:
                continue
            chance = draw.random()
            if chance > 0.7:
                self.time += 1 if chance < 0.9 else draw.choice((1, 2, 30, 400, 3000))
            task = draw.choice(tasks)
            for _ in range(draw.choice((1, 1, 2, 5))):
                step = next(task, None)
                if step is None:
                    tasks.remove(task)
                    break
                found.append(Line(next(self._numbers), self.time, *step))
        return found

    def _said_by(self, program: str, pid: int) -> Callable[[str], Step]:
        return lambda text: ("mx1", program, pid, text)

    def _someone(self) -> str:
        return self.draw.choice(PEOPLE)

    def _number(self, digits: str, length: int) -> str:
        return "".join(self.draw.choice(digits) for _ in range(length))


class Exim(Server):
    """Exim, into its own log or syslog."""

    def session(self) -> Iterator[Step]:
        """See `Server.session`."""
        draw, pid = self.draw, next(self._pids)
        name, address = draw.choice(HOSTS)
        client = f"{name} (pc) [{address}]" if name else f"([192.168.1.2]) [{address}]"

        def say(text: str) -> Step:
            stamp = f"{datetime.fromtimestamp(self.time, UTC):%Y-%m-%d %H:%M:%S} " if self.own else ""
            return "mx1", draw.choice(("exim", "exim", "exim4")), pid, stamp + text

        match draw.randrange(6):
            case 0:
                yield say(f"no host name found for IP address {address}")
                yield say(
                    f"H={client} F=<x@y.example> rejected RCPT <a@b.example>: relay not permitted {draw.choice(ODD)}"
                )
                return
            case 1:
                for _ in range(draw.choice((1, 2, 3))):
                    yield say(
                        f"plain_server authenticator failed for {client}: 535 Incorrect authentication data "
                        f"(set_id={self._someone()})"
                    )
                return
        message = self._id()
        login = f" A=plain_server:{self._someone()}" if draw.random() < 0.6 else ""
        known = " for x1@far.example x2@far.example" if draw.random() < 0.3 else ""
        arrival = (
            f"{message} <= {draw.choice(('ana@shop.example', '<>'))} H={client} P=esmtps{'a' if login else ''} "
            f"X=TLS1.3:A_B:256 CV=no{login} S={draw.randrange(9999)} id=1@pc{known}"
        )
        if draw.random() < 0.1 and not self.own:
            arrival = f'{arrival} T="{"long " * 20}"'
            for number, text in enumerate((arrival[:90], arrival[90:]), 1):
                yield say(f"[{number}/2] {text}")
        else:
            yield say(arrival)
        for number in range(draw.choice((0, 1, 1, 3))):
            if draw.random() < 0.2:
                yield say(f"{message} == x{number}@far.example R=all T=smtp defer (-1): {draw.choice(ODD)}")
            yield say(f"{message} {draw.choice(('=>', '->', '**'))} x{number} <x{number}@far.example> R=all T=null")
        if draw.random() < 0.8:
            yield say(f"{message} Completed")

    def _id(self) -> str:
        seconds, digits = self.time - self.draw.choice((0, 0, 0, 2, 9_000)), ""
        for _ in range(6):
            seconds, digit = divmod(seconds, 62)
            digits = BASE_62[digit] + digits
        return f"{digits}-{self._number(BASE_62, 6)}-{self._number(BASE_62, 2)}"


class Sendmail(Server):
    """Sendmail, at any LogLevel."""

    def session(self) -> Iterator[Step]:
        """See `Server.session`."""
        draw, pid = self.draw, next(self._pids)
        say = self._said_by("sm-mta", pid)
        name, address = draw.choice(HOSTS)
        relay = f"{name} [{address}]".strip()
        if draw.random() < 0.3:
            yield say(f"NOQUEUE: connect from {relay}")
        secured = draw.random() < 0.7
        if secured:
            version = draw.choice(("TLSv1.2", "TLSv1.3"))
            yield say(f"STARTTLS=server, relay={relay}, version={version}, verify=NO, cipher=A-B, bits=256/256")
        login = ""
        match draw.randrange(5):
            case 0 | 1:
                login = "A"
                yield say(f"AUTH=server, relay={relay}, authid={self._someone()}, mech=PLAIN, bits=0")
            case 2:
                yield say(
                    "AUTH failure (LOGIN): authentication failure (-13) SASL(-13): no: checkpass failed, "
                    f"user={self._someone()}{draw.choice(('', f', relay={relay}'))}"
                )
            case 3 if draw.random() < 0.5:
                yield say(f'{self._id(pid)}: AUTH decode64 error [-5 for "not*base64!"], relay={relay}')
        for _ in range(draw.choice((0, 1, 1, 2))):
            message = self._id(pid)
            refused = draw.random() < 0.15
            if refused and draw.random() < 0.5:
                yield say(f"{message}: Milter: data, reject=550 5.7.1 {draw.choice(ODD)}")
            yield say(
                f"{message}: from=<x@shop.example>, size={draw.randrange(9999)}, class=0, nrcpts=1, msgid=<1@pc>, "
                f"proto=ESMTP{'S' * secured}{login}, daemon=MTA-v4, relay={relay}"
            )
            if refused:
                yield say(f"{message}: ruleset=CheckSubject, arg1=x, relay={relay}, reject=550 5.7.1 no")
            for _ in range(draw.choice((0, 1, 1, 2))):
                mailer = "" if refused else "mailer=esmtp, pri=30000, "
                said = self._said_by("sm-mta", pid if refused else next(self._pids))
                yield said(
                    f"{message}: to=<b@far.example>, delay=00:00:01, xdelay=00:00:01, {mailer}dsn=2.0.0, stat=Sent"
                )
        if draw.random() < 0.2:
            yield say(f"{self._id(pid)}: {relay} did not issue MAIL/EXPN/VRFY/ETRN during connection to MTA-v4")

    def _id(self, pid: int) -> str:
        return f"6AC{self._number('123456789', 3)}{self._number(BASE_62[:50], 2)}{pid:06}"


class OpenSmtpd(Server):
    """OpenSMTPD."""

    def session(self) -> Iterator[Step]:
        """See `Server.session`."""
        draw = self.draw
        number = self._number("0123456789abcdef", 16)

        def say(text: str) -> Step:
            return "mx1", "smtpd", 106, f"{number} {text}"

        if draw.random() < 0.4:
            yield say(f"mta connecting address=smtp://198.51.100.9:25 host=far.example {draw.choice(ODD)}")
            yield say(
                'mta delivery evpid=b58220e7025f7dbc from=<a@b.example> to=<c@d.example> result="Ok" stat="250 ok"'
            )
            yield say("mta disconnected reason=quit messages=1")
            return
        name, address = draw.choice(HOSTS)
        yield say(f"smtp connected address={address} host={name or '<unknown>'}")
        if draw.random() < 0.8:
            yield say("smtp tls ciphers=TLSv1.3:TLS_AES_256_GCM_SHA384:256")
            if draw.random() < 0.7:
                login = self._someone().replace(" ", "\\040")
                yield say(f"smtp authentication user={login} result={draw.choice(('ok', 'ok', 'permfail'))}")
        for _ in range(draw.choice((0, 1, 2))):
            message = self._number("0123456789abcdef", 8)
            yield say(f"smtp message msgid={message} size={draw.randrange(9999)} nrcpt=1 proto=ESMTP")
            yield say(f"smtp envelope evpid={message}01234567 from=<x@shop.example> to=<y@far.example>")
        yield say("smtp disconnected reason=quit")


class Dovecot(Server):
    """Dovecot, mostly with other services than submission."""

    def session(self) -> Iterator[Step]:
        """See `Server.session`."""
        draw = self.draw
        say = self._said_by("dovecot", 0)
        session, process, user = self._number(BASE_62, 12), next(self._pids), self._someone()
        about = f"user=<{user}>, method=PLAIN, rip=192.0.2.10, lip=198.51.100.1"
        service = draw.choice(("imap", "imap", "imap", "pop3", "submission"))
        if draw.random() < 0.3:
            yield say(f"auth: passwd-file({user},192.0.2.10,<{session}>): Password mismatch")
            if draw.random() < 0.6:
                end = "Disconnected: Connection closed (auth failed, 1 attempts in 2 secs)"
                yield say(f"{service}-login: {end}: {about}, TLS, session=<{session}>")
                return
        secured = f"mpid={process}, TLSv1.3 with cipher A (256/256 bits), session=<{session}>"
        yield say(f"{service}-login: Login: {about}, {secured}")
        if service == "submission":
            for _ in range(draw.choice((0, 1, 2))):
                queued = f"250 2.0.0 Ok: queued as {self._number('0123456789ABCDEF', 9)}"
                yield say(
                    f"submission({user})<{process}><{session}>: Successfully relayed message: from=<x@shop.example>, "
                    f"size=57, id={self._number(BASE_62, 9)}, nrcpt=1, reply=`{queued}'"
                )
        yield say(f"{service}({user})<{process}><{session}>: Disconnected: Logged out in=9 out=9 {draw.choice(ODD)}")


OTHERS: Final[dict[str, type[Server]]] = {
    "exim": Exim,
    "sendmail": Sendmail,
    "opensmtpd": OpenSmtpd,
    "dovecot": Dovecot,
}
