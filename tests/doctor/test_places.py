"""The doctor opens the files that tell places, and says what they tell and how old they are."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from smtpauth_tui.clock import Clock
from smtpauth_tui.doctor.findings import Finding, Patient, Severity
from smtpauth_tui.doctor.places import place_files
from tests.mmdb import BUILT, GERMANY, write_mmdb


async def of(folder: Path, *files: str, days: int = 5) -> list[Finding]:
    clock = Clock(lambda: datetime.fromtimestamp(BUILT, UTC) + timedelta(days=days))
    environment = {"HOME": str(folder), "SMTPAUTH_TUI_PLACES_DATABASES": ":".join(files)}
    (folder / "config.toml").touch()
    return await place_files(Patient(folder / "store.db", clock, folder / "config.toml", environment=environment))


async def test_no_file(tmp_path: Path) -> None:
    (found,) = await of(tmp_path)
    assert (found.severity, found.what[:24]) == (Severity.OK, "No .mmdb file is named: ")


async def test_what_a_file_tells(tmp_path: Path) -> None:
    record = {**GERMANY, "location": {"latitude": 52.5, "longitude": 13.4}, "asn": 64500}
    path = write_mmdb(tmp_path / "x.mmdb", {"192.0.2.0/24": record}, title="City")
    (found,) = await of(tmp_path, str(path))
    assert found.severity is Severity.OK
    assert found.what == f"{path} (City) tells countries, AS, locations, as of 2026-11-18."


async def test_old_file(tmp_path: Path) -> None:
    path = write_mmdb(tmp_path / "x.mmdb", {"192.0.2.0/24": GERMANY})
    (found,) = await of(tmp_path, str(path), days=101)
    assert found.severity is Severity.NOTICE
    assert "101 days ago" in found.what
    assert found.todo


@pytest.mark.parametrize("name", ["gone.mmdb", "config.toml"])
async def test_file_of_no_use(tmp_path: Path, name: str) -> None:
    (found,) = await of(tmp_path, str(tmp_path / name))
    assert found.severity is Severity.WARNING
    assert name in found.what
    assert found.todo
