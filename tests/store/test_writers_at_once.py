"""Two imports that take turns: what is counted ahead is what one import after the other would give."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from smtpauth_tui.model import Submission
from smtpauth_tui.store.writer import Writer
from tests.logs import asked, contents
from tests.store.facts import DAY, NOON, fill, sent, source_read


def facts(who: str, days: Sequence[int]) -> list[Submission]:
    return [sent(f"{who}{day}", NOON + day * DAY, account=f"{who}@shop.example") for day in days]


def write(writer: Writer, submissions: list[Submission], *, last: bool = False) -> None:
    writer.begin()
    writer.add(submissions, [], writer.source(source_read(submissions[0].account)))
    if last:
        writer.finish()
    writer.commit()


def ahead(db: Path) -> list[object]:
    """What is counted ahead, with names in place of numbers."""
    names = "(SELECT text FROM address WHERE id = sender)"
    windows = asked(db, f"SELECT {names} AS name, * FROM window ORDER BY span, name")
    totals = asked(db, "SELECT name, * FROM daily_total JOIN domain ON domain.id = domain ORDER BY day, name, tls")
    return [
        [(name, span, *rest) for name, span, _, *rest in windows],
        [(name, row[0], *row[2:-2]) for name, *row in totals],
        asked(db, "SELECT * FROM setting ORDER BY name"),
    ]


@pytest.mark.parametrize("order", ["abAB", "abBA", "baAB", "aBA", "bAB", "aAB"])
def test_imports_that_take_turns(tmp_path: Path, order: str) -> None:
    """A small letter is a file that an import writes, a large one its last file."""
    db = tmp_path / "store.db"
    fill(db, facts("old", [0, 1]))
    writers = {"a": Writer(db, "UTC"), "b": Writer(db, "UTC")}
    pieces = {"a": facts("ana", [2, 3]), "b": facts("bo", [1, 4]), "A": facts("ana", [5]), "B": facts("bo", [6, 9])}
    for sign in order:
        write(writers[sign.lower()], pieces[sign], last=sign.isupper())
    for writer in writers.values():
        writer.close()
    together = tmp_path / "together.db"
    one = Writer(together, "UTC")
    write(one, [*facts("old", [0, 1]), *(fact for sign in order for fact in pieces[sign])], last=True)
    one.close()
    assert contents(db) == contents(together)
    assert ahead(db) == ahead(together)
