"""The settings of mail: ``[mail]`` in the configuration, or ``SMTPAUTH_TUI_MAIL_*`` in the environment."""

import getpass
import ipaddress
import re
import socket
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from smtpauth_tui.errors import UsageError
from smtpauth_tui.mailing.recipients import checked_recipient, domain_in_ascii
from smtpauth_tui.settings import Settings, home_expanded

SENDMAIL_PLACES: Final = ("/usr/sbin/sendmail", "/usr/lib/sendmail")
_SIZES: Final = {"": 1, "k": 1_000, "m": 1_000_000}
_SIZE: Final = re.compile(r"(\d{1,12}) ?([km]?)b?", re.IGNORECASE | re.ASCII)
_PORTS: Final = {"implicit": 465, "starttls": 587, "none": 25}
_NOT_SET_UP: Final = (
    "Install a mail server with a sendmail program, or write into config.toml:"
    ' [mail], host = "smtp.contoso.example", user = "reports@contoso.example"; then try: smtpauth-tui doctor'
)


def _words(value: object) -> object:
    """A list that stands as one text in the environment: ``a@x.example, b@x.example``."""
    return [word for word in re.split(r"[\s,;]+", value) if word] if isinstance(value, str) else value


def _size(value: object) -> object:
    """``10 MB`` as bytes."""
    if isinstance(value, str) and (found := _SIZE.fullmatch(value.strip())):
        return int(found[1]) * _SIZES[found[2].lower()]
    return value


def _path(value: object) -> object:
    """A path from / on: mails are sent by processes that begin in other folders."""
    if not isinstance(value, str) or not value:
        return value
    path = home_expanded(value)
    if not path.startswith("/"):
        raise ValueError("write the path from / or ~ on")
    return path


def _address(value: object, *, empty: bool) -> object:
    if not isinstance(value, str) or (empty and not value):
        return value
    try:
        return checked_recipient(value)
    except UsageError as error:
        raise ValueError(str(error)) from None


def _domain(value: object) -> object:
    try:
        return domain_in_ascii(value.lstrip("@")) if isinstance(value, str) else value
    except UsageError as error:
        raise ValueError(str(error)) from None


Words = BeforeValidator(_words)
Address = Annotated[str, BeforeValidator(partial(_address, empty=False))]
MayBeAddress = Annotated[str, BeforeValidator(partial(_address, empty=True))]
FilePath = Annotated[str, BeforeValidator(_path)]
Line = Annotated[str, StringConstraints(max_length=1000, pattern=r"^[^\x00-\x1f\x7f]*$")]


class MailSettings(BaseModel):
    """How reports are mailed. No password is among it: `secret` finds that when it is needed."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, populate_by_name=True)

    transport: Literal["", "sendmail", "smtp", "file"] = ""
    """By default: smtp where a host is named, file where a folder is, else the local sendmail program."""
    sender: MayBeAddress = Field("", alias="from")
    """The From and the envelope sender; by default the user where that is an address, else one of this machine."""
    to: Annotated[tuple[Address, ...], Words] = ()
    """Whom reports go to where nobody is named."""
    allowed_domains: Annotated[tuple[Annotated[str, BeforeValidator(_domain)], ...], Words] = ()
    """The only domains that reports may go to; by default any."""
    size_limit: Annotated[int, BeforeValidator(_size), Field(ge=300_000, le=1_000_000_000)] = 10_000_000
    """Bytes of a mail, beyond which its attachments are cut to the top senders: 10 MB."""
    sendmail: FilePath = ""
    """The sendmail program; by default where it usually is."""
    folder: FilePath = ""
    """Where mails are put as files, for the transport file."""
    host: Line = ""
    port: Annotated[int, Field(ge=0, le=65_535)] = 0
    """By default that of the security: 465, 587, 25."""
    security: Literal["", "implicit", "starttls", "none"] = ""
    """TLS from the first byte, STARTTLS required, or none; by default starttls on 587 and 25, else implicit."""
    trusted_relay: bool = False
    """Whether mail may go unencrypted to a host that is not this machine."""
    ca_file: FilePath = ""
    """Certificates to trust beside the system's: those of an authority of one's own."""
    hello: Line = ""
    """This machine's name in EHLO; by default its own."""
    timeout: Annotated[float, Field(ge=1, le=600)] = 60
    """Seconds to wait for each answer; ten minutes for the one after the message."""
    auth: Literal["", "password", "xoauth2", "none"] = ""
    """By default xoauth2 where a client_id is named, a password where a user is, else none."""
    user: Line = ""
    password_file: FilePath = ""
    password_command: Line = ""
    tenant: Line = ""
    """Of Microsoft 365, for xoauth2: its id or its domain."""
    client_id: Line = ""
    token_url: Line = ""
    """Where tokens are asked for; by default Microsoft's address for the tenant."""
    scope: Line = "https://outlook.office365.com/.default"

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for wrong, words in (
            (self.transport == "smtp" and not self.host, "transport = smtp needs a host"),
            (self.transport == "file" and not self.folder, "transport = file needs a folder"),
            (self.auth in ("password", "xoauth2") and not self.user, f"auth = {self.auth} needs a user"),
            (
                self.kind_of_login == "xoauth2" and not (self.client_id and (self.tenant or self.token_url)),
                "xoauth2 needs tenant and client_id, and the client's secret as the password",
            ),
            (
                self.token_url and not self.token_url.startswith("https://"),
                "token_url has to begin with https://: what goes there is the client's secret",
            ),
            (
                self.kind_of_tls == "none" and not self.trusted_relay and not _is_this_machine(self.host),
                f"security = none would send reports to {self.host} unencrypted; "
                "if the network to it is trusted: trusted_relay = true",
            ),
            (
                self.kind_of_tls == "none" and self.kind_of_login != "none",
                "security = none does not go with a login: the password would go over the network unencrypted",
            ),
        ):
            if wrong:
                raise ValueError(words)
        return self

    @property
    def kind(self) -> str:
        """Which transport it is: ``smtp``, ``file``, ``sendmail``, or empty where none is set up."""
        if self.transport:
            return self.transport
        return "smtp" if self.host else "file" if self.folder else "sendmail" if self.sendmail_program else ""

    @property
    def sendmail_program(self) -> str:
        """The sendmail program; empty where there is none."""
        if self.sendmail:
            return self.sendmail
        return next((place for place in SENDMAIL_PLACES if Path(place).exists()), "")

    @property
    def kind_of_tls(self) -> str:
        """``implicit``, ``starttls`` or ``none``."""
        return self.security or ("starttls" if self.port in (25, 587) else "implicit")

    @property
    def port_used(self) -> int:
        """The port of the SMTP server."""
        return self.port or _PORTS[self.kind_of_tls]

    @property
    def kind_of_login(self) -> str:
        """``password``, ``xoauth2`` or ``none``."""
        return self.auth or ("xoauth2" if self.client_id else "password" if self.user else "none")

    @property
    def from_address(self) -> str:
        """The address that mails come from."""
        if self.sender:
            return self.sender
        if "@" in self.user:
            with suppress(UsageError):
                return checked_recipient(self.user)
        user = "smtpauth-tui"
        with suppress(KeyError, OSError):
            user = getpass.getuser()
        name = socket.gethostname()
        with suppress(UsageError):
            return checked_recipient(f"{user}@{name if '.' in name else socket.getfqdn()}")
        return "smtpauth-tui@localhost.localdomain"

    @property
    def words(self) -> str:
        """How mails go, for people: ``by smtp.contoso.example:465, implicit TLS, login reports@contoso.example``."""
        if self.kind == "sendmail":
            return f"by {self.sendmail_program}"
        if self.kind == "file":
            return f"as files into {self.folder}"
        if self.kind != "smtp":
            return "not set up: there is no sendmail program here, and no mail server in the settings"
        how = {"implicit": "implicit TLS", "starttls": "STARTTLS", "none": "unencrypted"}[self.kind_of_tls]
        login = {"none": "", "password": f", login {self.user}", "xoauth2": f", OAuth as {self.user}"}
        return f"by {self.host}:{self.port_used}, {how}{login[self.kind_of_login]}"

    @property
    def what_is_missing(self) -> str:
        """What to do where no transport is set up."""
        return "" if self.kind else _NOT_SET_UP


def _is_this_machine(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    return host in ("", "localhost")


def mail_settings(settings: Settings) -> MailSettings:
    """The settings of mail; UsageError names the one that is wrong."""
    given: Mapping[str, Any] = settings.mail
    if "password" in given:
        raise UsageError(
            "[mail] has no setting password: the configuration may be read by others.",
            "Put it into a file that only you can read, and name that: password_file.",
        )
    try:
        return MailSettings.model_validate(dict(given))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"][:1])
        names = ", ".join(field.alias or name for name, field in MailSettings.model_fields.items())
        if first["type"] == "extra_forbidden":
            raise UsageError(f"[mail] has no setting {name!r}.", f"Settings of mail are: {names}.") from None
        words = first["msg"].removeprefix("Value error, ").removesuffix(".")
        raise UsageError(f"[mail] {f'{name}: ' if name else ''}{words}.", "Mend it in config.toml.") from None
