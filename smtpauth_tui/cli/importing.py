"""Brings in logs, says which ones can be read, and tends what is in the store: its zone, and how long it is kept."""

import sys
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import click

from smtpauth_tui.cli.context import Context
from smtpauth_tui.cli.group import ExamplesFirst
from smtpauth_tui.cli.progress import JsonProgress, say_progress
from smtpauth_tui.clock import machine_zone_name, zone_named
from smtpauth_tui.errors import NoStoreError, UsageError
from smtpauth_tui.safe import safe

if TYPE_CHECKING:
    from smtpauth_tui.importer.finding import Found
    from smtpauth_tui.importer.options import Progress
    from smtpauth_tui.importer.outcome import Outcome

_MOST_DAYS: Final = 366 * 100
_UNITS: Final = {"d": 1, "w": 7, "y": 366}


@click.command(
    "import",
    cls=ExamplesFirst,
    examples=(
        "smtpauth-tui import /var/log/mail.log*",
        "smtpauth-tui import /var/log --json",
        "smtpauth-tui import --follow /var/log/mail.log",
        "journalctl -f -o json -u 'postfix*' | smtpauth-tui import --follow -",
    ),
)
@click.argument("paths", nargs=-1, required=True)
@click.option("--format", "format_", default="auto", help="auto, or the name of a format.")
@click.option("--host", default="", help="The server's name where the source does not say it.")
@click.option("--tz", "zone", default="", help="The zone of stamps that carry none (default: the store's).")
@click.option("--year", type=click.IntRange(1970, 9998), help="The newest year of stamps that carry none.")
@click.option("--period", metavar="DAY..DAY", default="", help="The period of an export that has totals and no days.")
@click.option("--dry-run", is_flag=True, help="Read and count, write nothing.")
@click.option("--follow", "following", is_flag=True, help="Go on importing what is added, until it is stopped.")
@click.option("--json", "as_json", is_flag=True, help="The outcome as one JSON object.")
@click.option("--progress", "progress", type=click.Choice(["auto", "json", "none"]), default="auto", hidden=True)
@click.pass_obj
def import_(
    context: Context,
    paths: tuple[str, ...],
    format_: str,
    host: str,
    zone: str,
    year: int | None,
    period: str,
    dry_run: bool,
    following: bool,
    as_json: bool,
    progress: str,
) -> None:
    """Bring in logs: files, folders, patterns, compressed or not; - is standard input.

    The same log again, under another name or in another form, adds nothing.
    """
    from smtpauth_tui.formats import DOCUMENTS, FORMATS
    from smtpauth_tui.importer.finding import STDIN, find
    from smtpauth_tui.importer.follow import follow
    from smtpauth_tui.importer.options import ImportOptions
    from smtpauth_tui.importer.run import Importer
    from smtpauth_tui.importer.telling import say, say_outcome
    from smtpauth_tui.store.writer import Writer, zone_name_of

    formats = tuple(known for known in FORMATS if format_ in ("auto", known.name))
    documents = tuple(known for known in DOCUMENTS if format_ in ("auto", known.name))
    if not formats and not documents:
        names = [known.name for known in FORMATS] + [known.name for known in DOCUMENTS]
        raise UsageError(f"There is no format {format_!r}.", f"Formats are: auto, {', '.join(names)}.")
    ways: dict[str, Callable[[Progress | None], None]] = {
        "auto": say_progress,
        "json": JsonProgress(),
        "none": lambda _: None,
    }
    show_progress = ways[progress]
    days = _period(period)
    if following and (dry_run or (STDIN in paths and len(paths) > 1)):
        raise UsageError(
            "--follow does not go with --dry-run, nor with standard input and files together.", "Use it by itself."
        )

    def bring_in(found: "Found") -> "Outcome":
        stored = zone_name_of(context.path)
        wanted = context.settings.timezone
        zone_name = stored or (zone_named(wanted).key if wanted else machine_zone_name())

        def open_writer() -> Writer:
            in_memory = dry_run and stored is None
            return Writer(None if in_memory else context.path, zone_name, say)

        options = ImportOptions(zone_named(zone or zone_name), year, host, formats, documents, dry_run, days)
        importer = Importer(open_writer, options, context.clock, show_progress, context.path if stored else None)
        if stored and wanted and wanted != stored:
            importer.outcome.warnings.append(
                f"The store counts its days in {stored}, not in {wanted}. "
                f"To change that: smtpauth-tui timezone {wanted}"
            )
        try:
            return importer.run(found)
        finally:
            show_progress(None)

    if following:
        follow(paths, context.path, bring_in, lambda outcome: _say_news(outcome, as_json=as_json))
        return
    outcome = bring_in(find(list(paths), context.path))
    say_outcome(outcome, as_json=as_json)
    if outcome.problems:
        sys.exit(1)


def _period(words: str) -> tuple[date, date] | None:
    """The days of ``2026-11-01..2026-11-30``; None for no words. UsageError for others."""
    if not words:
        return None
    try:
        first, last = (date.fromisoformat(day) for day in words.split(".."))
    except ValueError:
        first = last = date.min
    if first > last or last == date.min:
        raise UsageError(f"{safe(words)!r} is no period.", "Write it as 2026-11-01..2026-11-30.")
    return first, last


def _say_news(outcome: "Outcome", *, as_json: bool) -> None:
    """What one import of many brought; nothing where it brought nothing."""
    from smtpauth_tui.importer.telling import say, say_outcome

    if outcome.submissions or outcome.auth_failures or outcome.sign_ins or outcome.snapshots:
        say_outcome(outcome, as_json=as_json)
    else:
        for text in outcome.warnings + outcome.problems:
            say(text)


@click.command(cls=ExamplesFirst, examples=("smtpauth-tui timezone", "smtpauth-tui timezone Europe/Berlin"))
@click.argument("zone", required=False)
@click.pass_obj
def timezone(context: Context, zone: str | None) -> None:
    """Show the zone in which the store counts its days, or count them all anew in another ZONE."""
    from smtpauth_tui.store.writer import Writer, zone_name_of

    stored = zone_name_of(context.path)
    if stored is None:
        raise NoStoreError(f"There is no store yet at {context.path}.", "It is made by the first import.")
    if zone is None or zone == stored:
        click.echo(stored)
        return
    writer = Writer(context.path, stored)
    try:
        writer.rezone(zone_named(zone).key)
    finally:
        writer.close()
    click.echo(f"The store now counts its days in {zone}, before in {stored}.")


@click.command(cls=ExamplesFirst, examples=("smtpauth-tui formats",))
@click.option("--json", "as_json", is_flag=True, help="The formats as one JSON object.")
def formats(as_json: bool) -> None:
    """What can be read, with an example of each."""
    import json

    from smtpauth_tui.formats import DOCUMENTS, FORMATS

    known = [(one.name, one.title, one.example) for one in FORMATS]
    known += [(one.name, one.title, one.example) for one in DOCUMENTS]
    if as_json:
        rows = [{"name": name, "title": title, "example": example} for name, title, example in known]
        click.echo(json.dumps({"schema": 1, "formats": rows}))
        return
    for name, title, example in known:
        click.echo(f"{click.style(name, bold=True)}  {title}")
        for line in example.splitlines():
            click.echo(f"    {line}")
    click.echo("\nLogs may be syslog files in any form or come from the journal; compressed or not.")


@click.command(cls=ExamplesFirst, examples=("smtpauth-tui prune --keep 400d", "smtpauth-tui prune --keep 2y --dry-run"))
@click.option("--keep", required=True, metavar="SPAN", help="So many days up to today: 400d, 56w, 2y.")
@click.option("--dry-run", is_flag=True, help="Say from which day on it would keep, and forget nothing.")
@click.pass_obj
def prune(context: Context, keep: str, dry_run: bool) -> None:
    """Forget what is older than SPAN. It is not counted again, though an old log with it is imported."""
    from smtpauth_tui.importer.telling import say
    from smtpauth_tui.store.days import number_of
    from smtpauth_tui.store.writer import Writer, zone_name_of

    days = _days_of(keep)
    stored = zone_name_of(context.path)
    if stored is None:
        raise NoStoreError(f"There is no store yet at {context.path}.", "It is made by the first import.")
    today = context.clock.today(zone_named(stored))
    first = today - timedelta(days=days - 1)
    if dry_run:
        click.echo(f"Would keep {first} and later.")
        return
    writer = Writer(context.path, stored, say)
    try:
        submissions, failures = writer.prune(days, number_of(today))
    finally:
        writer.close()
    click.echo(f"Forgot {submissions:,} submissions and {failures:,} failed sign-ins before {first}.")


def _days_of(span: str) -> int:
    """The days of ``400d``, ``56w``, ``2y``; UsageError for anything else."""
    number, unit = span[:-1], span[-1:].lower()
    if not number.isascii() or not number.isdecimal() or unit not in _UNITS or len(number) > 5 or not int(number):
        raise UsageError(f"{span!r} is no span of days.", "Write it as 400d, 56w or 2y.")
    days = int(number) * _UNITS[unit]
    if days > _MOST_DAYS:
        raise UsageError(f"{span!r} is longer than any log.", "Write it as 400d, 56w or 2y.")
    return days
