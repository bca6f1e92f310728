"""Looks for unusual activity, says what is new, and what a rule would have said with other limits."""

import json
import shutil
import sys
import textwrap
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import click

from smtpauth_tui.cli.context import Context, run_async
from smtpauth_tui.cli.group import ExamplesFirst
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


@click.command(
    cls=ExamplesFirst,
    examples=(
        "smtpauth-tui check",
        "smtpauth-tui check --all --since 30d",
        "smtpauth-tui check --preview 30d --rule volume --set volume.k=8",
        "smtpauth-tui check --quiet || smtpauth-tui check      by cron: a mail only if there is something new",
    ),
)
@click.option("--since", default="", metavar="DATE|SPAN", help="From this day on: 2026-11-17, or 7d (default).")
@click.option("--all", "all_", is_flag=True, help="All that is open, and what previews found; not only what is new.")
@click.option("--rule", "names", multiple=True, metavar="NAME", help="Only this rule: volume, or U3. May be repeated.")
@click.option("--set", "sets", multiple=True, metavar="RULE.LIMIT=VALUE", help="Try another limit; nothing is kept.")
@click.option("--preview", default="", metavar="SPAN", help="How often each rule would have found something: 30d.")
@click.option("--quiet", is_flag=True, help="Look, print nothing; what is new stays new.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def check(context: Context, /, **options: Any) -> None:
    """Look for unusual activity: new senders, guessed passwords, bursts.

    Exit status 3 if there is something new (with --all: anything open), 0 if not.
    """
    run_async(_check(context, **options))


async def _check(
    context: Context,
    *,
    since: str,
    all_: bool,
    names: tuple[str, ...],
    sets: tuple[str, ...],
    preview: str,
    quiet: bool,
    as_json: bool,
) -> None:
    from smtpauth_tui.rules.options import chosen_rules, rule_named
    from smtpauth_tui.store.notes import Notes
    from smtpauth_tui.store.reader import Store

    if preview and (since or all_ or quiet):
        raise UsageError("--preview goes with --rule, --set and --json alone.", "Leave the others out.")
    rules = chosen_rules(context.settings, sets)
    if names:
        wanted = {rule_named(name).id for name in names}
        rules = [one for one in rules if one.rule.id in wanted]
    async with await Store.open(context.path) as opened, opened.snapshot() as store:
        with Notes(context.path) as notes:
            if preview:
                await _preview(context, store, notes, rules, preview, as_json=as_json)
            elif sets:
                await _try(context, store, notes, rules, since, as_json=as_json)
            else:
                await _look(
                    context, store, notes, rules, since, all_=all_, named=bool(names), quiet=quiet, as_json=as_json
                )


def _since(store: "Store", context: Context, words: str) -> date | None:
    from smtpauth_tui.query import first_day

    return first_day(words, context.clock.today(store.zone)) if words else None


async def _look(
    context: Context,
    store: "Store",
    notes: Any,
    rules: Sequence["Chosen"],
    since: str,
    *,
    all_: bool,
    named: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Look at what has changed, keep what was found, and say it."""
    from smtpauth_tui.rules.look import check as look_and_keep
    from smtpauth_tui.rules.look import period_of
    from smtpauth_tui.rules.standing import raise_pairs, standings
    from smtpauth_tui.store import findings as kept

    now = int(context.clock.now().timestamp())
    activity = _activity(context, store, notes)
    period = await period_of(activity, _since(store, context, since))
    on = tuple(one.rule.id for one in rules if one.on)
    if period is None:
        if not named:
            kept.note_check(notes, kept.Checked(now, None, None, on, {}))
        _say_nothing_there(quiet=quiet, as_json=as_json)
        return
    told = await look_and_keep(activity, notes, rules, period, now, thorough=all_ or named)
    raise_pairs(notes, rules, period.first, now)
    if not named:
        missing = {id: words for id, words in told.missing.items() if words}
        kept.note_check(notes, kept.Checked(now, period.first, period.last, on, missing))
    found = standings(notes, rules, period.first, now)
    new = [one for one in found if one.new]
    shown = [one for one in found if one.acknowledgement is None] if all_ else new
    if not quiet:
        if as_json:
            _print_json(shown, rules, told)
        else:
            _print_text(shown, found, rules, told, store, all_=all_)
        kept.tell(notes, [one.key for one in new], now)
    if any(one.open for one in found) if all_ else new:
        sys.exit(_FOUND)


def _activity(context: Context, store: "Store", notes: Any) -> Any:
    from smtpauth_tui.store import findings as kept
    from smtpauth_tui.store.activity import Activity
    from smtpauth_tui.store.allowed import Allowed

    return Activity(store, context.clock.today(store.zone), Allowed(kept.allowed(notes)))


def _say_nothing_there(*, quiet: bool, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"schema": 1, "findings": [], "rules": []}))
    elif not quiet:
        click.echo("The store has no submissions yet. Bring in a log: smtpauth-tui import /var/log/mail.log")


def _print_json(shown: Sequence["Standing"], rules: Sequence["Chosen"], told: "Looking") -> None:
    from smtpauth_tui.rules.telling import fields

    said = {"schema": 1, "findings": [fields(one) for one in shown], "rules": _rules_fields(rules, told)}
    click.echo(json.dumps(said))


def _rules_fields(rules: Sequence["Chosen"], told: "Looking") -> list[dict[str, Any]]:
    return [
        {
            "rule": one.rule.id,
            "name": one.rule.name,
            "title": one.rule.title,
            "on": one.on,
            "limits": dict(one.limits),
            "missing": told.missing.get(one.rule.id) or None,
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
    click.echo(f"{plural(count, 'open finding')}." if all_ else f"{plural(count, 'new finding')}, {still:,} open.")
    for chosen in rules:
        missing = told.missing.get(chosen.rule.id)
        if missing and (chosen.on or all_):
            click.echo(safe(f"Not looked for: {chosen.rule.id} {chosen.rule.title} needs {missing}."))
    if count:
        click.echo(
            "What is right: smtpauth-tui findings ack ID --reason '…'   All that is open: smtpauth-tui check --all"
        )


async def _try(
    context: Context, store: "Store", notes: Any, rules: Sequence["Chosen"], since: str, *, as_json: bool
) -> None:
    """Look with other limits, and keep nothing."""
    from smtpauth_tui.rules.look import look, period_of
    from smtpauth_tui.rules.standing import Standing

    activity = _activity(context, store, notes)
    period = await period_of(activity, _since(store, context, since))
    if period is None:
        _say_nothing_there(quiet=False, as_json=as_json)
        return
    told = await look(activity, rules, period)
    now = int(context.clock.now().timestamp())
    found = [
        Standing(finding, one.rule, finding.key, now, None, not one.on, None)
        for one in rules
        for finding in told.findings.get(one.rule.id, [])
    ]
    if as_json:
        _print_json(found, rules, told)
    else:
        _print_text(found, found, rules, told, store, all_=True)
    if any(one.open for one in found):
        sys.exit(_FOUND)


async def _preview(
    context: Context, store: "Store", notes: Any, rules: Sequence["Chosen"], span: str, *, as_json: bool
) -> None:
    """How often each rule would have found something."""
    from smtpauth_tui.query import parse_span
    from smtpauth_tui.rules.look import look, period_of
    from smtpauth_tui.rules.options import settings_lines

    days = parse_span(span)
    activity = _activity(context, store, notes)
    period = await period_of(activity, days=days)
    if period is None:
        _say_nothing_there(quiet=False, as_json=as_json)
        return
    told = await look(activity, rules, period)
    if as_json:
        said = [
            {
                **of_rule,
                "settings": settings_lines(chosen),
                "findings": [_preview_fields(one) for one in told.findings.get(of_rule["rule"], [])],
            }
            for chosen, of_rule in zip(rules, _rules_fields(rules, told), strict=True)
        ]
        days_said = {"start": period.first.isoformat(), "end": period.last.isoformat()}
        click.echo(json.dumps({"schema": 1, "preview": days_said, "rules": said}))
        return
    click.echo(f"What each rule would have found from {period.first} to {period.last}:\n")
    for one in rules:
        for line in _preview_lines(one, told):
            click.echo(safe(line))
    for line in _keeping(context, rules):
        click.echo(line)


def _keeping(context: Context, rules: Sequence["Chosen"]) -> list[str]:
    """How the settings keep limits that were tried."""
    from smtpauth_tui.rules.options import chosen_rules, settings_lines

    tried = [one for one in rules if one not in chosen_rules(context.settings)]
    lines = [line for one in tried for line in ("", *settings_lines(one))]
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
    lines = [f"{head} {plural(len(found), 'finding'):<12} {f'({limits})' if limits else ''}".rstrip()]
    lines += [f"{'':<38} {count:>4} × {unit}" for unit, count in units.most_common(5)]
    if len(units) > 5:
        lines.append(f"{'':<38}      and {plural(len(units) - 5, 'other')}")
    return lines
