"""A real SMTP server in a process of its own, which does what a test asks of it.

``with smtp_server(folder, tls="implicit") as server:`` starts it; ``server.says(data="drop")`` changes how it behaves
from the next command on; ``server.mails()`` is what it took, ``server.logins()`` what was said in AUTH.
"""

import argparse
import asyncio
import base64
import json
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Received:
    """A mail that the server took."""

    sender: str
    recipients: tuple[str, ...]
    message: bytes
    encrypted: bool
    user: str


class Server:
    """The server as a test sees it."""

    def __init__(self, folder: Path, port: int, ca_file: Path) -> None:
        self.port = port
        self.ca_file = ca_file
        """The authority that its certificate is of."""
        self._folder = folder

    def says(self, **behaviour: Any) -> None:
        """How it behaves from now on; by default it takes everything.

        ``rcpt``: {address: answer} or {address: [answers, one after the other; the last one stays]}
        ``mail`` ``data``: an answer such as ``451 4.3.0 later``, or a list of them
        ``data``: also ``drop`` (the connection, after 354), ``drop after`` (after the message was taken)
        ``stall``: the command after which it says nothing more (``connect``, ``EHLO``, ``RCPT``)
        ``auth``: the answer to a wrong or right password: ``535 …``; None for what is right
        ``without``: what it does not offer after EHLO
        ``delay``: seconds before it answers the message
        """
        draft = self._folder / "behaviour.new"
        draft.write_text(json.dumps(behaviour))
        draft.replace(self._folder / "behaviour.json")

    def mails(self) -> list[Received]:
        """What it took, in order."""
        found = []
        for path in sorted(self._folder.glob("mail-*.json"), key=lambda path: int(path.stem.partition("-")[2])):
            told = json.loads(path.read_text())
            message = told["message"].encode("latin-1")
            found.append(Received(told["from"], tuple(told["to"]), message, told["tls"], told["user"]))
        return found

    def logins(self) -> list[str]:
        """Each login that was tried: ``MECHANISM user password``."""
        path = self._folder / "logins.txt"
        return path.read_text().splitlines() if path.exists() else []


@contextmanager
def smtp_server(
    folder: Path, *, tls: str = "implicit", name: str = "localhost", login: bool = False, expired: bool = False
) -> Iterator[Server]:
    """A server on loopback. *tls*: implicit, starttls or none; *name*: that its certificate is for."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    ca_file = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    ends = datetime.now(UTC) - timedelta(days=1) if expired else None
    certificate = authority.issue_cert(name, not_before=ends and ends - timedelta(days=9), not_after=ends)
    certificate.private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
    command = [sys.executable, "-m", "tests.mailing.smtp_server", str(folder), tls, "login" if login else "open"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout
            yield Server(folder, int(process.stdout.readline()), ca_file)
        finally:
            process.kill()


# the server's own process


class _Handler:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._given: dict[str, int] = {}
        self._number = 0
        self.tries = 0

    def behaviour(self) -> dict[str, Any]:
        path = self._folder / "behaviour.json"
        return json.loads(path.read_text()) if path.exists() else {}

    def answer(self, name: str, given: Any) -> str:
        """The answer of a list whose turn it is."""
        if not isinstance(given, list):
            return str(given or "")
        place = self._given[name] = self._given.get(name, -1) + 1
        return str(given[min(place, len(given) - 1)] or "")

    async def stalls(self, command: str) -> None:
        if self.behaviour().get("stall") == command:
            await asyncio.sleep(3600)

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, answers: list[str]
    ) -> list[str]:
        await self.stalls("EHLO")
        session.host_name = hostname
        without = self.behaviour().get("without")
        return [answer for answer in answers if not without or without not in answer]

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        said = self.answer("mail", self.behaviour().get("mail"))
        if said:
            return said
        envelope.mail_from = address
        return "250 2.1.0 Ok"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        await self.stalls("RCPT")
        said = self.answer(f"rcpt {address}", self.behaviour().get("rcpt", {}).get(address))
        if said:
            return said
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        behaviour = self.behaviour()
        said = self.answer("data", behaviour.get("data"))
        if said and said != "drop after":
            return said
        await asyncio.sleep(behaviour.get("delay", 0))
        self._number += 1
        told = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "message": envelope.original_content.decode("latin-1"),
            "tls": bool(server.transport.get_extra_info("ssl_object")),
            "user": getattr(session, "user", ""),
        }
        draft = self._folder / "draft"
        draft.write_text(json.dumps(told))
        draft.replace(self._folder / f"mail-{self._number}.json")
        if said == "drop after":
            server.transport.abort()
        return f"250 2.0.0 Ok: queued as {self._number:010X}"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        return self.judged(session, mechanism, data.login.decode(), data.password.decode())

    def judged(self, session: Any, mechanism: str, user: str, password: str) -> AuthResult:
        with (self._folder / "logins.txt").open("a") as file:
            file.write(f"{mechanism} {user} {password}\n")
        said = self.answer("auth", self.behaviour().get("auth"))
        if said:
            return AuthResult(success=False, handled=False, message=said)
        session.user = user
        return AuthResult(success=True)


class _Smtp(SMTP):
    """Drops and stalls where aiosmtpd has no hook, and takes XOAUTH2."""

    async def smtp_DATA(self, arg: str) -> None:
        handler = self.event_handler
        if handler.behaviour().get("data") == "drop":
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            assert self.transport
            self.transport.abort()
            return
        await super().smtp_DATA(arg)

    async def auth_XOAUTH2(self, server: Any, args: list[str]) -> AuthResult:
        words = base64.b64decode(args[1]).decode().split("\x01")
        user, token = words[0].removeprefix("user="), words[1].removeprefix("auth=Bearer ")
        return self.event_handler.judged(self.session, "XOAUTH2", user, token)


async def _serve(folder: Path, tls: str, login: str) -> None:
    handler = _Handler(folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "server.pem")
    loop = asyncio.get_running_loop()

    def factory() -> SMTP:
        if handler.behaviour().get("stall") == "connect":
            return asyncio.Protocol()  # type: ignore[return-value]
        return _Smtp(
            handler,
            hostname="mail.example",
            tls_context=context if tls == "starttls" else None,
            authenticator=handler.authenticate if login == "login" else None,
            auth_required=login == "login",
            auth_require_tls=tls == "starttls",
            data_size_limit=50_000_000,
            loop=loop,
        )

    server = await loop.create_server(factory, "127.0.0.1", 0, ssl=context if tls == "implicit" else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("tls")
    parser.add_argument("login")
    given = parser.parse_args()
    asyncio.run(_serve(given.folder, given.tls, given.login))
