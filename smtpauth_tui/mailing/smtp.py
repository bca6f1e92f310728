"""Mail by SMTP submission: encrypted and verified before anything is said, one answer for each recipient."""

import asyncio
import base64
import errno
import re
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Final

import aiosmtplib
from aiosmtplib import SMTP

from smtpauth_tui.errors import UsageError
from smtpauth_tui.mailing.faults import Fault, Kind, refusal
from smtpauth_tui.mailing.options import MailSettings
from smtpauth_tui.mailing.tokens import fetch_token
from smtpauth_tui.store.outbox import Answer, Outcome, TakenMail

_AFTER_MESSAGE: Final = 600.0
"""Seconds to wait for the answer after the message (RFC 5321, 4.5.3.2.6): who gives up earlier makes duplicates."""
_GOODBYE: Final = 5.0
_CLOSING: Final = 421
"""The reply of a server that ends the connection (RFC 5321, 3.8): it holds for all that was to come."""
_NUMBERS: Final = re.compile(r"\[Errno (\d+)\]")
"""In what asyncio says of a name with several addresses, none of which could be reached."""


class SmtpTransport:
    """A mail server, reached by SMTP as the settings say, never in any other way."""

    def __init__(self, mail: MailSettings, secret: str) -> None:
        """*secret*: the password, or for xoauth2 the client's secret. UsageError for certificates that are none."""
        self._mail = mail
        self._secret = secret
        self._server = f"{mail.host}:{mail.port_used}"
        self._context = ssl.create_default_context()
        if mail.ca_file:
            try:
                self._context.load_verify_locations(cafile=mail.ca_file)
            except (OSError, ssl.SSLError) as error:
                reason = getattr(error, "strerror", None) or "it has no certificates"
                raise UsageError(f"ca_file {mail.ca_file} cannot be used: {reason}.", "Check the path.") from None

    async def check(self) -> str:
        """Connect and log in without a mail; what works, in words. Fault where it does not."""
        async with self._session():
            return "connected" if self._mail.kind_of_login == "none" else "connected and logged in"

    async def send(self, mail: TakenMail) -> dict[str, Answer]:
        """Hand a mail over; an answer for each recipient, also where the server could not be asked."""
        answers: dict[str, Answer] = {}
        try:
            async with self._session() as client:
                with self._faults():
                    await client.mail(mail.sender, options=self._size_option(client, mail.message))
                    for recipient in mail.recipients:
                        try:
                            await client.rcpt(recipient)
                        except aiosmtplib.SMTPRecipientRefused as refused:
                            if refused.code == _CLOSING:
                                raise
                            answers[recipient] = self._refusal(refused)
                accepted = [recipient for recipient in mail.recipients if recipient not in answers]
                if accepted:
                    taken = await self._hand_over(client, mail.message)
                    answers |= dict.fromkeys(accepted, taken)
        except Fault as fault:
            answer = fault.answer()
            answers = {recipient: answers.get(recipient, answer) for recipient in mail.recipients}
        return answers

    async def _hand_over(self, client: SMTP, message: bytes) -> Answer:
        try:
            with self._faults():
                reply = await client.data(message, timeout=max(self._mail.timeout, _AFTER_MESSAGE))
        except Fault as fault:
            if fault.kind in (Kind.LOST, Kind.TIMEOUT):
                raise Fault(Kind.IN_DOUBT, fault.text, server=self._server) from None
            raise
        return Answer(Outcome.TAKEN, self._without_secrets(f"{reply.code} {reply.message}"))

    @staticmethod
    def _size_option(client: SMTP, message: bytes) -> list[str]:
        return [f"SIZE={len(message)}"] if client.supports_extension("size") else []

    def _refusal(self, refused: aiosmtplib.SMTPResponseException) -> Answer:
        return refusal(refused.code, self._without_secrets(refused.message))

    # the session

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[SMTP]:
        """A connection, encrypted, verified and logged in as the settings ask; Fault at the first step that fails."""
        mail = self._mail
        token = ""
        if mail.kind_of_login == "xoauth2":
            token = await asyncio.to_thread(fetch_token, mail, self._secret, self._context)
        client = SMTP(
            hostname=mail.host,
            port=mail.port_used,
            local_hostname=mail.hello or None,
            timeout=mail.timeout,
            use_tls=mail.kind_of_tls == "implicit",
            start_tls=False,
            tls_context=self._context,
        )
        try:
            with self._faults():
                await client.connect()
                await client.ehlo()
                if mail.kind_of_tls == "starttls":
                    await self._start_tls(client)
                await self._log_in(client, token)
            yield client
            with suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=_GOODBYE)
        finally:
            client.close()

    async def _start_tls(self, client: SMTP) -> None:
        if not client.supports_extension("starttls"):
            raise Fault(Kind.NO_STARTTLS, "", server=self._server)
        await client.starttls(timeout=self._mail.timeout)
        await client.ehlo()

    async def _log_in(self, client: SMTP, token: str) -> None:
        """One try of one mechanism: each failed one counts against the account where accounts are locked."""
        mail = self._mail
        if mail.kind_of_login == "none":
            return
        offered = client.server_auth_methods
        if mail.kind_of_login == "xoauth2" and "xoauth2" in offered:
            await client.auth_xoauth2(mail.user, token)
        elif mail.kind_of_login == "password" and "plain" in offered:
            await client.auth_plain(mail.user, self._secret)
        elif mail.kind_of_login == "password" and "login" in offered:
            await client.auth_login(mail.user, self._secret)
        else:
            wanted = "XOAUTH2" if token else "PLAIN or LOGIN"
            told = f"wanted: {wanted}; offered: {', '.join(offered).upper() or 'none'}"
            raise Fault(Kind.NO_LOGIN, told, server=self._server, for_good=True)

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """What the library and the system raise, as a Fault."""
        try:
            yield
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise self._fault(error) from None

    def _fault(self, error: Exception) -> Fault:
        cause = error.__cause__ or error
        if isinstance(error, aiosmtplib.SMTPResponseException):
            code = error.code if 400 <= error.code < 600 else None
            text = self._without_secrets(error.message)
            return Fault(Kind.ANSWER, text if code else f"{self._server} answered oddly: {text}", code, self._server)
        kind, text = Kind.UNREACHABLE, getattr(cause, "strerror", None) or str(cause)
        if isinstance(cause, ssl.SSLCertVerificationError):
            kind, text = Kind.CERTIFICATE, cause.verify_message
        elif isinstance(cause, ssl.SSLError):
            kind, text = Kind.TLS, (cause.reason or "").replace("_", " ").lower() or str(cause)
        elif isinstance(cause, socket.gaierror):
            kind = Kind.NAME
        elif isinstance(error, TimeoutError) or isinstance(cause, TimeoutError):
            kind, text = Kind.TIMEOUT, f"within {self._mail.timeout:g} s"
        elif isinstance(cause, ConnectionRefusedError) or set(_NUMBERS.findall(text)) == {str(errno.ECONNREFUSED)}:
            kind = Kind.CONNECTION_REFUSED
        elif isinstance(cause, ConnectionError):
            kind = Kind.LOST
        return Fault(kind, self._without_secrets(text), server=self._server)

    def _without_secrets(self, text: str) -> str:
        """What the server said, without the password, should it repeat it."""
        if self._secret:
            plain = f"\0{self._mail.user}\0{self._secret}".encode()
            for form in (self._secret, *(base64.b64encode(one).decode() for one in (plain, self._secret.encode()))):
                text = text.replace(form, "…")
        return text.encode("utf-8", "backslashreplace").decode()
