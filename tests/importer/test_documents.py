"""A tenant's exports in the forms in which admins hold them: together they give its messages and sign-ins, once."""

import csv
import gzip
import io
import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.logs import asked, bring_in

BEGIN = datetime(2026, 10, 20, 6, tzinfo=UTC)
REPORT_HEADER = [
    "date",
    "senderName",
    "senderDomain",
    "authMethod",
    "original_client_ip",
    "tls_version",
    "tls_cipher",
    "message_count",
    "message_id",
]
AWKWARD = ['ups "cellar"', "=cmd|' /c calc'!A1", "a;b,c", "zoë", "x\x1b[31m", "\u202eevil", "new\nline"]


@dataclass(frozen=True)
class Sent:
    """A message as the tenant knows it."""

    when: datetime
    name: str
    auth: str
    client: str
    tls: str
    id: str


@dataclass(frozen=True)
class Signed:
    """A sign-in as Entra knows it."""

    when: datetime
    id: str
    account: str
    client: str
    code: int
    app: str


def messages(chance: random.Random) -> list[Sent]:
    names = ["printer", "scanner", "nas", *AWKWARD]
    return [
        Sent(
            BEGIN + timedelta(minutes=37 * number, seconds=chance.randrange(60)),
            chance.choice(names),
            chance.choice(["Basic", "OAuth"]),
            chance.choice(["203.0.113.24", "2001:db8::1"]),
            chance.choice(["TLS1.2", "SP_PROT_TLS1_3_SERVER", "TLS1.0", ""]),
            f"<{number:x}.{chance.randrange(1 << 30):x}@{chance.choice(AWKWARD)}>" if number % 9 else "",
        )
        for number in range(1000)
    ]


def sign_ins(chance: random.Random) -> list[Signed]:
    return [
        Signed(
            BEGIN + timedelta(minutes=53 * number),
            f"{number:08x}-0000-4000-8000-{chance.randrange(1 << 40):012x}",
            f"{chance.choice(['printer', *AWKWARD])}@shop.example",
            chance.choice(["203.0.113.24", "2001:db8::1"]),
            chance.choice([0, 0, 50126, 50053, 50076]),
            chance.choice(["Authenticated SMTP", "SMTP", "Browser", "IMAP4"]),
        )
        for number in range(600)
    ]


def table(header: list[str], rows: list[list[str]], delimiter: str = ",") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def report(sent: list[Sent], stamp: str = "%Y-%m-%dT%H:%M:%S.1234567Z", delimiter: str = ",") -> str:
    rows = [
        [one.when.strftime(stamp), one.name, "shop.example", one.auth, one.client, one.tls, "X", "1", one.id]
        for one in sent
    ]
    return table(REPORT_HEADER, rows, delimiter)


def record(one: Signed) -> dict[str, Any]:
    return {
        "id": one.id,
        "createdDateTime": one.when.strftime("%Y-%m-%dT%H:%M:%S.7654321Z"),
        "userPrincipalName": one.account,
        "clientAppUsed": one.app,
        "ipAddress": one.client,
        "location": {"city": "Berlin", "countryOrRegion": "DE"},
        "status": {"errorCode": one.code, "failureReason": "Other."},
    }


def portal(signed: list[Signed]) -> str:
    header = ["Date (UTC)", "Request ID", "User agent", "Username", "Resource ID ", "IP address", "Location", "Status"]
    header += ["Sign-in error code", "Client app", "Autonomous system  number", "Incoming token type"]
    status = {0: "Success", 50076: "Interrupted"}
    rows = [
        [
            one.when.strftime("%Y-%m-%dT%H:%M:%SZ"),
            one.id,
            'BAV2ROPC\r\n2026-10-20T06:00:00Z,"forged"',
            one.account,
            "",
            one.client,
            "Berlin, Berlin, DE",
            status.get(one.code, "Failure"),
            str(one.code),
            one.app,
            "64500",
            "none",
        ]
        for one in signed
    ]
    return table(header, rows)


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    """A folder of exports that overlap, in the encodings and cultures of several machines."""
    chance = random.Random(4)
    sent, signed = messages(chance), sign_ins(chance)
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "SmtpCSReport_October - SmtpCSReport - 10302026_1.csv").write_bytes(
        report(sent[:600]).encode("utf-16-le")
    )
    (folder / "excel.csv").write_bytes(report(sent[450:], "%d/%m/%Y %H:%M:%S", ";").encode("utf-8-sig"))
    (folder / "whole.csv.gz").write_bytes(gzip.compress(report(sent[100:900]).encode("utf-16")))
    page = {"@odata.context": "https://graph.example/$metadata#auditLogs/signIns", "@odata.nextLink": "x"}
    for number, part in enumerate((signed[:300], signed[250:])):
        text = json.dumps({**page, "value": [record(one) for one in part]}, indent=number or None)
        (folder / f"signins-{number}.json").write_text(text, encoding="utf-8")
    (folder / "InteractiveSignIns_2026-10-20_2026-11-12.csv").write_bytes(portal(signed).encode("utf-8-sig"))
    azure = "".join(
        json.dumps({"time": "2026-10-20T07:00:00Z", "category": "SignInLogs", "Properties": record(one)}) + "\n"
        for one in signed[::2]
    )
    (folder / "PT1H.json").write_text(azure, encoding="utf-8")
    totals = Counter(one.name for one in sent)
    rows = [[f"{name}@shop.example", "shop.example", f"100%({n:,})", str(n)] for name, n in totals.items()]
    (folder / "smtp-auth-clients.csv").write_text(table(["Sender address", "Domain", "TLS 1.2", "Messages sent"], rows))
    (folder / "trace.csv").write_text("Date,Sender,Recipient,Subject,Status\n2026-10-20,a@x.example,b@x.example,s,ok\n")
    return folder


def refused(db: Path, folder: Path) -> list[str]:
    """Import the exports; what is said of those that are not taken."""
    return bring_in(db, *sorted(folder.iterdir())).problems


def per_day(moments: Iterator[datetime]) -> list[tuple[int, int]]:
    return sorted(Counter(int(moment.timestamp()) // 86_400 for moment in moments).items())


def test_exports_of_a_tenant_give_its_messages_and_sign_ins_once(exports: Path, tmp_path: Path) -> None:
    chance = random.Random(4)
    sent, signed = messages(chance), sign_ins(chance)
    ours = [one for one in signed if one.app in ("Authenticated SMTP", "SMTP")]
    failed = [one for one in ours if one.code in (50126, 50053)]
    db = tmp_path / "store.db"
    for _ in range(2):
        (why,) = refused(db, exports)
        assert "summary of a message trace" in why
        assert asked(db, "SELECT day, sum(messages) FROM daily GROUP BY day") == per_day(one.when for one in sent)
        senders = Counter(f"{one.name}@shop.example".casefold() for one in sent)
        found = asked(db, "SELECT folded, sum(messages) FROM daily JOIN address ON address.id = sender GROUP BY sender")
        assert dict(found) == dict(senders)
        for table_name, facts in (("daily_sign_in", ours), ("daily_failure", failed)):
            column = "sign_ins" if table_name == "daily_sign_in" else "failures"
            days = asked(db, f"SELECT day, sum({column}) FROM {table_name} GROUP BY day")
            assert days == per_day(one.when for one in facts)
        assert asked(db, "SELECT sum(failures) FROM daily_sign_in") == [(len(failed),)]
        assert asked(db, "SELECT count(DISTINCT snapshot), sum(messages) FROM snapshot_sender") == [(1, len(sent))]
