"""What stands above and below a chart of many series, in as much room as there is."""

from datetime import timedelta
from pathlib import Path

import pytest
from textual.content import Content

from smtpauth_tui.widgets.palette import fitted
from tests.rules.company import Company, at, staff
from tests.screens.conftest import Opener


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("days", ["2", "3", "9"])
async def test_the_rest_of_the_sources_is_named(
    demo_db: Path, interface: Opener, size: tuple[int, int], days: str
) -> None:
    async with interface(demo_db, size) as seen:
        await seen.press("F", "v", "v", "f", days)
        legend = "\n".join(seen.text.splitlines()[-4:-1])
        assert " others" in legend
        assert legend.count("203.0.113.") + legend.count("192.0.2.") == 4


@pytest.mark.parametrize("width", [80, 100, 120])
async def test_long_names_leave_room_for_the_rest(tmp_path: Path, interface: Opener, width: int) -> None:
    company = Company()
    staff(company)
    for one in range(9):
        for again in range(1200 - 100 * one):
            client = f"2001:db8:{one:x}aaa:bbbb:cccc:dddd:eeee:{one + 1:x}"
            company.refused("root", at(1, 5) + timedelta(seconds=again), client)
    async with interface(company.store(tmp_path), (width, 24)) as seen:
        await seen.press("F", "v", "v", "left")
        rows = seen.text.splitlines()
        assert "5 others" in "\n".join(rows[-4:-1])
        assert "5 others" in "\n".join(rows[2:6])


def test_the_rest_stays_whatever_the_room() -> None:
    parts = [Content(f"series {one} 1,234 (5.00 %)") for one in range(9)] + [Content("900 others")]
    short = [Content(f"s{one}") for one in range(9)] + [Content("900 others")]
    for width in range(1, 200):
        for rows in (1, 2, 3):
            for ends in (True, False):
                said = fitted(iter([parts, short]), width, rows, ends=ends).plain.split("\n")
                assert len(said) <= rows or (width < 20 and rows < 3)
                assert all(len(row) <= width for row in said)
                assert not ends or said[-1].endswith("900 others"[:width][:-1] + "…" if width < 10 else "900 others")
    assert fitted([parts, short], 28, 3, ends=True).plain == "s0   s1   s2   s3   s4   s5\ns6   s7   s8   900 others"
    assert fitted([parts, short], 16, 3, ends=True).plain == "s0   s1   s2\ns3   and 5 more\n900 others"
    assert fitted([parts, short], 16, 2, ends=False).plain == "s0   s1   s2\ns3   and 6 more"
