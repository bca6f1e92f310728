"""What people say of findings: what is right, what no rule looks at, and taking either back."""

import json
import shlex
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from smtpauth_tui.cli.context import Context
from smtpauth_tui.cli.group import ExamplesFirst
from smtpauth_tui.errors import NoStoreError, UsageError
from smtpauth_tui.safe import safe

if TYPE_CHECKING:
    from smtpauth_tui.rules.board import Board
    from smtpauth_tui.rules.standing import Standing
    from smtpauth_tui.store.notes import Notes

_FORGET: str = "smtpauth-tui findings forget"
_KINDS = {"as": "AS"}
"""What people call a kind, where that is not its name."""


@click.group()
def findings() -> None:
    """Findings of `check`: list them, acknowledge what is right, allow what no rule is to look at."""


@findings.command(
    "list",
    cls=ExamplesFirst,
    examples=(
        "smtpauth-tui findings list",
        "smtpauth-tui findings list --state open --severity medium --since 30d",
        "smtpauth-tui findings list --json",
    ),
)
@click.option("--since", default="", metavar="DATE|SPAN", help="That had not ended before this day; all by default.")
@click.option("--severity", type=click.Choice(["notice", "medium", "high"]), default="notice", help="At least so much.")
@click.option("--state", type=click.Choice(["open", "acknowledged", "preview"]), help="Only those that stand so.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def list_(context: Context, since: str, severity: str, state: str | None, as_json: bool) -> None:
    """The findings of the last year, what is acknowledged and allowed, and when all rules looked last."""
    from smtpauth_tui.query import first_day
    from smtpauth_tui.rules.board import read_board
    from smtpauth_tui.rules.options import chosen_rules
    from smtpauth_tui.rules.shown import as_shown
    from smtpauth_tui.rules.values import Severity
    from smtpauth_tui.store.findings import KEPT_DAYS

    zone, now = _zone(context), context.clock.now()
    today = now.astimezone(zone).date()
    first = first_day(since, today) if since else today - timedelta(KEPT_DAYS)
    board = read_board(context.path, chosen_rules(context.settings), first, int(now.timestamp()), context.places)
    least, places = Severity(severity).rank, context.places
    known = [one for one in board.standings if one.finding.severity.rank >= least and state in (None, one.state)]
    found = [as_shown(one, places) for one in known]
    if as_json:
        click.echo(json.dumps(_board_fields(board, found)))
    else:
        for line in _board_lines(board, found, zone, now, first):
            click.echo(line)


def _board_fields(board: "Board", found: Sequence["Standing"]) -> dict[str, Any]:
    from smtpauth_tui.rules.telling import fields

    checked = board.checked
    return {
        "schema": 1,
        "checked": checked
        and {
            "time": _utc(checked.at),
            "start": checked.first and checked.first.isoformat(),
            "end": checked.last and checked.last.isoformat(),
        },
        "rules": [
            {
                "rule": one.rule.id,
                "name": one.rule.name,
                "on": one.on,
                "missing": checked.missing.get(one.rule.id) if checked else None,
                "partly": checked.partly.get(one.rule.id) if checked else None,
            }
            for one in board.rules
        ],
        "findings": [fields(one) for one in found],
        "acknowledgements": [
            {"rule": one.rule, "account": safe(one.unit), "reason": safe(one.reason), "until": _utc(one.until)}
            for one in board.acknowledgements
        ],
        "allowed": [{"kind": one.kind, "value": safe(one.value), "reason": safe(one.reason)} for one in board.allowed],
    }


def _board_lines(
    board: "Board", found: Sequence["Standing"], zone: ZoneInfo, now: datetime, since: date
) -> Iterator[str]:
    from smtpauth_tui.rules.board import counted
    from smtpauth_tui.rules.deciding import how_long
    from smtpauth_tui.rules.telling import heading

    for one in found:
        yield f"{one.state:<13} {one.finding.severity.value:<7} {heading(one, zone)}"
        yield f"{'':<21} {safe(one.finding.reason)}"
    for known in board.acknowledgements:
        over = " (over)" if known.until and known.until <= now.timestamp() else ""
        yield safe(f"acknowledged  {known.rule} {known.unit} {how_long(known.until, zone)}{over}: {known.reason}")
    for row in board.allowed:
        yield safe(f"allowed       {row.kind} {row.value}: {row.reason}")
    for rule, missing in board.lacking():
        yield safe(f"not looked    {rule.id} {rule.title} needs {missing}")
    for rule, missing in board.partly():
        yield safe(f"not looked    {rule.id} {rule.title} in part needs {missing}")
    if board.checked is None:
        yield "Nobody has looked with all rules yet: smtpauth-tui check"
    else:
        when = datetime.fromtimestamp(board.checked.at, UTC).astimezone(zone)
        checked = board.checked
        days = f", at the days from {checked.first} to {checked.last}" if checked.first and checked.last else ""
        yield f"All rules looked last at {when:%Y-%m-%d %H:%M}{days}."
        still = f"; {sum(one.open for one in found):,} open" if found else ""
        yield f"Listed since {since}: {counted(found) or 'no findings'}{still}."


@findings.command(
    "ack",
    cls=ExamplesFirst,
    examples=(
        "smtpauth-tui findings ack 3f2a9c01 --reason 'new scanner on the 2nd floor'",
        "smtpauth-tui findings ack volume newsletter@contoso.example --reason 'each Tuesday' --for 90d",
    ),
)
@click.argument("words", nargs=-1, required=True, metavar="ID | RULE ACCOUNT")
@click.option("--reason", required=True, help="Why it is right.")
@click.option("--until", default="", metavar="DATE", help="Up to this day, included.")
@click.option("--for", "span", default="", metavar="SPAN", help="For so long: 90d. By default for good.")
@click.pass_obj
def acknowledge(context: Context, words: tuple[str, ...], reason: str, until: str, span: str) -> None:
    """What a rule says of an account is right, until a day or for good: it alerts nobody."""
    from smtpauth_tui.rules import deciding

    zone, now = _zone(context), context.clock.now()
    end = deciding.end_of(until, span, zone, now)
    with _notes(context) as notes:
        rule, unit = _named(notes, words)
        deciding.acknowledge(notes, rule, unit, reason, end, int(now.timestamp()))
    said = f"{rule} of {unit} is acknowledged {deciding.how_long(end, zone)}."
    click.echo(safe(f"{said} To take it back: {_FORGET} {_words_of(rule, unit, words)}"))


@findings.command(
    "allow",
    cls=ExamplesFirst,
    examples=(
        "smtpauth-tui findings allow network 10.0.0.0/8 --reason 'our own network'",
        "smtpauth-tui findings allow account scanner@contoso.example --reason 'shared by all sites'",
        "smtpauth-tui findings allow host .lan.contoso.example --reason 'our own hosts'",
        "smtpauth-tui findings allow as 64500 --reason 'the provider of our branch offices'",
    ),
)
@click.argument("kind", type=click.Choice(["network", "account", "host", "as"]))
@click.argument("value")
@click.option("--reason", required=True, help="Why no rule is to look at it.")
@click.pass_obj
def allow(context: Context, kind: str, value: str, reason: str) -> None:
    """No rule looks at a network, an account (or @DOMAIN), a host as the log names it (or .DOMAIN), or an AS.

    An AS is known where an .mmdb file of the settings tells it.
    """
    from smtpauth_tui.rules import deciding

    _zone(context)
    with _notes(context) as notes:
        row = deciding.allow(notes, kind, value, reason, int(context.clock.now().timestamp()))
    forget = f"{_FORGET} {kind} {shlex.quote(row.value)}"
    click.echo(safe(f"No rule looks at the {_KINDS.get(kind, kind)} {row.value}. To take it back: {forget}"))
    if kind == "as" and not _tells_systems(context):
        click.echo("No file tells the AS of addresses yet: name one in [places] databases. See docs/places.md.")


@findings.command(
    "forget",
    cls=ExamplesFirst,
    examples=(
        "smtpauth-tui findings forget volume newsletter@contoso.example",
        "smtpauth-tui findings forget network 10.0.0.0/8",
    ),
)
@click.argument("words", nargs=-1, required=True, metavar="ID | RULE ACCOUNT | KIND VALUE")
@click.pass_obj
def forget(context: Context, words: tuple[str, ...]) -> None:
    """Take back an acknowledgement, or what was allowed."""
    from smtpauth_tui.store import findings as kept
    from smtpauth_tui.store.allowed import KINDS, checked_value

    _zone(context)
    with _notes(context) as notes:
        if len(words) == 2 and words[0] in KINDS:
            what = f"the {words[0]} {words[1]}"
            done = kept.forget_allowed(notes, words[0], checked_value(words[0], words[1]))
        else:
            rule, unit = _named(notes, words)
            what = f"{rule} of {unit}"
            done = kept.forget_acknowledgement(notes, rule, unit)
    if not done:
        raise UsageError(f"{what} is neither acknowledged nor allowed.", "See: smtpauth-tui findings list")
    click.echo(safe(f"Taken back: {what}."))


def _words_of(rule: str, unit: str, words: tuple[str, ...]) -> str:
    """What names an acknowledgement for `forget`: rule and account, or as it was named where those cannot be typed."""
    if unit.isprintable() and safe(unit) == unit:
        return f"{rule} {shlex.quote(unit)}"
    return words[0] if len(words) == 1 else f"{rule} ACCOUNT"


def _named(notes: "Notes", words: tuple[str, ...]) -> tuple[str, str]:
    """The rule and the unit that some words name: a finding's id, or both."""
    from smtpauth_tui.rules.deciding import text_of
    from smtpauth_tui.rules.options import rule_named
    from smtpauth_tui.rules.standing import short_id
    from smtpauth_tui.store import findings as kept

    if len(words) == 2:
        return rule_named(words[0]).id, text_of(words[1], "account").casefold()
    if len(words) == 1:
        for row in kept.findings(notes):
            if short_id(row.key) == words[0].strip().lower():
                return row.rule, row.unit.casefold()
        raise UsageError(f"There is no finding {words[0]!r}.", "Give an id of: smtpauth-tui findings list")
    raise UsageError("Give a finding's id, or a rule and an account.", "See: smtpauth-tui findings ack --help")


def _notes(context: Context) -> "Notes":
    from smtpauth_tui.store.notes import Notes

    return Notes(context.path)


def _tells_systems(context: Context) -> bool:
    places = context.places
    return bool(places.databases) and places.finder().systems


def _zone(context: Context) -> ZoneInfo:
    """The zone of the store's days; NoStoreError where there is none."""
    from smtpauth_tui.clock import zone_named
    from smtpauth_tui.store.writer import zone_name_of

    name = zone_name_of(context.path)
    if not name:
        raise NoStoreError(
            f"There is no store yet at {context.path}.", "Bring in a log: smtpauth-tui import /var/log/mail.log"
        )
    return zone_named(name)


def _utc(moment: int | None) -> Any:
    return None if moment is None else datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
