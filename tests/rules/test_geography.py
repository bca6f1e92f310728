"""Rules on countries, AS and locations, by files that tell them."""

from pathlib import Path

import pytest

from smtpauth_tui.errors import UsageError
from smtpauth_tui.places import Places
from smtpauth_tui.rules.arithmetic import kilometres
from smtpauth_tui.rules.values import Finding
from smtpauth_tui.store.allowed import checked_value
from smtpauth_tui.store.findings import AllowedRow
from tests.rules.company import Company, at, day, found, looking, said, staff
from tests.rules.geography import cities, countries, everywhere, systems

ANA, BO, CY, DEE = (f"{name}@contoso.example" for name in ("ana", "bo", "cy", "dee"))


def people() -> Company:
    """Two work from home in Germany, one in the office alone."""
    company = Company()
    staff(company)
    company.works(ANA, range(60), client="192.0.2.10", hour=10)
    company.works(BO, range(60), client="192.0.2.11", hour=11)
    company.works(CY, range(60), client="10.0.0.5", hour=12)
    return company


def by_unit(findings: list[Finding]) -> dict[str, tuple[str, str, str]]:
    return {one.unit: (one.severity.value, one.reason, one.baseline) for one in findings}


# U6


async def test_a_new_country_a_new_as_and_a_new_network(tmp_path: Path) -> None:
    company = people()
    company.sends(ANA, at(2, 13), client="203.0.0.9")
    company.sends(BO, at(2, 13), client="198.51.100.200")
    company.sends(CY, at(2, 13), client="198.51.100.7")
    company.works(DEE, range(60), client="192.0.2.12")
    company.sends(DEE, at(3, 15), client="198.51.100.8")
    db = company.store(tmp_path)
    told = by_unit(await found(db, "place", places=everywhere(tmp_path)))
    assert told == {
        ANA: (
            "medium",
            "from Brazil (AS 64510 (Net 64510)) for the first time, on Sat 21 Nov",
            "1 other address known, all in Germany",
        ),
        BO: (
            "medium",
            "from France (AS 64502 (Net 64502)) for the first time, on Sat 21 Nov",
            "1 other address known, all in Germany",
        ),
        # from the office alone so far: what counts is where the others are
        CY: ("notice", "from 198.51.100.0/24 for the first time, on Sat 21 Nov", "30 days with messages of these"),
        DEE: ("notice", "from 198.51.100.0/24 for the first time, on Fri 20 Nov", "30 days with messages of these"),
    }


async def test_another_as_in_a_known_country_is_a_notice(tmp_path: Path) -> None:
    company = people()
    company.works(DEE, range(60), client="198.51.100.8")
    company.sends(DEE, at(3, 15), client="192.0.2.200")
    told = by_unit(await found(company.store(tmp_path), "place", places=everywhere(tmp_path)))
    assert told[DEE] == (
        "notice",
        "from AS 64501 (Net 64501), 192.0.2.0/24 for the first time, on Fri 20 Nov",
        "1 other AS known",
    )


async def test_who_is_in_the_office_alone_comes_from_a_country_where_nobody_is(tmp_path: Path) -> None:
    company = people()
    company.sends(CY, at(2, 13), client="203.0.1.9")
    told = by_unit(await found(company.store(tmp_path), "place", places=Places([countries(tmp_path)])))
    assert told[CY][:2] == ("medium", "from China for the first time, on Sat 21 Nov")


async def test_a_country_is_known_after_the_first_time_and_forgotten_after_30_days(tmp_path: Path) -> None:
    company = people()
    company.sends(ANA, at(6, 13), client="203.0.0.9")
    company.sends(ANA, at(2, 13), client="203.0.5.9")
    company.sends(BO, at(40, 13), client="203.0.0.9")
    company.sends(BO, at(2, 13), client="203.0.5.9")
    told = await found(company.store(tmp_path), "place", places=everywhere(tmp_path))
    assert [(one.unit, one.since, one.severity.value) for one in told] == [
        (ANA, day(6), "medium"),
        (ANA, day(2), "notice"),
        (BO, day(2), "medium"),
    ]


async def test_without_files_it_says_what_lacks_and_looks_at_networks(tmp_path: Path) -> None:
    company = people()
    company.sends(ANA, at(2, 13), client="203.0.0.9")
    db = company.store(tmp_path)
    for places, why in (
        (None, "no file is named in [places] databases"),
        (Places([systems(tmp_path)]), "those that are named tell none"),
        (Places([str(tmp_path / "gone.mmdb")]), "There is no file"),
    ):
        told = await looking(db, "place", "places", places=places)
        assert [one.severity.value for one in told.findings["U6"]] == ["notice"]
        assert told.missing == {"U6": "", "U7": ""}
        assert why in told.partly["U6"] and why in told.partly["U7"]
    told = await looking(db, "place", "places", places=Places([countries(tmp_path)]))
    assert told.partly == {"U6": "", "U7": ""}


# U7


async def test_more_than_three_countries_in_24_hours(tmp_path: Path) -> None:
    company = people()
    for one in range(4):
        company.sends(ANA, at(2, 4 + 4 * one), client=f"203.0.{one}.9")
    for one in range(3):
        company.sends(BO, at(2, 4 + 4 * one), client=f"203.0.{one}.9")
    for one in range(4):
        company.sends(CY, at(4 - one, 4), client=f"203.0.{one}.9")
    db = company.store(tmp_path)
    (finding,) = await found(db, "places", places=Places([countries(tmp_path)]))
    assert (finding.unit, finding.since, finding.severity.value, finding.crossed) == (
        ANA,
        day(2),
        "medium",
        "3 countries in 24 hours",
    )
    assert finding.reason == (
        "signed in from 4 countries in 24 hours on Sat 21 Nov, all of them new to it; in BR, CN, US, VN"
    )
    assert await said(db, "places") == []
    assert await said(db, "places", places=Places([countries(tmp_path)]), sets=("places.countries=4",)) == []


async def test_many_networks_are_told_with_their_countries(tmp_path: Path) -> None:
    company = people()
    for one in range(8):
        company.sends(ANA, at(2, 2, 5 * one), client=f"203.0.{one}.9")
    (finding,) = await found(company.store(tmp_path), "places", places=Places([countries(tmp_path)]))
    assert finding.reason == (
        "signed in from 8 networks in one hour on Sat 21 Nov, all of them new to it; in BR, CN, US, VN"
    )


# U8


@pytest.mark.parametrize(
    ("one", "other", "way"),
    [
        ((52.5, 13.4), (52.5, 13.4), 0),
        ((52.5, 13.4), (48.9, 2.4), 876),
        ((52.5, 13.4), (-23.5, -46.6), 10_245),
        ((0.0, 179.5), (0.0, -179.5), 111),
        ((90.0, 0.0), (-90.0, 0.0), 20_015),
    ],
)
def test_the_way_over_the_ground(one: tuple[float, float], other: tuple[float, float], way: int) -> None:
    assert kilometres(one, other) == pytest.approx(way, abs=15)


async def test_two_places_too_far_apart(tmp_path: Path) -> None:
    company = people()
    company.sends(ANA, at(2, 10, 59), client="203.0.0.9")
    company.sends(BO, at(2, 14, 30), client="203.0.0.9")
    company.sends(CY, at(2, 13), client="198.51.100.200")  # Paris, from an office that is nowhere
    company.works(DEE, range(60), client="192.0.2.12", hour=15)
    company.sends(DEE, at(2, 15, 30), client="198.51.100.200")  # Paris is near enough
    (finding,) = await found(company.store(tmp_path), "travel", places=everywhere(tmp_path))
    assert (finding.unit, finding.since, finding.severity.value) == (ANA, day(2), "high")
    assert finding.reason == (
        "signed in from 192.0.2.10 (Germany) at 10:07 and from 203.0.0.9 (Brazil) at 10:59 of Sat 21 Nov: "
        "10,245 km in 51 min"
    )
    assert finding.crossed == "1,000 km in less than 3 hours"


async def test_a_journey_around_midnight_is_the_later_day_s(tmp_path: Path) -> None:
    company = people()
    company.sends(ANA, at(2, 23, 40), client="192.0.2.10")
    company.sends(ANA, at(1, 0, 40), client="203.0.1.9")
    db = company.store(tmp_path)
    told = await found(db, "travel", places=everywhere(tmp_path))
    assert [(one.unit, one.since) for one in told] == [(ANA, day(1))]
    assert await found(db, "travel", places=everywhere(tmp_path), since=day(1)) == told


async def test_two_places_that_are_both_home(tmp_path: Path) -> None:
    """A shared account of two sites, or who always goes through a VPN, once both were known."""
    company = people()
    for ago in range(40):
        company.sends(DEE, at(ago, 9), client="192.0.2.12")
        company.sends(DEE, at(ago, 9, 30), client="203.0.2.9")
    told = await found(company.store(tmp_path), "travel", places=everywhere(tmp_path), days=20)
    assert told == []


async def test_what_lacks_for_it(tmp_path: Path) -> None:
    db = people().store(tmp_path)
    told = await looking(db, "travel", places=Places([countries(tmp_path)]))
    assert told.missing["U8"] == (
        "a file that tells locations, such as GeoLite2-City; with countries alone use U7 (places)"
    )
    assert not (await looking(db, "travel", places=Places([cities(tmp_path)]))).missing["U8"]


# AS that are allowed


async def test_an_as_that_is_allowed(tmp_path: Path) -> None:
    company = people()
    for one in range(8):
        company.sends(ANA, at(2, 2, 5 * one), client=f"203.0.{one}.9")
    company.sends(BO, at(2, 11, 30), client="203.0.6.9")
    company.works("hire@contoso.example", [3], client="203.0.7.9")
    db, places = company.store(tmp_path), everywhere(tmp_path)
    allowed = (AllowedRow("as", "64510", "a cloud of ours", 0),)
    rules = ("new", "places", "travel", "place")

    async def told(**how: object) -> set[tuple[str, str]]:
        looked = await looking(db, *rules, **how)  # type: ignore[arg-type]
        return {(rule, one.unit) for rule, some in looked.findings.items() for one in some}

    hire = ("U1", "hire@contoso.example")
    assert await told(places=places) == {hire, *((rule, ANA) for rule in ("U6", "U7", "U8")), ("U6", BO), ("U8", BO)}
    # what is left of her journeys: three countries, and no more than five networks
    assert await told(places=places, allowed=allowed) == {("U6", ANA), ("U8", ANA)}
    assert hire in await told(allowed=allowed)  # no file tells an AS


@pytest.mark.parametrize(("text", "value"), [("64500", "64500"), ("AS64500", "64500"), (" as 64500 ", "64500")])
def test_an_as_as_people_write_it(text: str, value: str) -> None:
    assert checked_value("as", text) == value


@pytest.mark.parametrize("text", ["", "AS", "0", "4294967296", "-1", "64500/8", "٣", "99999999999"])
def test_no_as(text: str) -> None:
    with pytest.raises(UsageError, match="is no AS"):
        checked_value("as", text)
