"""Networks of addresses, and the countries and AS that files tell."""

import builtins
from pathlib import Path
from typing import Any

import pytest

from smtpauth_tui.errors import UsageError
from smtpauth_tui.places import Places, places_of
from smtpauth_tui.places.databases import Place
from smtpauth_tui.places.networks import Kind, known
from smtpauth_tui.settings import Settings, load
from tests.mmdb import BRAZIL, GERMANY, write_mmdb

CONTOSO = {"autonomous_system_number": 64500, "autonomous_system_organization": "Contoso Networks"}


def finder_of(*paths: Path) -> Any:
    return Places([str(path) for path in paths]).finder()


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("2001:0DB8:0001::4", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("192.0.2.256", ""),
        ("192.0.2.7:25", ""),
        ("unknown", ""),
        ("", ""),
    ],
)
def test_network_of_an_address(address: str, network: str) -> None:
    assert known(address).network == network


def test_one_address_is_one_however_it_is_written() -> None:
    assert known("::FFFF:192.0.2.7").text == "192.0.2.7"
    assert known("2001:DB8:0:0::7").text == "2001:db8::7"
    assert known("local").text == "local"


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("10.1.2.3", Kind.PRIVATE),
        ("172.16.0.1", Kind.PRIVATE),
        ("172.32.0.1", Kind.PUBLIC),
        ("192.168.255.255", Kind.PRIVATE),
        ("::ffff:10.1.2.3", Kind.PRIVATE),
        ("fd00::1", Kind.PRIVATE),
        ("100.64.0.1", Kind.SHARED),
        ("169.254.0.1", Kind.LINK),
        ("fe80::1%eth0", Kind.LINK),
        ("127.0.0.1", Kind.LOOPBACK),
        ("::1", Kind.LOOPBACK),
        ("203.0.113.9", Kind.PUBLIC),
        ("::2", Kind.PUBLIC),
        ("unknown", Kind.NONE),
    ],
)
def test_kind_of_an_address(address: str, kind: Kind) -> None:
    assert known(address).kind is kind


@pytest.mark.parametrize("bits", [24, 28, 32])
def test_layout_of_geolite2_and_db_ip(bits: int, tmp_path: Path) -> None:
    city = {**GERMANY, "location": {"latitude": 52.5, "longitude": 13.4, "accuracy_radius": 20}}
    countries = write_mmdb(
        tmp_path / "city.mmdb",
        {"192.0.2.0/24": city, "2001:db8::/32": BRAZIL, "203.0.113.128/25": BRAZIL},
        title="GeoLite2-City",
        bits=bits,
    )
    systems = write_mmdb(tmp_path / "asn.mmdb", {"192.0.2.0/25": CONTOSO}, title="GeoLite2-ASN", bits=bits)
    finder = finder_of(countries, systems)
    assert finder.place("192.0.2.7") == Place("DE", "Germany", 64500, "Contoso Networks", (52.5, 13.4))
    assert finder.place("::ffff:192.0.2.200") == Place("DE", "Germany", location=(52.5, 13.4))
    assert finder.place("2001:db8::9") == Place("BR", "Brazil")
    assert finder.place("203.0.113.1") is None
    assert [one.title for one in finder.databases] == ["GeoLite2-City", "GeoLite2-ASN"]
    assert (finder.countries, finder.systems, finder.locations) == (True, True, True)


@pytest.mark.parametrize(
    ("record", "place"),
    [
        (
            {"country": "Brazil", "country_code": "BR", "asn": "AS64500", "as_name": "Fabrikam", "continent": "x"},
            Place("BR", "Brazil", 64500, "Fabrikam"),
        ),
        ({"country": "BR", "country_name": "Brazil", "asn": "AS64500"}, Place("BR", "Brazil", 64500)),
        ({"country_code": "br"}, Place("BR")),
        ({"country_code": "BR", "latitude": "-23.5", "longitude": "-46.6"}, Place("BR", location=(-23.5, -46.6))),
        (
            {"country": {"iso_code": "BR", "AutonomousSystemNumber": "64500", "AutonomousSystemOrganization": "X"}},
            Place("BR", "", 64500, "X"),
        ),
        ({"traits": CONTOSO, **GERMANY}, Place("DE", "Germany", 64500, "Contoso Networks")),
        ({"registered_country": {"iso_code": "US"}, **CONTOSO}, Place("", "", 64500, "Contoso Networks")),
        ({"country_code": "ZZ", "asn": 7}, Place(asn=7)),
        ({"country_code": "BR", "asn": "AS0", "location": {"latitude": 999.0, "longitude": 1.0}}, Place("BR")),
        ({"country_code": "BR", "asn": "ASx", "location": {"latitude": "north"}}, Place("BR")),
        ({"country_code": "BR", "asn": {"a": 1}, "as_name": ["b"], "traits": "c"}, Place("BR")),
    ],
    ids=[
        "ipinfo-lite", "ipinfo-country-asn", "ip-location-db", "ip-location-db-city", "geo-open", "enterprise",
        "only-registered", "no-country", "impossible-values", "values-of-other-kinds", "parts-of-other-kinds",
    ],
)  # fmt: skip
def test_other_layouts(record: Any, place: Place, tmp_path: Path) -> None:
    finder = finder_of(write_mmdb(tmp_path / "x.mmdb", {"192.0.2.0/24": record}))
    assert finder.place("192.0.2.7") == place


def test_what_is_not_public_is_looked_up_nowhere(tmp_path: Path) -> None:
    finder = finder_of(write_mmdb(tmp_path / "x.mmdb", {"10.0.0.0/8": GERMANY, "192.0.2.0/24": GERMANY}))
    assert finder.place("10.1.2.3") is None
    assert finder.place("unknown") is None


def test_first_file_that_knows_counts(tmp_path: Path) -> None:
    first = write_mmdb(tmp_path / "1.mmdb", {"192.0.2.0/24": GERMANY})
    second = write_mmdb(tmp_path / "2.mmdb", {"192.0.0.0/16": {**BRAZIL, **CONTOSO}})
    assert finder_of(first, second).place("192.0.2.7") == Place("DE", "Germany", 64500, "Contoso Networks")
    assert finder_of(first, second).place("192.0.3.7") == Place("BR", "Brazil", 64500, "Contoso Networks")


def test_file_of_ipv4_alone(tmp_path: Path) -> None:
    finder = finder_of(write_mmdb(tmp_path / "4.mmdb", {"192.0.2.0/24": GERMANY}, version=4))
    assert finder.place("192.0.2.7") == Place("DE", "Germany")
    assert finder.place("2001:db8::7") is None


def test_without_files_nothing_is_guessed() -> None:
    finder = Places().finder()
    assert finder.place("8.8.8.8") is None
    assert not (finder.countries or finder.systems or finder.locations)


def test_a_file_that_was_replaced_is_read_anew(tmp_path: Path) -> None:
    path = write_mmdb(tmp_path / "x.mmdb", {"192.0.2.0/24": GERMANY})
    places = Places([str(path)])
    before = places.finder()
    assert places.finder() is before
    write_mmdb(tmp_path / "new.mmdb", {"192.0.2.0/24": BRAZIL}).replace(path)
    assert places.finder().place("192.0.2.7") == Place("BR", "Brazil")


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no file .*gone\.mmdb, which \[places\] databases names"):
        finder_of(tmp_path / "gone.mmdb")


def test_folder_in_place_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"which \[places\] databases names, is no file"):
        finder_of(tmp_path)


@pytest.mark.parametrize(
    "content", [b"", b"GeoIP", bytes(5000), b"\xab\xcd\xefMaxMind.com", b"\xab\xcd\xefMaxMind.com\xe0"]
)
def test_no_database(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.mmdb").write_bytes(content)
    with pytest.raises(UsageError, match=r"is no \.mmdb file, or a damaged one"):
        finder_of(tmp_path / "x.mmdb")


def test_database_of_something_else(tmp_path: Path) -> None:
    path = write_mmdb(tmp_path / "x.mmdb", {"192.0.2.0/24": {"is_anonymous": True}}, title="Anonymous-IP")
    with pytest.raises(UsageError, match=r"\(Anonymous-IP\) has neither countries nor AS"):
        finder_of(path)


def test_damaged_database_is_told_whatever_breaks(tmp_path: Path) -> None:
    whole = write_mmdb(tmp_path / "x.mmdb", {f"192.0.{n}.0/24": GERMANY for n in range(40)}).read_bytes()
    broken = 0
    for place in range(0, len(whole), 7):
        (tmp_path / "y.mmdb").write_bytes(whole[:place] + b"\xff" + whole[place + 1 :])
        try:
            finder_of(tmp_path / "y.mmdb").place("192.0.7.9")
        except UsageError:
            broken += 1
    assert broken


def test_missing_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_mmdb(tmp_path / "x.mmdb", {"192.0.2.0/24": GERMANY})
    there = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "maxminddb":
            raise ImportError(name)
        return there(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UsageError, match=r"maxminddb is not installed\. Install it: pip install 'smtpauth-tui\[geo\]'"):
        finder_of(path)


# what may be shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("10.1.2.3", "10.1.2.0/24"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("unknown", "unknown"),
        ("", ""),
        ("192.0.2.77:4711", "(no address)"),
        ("[192.0.2.77]", "(no address)"),
    ],
)
def test_truncated_address(address: str, shown: str) -> None:
    assert Places(truncate=True).shown(address) == shown
    assert Places().shown(address) == address


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("192-0-2-77.pool3.isp.example", "*.isp.example"),
        ("77.2.0.192.isp.example", "*.isp.example"),
        ("scanner.office.contoso.example", "*.office.contoso.example"),
        ("host77.example.", "*.example"),
        ("printer7", "*"),
        ("a.b.c0000207", "*"),
        ("evil\x1b[2J.contoso.example", "*.contoso.example"),
        ("localhost", "localhost"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_truncated_host(name: str, shown: str) -> None:
    assert Places(truncate=True).shown_host(name) == shown
    assert Places().shown_host(name) == name


# the settings


def test_settings(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[places]\ndatabases = ["/a/country.mmdb", "~/asn.mmdb"]\ntruncate = true\n')
    home = Path.home()
    places = places_of(load(config, {}))
    assert (places.databases, places.truncate) == (("/a/country.mmdb", f"{home}/asn.mmdb"), True)
    environment = {"SMTPAUTH_TUI_PLACES_DATABASES": "/b.mmdb:/c.mmdb", "SMTPAUTH_TUI_PLACES_TRUNCATE": "no"}
    places = places_of(load(config, environment))
    assert (places.databases, places.truncate) == (("/b.mmdb", "/c.mmdb"), False)
    assert places_of(Settings()).databases == ()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"database": []}, r"\[places\] has no setting 'database'"),
        ({"databases": 5}, "databases is a list of paths"),
        ({"databases": [5]}, "databases is a list of paths"),
        ({"truncate": "perhaps"}, "truncate is true or false"),
        ({"truncate": 5}, "truncate is true or false"),
    ],
)
def test_wrong_settings(given: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        places_of(Settings(places=given))
