"""What is switched off, as people write it, and what that means for a message."""

import pytest

from smtpauth_tui.errors import UsageError
from smtpauth_tui.model import AuthKind, TlsVersion
from smtpauth_tui.switches import CAN_BE_OFF, Networks, Reason, Switches, parse_switches


def test_words_become_switches() -> None:
    assert parse_switches(None, None) == Switches(CAN_BE_OFF)
    assert parse_switches("notls, BASIC", None) == Switches((Reason.BASIC, Reason.NO_TLS))
    assert parse_switches("nothing", "10.1.2.3/8, 2001:db8::1,::ffff:192.0.2.0/120") == Switches(
        (), ("10.0.0.0/8", "2001:db8::1/128", "192.0.2.0/24")
    )


@pytest.mark.parametrize(
    ("without", "from_only", "said"),
    [
        ("nothing", None, "Nothing is switched off. Name one of basic, tls1.0, tls1.1, notls, or networks"),
        ("", None, "Nothing is switched off."),
        (
            "none",
            None,
            "'none' cannot be switched off. Name some of basic, tls1.0, tls1.1, notls; 'nothing' is none of them.",
        ),
        ("basic,network", None, "'network' cannot be switched off."),
        (None, "10.0.0/8", "'10.0.0/8' is no network. Write 10.0.0.0/8"),
        (None, " , ", "No network may send."),
    ],
)
def test_other_words_are_told(without: str | None, from_only: str | None, said: str) -> None:
    with pytest.raises(UsageError) as told:
        parse_switches(without, from_only)
    assert str(told.value).startswith(said)


def test_ssl_3_goes_with_tls_1_0() -> None:
    def why(off: Reason, tls: TlsVersion) -> tuple[Reason, ...]:
        return Switches((off,)).reasons(tls, AuthKind.BASIC, None)

    assert why(Reason.TLS_1_0, TlsVersion.SSL3) == why(Reason.TLS_1_0, TlsVersion.V1_0) == (Reason.TLS_1_0,)
    assert why(Reason.TLS_1_1, TlsVersion.V1_0) == why(Reason.TLS_1_0, TlsVersion.V1_1) == ()


def test_what_is_unknown_matters_only_where_it_is_asked_for() -> None:
    unknown = TlsVersion.UNKNOWN, AuthKind.UNKNOWN, None
    for off in CAN_BE_OFF:
        assert Switches((off,)).reasons(*unknown) == ()
        assert Switches((off,)).cannot_tell(*unknown)
    assert Switches((), ("10.0.0.0/8",)).reasons(*unknown) == ()
    assert Switches((), ("10.0.0.0/8",)).cannot_tell(*unknown)
    assert not Switches((Reason.BASIC,)).cannot_tell(TlsVersion.UNKNOWN, AuthKind.OAUTH, None)
    assert not Switches((Reason.NO_TLS,)).cannot_tell(TlsVersion.V1_3, AuthKind.UNKNOWN, None)
    assert not Switches((Reason.NO_TLS,), ("10.0.0.0/8",)).cannot_tell(TlsVersion.V1_3, AuthKind.UNKNOWN, True)


def test_addresses_in_networks() -> None:
    networks = Networks(("10.0.0.0/8", "2001:db8:5::/48", "192.0.2.7"))
    inside = ("10.255.0.1", "::ffff:10.1.1.1", "2001:DB8:5::1", "2001:db8:5::1%eth0", "192.0.2.7")
    assert {networks.has(address) for address in inside} == {True}
    assert {networks.has(address) for address in ("11.0.0.1", "192.0.2.8", "2001:db8:6::1", "::a00:1")} == {False}
    assert {networks.has(text) for text in ("", "unknown", "10.0.0.1 ", "10.1", "1" * 5000, "\x1b[0m")} == {None}
