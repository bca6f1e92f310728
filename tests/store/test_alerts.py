"""Mails of findings in the outbox: each finding once, whenever the process that queues them is killed."""

import os
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from smtpauth_tui.store.alerts import REPORT, Episode, Told, once_of, queue, told
from smtpauth_tui.store.notes import Notes
from smtpauth_tui.store.outbox import NewMail, Outbox

NOW = 1_795_000_000
ONE, TWO, THREE = (Episode("U9", f"{name}@contoso.example", 20_000, 20_001) for name in ("ana", "bo", "cy"))
ALL = [[ONE], [TWO, THREE]]


def mail(*episodes: Episode) -> NewMail:
    subject = " ".join(one.unit for one in episodes)
    return NewMail(
        f"<{uuid4().hex}@x.example>", REPORT, subject, "r@x.example", ("a@x.example",), b"x", once_of(episodes)
    )


def queue_all(notes: Notes, outbox: Outbox, groups: list[list[Episode]]) -> None:
    """What the command does: what nobody was told of, each group in a mail."""
    known = told(notes, outbox)
    left = [[one for one in some if not known.knows(one)] for some in groups]
    for some in left:
        if some:
            queue(notes, outbox, mail(*some), some, NOW)


def subjects(db: Path) -> list[str]:
    with Outbox(db) as outbox:
        return [row.subject for row in reversed(outbox.mails())]


def killed_at(db: Path, statement: int) -> bool:
    """Whether a process that queues all was killed at one of its statements; else it came to its end."""
    child = os.fork()
    if not child:
        with Notes(db) as notes, Outbox(db) as outbox:
            count = 0

            def dies(_: str) -> None:
                nonlocal count
                count += 1
                if count == statement:
                    os.kill(os.getpid(), signal.SIGKILL)

            for beside in (notes, outbox):
                beside._connection.set_trace_callback(dies)
            queue_all(notes, outbox, ALL)
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("meanwhile", [[], [[Episode("U4", "dee@contoso.example", 20_001, 20_001)]]])
def test_each_finding_is_queued_once_wherever_the_process_is_killed(
    tmp_path: Path, meanwhile: list[list[Episode]]
) -> None:
    """*meanwhile*: what was found before the next check, so that mails of several would not be the same again."""
    statement = 0
    while True:
        statement += 1
        db = tmp_path / f"{statement}.db"
        with Notes(db), Outbox(db):
            pass
        died = killed_at(db, statement)
        with Notes(db) as notes, Outbox(db) as outbox:
            queue_all(notes, outbox, [ALL[0], [*ALL[1], *(one for some in meanwhile for one in some)]])
            queue_all(notes, outbox, ALL)
            told_units = Counter(word for subject in subjects(db) for word in subject.split())
            assert set(told_units.values()) == {1}, (statement, told_units)
            assert len(told_units) == 3 + len(meanwhile)
            assert len(notes._rows("SELECT * FROM mailed WHERE rule = 'U9'")) >= 1
        if not died:
            break
    assert statement > 15


def test_a_mail_that_cannot_be_queued_leaves_its_finding_untold(tmp_path: Path) -> None:
    db = tmp_path / "store.db"
    with Notes(db) as notes, Outbox(db) as outbox:
        outbox._connection.execute("PRAGMA query_only = ON")
        with pytest.raises(Exception, match="outbox"):
            queue(notes, outbox, mail(ONE), [ONE], NOW)
        outbox._connection.execute("PRAGMA query_only = OFF")
        assert not told(notes, outbox).knows(ONE)
        assert queue(notes, outbox, mail(ONE), [ONE], NOW) == 1


def test_another_process_that_was_first(tmp_path: Path) -> None:
    db = tmp_path / "store.db"
    with Notes(db) as notes, Outbox(db) as outbox:
        assert queue(notes, outbox, mail(ONE), [ONE], NOW) == 1
        assert queue(notes, outbox, mail(ONE), [ONE], NOW) is None
    assert subjects(db) == [ONE.unit]


def moved(change: Callable[[Episode], Episode]) -> bool:
    return Told([ONE]).knows(change(ONE))


def test_a_finding_whose_days_have_moved_is_the_same() -> None:
    assert moved(lambda one: one)
    assert moved(lambda one: one._replace(until=20_009))
    assert moved(lambda one: one._replace(since=19_990))
    assert moved(lambda one: one._replace(since=20_001, until=20_001, unit=one.unit.upper()))
    assert not moved(lambda one: one._replace(since=20_003, until=20_003))
    assert not moved(lambda one: one._replace(since=19_990, until=19_998))
    assert not moved(lambda one: one._replace(rule="U4"))
    assert not moved(lambda one: one._replace(unit="bo@contoso.example"))
