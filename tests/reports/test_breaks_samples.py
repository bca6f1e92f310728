"""Who breaks, against what the clients of real servers wrote down: where the samples are (SMTPAUTH_TUI_SAMPLES)."""

import json
import os
import re
from collections.abc import Container, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from smtpauth_tui.query import Period, ReportQuery
from smtpauth_tui.reports.breaks import load_preface, records
from smtpauth_tui.store.reader import Store
from smtpauth_tui.switches import CAN_BE_OFF, Reason, Switches
from tests.logs import bring_in
from tests.store.facts import each

SAMPLES = Path(os.environ.get("SMTPAUTH_TUI_SAMPLES", "/nonexistent"))
FORMS = ("mail.log", "mail-rfc3339.log", "mail.journal.json", "mail.journal-short-iso.log", "mainlog")
HALF = "127.0.0.0/9"
SWITCHES = {
    **{one.value: Switches((one,)) for one in CAN_BE_OFF},
    "network": Switches((), (HALF,)),
    "all": Switches(CAN_BE_OFF, (HALF,)),
}
REASONS = {"none": Reason.NO_TLS, "TLSv1": Reason.TLS_1_0, "TLSv1.1": Reason.TLS_1_1}
VERSION_NOT_LOGGED = ("tlslog0",)
Message = dict[str, Any]


def sets() -> Iterator[tuple[Path, str]]:
    """Each form of each set's log."""
    for meta in sorted(SAMPLES.glob("*/*/meta.json")):
        for form in FORMS:
            if files_of(meta.parent, form):
                yield meta.parent, form


def files_of(folder: Path, form: str) -> list[Path]:
    """The log and its rotated parts."""
    wanted = re.compile(rf"{re.escape(form)}(\.\d+)?(\.gz)?")
    return sorted(path for path in folder.iterdir() if wanted.fullmatch(path.name))


def truth_of(folder: Path, form: str) -> tuple[dict[str, Any], list[Message]]:
    """What is said of the set, and its messages without those of which the log lost a line."""
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    lost = meta.get("lost_lines", {}).get(form, [])
    events = map(json.loads, (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines())
    return meta, [one for one in events if one["event"] == "message" and one["queue_id"] not in lost]


def refused(message: Message, switches: Switches) -> bool:
    """Whether a message would have been refused, by what the client wrote down."""
    return (
        Reason.BASIC in switches.off  # no client of the samples has a token
        or REASONS.get(message["tls"]) in switches.off
        or (bool(switches.networks) and int(message["client_ip"].split(".")[1]) >= 128)
    )


def login_of(account: str, logins: Container[str]) -> str:
    """The login that a client typed, of an account to which the server may have added its realm."""
    folded = account.casefold()
    return folded if folded in logins else folded.partition("@")[0]


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="no samples of real servers here")
@pytest.mark.parametrize(
    ("folder", "form"), [pytest.param(*one, id=f"{one[0].parent.name}-{one[0].name}-{one[1]}") for one in sets()]
)
async def test_who_breaks_is_what_the_clients_say(folder: Path, form: str, tmp_path: Path) -> None:
    meta, truth = truth_of(folder, form)
    first, last = (datetime.fromisoformat(meta[end]) for end in ("first", "last"))
    db = tmp_path / "store.db"
    bring_in(db, *files_of(folder, form), stamps_zone=meta["log_timezone"], now=last)
    for name, switches in SWITCHES.items():
        query = ReportQuery(Period(first.date(), last.date()), switches=switches)
        async with await Store.open(db) as store:
            rows = await each(records(store, query, None))
            totals = (await load_preface(store, query)).fields["totals"]
        if folder.name in VERSION_NOT_LOGGED and name in ("tls1.0", "tls1.1", "notls"):
            assert (rows, totals["cannot_tell"]) == ([], len(truth)), name
            continue
        wanted: dict[str, list[int]] = {}
        for one in truth:
            counts = wanted.setdefault(one["login"].casefold(), [0, 0])
            counts[0] += 1
            counts[1] += refused(one, switches)
        shown = {login_of(row.name, wanted): [row.account.messages, row.account.refused] for row in rows}
        assert shown == {login: counts for login, counts in wanted.items() if counts[1]}, name
        assert (totals["accounts"], totals["messages"]) == (len(wanted), len(truth)), name
        assert (totals["breaking"], totals["cannot_tell"]) == (len(shown), 0), name
