"""The command line. Textual is loaded only to open the interface."""

import codecs
import errno
import gc
import io
import os
import shutil
import signal
import sys
import textwrap
import time
from collections.abc import Callable
from contextlib import aclosing
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

from smtpauth_tui import __version__
from smtpauth_tui.clock import Clock, machine_zone_name, zone_named
from smtpauth_tui.errors import NoStoreError, SmtpAuthTuiError, UsageError
from smtpauth_tui.safe import safe
from smtpauth_tui.settings import Settings, home_expanded, load

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from smtpauth_tui.importer.options import Progress
    from smtpauth_tui.importer.outcome import Outcome
    from smtpauth_tui.query import ReportQuery
    from smtpauth_tui.reports.values import Report
    from smtpauth_tui.store.reader import Store

_PLAIN_WIDTH: Final = 80
_MOST_DAYS: Final = 366 * 100
_UNITS: Final = {"d": 1, "w": 7, "y": 366}
_CHART_ROWS: Final = 14
_PROGRESS_SECONDS: Final = 0.2
_WARNED: Final = 3
"""Exit status of a command that ran and found something to warn of."""
_PLAIN_SIGNS: Final = {"→": "->", "─": "-", "–": "-", "…": "...", "·": "-", "‘": "'", "’": "'"}
"""What stands for signs of text output that the output's encoding lacks."""


class Context:
    """What the options before the command say."""

    def __init__(
        self, settings: Settings, color: str, clock: Clock, *, mouse: bool, config: Path | None = None
    ) -> None:
        self.settings = settings
        self.color = color
        self.clock = clock
        self.mouse = mouse
        self.config = config
        """The configuration file that was named."""

    @property
    def path(self) -> Path:
        """The store's file."""
        return self.settings.store_path

    @property
    def colour(self) -> bool:
        """Whether to colour what goes to standard output."""
        if self.color != "auto":
            return self.color == "always"
        if os.environ.get("NO_COLOR"):
            return False
        if os.environ.get("FORCE_COLOR") or os.environ.get("CLICOLOR_FORCE"):
            return True
        return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


class _ReportName(click.ParamType[str]):
    """The name of a report; the reports are loaded when one is asked for."""

    name = "report"

    @staticmethod
    def _names() -> list[str]:
        from smtpauth_tui.reports import REPORTS

        return [report.name for report in REPORTS]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name itself; a usage error lists the names that there are."""
        if value not in self._names():
            self.fail(f"there is no report {safe(str(value))!r}. Reports are: {', '.join(self._names())}.", param, ctx)
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        """The names that begin with what was typed."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(name) for name in self._names() if name.startswith(incomplete)]


class _ExamplesFirst(click.Command):
    """A command whose help begins with examples."""

    def __init__(self, *args: Any, examples: tuple[str, ...] = (), **extra: Any) -> None:
        super().__init__(*args, **extra)
        self._examples = examples

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _write_examples(formatter, self._examples)
        super().format_help(ctx, formatter)


class _Commands(click.Group):
    """The group of commands; ``smtpauth-tui help COMMAND`` is ``smtpauth-tui COMMAND --help``."""

    command_class = _ExamplesFirst

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Whoever reads the output may stop at any time: that is no failure (SIGPIPE)."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(128 + signal.SIGPIPE)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EIO, errno.EDQUOT):
                raise
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SmtpAuthTuiError(f"The output cannot be written: {error.strerror}.", "Make room there.") from error
        return result

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _write_examples(
            formatter,
            (
                "smtpauth-tui demo                        look at it on made-up data",
                "smtpauth-tui import /var/log/mail.log*   bring in the logs of a mail server",
                "smtpauth-tui                             open the interface",
                "smtpauth-tui show senders --last 30d     a report as text, JSON or CSV",
            ),
        )
        super().format_help(ctx, formatter)


def _write_examples(formatter: click.HelpFormatter, examples: tuple[str, ...]) -> None:
    if examples:
        with formatter.section("Examples"):
            for example in examples:
                formatter.write(f"{'':{formatter.current_indent}}{example}\n")
        formatter.write_paragraph()


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--db", type=click.Path(path_type=Path), help="The store's file (default: the XDG data folder).")
@click.option("--config", type=click.Path(path_type=Path), help="The configuration file.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colours in text output.")
@click.option("--no-mouse", is_flag=True, help="Leave the mouse to the terminal.")
@click.version_option(__version__, "--version", "-V", prog_name="smtpauth-tui")
@click.pass_context
def main(ctx: click.Context, db: Path | None, config: Path | None, color: str, no_mouse: bool) -> None:
    """Who sends by SMTP AUTH, how much, with which TLS: from the logs of any mail server.

    Without a command it opens the interface; without a terminal it prints the dashboard as text.
    """
    config = Path(home_expanded(config)) if config else None
    try:
        settings = load(config)
    except UsageError:
        if ctx.invoked_subcommand != "doctor":
            raise
        settings = Settings()  # the doctor says what is wrong with them
    if db:
        settings = settings.with_store(home_expanded(db))
    ctx.obj = Context(settings, color, Clock(), mouse=not no_mouse and settings.mouse == "on", config=config)
    ctx.color = ctx.obj.colour
    if ctx.invoked_subcommand is None:
        _open(ctx.obj)


@main.command("help", examples=("smtpauth-tui help import",))
@click.argument("command", required=False)
@click.pass_context
def help_command(ctx: click.Context, command: str | None) -> None:
    """The help of a command."""
    parent = ctx.parent or ctx
    found = main.get_command(parent, command) if command else main
    if found is None:
        raise UsageError(f"There is no command {command!r}.", f"Commands are: {', '.join(main.commands)}.")
    with click.Context(found, info_name=command or parent.info_name, parent=parent if command else None) as inner:
        click.echo(found.get_help(inner))


# the interface, and the dashboard as text


@main.command(examples=("smtpauth-tui demo", "smtpauth-tui demo > dashboard.txt"))
@click.pass_obj
def demo(context: Context) -> None:
    """The interface on a store of made-up data of the last 90 days, in a place of its own."""
    from smtpauth_tui.demo import demo_store
    from smtpauth_tui.terminal import leaving_on_signals

    zone = context.settings.timezone or machine_zone_name()
    with leaving_on_signals(), demo_store(context.clock, zone, _say_progress) as path:
        shown = Context(context.settings.with_store(path), context.color, context.clock, mouse=context.mouse)
        _open(shown, last=partial(shutil.rmtree, path.parent, ignore_errors=True))


def _open(context: Context, last: Callable[[], None] | None = None) -> None:
    """Open the interface; where there is no terminal for it, print the dashboard.

    *last* is called before an end by force, which leaves no context.
    """
    if not all(stream and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        _run(_print_dashboard(context))
        return
    if os.environ.get("TERM", "dumb") == "dumb":
        raise UsageError(
            "This terminal (TERM=dumb) cannot show the interface.",
            "Set TERM to what it is, or print a report: smtpauth-tui show summary",
        )
    from smtpauth_tui.first_picture import first_picture
    from smtpauth_tui.terminal import Guard, prepare

    prepare(context.settings)
    guard = Guard(last)
    gc.disable()  # what is loaded stays: to look for garbage in it only takes time
    with guard.signals():
        picture = first_picture(context.settings, context.clock)
        with guard.loading(picture.text if picture else ""):
            from smtpauth_tui.app import open_interface
        status = open_interface(context.settings, context.clock, guard, picture, mouse=context.mouse)
    sys.exit(status)


async def _print_dashboard(context: Context) -> None:
    from smtpauth_tui.dashboard_text import dashboard_lines
    from smtpauth_tui.store.reader import Store

    try:
        store = await Store.open(context.path)
    except NoStoreError as error:
        click.echo(str(error))
        return
    async with store:
        for line in await dashboard_lines(store, context.clock, colour=context.colour, ascii_only=_ascii_only()):
            click.echo(line)


# import


@main.command(
    "import",
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
    from smtpauth_tui.importer.finding import STDIN, Found, find
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
        "auto": _say_progress,
        "json": _JsonProgress(),
        "none": lambda _: None,
    }
    say_progress = ways[progress]
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
        importer = Importer(open_writer, options, context.clock, say_progress, context.path if stored else None)
        if stored and wanted and wanted != stored:
            importer.outcome.warnings.append(
                f"The store counts its days in {stored}, not in {wanted}. "
                f"To change that: smtpauth-tui timezone {wanted}"
            )
        try:
            return importer.run(found)
        finally:
            say_progress(None)

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


_progress_shown = False


def _say_progress(progress: "Progress | None") -> None:
    """A line on the terminal that is written over; None takes it away."""
    global _progress_shown
    if not sys.stderr.isatty() or (progress is None and not _progress_shown):
        return
    text = ""
    if progress:
        width = shutil.get_terminal_size().columns - 1
        text = safe(progress.as_line())[:width]
    sys.stderr.write(f"\r{text}\x1b[K")
    sys.stderr.flush()
    _progress_shown = bool(text)


class _JsonProgress:
    """Progress for a program: ``{"progress": {"path": ..., "done": ...}}``, a line each on standard error."""

    def __init__(self) -> None:
        self._last = -_PROGRESS_SECONDS

    def __call__(self, progress: "Progress | None") -> None:
        now = time.monotonic()
        if progress is None or now - self._last < _PROGRESS_SECONDS:
            return
        self._last = now
        import json

        told = {name: getattr(progress, name) for name in ("path", "done", "total", "lines", "seconds")}
        click.echo(json.dumps({"progress": told}), err=True)


@main.command(examples=("smtpauth-tui timezone", "smtpauth-tui timezone Europe/Berlin"))
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


@main.command(examples=("smtpauth-tui formats",))
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


@main.command(examples=("smtpauth-tui prune --keep 400d", "smtpauth-tui prune --keep 2y --dry-run"))
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


# show


@main.command(
    examples=(
        "smtpauth-tui show summary",
        "smtpauth-tui show tls --start 2026-11-01 --end today",
        "smtpauth-tui show senders --last 30d --domain contoso.example --format csv",
        "smtpauth-tui show sender scanner@contoso.example --json",
    ),
)
@click.argument("report", type=_ReportName())
@click.argument("address", required=False)
@click.option("--start", default="", metavar="DATE", help="The first day: 2026-11-17, today, -7d.")
@click.option("--end", default="", metavar="DATE", help="The last day, included (default: today).")
@click.option("--last", default="", metavar="SPAN", help="So many days up to today: 7d (default), 30d, 90d.")
@click.option("--domain", help="Only senders of this domain.")
@click.option("--by", type=click.Choice(["sender", "account"]), default="sender", help="What a row stands for.")
@click.option("--search", default="", help="Only rows whose address holds this text.")
@click.option("--sort", default="", metavar="COLUMN", help="Sort by this column; -COLUMN turns the order round.")
@click.option("--limit", type=click.IntRange(min=0), help="At most so many rows (default: all).")
@click.option("--format", "format_", type=click.Choice(["text", "json", "csv"]), default="text", help="The form.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.pass_obj
def show(context: Context, /, **options: Any) -> None:
    """Print a report.

    summary, volume, tls, senders, sender ADDRESS, failures, signins, snapshots, imports.
    """
    _run(_show(context, **options))


async def _show(context: Context, report: str, address: str | None, limit: int | None, **options: Any) -> None:
    from smtpauth_tui.reports import REPORTS
    from smtpauth_tui.store.reader import Store

    if (report == "sender") != (address is not None):
        raise UsageError(
            "Which sender?" if report == "sender" else f"'show {report}' takes no address.",
            "Write: smtpauth-tui show sender ADDRESS",
        )
    found = next(known for known in REPORTS if known.name == report)
    async with await Store.open(context.path) as opened, opened.snapshot() as store:
        query = _query(store, context.clock, found, address, **options)
        form = "json" if options["as_json"] else options["format_"]
        await _print_report(context, store, found, query, form, limit)


def _query(
    store: "Store",
    clock: Clock,
    report: "Report",
    address: str | None,
    *,
    start: str,
    end: str,
    last: str,
    domain: str | None,
    by: str,
    search: str,
    sort: str,
    **_: Any,
) -> "ReportQuery":
    from smtpauth_tui.entered import EnteredQuery
    from smtpauth_tui.query import LONGEST_TEXT, Grouping, SenderOrder, make_period

    for what, text in (("address", address), ("domain", domain), ("search", search)):
        if text and (len(text) > LONGEST_TEXT or not _is_text(text)):
            raise UsageError(f"The {what} is not a text of at most {LONGEST_TEXT:,} characters.", "Give a shorter one.")
    order, descending = SenderOrder.MESSAGES, True
    if sort:
        orders = report.orders or {}
        if sort.lstrip("-") not in orders:
            raise UsageError(
                f"{report.name} cannot be sorted by {sort.lstrip('-')!r}.",
                f"Columns are: {', '.join(orders)}." if orders else "Its order is fixed.",
            )
        order, descending = orders[sort.lstrip("-")]
        descending ^= sort.startswith("-")
    return EnteredQuery(
        period=make_period(clock.today(store.zone), start, end, last),
        domain=None if domain is None else domain.lstrip("@"),
        by=Grouping(by),
        search=search,
        order=order,
        descending=descending,
        sender="" if address == "<>" else address,
    )


async def _print_report(
    context: Context, store: "Store", report: "Report", query: "ReportQuery", form: str, limit: int | None
) -> None:
    from smtpauth_tui import export

    async with aclosing(report.records(store, query, None if limit is None else limit + 1)) as records:
        if form == "text":
            width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
            for line in await _heading(context, store, report, query, width or _PLAIN_WIDTH):
                click.echo(line)
            lines = export.text_lines(report, records, colour=context.colour, width=width, limit=limit)
            async for part in export.gathered(lines, end="\n"):
                click.echo(part, nl=False)
            return
        if form == "json":
            parts = export.json_lines(report, records, query, store.zone.key, limit)
        else:
            parts = export.csv_lines(report, records, query, limit)
        async for part in export.gathered(parts):
            click.echo(part, nl=False)


async def _heading(context: Context, store: "Store", report: "Report", query: "ReportQuery", width: int) -> list[str]:
    """What stands above a report's table: its title, what was asked, and its chart."""
    from smtpauth_tui import export
    from smtpauth_tui.reports.figures import short_period

    what = [report.title if query.sender is None else safe(f"{report.title} {query.sender or '<>'}")]
    if report.name not in ("imports", "snapshots"):
        what.append(f"{short_period(query.period)}, {store.zone.key}")
    if query.domain is not None:
        what.append(f"sender domain {safe(query.domain or '(none)')}")
    lines = [" · ".join(what), ""]
    if report.chart:
        chart = await report.chart(store, query)
        if chart.total:
            lines += export.chart_lines(chart, width, _CHART_ROWS, colour=context.colour, ascii_only=_ascii_only())
            lines.append("")
    if report.note:
        lines += [*textwrap.wrap(report.note, width), ""]
    if report.name not in ("imports", "failures", "signins", "snapshots"):
        lines += await _empty_note(store, query)
    return lines


async def _empty_note(store: "Store", query: "ReportQuery") -> list[str]:
    """Where the period has no submissions: when there are some."""
    if (await store.totals(query)).messages:
        return []
    span = await store.span()
    if span and query.period.first <= span.last and span.first <= query.period.last:
        of = " of that domain" if query.domain is not None else " of that sender" if query.sender is not None else ""
        return [f"No submissions{of} in these days.", ""]
    if span is None:
        return ["The store has no submissions yet. Bring in a log: smtpauth-tui import /var/log/mail.log", ""]
    return [
        f"No submissions. The store has some from {span.first} to {span.last}: --start {span.first} --end {span.last}",
        "",
    ]


# doctor


@main.command(examples=("smtpauth-tui doctor", "smtpauth-tui doctor --json"))
@click.option("--json", "as_json", is_flag=True, help="The findings as one JSON object.")
@click.pass_obj
def doctor(context: Context, as_json: bool) -> None:
    """What would keep this from working here, or its figures from being right, and how to mend it.

    Exit status 3 if there is a warning.
    """
    _run(_examine(context, as_json=as_json))


async def _examine(context: Context, *, as_json: bool) -> None:
    import json

    from smtpauth_tui.doctor import examine
    from smtpauth_tui.doctor.findings import Patient, Severity, Terminal

    terminal = None
    if sys.stdin.isatty() and sys.stdout.isatty():
        size = shutil.get_terminal_size()
        encoding = codecs.lookup(sys.stdout.encoding or "ascii").name
        terminal = Terminal(size.columns, size.lines, encoding, os.environ)
    signs = {Severity.OK: ("ok", "green"), Severity.NOTICE: ("notice", None), Severity.WARNING: ("WARNING", "yellow")}
    found = []
    async for finding in examine(Patient(context.path, context.clock, context.config, terminal, os.environ)):
        found.append(finding)
        if as_json:
            continue
        word, colour = signs[finding.severity]
        lines = [safe(finding.what), *(["→ " + safe(finding.todo)] if finding.todo else [])]
        if sys.stdout.isatty():
            width = max(shutil.get_terminal_size().columns - 9, 20)
            lines = [part for line in lines for part in textwrap.wrap(line, width, break_long_words=False)]
        for place, line in enumerate(lines):
            click.echo(f"{click.style('' if place else word, fg=colour)}{'':{9 - (0 if place else len(word))}}{line}")
    if as_json:
        click.echo(json.dumps({"schema": 1, "findings": [finding.as_json() for finding in found]}))
    if any(finding.severity is Severity.WARNING for finding in found):
        sys.exit(_WARNED)


def _is_text(word: str) -> bool:
    """Whether a word of the command line is UTF-8; bytes that are not come as lone surrogates."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True


def _ascii_only() -> bool:
    """Whether standard output cannot take block characters."""
    try:
        "█┤…".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return True
    return False


def _run(work: Any) -> None:
    import asyncio

    asyncio.run(work)


def _other_signs(error: UnicodeError) -> tuple[str, int]:
    """What stands for characters that the output's encoding lacks: plain signs for our own, else the escape."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    character = error.object[error.start]
    return _PLAIN_SIGNS.get(character) or character.encode("ascii", "backslashreplace").decode(), error.start + 1


def _open_closed_streams() -> None:
    """Where a standard stream was closed (``>&-``), an empty one: no other file may take its number."""
    nothing = Path(os.devnull)
    sys.stdin = sys.stdin or nothing.open()
    sys.stdout = sys.stdout or nothing.open("w")
    sys.stderr = sys.stderr or nothing.open("w")


def run() -> NoReturn:
    """The program: each error a sentence on stderr, each ending its exit status."""
    _open_closed_streams()
    codecs.register_error("smtpauth-tui", _other_signs)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="smtpauth-tui")
    try:
        status = main.main(standalone_mode=False)
        sys.exit(status if isinstance(status, int) else 0)
    except SmtpAuthTuiError as error:
        click.echo(f"smtpauth-tui: {safe(str(error))}", err=True)
        sys.exit(error.exit_status)
    except click.exceptions.Abort:
        click.echo("smtpauth-tui: interrupted; what was not complete was undone.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        click.echo("smtpauth-tui: interrupted; what was not complete was undone.", err=True)
        sys.exit(130)
