"""Each example log, cut in two at any line: two imports, in either order, bring what one import of the whole brings."""

from itertools import count
from pathlib import Path

import pytest

from tests.logs import bring_in, contents, touch

EXAMPLES = Path(__file__).parent.parent / "formats"
LOGS = sorted(path for path in EXAMPLES.glob("*/*.log"))
MOST_CUTS = 8


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def cuts(lines: list[str]) -> list[int]:
    """Where to cut: at each line of a short log, else spread over it."""
    step = max(1, len(lines) // MOST_CUTS)
    return list(range(1, len(lines), step))


def parts(folder: Path, lines: list[str], cut: int) -> tuple[Path, Path]:
    folder.mkdir()
    older, newer = folder / "mail.log.1", folder / "mail.log"
    older.write_text("".join(lines[:cut]), encoding="utf-8")
    newer.write_text("".join(lines[cut:]), encoding="utf-8")
    return touch(older), touch(newer)


@pytest.mark.parametrize("log", LOGS, ids=named)
def test_older_part_first(tmp_path: Path, log: Path) -> None:
    lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
    whole = tmp_path / "whole.db"
    (tmp_path / "mail.log").write_text("".join(lines), encoding="utf-8")
    bring_in(whole, touch(tmp_path / "mail.log"))
    for number, cut in zip(count(), cuts(lines), strict=False):
        db = tmp_path / f"{number}.db"
        for part in parts(tmp_path / str(number), lines, cut):
            bring_in(db, part)
        assert contents(db) == contents(whole), cut


@pytest.mark.parametrize("log", LOGS, ids=named)
def test_newer_part_first(tmp_path: Path, log: Path) -> None:
    lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
    whole = tmp_path / "whole.db"
    (tmp_path / "mail.log").write_text("".join(lines), encoding="utf-8")
    bring_in(whole, touch(tmp_path / "mail.log"))
    for number, cut in zip(count(), cuts(lines), strict=False):
        db = tmp_path / f"{number}.db"
        older, newer = parts(tmp_path / str(number), lines, cut)
        bring_in(db, newer)
        bring_in(db, older)
        assert contents(db) == contents(whole), cut
