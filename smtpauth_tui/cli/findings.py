"""What people say of findings: what is right, what no rule looks at, and taking either back."""

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from smtpauth_tui.cli.context import Context, is_text
from smtpauth_tui.cli.group import ExamplesFirst
from smtpauth_tui.errors import NoStoreError, UsageError
from smtpauth_tui.safe import safe

if TYPE_CHECKING:
    from smtpauth_tui.store.notes import Notes

_LONGEST: int = 1000
_FORGET: str = "smtpauth-tui findings forget"
_KINDS = {"as": "AS"}
"""What people call a kind, where that is not its name."""


@click.group()
def findings() -> None:
    """Findings of `check`: list them, acknowledge what is right, allow what no rule is to look at."""


@findings.command(
    "list", cls=ExamplesFirst, examples=("smtpauth-tui findings list", "smtpauth-tui findings list --json")
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def list_(context: Context, as_json: bool) -> None:
    """The findings of the last year, what is acknowledged, and what is allowed."""
    from smtpauth_tui.rules.options import chosen_rules
    from smtpauth_tui.rules.shown import as_shown
    from smtpauth_tui.rules.standing import standings
    from smtpauth_tui.rules.telling import fields, heading
    from smtpauth_tui.store import findings as kept

    zone, now = _zone(context), context.clock.now()
    rules = chosen_rules(context.settings)
    with _notes(context) as notes:
        known = standings(notes, rules, now.date() - timedelta(kept.KEPT_DAYS), int(now.timestamp()))
        acknowledged, allowed = kept.acknowledgements(notes), kept.allowed(notes)
    places = context.places
    found = [as_shown(one, places) for one in known]
    if as_json:
        said = {
            "schema": 1,
            "findings": [fields(one) for one in found],
            "acknowledgements": [
                {"rule": one.rule, "account": safe(one.unit), "reason": safe(one.reason), "until": _utc(one.until)}
                for one in acknowledged
            ],
            "allowed": [{"kind": one.kind, "value": safe(one.value), "reason": safe(one.reason)} for one in allowed],
        }
        click.echo(json.dumps(said))
        return
    for standing in found:
        state = "preview" if standing.preview else "acknowledged" if standing.acknowledgement else "open"
        click.echo(f"{state:<13} {standing.finding.severity.value:<7} {heading(standing, zone)}")
        click.echo(f"{'':<21} {safe(standing.finding.reason)}")
    for one in acknowledged:
        until = f"until {_day(one.until, zone)}" if one.until else "for good"
        over = " (over)" if one.until and one.until <= now.timestamp() else ""
        click.echo(safe(f"acknowledged  {one.rule} {one.unit} {until}{over}: {one.reason}"))
    for row in allowed:
        click.echo(safe(f"allowed       {row.kind} {row.value}: {row.reason}"))
    if not (found or acknowledged or allowed):
        click.echo("Nothing was found, acknowledged or allowed yet. To look: smtpauth-tui check")


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
    from smtpauth_tui.store import findings as kept

    zone, now = _zone(context), context.clock.now()
    end = _end(until, span, zone, now)
    with _notes(context) as notes:
        rule, unit = _named(notes, words)
        one = kept.Acknowledgement(rule, unit, _checked(reason, "reason"), end, int(now.timestamp()))
        kept.acknowledge(notes, one)
    how_long = f"until {_day(end, zone)}" if end else "for good"
    click.echo(safe(f"{rule} of {unit} is acknowledged {how_long}. To take it back: smtpauth-tui findings forget"))


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
    from smtpauth_tui.store import findings as kept
    from smtpauth_tui.store.allowed import checked_value

    _zone(context)
    value = checked_value(kind, _checked(value, kind))
    with _notes(context) as notes:
        row = kept.AllowedRow(kind, value, _checked(reason, "reason"), int(context.clock.now().timestamp()))
        kept.allow(notes, row)
    click.echo(safe(f"No rule looks at the {_KINDS.get(kind, kind)} {value}. To take it back: {_FORGET}"))
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


def _named(notes: "Notes", words: tuple[str, ...]) -> tuple[str, str]:
    """The rule and the unit that some words name: a finding's id, or both."""
    from smtpauth_tui.rules.options import rule_named
    from smtpauth_tui.rules.standing import short_id
    from smtpauth_tui.store import findings as kept

    if len(words) == 2:
        return rule_named(words[0]).id, _checked(words[1], "account").casefold()
    if len(words) == 1:
        for row in kept.findings(notes):
            if short_id(row.key) == words[0].strip().lower():
                return row.rule, row.unit.casefold()
        raise UsageError(f"There is no finding {words[0]!r}.", "Give an id of: smtpauth-tui findings list")
    raise UsageError("Give a finding's id, or a rule and an account.", "See: smtpauth-tui findings ack --help")


def _checked(text: str, what: str) -> str:
    if not text.strip() or len(text) > _LONGEST or not is_text(text):
        raise UsageError(f"The {what} is not a text of at most {_LONGEST:,} characters.", "Give a shorter one.")
    return text.strip()


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


def _end(until: str, span: str, zone: ZoneInfo, now: datetime) -> int | None:
    """The first UTC second after what *until* or *span* says; None where neither says anything."""
    from smtpauth_tui.query import parse_day, parse_span

    if until and span:
        raise UsageError("--until and --for do not go together.", "Give one of them.")
    if span:
        return int((now + timedelta(parse_span(span))).timestamp())
    if not until:
        return None
    day = parse_day(until, now.astimezone(zone).date()) + timedelta(1)
    end = datetime.combine(day, datetime.min.time(), zone)
    if end <= now:
        raise UsageError(f"{until} is over.", "Give a later day.")
    return int(end.timestamp())


def _day(moment: int | None, zone: ZoneInfo) -> str:
    """The last day before a time."""
    return "" if moment is None else str(datetime.fromtimestamp(moment - 1, UTC).astimezone(zone).date())


def _utc(moment: int | None) -> Any:
    return None if moment is None else datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
