"""Looks for unusual activity, says what is new, and what a rule would have said with other limits."""

import json
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import click

from smtpauth_tui.cli import alerting
from smtpauth_tui.cli.context import Context, run_async
from smtpauth_tui.cli.group import ExamplesFirst
from smtpauth_tui.cli.sending import status_of
from smtpauth_tui.errors import UsageError
from smtpauth_tui.safe import safe

if TYPE_CHECKING:
    from smtpauth_tui.rules.look import Looking
    from smtpauth_tui.rules.options import Chosen
    from smtpauth_tui.rules.standing import Standing
    from smtpauth_tui.rules.values import Finding
    from smtpauth_tui.store.reader import Store

_FOUND: Final = 3
"""Exit status of a check that has something to say."""
_COLOURS: Final = {"high": "red", "medium": "yellow", "notice": None}
_INDENT: Final = 9
_STILL: Final = "# still a preview, which alerts nobody: on = true switches it on"


@click.command(
    cls=ExamplesFirst,
    examples=(
        "smtpauth-tui check",
        "smtpauth-tui check --all --since 30d",
        "smtpauth-tui check --preview 30d --rule volume --set volume.k=8",
        "smtpauth-tui check --quiet || smtpauth-tui check      by cron: a mail only if there is something new",
        "smtpauth-tui check --quiet --mail admin@contoso.example      a mail for each new finding",
    ),
)
@click.option("--since", default="", metavar="DATE|SPAN", help="From this day on: 2026-11-17, or 7d (default).")
@click.option("--all", "all_", is_flag=True, help="All that is open, and what previews found; not only what is new.")
@click.option("--rule", "names", multiple=True, metavar="NAME", help="Only this rule: volume, or U3. May be repeated.")
@click.option("--set", "sets", multiple=True, metavar="RULE.LIMIT=VALUE", help="Try another limit; nothing is kept.")
@click.option("--preview", default="", metavar="SPAN", help="How often each rule would have found something: 30d.")
@click.option("--shown", is_flag=True, hidden=True, help="All days that the interface's list of findings shows.")
@click.option("--quiet", is_flag=True, help="Look, print nothing; what is new stays new.")
@click.option(
    "--mail",
    "to",
    metavar="[A,B]",
    is_flag=False,
    flag_value="",
    help="Mail each new finding, once (to whom the setting mail.to names, if nobody is).",
)
@click.option(
    "--when",
    type=click.Choice(["new", "always"]),
    help="With --mail: only if there is something new (default), or always: then a mail says that there is nothing.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def check(context: Context, /, to: str | None, when: str | None, **options: Any) -> None:
    """Look for unusual activity: new senders, guessed passwords, bursts.

    Exit status 3 if there is something new (with --all: anything open), 0 if not; 1 also if a mail was refused.
    """
    mail = alerting.alerting(context, to, when)
    came = run_async(_check(context, mail=mail, **options))
    rows = alerting.send(context, mail, came.mails, quiet=options["quiet"] or options["as_json"]) if mail else []
    if came.said is not None:
        click.echo(json.dumps({**came.said, "mails": alerting.fields(rows)} if mail else came.said))
    sys.exit(1 if status_of(rows) == 1 else came.status)


@dataclass(slots=True)
class _Came:
    """What came of a check."""

    status: int = 0
    said: dict[str, Any] | None = None
    """What is to be printed as JSON."""
    mails: list[int] = field(default_factory=list)
    """The numbers of the mails that it queued."""


async def _check(
    context: Context,
    *,
    mail: "alerting.Alerting | None",
    since: str,
    all_: bool,
    names: tuple[str, ...],
    sets: tuple[str, ...],
    preview: str,
    quiet: bool,
    shown: bool,
    as_json: bool,
) -> _Came:
    from smtpauth_tui.rules.options import chosen_rules, rule_named
    from smtpauth_tui.store.notes import Notes
    from smtpauth_tui.store.reader import Store

    if preview and (since or all_ or quiet):
        raise UsageError("--preview goes with --rule, --set and --json alone.", "Leave the others out.")
    if mail and (preview or sets):
        raise UsageError("--mail tells what was found, not a trial.", "Leave --preview and --set out.")
    rules = chosen_rules(context.settings, sets)
    if names:
        wanted = {rule_named(name).id for name in names}
        rules = [one for one in rules if one.rule.id in wanted]
    async with await Store.open(context.path, context.places) as opened, opened.snapshot() as store:
        with Notes(context.path) as notes:
            if preview:
                return await _preview(context, store, notes, rules, preview, as_json=as_json)
            if sets:
                return await _try(context, store, notes, rules, since, as_json=as_json)
            how = _How(mail=mail, all_=all_, named=bool(names), quiet=quiet, as_json=as_json, listed=shown)
            return await _look(context, store, notes, rules, since, how)


def _since(store: "Store", context: Context, words: str) -> date | None:
    from smtpauth_tui.query import first_day

    return first_day(words, context.clock.today(store.zone)) if words else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _How:
    """How a look is told."""

    mail: "alerting.Alerting | None"
    all_: bool
    named: bool
    """Whether some rules were named."""
    quiet: bool
    as_json: bool
    listed: bool
    """Whether all days are looked at that the interface's list of findings shows."""


async def _look(
    context: Context, store: "Store", notes: Any, rules: Sequence["Chosen"], since: str, how: _How
) -> _Came:
    """Look at what has changed, keep what was found, and say it."""
    from smtpauth_tui.rules.look import DAYS, period_of
    from smtpauth_tui.rules.look import check as look_and_keep
    from smtpauth_tui.rules.shown import as_shown
    from smtpauth_tui.rules.standing import raise_pairs, standings
    from smtpauth_tui.store import findings as kept

    now = int(context.clock.now().timestamp())
    activity = _activity(context, store, notes)
    days = kept.SHOWN_DAYS if how.listed else DAYS
    period = await period_of(activity, _since(store, context, since), days)
    on = tuple(one.rule.id for one in rules if one.on)
    if period is None:
        if not how.named:
            kept.note_check(notes, kept.Checked(now, None, None, on, {}, {}))
        came = _nothing_there(quiet=how.quiet, as_json=how.as_json)
        if how.mail:
            came.mails, _ = await alerting.queue(context, store, notes, how.mail, [], None, [])
        return came
    told = await look_and_keep(activity, notes, rules, period, now, thorough=how.all_ or how.named)
    raise_pairs(notes, rules, period.first, now, store.places)
    if not how.named:
        kept.note_check(notes, kept.Checked(now, told.since, period.last, on, told.missing, told.partly))
    found = standings(notes, rules, period.first, now, store.places)
    new = [one for one in found if one.new]
    shown = [as_shown(one, store.places) for one in found if (one.acknowledgement is None if how.all_ else one.new)]
    came, unmailed = _Came(), False
    if how.mail:
        missing = list(_missing_lines(rules, told, all_=False))
        came.mails, unmailed = await alerting.queue(context, store, notes, how.mail, found, period, missing)
    if not how.quiet:
        if how.as_json:
            came.said = _fields(shown, rules, told)
        else:
            _print_text(shown, found, rules, told, store, all_=how.all_)
            _print_older(notes, rules, store, period.first, now)
        kept.tell(notes, [one.key for one in new], now)
    told_before = not unmailed and (not new or (how.quiet and how.mail is not None))
    if any(one.open for one in found) if how.all_ else not told_before:
        came.status = _FOUND
    return came


def _activity(context: Context, store: "Store", notes: Any) -> Any:
    from smtpauth_tui.store import findings as kept
    from smtpauth_tui.store.activity import Activity
    from smtpauth_tui.store.allowed import Allowed

    return Activity(store, context.clock.today(store.zone), Allowed(kept.allowed(notes)))


def _nothing_there(*, quiet: bool, as_json: bool) -> _Came:
    if as_json:
        return _Came(said={"schema": 1, "start": None, "end": None, "findings": [], "rules": []})
    if not quiet:
        click.echo("The store has no submissions yet. Bring in a log: smtpauth-tui import /var/log/mail.log")
    return _Came()


def _fields(shown: Sequence["Standing"], rules: Sequence["Chosen"], told: "Looking") -> dict[str, Any]:
    from smtpauth_tui.rules.telling import fields

    period = told.period
    return {
        "schema": 1,
        "start": period.first.isoformat() if period else None,
        "end": period.last.isoformat() if period else None,
        "findings": [fields(one) for one in shown],
        "rules": _rules_fields(rules, told),
    }


def _rules_fields(rules: Sequence["Chosen"], told: "Looking") -> list[dict[str, Any]]:
    return [
        {
            "rule": one.rule.id,
            "name": one.rule.name,
            "title": one.rule.title,
            "on": one.on,
            "limits": dict(one.limits),
            "missing": told.missing.get(one.rule.id) or None,
            "partly": told.partly.get(one.rule.id) or None,
        }
        for one in rules
    ]


def _print_text(
    shown: Sequence["Standing"],
    found: Sequence["Standing"],
    rules: Sequence["Chosen"],
    told: "Looking",
    store: "Store",
    *,
    all_: bool,
) -> None:
    from smtpauth_tui.rules.telling import lines
    from smtpauth_tui.rules.words import plural

    width = max(shutil.get_terminal_size().columns - _INDENT, 30) if sys.stdout.isatty() else None
    for one in shown:
        severity = one.finding.severity.value
        label = click.style(f"{severity.upper() if severity == 'high' else severity:<{_INDENT}}", fg=_COLOURS[severity])
        for number, line in enumerate(lines(one, store.zone)):
            for part in textwrap.wrap(line, width, break_long_words=False) if width else [line]:
                click.echo(f"{label if not number else ' ' * _INDENT}{part}")
                number = 1
        click.echo()
    still = sum(one.open for one in found)
    count = sum(one.open for one in shown) if all_ else len(shown)
    days = f" from {told.period.first} to {told.period.last}" if told.period else ""
    said = plural(count, "open finding") if all_ else f"{plural(count, 'new finding')}, {still:,} open"
    click.echo(f"{said}{days}.")
    for line in _missing_lines(rules, told, all_=all_):
        click.echo(safe(f"Not looked for: {line}."))
    if count:
        click.echo(
            "What is right: smtpauth-tui findings ack ID --reason '…'   All that is open: smtpauth-tui check --all"
        )


def _print_older(notes: Any, rules: Sequence["Chosen"], store: "Store", first: date, now: int) -> None:
    """What is open of the days that the interface's list has and this look has not."""
    from smtpauth_tui.rules.standing import standings
    from smtpauth_tui.rules.words import plural
    from smtpauth_tui.store import findings as kept

    since = kept.shown_since(now)
    if since < first:
        older = sum(one.open and one.finding.until < first for one in standings(notes, rules, since, now, store.places))
        if older:
            said = f"{plural(older, 'older finding')} of {kept.SHOWN_DAYS} days {'is' if older == 1 else 'are'} open"
            click.echo(f"{said}: smtpauth-tui findings list --state open --since {kept.SHOWN_DAYS}d")


def _missing_lines(rules: Sequence["Chosen"], told: "Looking", *, all_: bool) -> Iterator[str]:
    """What rules that are on lack, or all rules."""
    for chosen in rules:
        missing = told.missing.get(chosen.rule.id)
        if missing and (chosen.on or all_):
            yield f"{chosen.rule.id} {chosen.rule.title} needs {missing}"
        elif all_ and (partly := told.partly.get(chosen.rule.id)):
            yield f"{chosen.rule.id} {chosen.rule.title} in part needs {partly}"


async def _try(
    context: Context, store: "Store", notes: Any, rules: Sequence["Chosen"], since: str, *, as_json: bool
) -> _Came:
    """Look with other limits, and keep nothing."""
    from smtpauth_tui.rules.look import look, period_of
    from smtpauth_tui.rules.shown import as_shown
    from smtpauth_tui.rules.standing import Standing

    activity = _activity(context, store, notes)
    period = await period_of(activity, _since(store, context, since))
    if period is None:
        return _nothing_there(quiet=False, as_json=as_json)
    told = await look(activity, rules, period)
    now = int(context.clock.now().timestamp())
    found = [
        as_shown(Standing(finding, one.rule, finding.key, now, None, not one.on, None), store.places)
        for one in rules
        for finding in told.findings.get(one.rule.id, [])
    ]
    came = _Came(_FOUND if any(one.open for one in found) else 0)
    if as_json:
        came.said = _fields(found, rules, told)
    else:
        _print_text(found, found, rules, told, store, all_=True)
    return came


async def _preview(
    context: Context, store: "Store", notes: Any, rules: Sequence["Chosen"], span: str, *, as_json: bool
) -> _Came:
    """How often each rule would have found something."""
    from smtpauth_tui.query import parse_span
    from smtpauth_tui.rules.look import look, period_of
    from smtpauth_tui.rules.options import settings_lines
    from smtpauth_tui.rules.shown import finding_shown

    days = parse_span(span)
    activity = _activity(context, store, notes)
    period = await period_of(activity, days=days)
    if period is None:
        return _nothing_there(quiet=False, as_json=as_json)
    told = await look(activity, rules, period)
    if as_json:
        said = [
            {
                **of_rule,
                "settings": settings_lines(chosen),
                "findings": [
                    _preview_fields(finding_shown(one, store.places)) for one in told.findings.get(of_rule["rule"], [])
                ],
            }
            for chosen, of_rule in zip(rules, _rules_fields(rules, told), strict=True)
        ]
        days_said = {"start": period.first.isoformat(), "end": period.last.isoformat()}
        return _Came(said={"schema": 1, "preview": days_said, "rules": said})
    click.echo(f"What each rule would have found from {period.first} to {period.last}:\n")
    for one in rules:
        for line in _preview_lines(one, told):
            click.echo(safe(line))
    for line in _keeping(context, rules):
        click.echo(line)
    return _Came()


def _keeping(context: Context, rules: Sequence["Chosen"]) -> list[str]:
    """How the settings keep limits that were tried."""
    from smtpauth_tui.rules.options import chosen_rules, settings_lines

    tried = [one for one in rules if one not in chosen_rules(context.settings)]
    lines = [line for one in tried for line in ("", *settings_lines(one), *([] if one.on else [_STILL]))]
    return ["", "To keep what was set, in config.toml:", *lines] if lines else []


def _preview_fields(finding: "Finding") -> dict[str, Any]:
    return {
        "severity": finding.severity.value,
        "unit": safe(finding.unit),
        "since": finding.since.isoformat(),
        "until": finding.until.isoformat(),
        "reason": safe(finding.reason),
    }


def _preview_lines(one: "Chosen", told: "Looking") -> list[str]:
    from collections import Counter

    from smtpauth_tui.rules.words import plural

    rule, found = one.rule, told.findings.get(one.rule.id, [])
    limits = ", ".join(f"{name} {value:g}" for name, value in one.limits.items())
    head = f"{rule.id:<4} {rule.title:<24} {'on' if one.on else 'preview':<8}"
    if missing := told.missing.get(rule.id):
        return [f"{head} needs {missing}"]
    units = Counter(finding.unit for finding in found)
    partly = told.partly.get(rule.id)
    lines = [f"{head} {plural(len(found), 'finding'):<12} {f'({limits})' if limits else ''}".rstrip()]
    lines += [f"{'':<38} {count:>4} × {unit}" for unit, count in units.most_common(5)]
    if len(units) > 5:
        lines.append(f"{'':<38}      and {plural(len(units) - 5, 'other')}")
    return [*lines, *([f"{'':<38} in part needs {partly}"] if partly else [])]
