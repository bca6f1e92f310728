"""The settings of mail, from the configuration and the environment, and what is wrong with them."""

from pathlib import Path

import pytest

from smtpauth_tui.errors import UsageError
from smtpauth_tui.mailing import options
from smtpauth_tui.mailing.options import MailSettings, mail_settings
from smtpauth_tui.settings import Settings, load


def settings_of(tmp_path: Path, text: str, **environment: str) -> MailSettings:
    config = tmp_path / "config.toml"
    config.write_text(f"[mail]\n{text}")
    return mail_settings(
        load(config, {f"SMTPAUTH_TUI_MAIL_{name.upper()}": value for name, value in environment.items()})
    )


def test_file_then_environment(tmp_path: Path) -> None:
    mail = settings_of(
        tmp_path,
        'host = "smtp.contoso.example"\nfrom = "reports@contoso.example"\nto = ["a@x.example"]\nsize_limit = "2 MB"\n',
        port="587",
        to="b@x.example, c@x.example",
        trusted_relay="false",
    )
    assert (mail.kind, mail.port_used, mail.kind_of_tls, mail.kind_of_login) == ("smtp", 587, "starttls", "none")
    assert mail.to == ("b@x.example", "c@x.example")
    assert (mail.from_address, mail.size_limit) == ("reports@contoso.example", 2_000_000)
    assert mail.words == "by smtp.contoso.example:587, STARTTLS"


def test_tls_from_the_first_byte_is_what_is_taken_by_default(tmp_path: Path) -> None:
    mail = settings_of(tmp_path, 'host = "smtp.contoso.example"\nuser = "reports@contoso.example"')
    assert (mail.port_used, mail.kind_of_tls, mail.kind_of_login) == (465, "implicit", "password")
    assert mail.from_address == "reports@contoso.example"
    assert mail.words == "by smtp.contoso.example:465, implicit TLS, login reports@contoso.example"


def test_local_sendmail_where_nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "sendmail"
    program.touch()
    monkeypatch.setattr(options, "SENDMAIL_PLACES", (str(program),))
    mail = mail_settings(Settings())
    assert (mail.kind, mail.words) == ("sendmail", f"by {program}")
    assert "@" in mail.from_address
    program.unlink()
    mail = mail_settings(Settings())
    assert mail.kind == ""
    assert "not set up" in mail.words
    assert 'host = "smtp.contoso.example"' in mail.what_is_missing


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prot = 25", "no setting 'prot'.*Settings of mail are: transport, from, to"),
        ("port = 70000", "port: "),
        ("from = 'nobody'", "from: .*no mail address"),
        ("to = ['a@x.example\\nBcc: b@x.example']", "to: "),
        ("to = ['two words@x.example']", "to: .*is not taken"),
        ("password = 'canary'", "no setting password.*password_file"),
        ("password_file = 'smtp-password'", "password_file: write the path from / or ~ on"),
        ("transport = 'pigeon'", "transport: "),
        ("transport = 'smtp'", "needs a host"),
        ("transport = 'file'", "needs a folder"),
        ("size_limit = 'much'", "size_limit: "),
        ("host = 'relay.example'\nsecurity = 'none'", "unencrypted; if the network to it is trusted: trusted_relay"),
        ("host = '127.0.0.1'\nsecurity = 'none'\nuser = 'u'", "does not go with a login"),
        ("host = 'h.example'\nclient_id = 'x'\nuser = 'u'", "xoauth2 needs tenant"),
        ("host = 'h.example'\nuser='u'\nclient_id = 'x'\ntoken_url = 'http://x'", "begin with https"),
        ("host = 'h.example\\u0007'", "host: "),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as told:
        settings_of(tmp_path, text.replace("'", '"'))
    assert "canary" not in str(told.value)


def test_relay_without_tls_only_where_it_is_trusted(tmp_path: Path) -> None:
    mail = settings_of(tmp_path, 'host = "relay.example"\nsecurity = "none"\ntrusted_relay = true')
    assert (mail.port_used, mail.words) == (25, "by relay.example:25, unencrypted")
    assert settings_of(tmp_path, 'host = "localhost"\nsecurity = "none"').kind == "smtp"
    assert settings_of(tmp_path, 'host = "relay.example"\nport = 25').kind_of_tls == "starttls"


def test_mail_that_is_no_table(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('mail = "x"')
    with pytest.raises(UsageError, match="mail is a table"):
        load(config, {})


def test_password_in_the_environment_is_no_setting(tmp_path: Path) -> None:
    assert settings_of(tmp_path, "", password="secret").user == ""
