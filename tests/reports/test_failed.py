"""Failed sign-ins beside successes: whose, from where, and what they amount to, through the real import."""

import random
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest

from smtpauth_tui.networks import network_of
from smtpauth_tui.places import Places
from smtpauth_tui.query import Period, ReportQuery
from smtpauth_tui.reports import failure_flyout, tried, trying
from smtpauth_tui.reports.failure_charts import load_chart
from smtpauth_tui.reports.failure_steps import block_steps
from smtpauth_tui.reports.flyouts import Block, Entries, Flyout, Heading, Pairs, Paragraph, Preformatted
from smtpauth_tui.reports.origins import By
from smtpauth_tui.reports.patterns import Pattern
from smtpauth_tui.reports.tried_names import tried_label
from smtpauth_tui.store.findings import AllowedRow, allow
from smtpauth_tui.store.notes import Notes
from smtpauth_tui.store.reader import Store
from tests.logs import bring_in
from tests.mmdb import BRAZIL, write_mmdb
from tests.rules.company import TODAY, Company, at, found, staff

WEEK = ReportQuery(Period.ending(TODAY, 7))
TAKEN = "person0@contoso.example"


async def accounts_of(db: Path, query: ReportQuery = WEEK, places: Places | None = None) -> dict[str, tried.Tried]:
    """By what they are called; names that are no accounts as well."""
    async with await Store.open(db, places or Places()) as store:
        told = await tried.load(store, query)
        return {tried_label(row.account): row for row in (*told.accounts, *told.names)}


async def sources_of(
    db: Path, by: By = By.NETWORK, query: ReportQuery = WEEK, places: Places | None = None
) -> dict[str, trying.Trying]:
    async with await Store.open(db, places or Places()) as store:
        return {trying.source_label(row): row for row in await trying.load(store, query, by)}


async def flyout_of(db: Path, name: str, places: Places | None = None) -> Flyout:
    async with await Store.open(db, places or Places()) as store:
        told = await tried.load(store, WEEK)
        row = next(one for one in (*told.accounts, *told.names) if tried_label(one.account) == name)
        return await failure_flyout.of_tried(store, WEEK, row.id)


async def source_flyout_of(db: Path, source: str, by: By = By.NETWORK, places: Places | None = None) -> Flyout:
    async with await Store.open(db, places or Places()) as store:
        row = next(one for one in await trying.load(store, WEEK, by) if trying.source_label(one) == source)
        return await failure_flyout.of_source(store, WEEK, by, row.key, row.clients)


def texts(blocks: tuple[Block, ...]) -> list[str]:
    """All that a flyout says, line by line."""
    lines: list[str] = []
    for block in blocks:
        match block:
            case Paragraph() | Heading():
                lines.append(block.text)
            case Pairs():
                lines += [f"{name.text}: {value.text}" for name, value in block.rows]
            case Entries():
                lines += [
                    " ".join([row.name.text, row.aside.text, *(cell.text for cell in row.figures)]).strip()
                    for row in block.rows
                ]
            case Preformatted():
                lines += block.lines
            case _:
                pass
    return lines


def guesses(company: Company, account: str, ago: int, number: int, *, hour: int = 20, apart: int = 4) -> None:
    for one in range(number):
        company.refused(account, at(ago, hour) + timedelta(seconds=apart * one), f"203.0.{one % 40}.7")


def spray(company: Company, ago: int, network: str = "198.51.100", accounts: int = 12) -> None:
    """A network that tries one password on all accounts, from several addresses."""
    for one in range(accounts):
        company.refused(f"person{one}@contoso.example", at(ago, 2, one), f"{network}.{one % 3 + 1}")


async def test_brute_force_of_an_account(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    guesses(company, "Person0@Contoso.example", 2, 200)
    guesses(company, "nobody@contoso.example", 2, 200)
    db = company.store(tmp_path)
    rows = await accounts_of(db)
    row = rows["Person0@Contoso.example"]
    assert (row.who, row.failures, row.addresses, row.networks, row.days) == (tried.Who.ACCOUNT, 200, 40, 40, 1)
    assert row.messages == 14
    assert row.verdict.pattern is Pattern.BRUTE_FORCE
    assert row.verdict.words == "200 failures from 40 addresses on Sat 21 Nov (threshold: 15 failures in a minute)"
    nobody = rows["nobody@contoso.example"]
    assert (nobody.who, nobody.messages, nobody.verdict.pattern) == (tried.Who.NAME, 0, Pattern.BRUTE_FORCE)
    assert nobody.verdict.words == (
        "200 failures on one day from 40 addresses; "
        "nobody has signed in or sent by this name, as far as the imported logs tell"
    )
    source = (await sources_of(db))["203.0.7.0/24"]
    assert (source.failures, source.names, source.accounts, source.messages) == (10, 2, 1, 0)
    assert (source.verdict.pattern, source.verdict.words) == (
        Pattern.BRUTE_FORCE,
        "5 failures of Person0@Contoso.example on Sat 21 Nov",
    )


async def test_a_spray_that_succeeds_once(tmp_path: Path) -> None:
    company = Company()
    staff(company, number=12)
    spray(company, 2)
    company.sends(TAKEN, at(2, 2, 30), client="198.51.100.9")
    db = company.store(tmp_path)
    async with await Store.open(db) as store:
        told = await tried.load(store, WEEK)
    assert told.accounts[0].account == TAKEN
    assert [row.verdict.pattern for row in told.accounts] == [Pattern.SUCCESS, *[Pattern.SPRAYING] * 11]
    assert told.accounts[0].verdict.words == (
        "signed in at 02:30 on Sat 21 Nov, where it never had before, after 12 failures from 198.51.100.0/24"
    )
    assert dict(told.accounts[0].verdict.also) == {
        Pattern.SPRAYING: "one of 12 accounts that 198.51.100.0/24 tried on Sat 21 Nov"
    }
    (source,) = (await sources_of(db)).values()
    assert (source.failures, source.names, source.accounts, source.messages) == (12, 12, 12, 1)
    assert source.verdict.pattern is Pattern.SUCCESS
    assert source.verdict.words == (f"{TAKEN} signed in at 02:30 on Sat 21 Nov from this network after 12 failures")
    # the rule says the same
    assert [one.unit for one in await found(db, "success")] == [TAKEN]
    flyout = texts((await flyout_of(db, TAKEN)).blocks)
    assert any("Ask the person" in line for line in flyout)
    assert "Sources; those from where it signed in come first" in flyout
    assert any("sasl_username=person0@contoso.example" in line for line in flyout)
    of_source = texts((await source_flyout_of(db, "198.51.100.0/24")).blocks)
    assert f"{TAKEN}: 1, account" in of_source
    assert f"{TAKEN}: 1 message" in of_source
    assert "fail2ban-client set postfix-sasl banip 198.51.100.0/24" in of_source


async def test_an_address_is_judged_by_what_came_from_it(tmp_path: Path) -> None:
    company = Company()
    staff(company, number=12)
    spray(company, 2)
    company.refused(TAKEN, at(2, 2, 29), "198.51.100.9", name="in.bad.example")
    company.sends(TAKEN, at(2, 2, 30), client="198.51.100.9", name="in.bad.example")
    company.works("web@contoso.example", range(60), client="198.51.100.3")  # others may send from that network
    db = company.store(tmp_path)
    sources = await sources_of(db, By.ADDRESS)
    there = sources.pop("198.51.100.9")
    assert (there.verdict.pattern, there.verdict.words) == (
        Pattern.SUCCESS,
        f"{TAKEN} signed in from here after 13 failures from its network; the first time at 02:30 on Sat 21 Nov",
    )
    assert {name: row.messages for name, row in sources.items()} == {
        "198.51.100.1": 0,
        "198.51.100.2": 0,
        "198.51.100.3": 14,
    }
    assert {row.verdict.pattern for row in sources.values()} == {Pattern.SPRAYING}
    hosts = await sources_of(db, By.HOST)
    assert hosts["in.bad.example"].verdict.pattern is Pattern.SUCCESS
    assert (await sources_of(db))["198.51.100.0/24"].verdict.pattern is Pattern.SUCCESS


async def test_what_has_no_key_is_not_one_source(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    company.refused(TAKEN, at(2, 8), "10.0.0.10")
    for one in range(9):
        company.refused(f"name{one}", at(2, 5, one), "192.0.2.66")
    db = company.store(tmp_path)
    row = (await sources_of(db, By.HOST))["(no host name)"]
    assert row.messages
    assert (row.verdict.pattern, row.verdict.words) == (
        Pattern.SEVERAL,
        "10 failures of 10 names from 2 addresses, which are not one source: look by address",
    )
    said = texts((await source_flyout_of(db, "(no host name)", By.HOST)).blocks)
    assert any("in the list by address" in line for line in said)
    assert not any("block" in line for line in said)
    country = write_mmdb(tmp_path / "country.mmdb", {"198.51.100.0/24": BRAZIL})
    places = await sources_of(db, By.COUNTRY, places=Places([str(country)]))
    # one address alone is a source, whatever is known of it
    assert places["(private network)"].verdict.pattern is Pattern.MISTYPED


async def test_stuffing_from_many_addresses(tmp_path: Path) -> None:
    company = Company()
    staff(company, number=25)
    for one in range(25):
        for again in range(2):
            when = at(2, 3) + timedelta(seconds=30 * one + again)
            company.refused(f"person{one}@contoso.example", when, f"203.{one}.{again}.9")
    rows = await accounts_of(company.store(tmp_path))
    assert {row.verdict.pattern for row in rows.values()} == {Pattern.STUFFING}
    assert rows[TAKEN].verdict.words == "one of 25 accounts tried from 50 addresses on Sat 21 Nov"
    sources = await sources_of(tmp_path / "store.db", By.ADDRESS)
    assert sources["203.7.1.9"].verdict == (
        Pattern.STUFFING,
        "one of 50 addresses that tried 25 accounts on Sat 21 Nov",
        (),
    )


async def test_an_old_password(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    company.works("scanner@contoso.example", range(5, 100), client="10.3.0.20", name="scan.contoso.example")
    company.works("ups@contoso.example", range(5, 100), client="10.3.0.21")
    for ago in range(5):
        for one in range(100):  # a device that hammers, as the rule has it
            company.refused("scanner@contoso.example", at(ago, 1) + timedelta(minutes=5 * one), "10.3.0.20")
        for one in range(6):  # one that tries a few times a day
            company.refused("ups@contoso.example", at(ago, 2 + one), "10.3.0.21")
    db = company.store(tmp_path)
    rows = await accounts_of(db)
    for name in ("scanner@contoso.example", "ups@contoso.example"):
        assert rows[name].verdict.pattern is Pattern.STALE
    assert rows["ups@contoso.example"].verdict.words == (
        "30 failures from 10.3.0.21 on 5 days; the account signs in from there"
    )
    assert "100 failures from 10.3.0.20" in rows["scanner@contoso.example"].verdict.words
    flyout = texts((await flyout_of(db, "scanner@contoso.example")).blocks)
    assert any("Set the new password in the device" in line for line in flyout)
    assert "10.3.0.20 scan.contoso.example 500 refused 4 accepted last refused 2026-11-23 09:15" in flyout
    assert "Sources; those with most failures come first" in flyout
    sources = await sources_of(db, By.ADDRESS)
    assert sources["10.3.0.20"].verdict.pattern is Pattern.STALE


async def test_people_mistype(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    for ago in (1, 3):
        company.refused(TAKEN, at(ago, 8, 0), "10.0.0.10")
        company.refused(TAKEN, at(ago, 8, 1), "10.0.0.10")
    company.refused("person1@contoso.example", at(2, 8), "198.51.100.7")
    db = company.store(tmp_path)
    rows = await accounts_of(db)
    assert (rows[TAKEN].verdict.pattern, rows[TAKEN].verdict.words) == (
        Pattern.MISTYPED,
        "4 failures from where the account signs in; 14 messages accepted",
    )
    other = rows["person1@contoso.example"].verdict
    assert (other.pattern, other.words) == (
        Pattern.FEW,
        "1 failure from 198.51.100.7 where the account never signed in",
    )
    sources = await sources_of(db, By.ADDRESS)
    assert sources["10.0.0.10"].verdict.pattern is Pattern.MISTYPED
    assert sources["10.0.0.10"].messages == 14
    assert any("ask before you block" in line for line in texts((await source_flyout_of(db, "10.0.0.0/24")).blocks))


async def test_a_list_of_names_and_a_proxy_that_hides_clients(tmp_path: Path) -> None:
    company = Company()
    staff(company, number=12)
    for one in range(30):
        company.refused(f"name{one}", at(2, 5, one), "192.0.2.66", name="bad.example")
    company.refused(TAKEN, at(2, 5, 40), "192.0.2.66", name="bad.example")
    # all people come through one address: they mistype, and nobody sprays
    for one in range(12):
        company.works(f"web{one}@contoso.example", range(60), client="10.9.0.1")
        company.refused(f"web{one}@contoso.example", at(2, 9, one), "10.9.0.1")
    db = company.store(tmp_path)
    sources = await sources_of(db, By.ADDRESS)
    assert (sources["192.0.2.66"].verdict.pattern, sources["192.0.2.66"].verdict.words) == (
        Pattern.NAMES,
        "tried 31 names, 1 of them is an account",
    )
    assert sources["10.9.0.1"].verdict.pattern is Pattern.MISTYPED
    rows = await accounts_of(db)
    assert rows["web3@contoso.example"].verdict.pattern is Pattern.MISTYPED
    assert rows["name3"].verdict == (
        Pattern.NAMES,
        "1 failure on 1 day from 1 address; "
        "nobody has signed in or sent by this name, as far as the imported logs tell",
        (),
    )
    flyout = texts((await source_flyout_of(db, "192.0.2.66", By.ADDRESS)).blocks)
    assert "Host name: bad.example" in flyout
    assert "Names tried: 31, 1 account among them" in flyout
    assert f"{TAKEN}: 1, account" in flyout
    assert flyout.index(f"{TAKEN}: 1, account") < flyout.index("name0: 1, no known account")
    assert "and 23 more" in flyout


async def test_who_works_through_a_list_does_not_guess_each_password_in_it(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    guesses(company, TAKEN, 2, 200)
    company.refused(TAKEN, at(2, 20, 5), "192.0.2.66")
    for one in range(30):
        company.refused(f"name{one}", at(2, 5, one), "192.0.2.66")
    sources = await sources_of(company.store(tmp_path), By.ADDRESS)
    assert sources["192.0.2.66"].verdict == (Pattern.NAMES, "tried 31 names, 1 of them is an account", ())
    assert sources["203.0.3.7"].verdict.pattern is Pattern.BRUTE_FORCE


async def test_a_slow_list_of_accounts_and_a_name_that_somebody_mistypes(tmp_path: Path) -> None:
    company = Company()
    staff(company, number=12)
    for one in range(12):
        company.refused(f"person{one}@contoso.example", at(one % 6, 3), "198.51.100.7")
    for one in range(12):  # who never signed in or sent may be an account all the same
        company.refused(f"person{one}@contoso.example" if one < 8 else f"new{one}", at(3, 4, one), "192.0.2.9")
        company.refused(f"new{one}", at(3, 4, one), "192.0.2.10")
    company.refused("person0@contoso.exmaple", at(2, 8), "10.0.0.10")
    sources = await sources_of(company.store(tmp_path), By.ADDRESS)
    assert (sources["198.51.100.7"].verdict.pattern, sources["198.51.100.7"].verdict.words) == (
        Pattern.NAMES,
        "tried 12 names, 12 of them are accounts",
    )
    assert sources["192.0.2.9"].verdict.words == "tried 12 names, 8 of them are accounts"
    assert sources["192.0.2.10"].verdict.words == "tried 12 names, none of them is a known account"
    assert sources["10.0.0.10"].verdict.pattern is Pattern.MISTYPED
    flyout = texts((await flyout_of(tmp_path / "store.db", "new9")).blocks)
    assert (
        "It is: no known account: nobody has signed in or sent by this name, as far as the imported logs tell"
    ) in flyout
    assert any("An account that was never used looks the same." in line for line in flyout)
    assert any("If you have no such account" in line for line in flyout)


async def test_what_the_log_does_not_name_is_not_guessed(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    for one in range(100):
        company.refused(None, at(2, 5) + timedelta(seconds=one), "192.0.2.66")
    db = company.store(tmp_path)
    async with await Store.open(db) as store:
        told = await tried.load(store, WEEK)
        assert not told.accounts
        assert tried.sentences(told) == ("100 failures: the log does not say whose password was tried.",)
        chart = await load_chart(store, WEEK, told)
    assert [(one.name, one.total) for one in chart.series] == [("name not logged", 100)]
    (row,) = told.names
    assert (row.account, row.who, row.verdict.pattern) == (None, tried.Who.NOT_LOGGED, Pattern.NOT_NAMED)
    (source,) = (await sources_of(db, By.ADDRESS)).values()
    assert (source.names, source.accounts, source.verdict.pattern) == (0, 0, Pattern.NOT_NAMED)


async def test_a_senders_address_that_is_no_login(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    company.works("jo", range(50), sender="jo@contoso.example", client="10.0.0.77")
    company.refused("jo@contoso.example", at(2, 5), "192.0.2.66")
    company.refused("JO", at(2, 5), "192.0.2.66")
    rows = await accounts_of(company.store(tmp_path))
    assert (rows["jo@contoso.example"].who, rows["jo@contoso.example"].messages) == (tried.Who.SENDER, 0)
    assert (rows["JO"].who, rows["JO"].messages) == (tried.Who.ACCOUNT, 14)


async def test_a_young_store_says_what_it_cannot_tell(tmp_path: Path) -> None:
    company = Company()
    staff(company, range(2))
    spray(company, 1)
    db = company.store(tmp_path)
    async with await Store.open(db) as store:
        said = tried.sentences(await tried.load(store, WEEK))
    assert any("The store knows 1 day before" in sentence for sentence in said)


async def test_an_allowed_network_makes_no_pattern(tmp_path: Path) -> None:
    company = Company()
    staff(company, number=12)
    spray(company, 2)
    db = company.store(tmp_path)
    assert (await accounts_of(db))[TAKEN].verdict.pattern is Pattern.SPRAYING
    with Notes(db) as notes:
        allow(notes, AllowedRow("network", "198.51.100.0/24", "our gateway", 0))
    rows = await accounts_of(db)
    assert (rows[TAKEN].failures, rows[TAKEN].verdict.pattern) == (1, Pattern.FEW)


async def test_addresses_that_may_not_be_shown_whole(tmp_path: Path) -> None:
    country = write_mmdb(tmp_path / "country.mmdb", {"198.51.100.0/24": BRAZIL})
    company = Company()
    staff(company, number=12)
    spray(company, 2)
    for one in range(6):
        company.refused(TAKEN, at(4, 3, one), "192.0.2.66", name="192-0-2-66.pool.isp.example")
    db = company.store(tmp_path)
    places = Places([str(country)], truncate=True)
    said = [
        *texts((await flyout_of(db, TAKEN, places)).blocks),
        *texts((await source_flyout_of(db, "198.51.100.0/24", By.ADDRESS, places)).blocks),
        *texts((await source_flyout_of(db, "192.0.2.0/24", By.ADDRESS, places)).blocks),
    ]
    for row in (await accounts_of(db, places=places)).values():
        said += [str(tried.fields(row)), *(cell.text for cell in tried.account_cells(row))]
    for by in By:
        if by is not By.AS:
            for source in (await sources_of(db, by, places=places)).values():
                said += [str(trying.fields(source)), *(cell.text for cell in trying.cells(source))]
    assert not [line for line in said if "198.51.100.1" in line.replace("198.51.100.0", "") or "192.0.2.66" in line]
    assert not [line for line in said if "192-0-2-66" in line]
    assert any("BR" in line for line in said)
    assert any("192.0.2.0/24" in line for line in said)


async def test_what_is_found_after_a_further_import_is_what_a_new_look_finds(tmp_path: Path) -> None:
    company = Company()
    staff(company, number=12)
    for ago in (5, 3):
        spray(company, ago)
    guesses(company, "person1@contoso.example", 4, 60)
    db = company.store(tmp_path)

    def said(told: tried.AllTried) -> dict[str, tuple[int, object]]:
        return {tried_label(row.account): (row.failures, row.verdict) for row in told.accounts}

    async with await Store.open(db) as store:
        first = said(await tried.load(store, WEEK))
        more = Company()
        for one in range(40):
            more.refused(TAKEN, at(2, 21) + timedelta(seconds=one), "203.0.113.4")
        more.sends(TAKEN, at(2, 22), client="203.0.113.4")
        more.store(tmp_path / "more")
        bring_in(db, tmp_path / "more" / "mail.log")
        second = said(await tried.load(store, WEEK))
    assert first[TAKEN] != second[TAKEN]
    assert second[TAKEN][0] == first[TAKEN][0] + 40
    async with await Store.open(db) as store:
        assert said(await tried.load(store, WEEK)) == second


@pytest.mark.parametrize(
    ("source", "servers", "command"),
    [
        ("203.0.113.7", ("postfix",), "fail2ban-client set postfix-sasl banip 203.0.113.7"),
        ("2001:db8:5::/48", ("exim",), "ip6tables -I INPUT -s 2001:db8:5::/48 -p tcp"),
        ("203.0.113.0/24", ("exchange",), "Add-IPBlockListEntry -IPRange 203.0.113.0/24"),
    ],
)
def test_commands_that_block(source: str, servers: tuple[str, ...], command: str) -> None:
    assert any(step.command.startswith(command) for step in block_steps(Pattern.SPRAYING, source, servers))


@pytest.mark.parametrize("source", ["unknown", "", "203.0.113.7; rm -rf /", "$(reboot)", "(private network)"])
def test_no_command_for_what_is_no_address(source: str) -> None:
    assert block_steps(Pattern.SPRAYING, source, ("postfix",)) == []


@pytest.mark.parametrize("seed", range(3))
async def test_numbers_against_a_naive_count(tmp_path: Path, seed: int) -> None:
    dice, company = random.Random(seed), Company()
    staff(company, range(12), number=4)
    facts: list[tuple[int, str | None, str]] = []
    clients = [f"203.0.{dice.randrange(3)}.{dice.randrange(1, 9)}" for _ in range(20)]
    clients += ["10.0.0.10", "2001:db8:5::7", "2001:db8:5:1::9"]
    names = [*(f"person{one}@contoso.example" for one in range(4)), "root", "admin", "Root", None]
    for _ in range(400):
        ago, name, client = dice.randrange(10), dice.choice(names), dice.choice(clients)
        when = at(ago, dice.randrange(12), dice.randrange(60), dice.randrange(60))
        company.refused(name, when, client)
        facts.append((ago, name.casefold() if name else None, client))
    db = company.store(tmp_path)
    within = [(name, client) for ago, name, client in facts if ago < 7]
    rows = await accounts_of(db)
    by_name = Counter(name for name, _ in within)
    assert {row.account.casefold() if row.account else None: row.failures for row in rows.values()} == by_name
    for row in rows.values():
        name = row.account.casefold() if row.account else None
        assert row.addresses == len({client for one, client in within if one == name})
        assert row.days == len({ago for ago, one, _ in facts if one == name and ago < 7})
        assert row.is_account is bool(name and name.startswith("person"))
        assert row.messages == (14 if row.is_account else 0)
        if row.is_account:
            assert row.networks == len({network_of(client) for one, client in within if one == name})
    for by, key in ((By.ADDRESS, lambda client: str(ip_address(client))), (By.NETWORK, network_of)):
        tries: dict[str, list[str | None]] = defaultdict(list)
        for one, client in within:
            tries[key(client)].append(one)
        sources = await sources_of(db, by)
        assert {name: row.failures for name, row in sources.items()} == {one: len(some) for one, some in tries.items()}
        for name, row in sources.items():
            tried_there = {one for one in tries[name] if one}
            assert row.names == len(tried_there)
            assert row.accounts == len({one for one in tried_there if one.startswith("person")})
        home = sources.get("10.0.0.10" if by is By.ADDRESS else "10.0.0.0/24")
        assert home is not None
        assert home.messages == (14 if by is By.ADDRESS else 56)
    async with await Store.open(db) as store:
        told = await tried.load(store, WEEK)
        chart = await load_chart(store, WEEK, told)
    assert chart.total == len(within)
    assert chart.series[0].total == sum(row.failures for row in told.accounts)


def test_reports_load_no_rules() -> None:
    """The first picture loads the reports, and asks none of them for patterns."""
    words = "import sys, smtpauth_tui.reports; print('smtpauth_tui.rules' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", words], text=True).strip() == "False"
