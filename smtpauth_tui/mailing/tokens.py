"""An access token for XOAUTH2, by the client credentials of an application (RFC 6749, 4.4)."""

import json
import socket
import ssl
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, Final

from smtpauth_tui.mailing.faults import Fault, Kind
from smtpauth_tui.mailing.options import MailSettings

_LONGEST: Final = 1 << 20
_USUAL: Final = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """The secret goes to the address that the admin named and to no other."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def fetch_token(mail: MailSettings, secret: str, context: ssl.SSLContext) -> str:
    """A token for the mailbox's SMTP; Fault says why there is none. It blocks: call it in a thread."""
    url = mail.token_url or _USUAL.format(tenant=urllib.parse.quote(mail.tenant, safe=""))
    server = urllib.parse.urlsplit(url).netloc
    form = {
        "grant_type": "client_credentials",
        "client_id": mail.client_id,
        "client_secret": secret,
        "scope": mail.scope,
    }
    request = urllib.request.Request(url, urllib.parse.urlencode(form).encode(), method="POST")  # noqa: S310 - https
    opener = urllib.request.build_opener(_NoRedirects, urllib.request.HTTPSHandler(context=context))
    try:
        with opener.open(request, timeout=mail.timeout) as answer:
            told = json.loads(answer.read(_LONGEST))
    except urllib.error.HTTPError as error:
        raise _refused(error, server, secret) from None
    except (OSError, ValueError) as error:
        raise _unreachable(error, server) from None
    token = told.get("access_token") if isinstance(told, dict) else None
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise Fault(Kind.TOKEN, f"{server} answered without a token.", server=server)
    return token


def _refused(error: urllib.error.HTTPError, server: str, secret: str) -> Fault:
    """What the service says of a request that it refuses (RFC 6749, 5.2)."""
    words = ""
    try:
        told = json.loads(error.read(_LONGEST))
        words = ": ".join(str(told[name]) for name in ("error", "error_description") if name in told)
    except (OSError, ValueError, TypeError):
        pass
    text = f"{server} gives no token: {words.replace(secret, '…') or f'HTTP status {error.code}'}"
    return Fault(Kind.TOKEN, text, server=server, for_good=400 <= error.code < 500 and error.code != 429)


def _unreachable(error: Exception, server: str) -> Fault:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, ssl.SSLCertVerificationError):
        return Fault(Kind.CERTIFICATE, reason.verify_message, server=server)
    if isinstance(reason, socket.gaierror):
        return Fault(Kind.NAME, str(reason), server=f"{server}:443" if ":" not in server else server)
    if isinstance(reason, TimeoutError):
        return Fault(Kind.TIMEOUT, "in time", server=server)
    return Fault(Kind.UNREACHABLE, getattr(reason, "strerror", None) or str(reason), server=server)
