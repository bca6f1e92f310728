"""The outbox: nothing is lost, nothing is in two hands, and each recipient has an answer of his own."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from smtpauth_tui.errors import StoreError
from smtpauth_tui.store.outbox import (
    GIVE_UP,
    KEPT,
    LEASE,
    PAUSES,
    Answer,
    MailState,
    NewMail,
    Outbox,
    Outcome,
    RecipientState,
    TakenMail,
)

NOW = 1_700_000_000
MAIL = NewMail("<1@contoso.example>", "tls", "Report", "r@contoso.example", ("a@x.example", "b@x.example"), b"mail")
TAKEN, LATER, REFUSED = (Answer(outcome, f"{outcome} by the server") for outcome in Outcome)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def outbox(store: Path):
    with Outbox(store) as opened:
        yield opened


def taken(outbox: Outbox, now: int = NOW) -> TakenMail:
    mail = outbox.take(now)
    assert mail
    return mail


def state(outbox: Outbox, id: int = 1) -> MailState:
    mail = outbox.mail(id)
    assert mail
    return mail.state


def test_file_is_its_owners_alone(outbox: Outbox) -> None:
    assert stat.S_IMODE(outbox.path.stat().st_mode) == 0o600


def test_there_is_none_before_the_first_mail(store: Path) -> None:
    assert Outbox.open_existing(store) is None
    assert not Outbox.path_of(store).exists()


def test_mail_goes_from_queued_to_sent(outbox: Outbox) -> None:
    assert outbox.add(MAIL, NOW) == 1
    assert outbox.due(NOW)
    (row,) = outbox.mails()
    assert (row.state, row.tries, row.next_try, row.size) == (MailState.QUEUED, 0, NOW, 4)
    mail = taken(outbox)
    assert (mail.recipients, mail.message, mail.tries) == (MAIL.recipients, b"mail", 1)
    assert state(outbox) is MailState.SENDING
    assert not outbox.due(NOW)
    outbox.settle(mail, dict.fromkeys(mail.recipients, TAKEN), NOW + 5)
    (row,) = outbox.mails()
    assert (row.state, row.next_try, row.answer) == (MailState.SENT, None, "taken by the server")
    assert outbox.take(NOW + GIVE_UP) is None


def test_only_those_who_were_put_off_are_tried_again(outbox: Outbox) -> None:
    outbox.add(MAIL, NOW)
    outbox.settle(taken(outbox), {"a@x.example": TAKEN, "b@x.example": LATER}, NOW)
    (row,) = outbox.mails()
    assert (row.state, row.next_try, row.answer) == (MailState.QUEUED, NOW + PAUSES[0], LATER.text)
    assert [one.state for one in row.recipients] == [RecipientState.TAKEN, RecipientState.WAITING]
    assert outbox.take(NOW + PAUSES[0] - 1) is None
    again = taken(outbox, NOW + PAUSES[0])
    assert again.recipients == ("b@x.example",)
    assert again.message_id == MAIL.message_id
    outbox.settle(again, {"b@x.example": REFUSED}, NOW + 100)
    assert state(outbox) is MailState.FAILED


def test_pauses_grow_to_a_day_and_end_after_five(outbox: Outbox) -> None:
    outbox.add(replace(MAIL, recipients=("a@x.example",)), NOW)
    now, pauses = NOW, []
    while (row := outbox.mail(1)) and row.next_try is not None:
        pauses.append(row.next_try - now)
        now = row.next_try
        outbox.settle(taken(outbox, now), {"a@x.example": LATER}, now)
    assert pauses[1:] == [*PAUSES, *[PAUSES[-1]] * (len(pauses) - 1 - len(PAUSES))]
    assert pauses[-1] == 86_400
    assert GIVE_UP <= now - NOW <= GIVE_UP + 86_400
    assert row
    assert row.state is MailState.FAILED
    assert row.answer == f"Given up after 5 days: {LATER.text}"


def test_nobody_takes_what_is_in_hand(outbox: Outbox, store: Path) -> None:
    outbox.add(MAIL, NOW)
    first = taken(outbox)
    with Outbox(store) as other:
        assert other.take(NOW + LEASE - 1) is None
        assert outbox.hold(first, NOW + LEASE - 1)
        assert other.take(NOW + LEASE + 1) is None
        second = taken(other, NOW + 2 * LEASE)  # it did not ask for more time
        assert not outbox.hold(first, NOW + 2 * LEASE)
        outbox.settle(first, {"a@x.example": TAKEN}, NOW + 2 * LEASE)  # late, and true all the same
        assert state(other) is MailState.SENDING
        other.settle(second, {"a@x.example": LATER, "b@x.example": TAKEN}, NOW + 2 * LEASE)
    assert state(outbox) is MailState.SENT


def test_mail_of_a_killed_process_is_taken_over_at_once(outbox: Outbox, store: Path) -> None:
    outbox.add(MAIL, NOW)
    code = f"""
import sys, time
from pathlib import Path
from smtpauth_tui.store.outbox import Outbox
Outbox(Path({str(store)!r})).take({NOW})
print("taken", flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as other:
        assert other.stdout
        assert other.stdout.readline() == b"taken\n"
        assert outbox.take(NOW) is None
        assert not outbox.cancel(1, NOW)
        other.send_signal(signal.SIGKILL)
    assert outbox.due(NOW)
    mail = taken(outbox)
    assert mail.tries == 2
    assert "ended before an answer was noted" in outbox.mails()[0].answer


def test_same_report_once(outbox: Outbox) -> None:
    once = replace(MAIL, once="tls 2026-11-16 2026-11-22")
    assert outbox.add(once, NOW) == 1
    again = replace(once, message_id="<2@contoso.example>")
    assert outbox.add(again, NOW) is None
    outbox.settle(taken(outbox), dict.fromkeys(MAIL.recipients, REFUSED), NOW)
    assert outbox.add(again, NOW) == 2  # what failed may be asked for again


def test_retry_and_cancel(outbox: Outbox) -> None:
    outbox.add(MAIL, NOW)
    assert not outbox.retry(7, NOW)
    assert not outbox.cancel(7, NOW)
    outbox.settle(taken(outbox), {"a@x.example": TAKEN, "b@x.example": REFUSED}, NOW)
    assert not outbox.cancel(1, NOW)
    assert outbox.retry(1, NOW + 9)
    assert taken(outbox, NOW + 9).recipients == ("b@x.example",)
    assert not outbox.retry(1, NOW + 9)  # in hand
    outbox.add(replace(MAIL, message_id="<2@contoso.example>"), NOW)
    assert outbox.cancel(2, NOW)
    assert state(outbox, 2) is MailState.CANCELLED
    assert outbox.take(NOW) is None
    assert outbox.retry(2, NOW)
    assert taken(outbox).id == 2


def test_recipients_used_before(outbox: Outbox) -> None:
    outbox.add(MAIL, NOW)
    outbox.add(replace(MAIL, message_id="<2@x>", recipients=("c@x.example", "b@x.example")), NOW)
    assert outbox.known_recipients() == ["c@x.example", "b@x.example", "a@x.example"]
    assert outbox.known_recipients(1) == ["c@x.example"]


def test_what_is_done_with_is_forgotten_after_90_days(outbox: Outbox) -> None:
    outbox.add(MAIL, NOW)
    outbox.add(replace(MAIL, message_id="<2@x>"), NOW)
    outbox.settle(taken(outbox), dict.fromkeys(MAIL.recipients, TAKEN), NOW)
    outbox.add(replace(MAIL, message_id="<3@x>"), NOW + KEPT + 1)
    assert [row.id for row in outbox.mails()] == [3, 2]


def test_another_file_is_refused_and_left_as_it_is(store: Path) -> None:
    with sqlite3.connect(Outbox.path_of(store)) as other:
        other.execute("CREATE TABLE theirs (x)")
    with pytest.raises(StoreError, match="holds no outbox of smtpauth-tui"):
        Outbox(store)
    Outbox.path_of(store).write_bytes(b"no database at all, but long enough to be looked at" * 40)
    with pytest.raises(StoreError, match="failed"):
        Outbox(store)


def test_newer_outbox_is_refused(store: Path, outbox: Outbox) -> None:
    with sqlite3.connect(outbox.path) as other:
        other.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="newer smtpauth-tui"):
        Outbox(store)


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_folder_of_somebody_else(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="cannot be made"):
        Outbox(tmp_path / "store.db")


def test_two_processes_never_take_the_same(store: Path, outbox: Outbox) -> None:
    for number in range(60):
        outbox.add(replace(MAIL, message_id=f"<{number}@x>"), NOW)
    code = f"""
from pathlib import Path
from smtpauth_tui.store.outbox import Outbox
box = Outbox(Path({str(store)!r}))
while mail := box.take({NOW}):
    print(mail.id)
print("end", flush=True)
input()
"""
    command = [sys.executable, "-c", code]
    workers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    found: list[int] = []
    for worker in workers:  # none ends before all have looked: what it had in hand would be free again
        assert worker.stdout
        found += [int(line) for line in iter(worker.stdout.readline, "end\n")]
    for worker in workers:
        worker.communicate("\n", timeout=60)
    assert sorted(found) == list(range(1, 61))


def test_looking_into_it_writes_nothing(outbox: Outbox, store: Path) -> None:
    outbox.add(MAIL, NOW)
    before = outbox.path.stat().st_mtime_ns
    with Outbox(store) as other:
        assert len(other.mails()) == 1
        assert other.due(NOW)
    assert outbox.path.stat().st_mtime_ns == before


def test_what_is_deleted_leaves_no_room_behind(outbox: Outbox) -> None:
    outbox.add(replace(MAIL, message=b"x" * 1_000_000), NOW)
    outbox.cancel(1, NOW)
    full = outbox.path.stat().st_size
    outbox.add(replace(MAIL, message_id="<2@contoso.example>"), NOW + KEPT + 1)
    assert outbox.path.stat().st_size < full / 10
