"""Who is new, returned or silent, on the screen."""

from pathlib import Path
from shutil import copy

import pytest

from tests.reports.test_accounts import company
from tests.rules.company import Company, staff
from tests.screens.conftest import Opener


@pytest.fixture(scope="module")
def company_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return company().store(tmp_path_factory.mktemp("company"))


async def test_each_view_lists_its_accounts(
    company_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interface: Opener
) -> None:
    monkeypatch.chdir(tmp_path)
    copy(company_file, tmp_path / "demo.db")
    async with interface(Path("demo.db")) as seen:
        await seen.press("n")
        assert "1 new, 2 returned, 1 expected but not seen" in seen.text
        assert "new.hire@" in seen.text and "gone@" in seen.text and "backup@" not in seen.text
        await seen.press("v")
        assert "new.hire@" in seen.text and "gone@" not in seen.text
        await seen.press("v", "v")
        assert "gone@" in seen.text and "new.hire@" not in seen.text
        await seen.press("enter")
        assert "Expected but not seen: nothing since 19 Nov" in seen.text
        await seen.press("escape", "slash", *"xyz")
        assert "No account like that" in seen.text
        await seen.press("escape", "escape")
        assert "users and service accounts" in seen.text


async def test_a_young_store_says_that_it_cannot_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interface: Opener
) -> None:
    young = Company()
    staff(young, range(5))
    monkeypatch.chdir(tmp_path)
    young.store(tmp_path).rename(tmp_path / "demo.db")
    async with interface(Path("demo.db")) as seen:
        await seen.press("n")
        assert "No such accounts in these days." in seen.text
        assert "\\x0a" not in seen.text
        assert "it cannot tell" in " ".join(seen.text.split())
