"""Recipients are untrusted text: what passes is one plain address, what does not is explained."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpauth_tui.errors import UsageError
from smtpauth_tui.mailing.recipients import checked_recipient, split_recipients


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("admin@contoso.example", "admin@contoso.example"),
        ("o'neil+reports=x@Contoso.Example", "o'neil+reports=x@contoso.example"),
        ("a.b!c#d@x-1.example", "a.b!c#d@x-1.example"),
        ("post@müller.example", "post@xn--mller-kva.example"),
        ("post@straße.example", "post@xn--strae-oqa.example"),  # IDNA 2003 would make another domain of it: strasse
        ("post@EXAMPLE。com", "post@example.com"),
        ("root@localhost", "root@localhost"),
    ],
)
def test_taken(text: str, address: str) -> None:
    assert checked_recipient(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "admin",
        "@contoso.example",
        "admin@",
        "a@b@",
        "admin@contoso.example\nBcc: evil@x.example",
        "admin@contoso.example\r\nRCPT TO:<evil@x.example>",
        "good@y.example>\r\nRCPT TO:<evil@y.example",
        "admin@contoso.example\x00",
        "a b@contoso.example",
        '"quoted local"@contoso.example',
        "a@b, evil@c.example",
        "<admin@contoso.example>",
        "Admin <admin@contoso.example>",
        ".admin@contoso.example",
        "admin.@contoso.example",
        "ad..min@contoso.example",
        "jürgen@contoso.example",
        "admin@-contoso.example",
        "admin@contoso..example",
        "admin@contoso.example.",
        "admin@192.0.2.1",
        "admin@[192.0.2.1]",
        "admin@exa\u202emple.example",
        "admin@exa\u200bmple.example",
        "admin@contoso_x.example",
        "x" * 65 + "@contoso.example",
        "x@" + "y" * 64 + ".example",
        "x@" + "y." * 130 + "example",
        "-oQ/tmp -X/tmp/x@contoso.example",
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        checked_recipient(text)
    assert refused.value.hint
    assert str(refused.value).isprintable()


def test_only_allowed_domains() -> None:
    allowed = ("contoso.example", "@MÜLLER.example")
    assert checked_recipient("a@Contoso.example", allowed)
    assert checked_recipient("a@müller.example", allowed)
    with pytest.raises(UsageError, match=r"a@sub\.contoso\.example.*allowed_domains has: contoso"):
        checked_recipient("a@sub.contoso.example", allowed)


def test_list_is_split_and_each_is_there_once() -> None:
    assert split_recipients(" a@x,b@x;c@x\nd@x\r\n a@x\t") == ["a@x", "b@x", "c@x", "d@x"]
    assert split_recipients(" ,; \n") == []


@given(st.text(max_size=60) | st.from_regex(r"[a-z]{1,9}@[\w.\-]{1,20}", fullmatch=True))
def test_what_passes_is_one_address_in_ascii(text: str) -> None:
    try:
        address = checked_recipient(text)
    except UsageError:
        return
    assert address.isascii()
    assert address.isprintable()
    assert not set(address) & set(' ,;:<>()[]"\\')
    assert address.count("@") == 1
    assert not address.startswith("-") or address.partition("@")[0] != "-"
