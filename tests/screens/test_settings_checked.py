"""What the settings say of the interface is checked before it opens."""

from pathlib import Path

import pytest

from smtpauth_tui.app import SmtpAuthApp, _check
from smtpauth_tui.errors import UsageError
from smtpauth_tui.settings import Settings
from tests.screens.conftest import CLOCK


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Settings(db=Path("x.db"), theme="nope"), "There is no theme 'nope'. Themes are: "),
        (Settings(db=Path("x.db"), keys={"report.nothing": "w"}), "No key has the id 'report.nothing'."),
    ],
)
async def test_what_there_is_not_is_told(settings: Settings, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        _check(settings, SmtpAuthApp(settings, CLOCK))


async def test_what_there_is_passes() -> None:
    settings = Settings(db=Path("x.db"), theme="nord", keys={"report.next-view": "w"})
    _check(settings, SmtpAuthApp(settings, CLOCK))
