"""The message: exactly the headers and parts that it should have, in 7 bits, whatever stands in the store."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpauth_tui.errors import UsageError
from smtpauth_tui.mailing.attachments import KINDS, Attachment, load_attachments
from smtpauth_tui.mailing.content import MAILED, Content, subject
from smtpauth_tui.mailing.html_part import html_part
from smtpauth_tui.mailing.message import compose, new_message_id
from smtpauth_tui.mailing.text_part import text_part
from smtpauth_tui.query import Period
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.rows import FailureSummary
from tests.mailing.reports import TODAY, content_of, content_without_store

NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
]
FILE = Attachment("smtp-auth-senders_2026-11-16_2026-11-22.csv", "text/csv", b"sender\r\n\xc3\xa9\r\n", 1, 1)


def composed(
    content: Content,
    *attachments: Attachment,
    sender: str = "reports@shop.example",
    to: tuple[str, ...] = ("ana@shop.example",),
) -> EmailMessage:
    """The message as it is sent, and as a mail program reads it."""
    message = compose(content, attachments, sender, to, f"<1@{sender.rpartition('@')[2]}>", NOW)
    sent = message.as_bytes()
    assert sent.isascii()
    assert all(len(line) <= 998 for line in sent.split(b"\r\n"))
    assert not re.search(rb"^[A-Za-z-]+:[ \t]*\r\n", sent.partition(b"\r\n\r\n")[0], re.MULTILINE)
    assert b"\n" not in sent.replace(b"\r\n", b"")
    assert b"\r" not in sent.replace(b"\r\n", b"")
    read = message_from_bytes(sent, policy=policy.SMTP)
    assert isinstance(read, EmailMessage)
    assert not read.defects
    return read


def kinds(message: EmailMessage) -> list[str]:
    """The types of all parts, from the outside."""
    return [part.get_content_type() for part in message.walk()]


@pytest.mark.parametrize("report", MAILED)
async def test_hostile_names_add_no_header_and_no_part(hostile: Path, report: str) -> None:
    content = await content_of(hostile, report)
    async with await Store.open(hostile) as store:
        files = await load_attachments(store, content, KINDS, 10**7)
    message = composed(content, *files)
    assert sorted(message.keys()) == sorted(HEADERS)
    assert kinds(message) == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "text/csv",
    ]
    assert message["Subject"] == subject(content)
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n") == text_part(content, files)
    assert html.get_content().replace("\r\n", "\n").rstrip("\n") == html_part(content, files).rstrip("\n")
    assert [part.get_payload(decode=True) for part in message.iter_attachments()] == [one.content for one in files]
    assert all(
        len(part.as_bytes()) + 60 < one.size for part, one in zip(message.iter_attachments(), files, strict=True)
    )
    names = [part.get_filename() for part in message.iter_attachments()]
    assert names == [one.name for one in files]
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{1,79}", name or "") for name in names)


async def test_headers(demo: Path) -> None:
    content = await content_of(demo, "volume", Period.ending(TODAY, 7))
    message = composed(content, to=("ana@shop.example", "bo@other.example"))
    assert message["From"] == "reports@shop.example"
    assert message["To"] == "ana@shop.example, bo@other.example"
    assert message["Subject"] == "SMTP Auth: 3,697 messages, 9.3% below TLS 1.2 (17-23 Nov 2026)"
    assert message["Date"] == "Mon, 23 Nov 2026 13:30:00 +0100"
    assert parsedate_to_datetime(message["Date"]) == NOW
    assert message["Message-ID"] == "<1@shop.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert kinds(message) == ["multipart/alternative", "text/plain", "text/html"]


def test_a_file_that_is_text_says_in_which_characters() -> None:
    (part,) = composed(content_without_store(), FILE).iter_attachments()
    assert part["Content-Type"] == 'text/csv; charset="utf-8"'
    assert part["Content-Transfer-Encoding"] == "base64"
    assert part["Content-Disposition"] == f'attachment; filename="{FILE.name}"'
    assert part.get_content() == "sender\r\né\r\n"


LOCAL = st.text("abcXYZ019!#$%&'*+/=?^_`{|}~-", min_size=1, max_size=64)
DOMAIN = st.lists(st.from_regex(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?", fullmatch=True), min_size=1, max_size=7)


@given(LOCAL, st.lists(st.tuples(LOCAL, DOMAIN), min_size=1, max_size=6), DOMAIN)
def test_addresses_are_sent_as_they_are(local: str, recipients: list[tuple[str, list[str]]], domain: list[str]) -> None:
    """Also those that are so long that a line has no room for them."""
    sender = f"{local}@{'.'.join(domain)}"
    to = tuple(f"{name}@{'.'.join(labels)}" for name, labels in recipients)
    message = composed(content_without_store(domain=".".join(domain)), sender=sender, to=to)
    assert [one.addr_spec for one in message["From"].addresses] == [sender]
    assert [one.addr_spec for one in message["To"].addresses] == list(to)
    assert message["Message-ID"] == f"<1@{'.'.join(domain)}>"
    assert sorted(message.keys()) == sorted(HEADERS)


@pytest.mark.parametrize(
    "address", ['"a b"@shop.example', '"a,b"@shop.example', '"a\\"b"@shop.example', "a@[192.0.2.1]"]
)
def test_odd_addresses_are_sent_as_they_are(address: str) -> None:
    message = composed(content_without_store(), sender=address, to=(address, "bo@shop.example"))
    assert [one.addr_spec for one in message["To"].addresses] == [address, "bo@shop.example"]
    assert [one.addr_spec for one in message["From"].addresses] == [address]


@given(st.text(max_size=80), st.booleans())
def test_any_other_text_is_no_address(text: str, as_sender: bool) -> None:
    """Either it is refused, or it is one address, and adds nothing."""
    try:
        if as_sender:
            message = composed(content_without_store(), sender=text)
        else:
            message = composed(content_without_store(), to=(text,))
    except UsageError:
        return
    (found,) = message["From" if as_sender else "To"].addresses
    assert found.addr_spec == text
    assert sorted(message.keys()) == sorted(HEADERS)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ana",
        "@shop.example",
        "ana@",
        "ana@shop.example\r\nBcc: all@shop.example",
        "ana@shop.example\n",
        "ana@shop.example, bo@shop.example",
        "Ana <ana@shop.example>",
        "<ana@shop.example>",
        "ana@shop.example (x)",
        "é@shop.example",
        "ana@é.example",
        "a\x00@shop.example",
        "a..b@shop.example",
        '"a\r\nb"@shop.example',
    ],
)
def test_what_is_no_bare_address_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        composed(content_without_store(), to=(text,))
    with pytest.raises(UsageError):
        composed(content_without_store(), sender=text)


def test_a_message_has_a_recipient() -> None:
    with pytest.raises(UsageError):
        composed(content_without_store(), to=())


@given(st.text(max_size=40), st.text(max_size=40))
def test_domain_and_host_add_nothing(domain: str, host: str) -> None:
    message = composed(replace(content_without_store(domain=domain), host=host), FILE)
    assert sorted(message.keys()) == sorted(HEADERS)
    assert kinds(message) == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/csv"]


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.from_regex(r"[a-z]{1,40}\.example", fullmatch=True))
def test_subjects_are_sent_as_they_are(failures: int, clients: int, domain: str) -> None:
    content = content_without_store("failures", domain=domain)
    content = replace(content, failures=FailureSummary(failures, failures, clients, None))
    assert composed(content)["Subject"] == subject(content)


def test_message_ids() -> None:
    made = {new_message_id("reports@shop.example") for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"<[0-9a-f]{32}@shop\.example>", one) for one in made)


@given(st.text(max_size=60))
def test_message_id_is_one_whatever_the_sender(sender: str) -> None:
    assert re.fullmatch(r"<[0-9a-f]{32}@[A-Za-z0-9.-]+>", new_message_id(sender))
    assert re.fullmatch(r"<[0-9a-f]{32}@[A-Za-z0-9.-]+>", new_message_id(f"a@{sender}"))
