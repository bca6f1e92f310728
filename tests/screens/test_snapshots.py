"""Every station of the interface, at the smallest and at a usual size: as text and as a picture."""

from pathlib import Path
from shutil import copy

import pytest

from smtpauth_tui.cli.checking import check
from smtpauth_tui.cli.findings import findings
from tests.reports.test_accounts import company
from tests.rules.test_check_command import run
from tests.screens.conftest import Opener, compare
from tests.screens.found import some_findings
from tests.screens.mails import some_mails

STATIONS = {
    "dashboard": (),
    "flyout-clients": ("enter",),
    "flyout-outdated-tls": ("right", "enter"),
    "flyout-failures": ("right", "right", "enter"),
    "flyout-unusual": (*["right"] * 3, "enter"),
    "flyout-basic": (*["right"] * 4, "enter"),
    "flyout-data": (*["right"] * 5, "enter"),
    "report-volume": ("enter", "enter"),
    "report-tls": ("enter", "enter", "v"),
    "report-auth": ("enter", "enter", "v", "v"),
    "report-day": ("enter", "enter", "v", "left", "left", "left"),
    "report-90-days": ("enter", "enter", "f", "9"),
    "report-domain": ("enter", "enter", "v", "d", "f", "a", "b", "enter"),
    "domains": ("enter", "enter", "d"),
    "filters": ("enter", "enter", "f"),
    "filters-wrong-date": ("enter", "enter", "f", "tab", "tab", "tab", "end", "backspace", "backspace", "9", "9"),
    "details-volume": ("enter", "enter", "t"),
    "details-tls": ("enter", "enter", "v", "t", "down", "down"),
    "details-auth": ("enter", "enter", "v", "v", "t", "s", "s", "s"),
    "details-search": ("enter", "enter", "v", "t", "slash", "s", "c", "a", "n"),
    "sender": ("enter", "enter", "v", "t", "slash", "s", "c", "a", "n", "-", "2", "enter", "enter"),
    "sender-sources": ("enter", "enter", "v", "t", "slash", "m", "a", "r", "a", "enter", "enter", *["down"] * 12),
    "imports": ("I",),
    "imports-source": ("I", "enter"),
    "failures-chart": ("F",),
    "failures-chart-networks": ("F", "v", "v", "v", "left", "left", "left", "left", "left"),
    "failures-accounts": ("F", "t"),
    "failures-names": ("F", "v", "t", "s", "down"),
    "failures-addresses": ("F", "t", "v", "v", "slash", *"2001:db8"),
    "failures-networks": ("F", "t", "v", "v", "v"),
    "failures-account": ("F", "t", "enter"),
    "failures-account-end": ("F", "t", "enter", "G"),
    "failures-source": ("F", "t", "v", "v", "v", "down", "enter"),
    "failures-source-end": ("F", "t", "v", "v", "v", "down", "enter", "G"),
    "failures-90-days": ("F", "f", "9"),
    "help": ("enter", "enter", "question_mark"),
    "menu": ("enter", "enter", "m"),
    "menu-details": ("v", "t", "m", "down", "down"),
    "palette": ("enter", "enter", "colon"),
}
OF_MAIL = {
    "request": ("v", "r", *"ada@contoso.example"),
    "request-ready": ("v", "v", "d", *"fab", "enter", "r", *"ada@contoso.example ops@fabrikam.example", "enter"),
    "request-wrong": ("v", "t", "r", *"ada@contoso.example,bob@adatum.example,", "up", "up", "9"),
    "outbox": ("o", "down", "down"),
    "outbox-refused": ("o", "down", "down", "down"),
    "outbox-mail": ("o", "down", "down", "down", "enter"),
    "menu-outbox": ("o", "m", "down", "down"),
}
OF_FINDINGS = {
    "findings": ("u", "down"),
    "findings-all": ("u", "v", "down", "down"),
    "findings-filters": ("u", "f", "right"),
    "finding": ("u", "enter"),
    "finding-evidence": ("u", "down", "down", "enter", *["down"] * 18),
    "finding-to-do": ("u", "enter", "G"),
    "acknowledge": ("u", "a", *"a drill"),
    "allow": ("u", "A", "down"),
    "exceptions": ("u", "e"),
    "rules": ("u", "p"),
    "limits": ("u", "p", "g", *["down"] * 4, "enter", "tab", "9", "0", "0", "enter"),
}
SIZES = {"80x24": (80, 24), "120x40": (120, 40)}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("station", STATIONS)
async def test_station(station: str, size: str, demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db, SIZES[size]) as seen:
        await seen.press(*STATIONS[station])
        await compare(f"{station}-{size}", seen)


@pytest.fixture
def mail_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Mail by a server, to two domains."""
    path = tmp_path / "config" / "smtpauth-tui" / "config.toml"
    path.parent.mkdir(parents=True)
    domains = "['contoso.example', 'fabrikam.example']"
    path.write_text(
        f"[mail]\nhost = 'smtp.contoso.example'\nuser = 'reports@contoso.example'\nallowed_domains = {domains}\n"
    )
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return path


@pytest.mark.usefixtures("mail_settings")
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("station", OF_MAIL)
async def test_mail(station: str, size: str, demo_db: Path, interface: Opener) -> None:
    if "outbox" in station:
        some_mails(demo_db)
    async with interface(demo_db, SIZES[size]) as seen:
        await seen.press(*OF_MAIL[station])
        await compare(f"{station}-{size}", seen)


@pytest.mark.parametrize("size", SIZES)
async def test_mail_that_is_not_set_up(
    size: str, demo_db: Path, mail_settings: Path, monkeypatch: pytest.MonkeyPatch, interface: Opener
) -> None:
    mail_settings.write_text("[mail]\nfrom = 'reports@contoso.example'\n")
    monkeypatch.setattr("smtpauth_tui.mailing.options.SENDMAIL_PLACES", ())
    async with interface(demo_db, SIZES[size]) as seen:
        await seen.press("r")
        await compare(f"request-not-set-up-{size}", seen)
        await seen.press("escape", "o")
        await compare(f"outbox-empty-{size}", seen)


@pytest.fixture
def looked(demo_db: Path) -> Path:
    """The demo's store when all rules have looked, and somebody has said something."""
    run(check, demo_db, "--quiet")
    run(findings, demo_db, "ack", "hours", "mara@contoso.example", "--reason", "works at night", "--for", "30d")
    run(findings, demo_db, "allow", "host", ".lan.contoso.example", "--reason", "our own hosts")
    return demo_db


@pytest.mark.usefixtures("at_noon")
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("station", OF_FINDINGS)
async def test_findings(station: str, size: str, looked: Path, interface: Opener) -> None:
    async with interface(looked, SIZES[size]) as seen:
        await seen.press(*OF_FINDINGS[station])
        await compare(f"{station}-{size}", seen)


@pytest.mark.parametrize("size", SIZES)
async def test_findings_nobody_looked_for(size: str, demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db, SIZES[size]) as seen:
        await seen.press("u")
        await compare(f"findings-never-{size}", seen)


@pytest.mark.parametrize("size", SIZES)
async def test_findings_on_the_dashboard(size: str, demo_db: Path, interface: Opener) -> None:
    some_findings(demo_db)
    async with interface(demo_db, SIZES[size]) as seen:
        await compare(f"dashboard-findings-{size}", seen)
        await seen.press(*["right"] * 3, "enter")
        await compare(f"flyout-findings-{size}", seen)


@pytest.fixture(scope="session")
def company_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of a company with new, returned and silent accounts."""
    return company().store(tmp_path_factory.mktemp("company"))


@pytest.mark.parametrize("size", SIZES)
async def test_accounts(
    size: str, company_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interface: Opener
) -> None:
    monkeypatch.chdir(tmp_path)
    copy(company_file, tmp_path / "demo.db")
    async with interface(Path("demo.db"), SIZES[size]) as seen:
        await seen.press("n")
        await compare(f"accounts-{size}", seen)
        await seen.press("down", "down", "down", "enter")
        await compare(f"accounts-silent-{size}", seen)
        await seen.press("escape", "v", "v", "v", "v", "s")
        await compare(f"accounts-active-{size}", seen)


@pytest.mark.parametrize("size", SIZES)
async def test_no_store(size: str, demo_db: Path, interface: Opener) -> None:
    demo_db.unlink()
    async with interface(demo_db, SIZES[size]) as seen:
        await compare(f"no-store-{size}", seen)


async def test_too_small(demo_db: Path, interface: Opener) -> None:
    async with interface(demo_db, (60, 20)) as seen:
        await compare("too-small-60x20", seen)
