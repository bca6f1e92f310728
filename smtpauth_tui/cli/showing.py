"""Prints a report as text, JSON or CSV."""

import gc
import textwrap
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import click

from smtpauth_tui.cli.context import Context, LateName, ascii_only, checked_text, run_async, table_width
from smtpauth_tui.cli.group import ExamplesFirst
from smtpauth_tui.clock import Clock
from smtpauth_tui.errors import UsageError
from smtpauth_tui.safe import safe

if TYPE_CHECKING:
    from smtpauth_tui.query import ReportQuery
    from smtpauth_tui.reports.values import Report
    from smtpauth_tui.store.reader import Store
    from smtpauth_tui.switches import Switches

_PLAIN_WIDTH: Final = 80
_CHART_ROWS: Final = 14


def _names() -> list[str]:
    from smtpauth_tui.reports import REPORTS

    return [report.name for report in REPORTS]


@click.command(
    cls=ExamplesFirst,
    examples=(
        "smtpauth-tui show summary",
        "smtpauth-tui show tls --start 2026-11-01 --end today",
        "smtpauth-tui show senders --last 30d --domain contoso.example --format csv",
        "smtpauth-tui show senders --where 'messages > 100 and tls1.0 > 0'",
        "smtpauth-tui show sender scanner@contoso.example --json",
        "smtpauth-tui show breaks --without basic,tls1.0 --from-only 10.0.0.0/8 --format csv",
        "smtpauth-tui show accounts --state silent",
        "smtpauth-tui show breaks --without basic --xlsx to-do.xlsx",
        "smtpauth-tui show sources --by network --account scanner@contoso.example",
        "smtpauth-tui show failures --by account --last 30d",
    ),
)
@click.argument("report", type=LateName("report", _names))
@click.argument("address", required=False)
@click.option("--start", default="", metavar="DATE", help="The first day: 2026-11-17, today, -7d.")
@click.option("--end", default="", metavar="DATE", help="The last day, included (default: today).")
@click.option(
    "--last", default="", metavar="SPAN", help="So many days up to the last one: 7d (default; breaks: 90d), 30d."
)
@click.option("--domain", help="Only senders of this domain.")
@click.option("--without", metavar="LIST", help="breaks: what is switched off (default: basic,tls1.0,tls1.1,notls).")
@click.option("--from-only", metavar="NETWORKS", help="breaks: the networks that may send: 10.0.0.0/8,2001:db8::/32.")
@click.option(
    "--by",
    type=click.Choice(["sender", "account", "name", "address", "network", "host", "country", "as"]),
    help="What a row stands for: sender or account; of sources and failures all the others.",
)
@click.option("--account", help="Only the sources of this account.")
@click.option("--sender", help="Only the sources of this sender address.")
@click.option(
    "--state", type=click.Choice(["new", "returned", "silent", "active"]), help="Only accounts of this state."
)
@click.option("--search", default="", help="Only rows whose address holds this text.")
@click.option("--where", default="", metavar="FILTER", help="Only rows of which this holds; see 'filters --help'.")
@click.option("--filter", "filter_", default="", metavar="NAME", help="Only rows of which a saved filter holds.")
@click.option("--sort", default="", metavar="COLUMN", help="Sort by this column; -COLUMN turns the order round.")
@click.option("--limit", type=click.IntRange(min=0), help="At most so many rows (default: all).")
@click.option("--format", "format_", type=click.Choice(["text", "json", "csv"]), default="text", help="The form.")
@click.option("--xlsx", default="", metavar="FILE", help="breaks: write a workbook into this file instead.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.pass_obj
def show(context: Context, /, **options: Any) -> None:
    """Print a report.

    summary, volume, tls, auth, senders, sender ADDRESS, accounts, breaks, sources, failures, signins, snapshots,
    imports.
    """
    gc.disable()  # the rows of a report make no cycles: to look for some takes as long as the report
    run_async(_show(context, **options))


async def _show(
    context: Context, report: str, address: str | None, limit: int | None, by: str | None, **options: Any
) -> None:
    from smtpauth_tui.reports import REPORTS
    from smtpauth_tui.store.reader import Store

    if options["xlsx"] and report != "breaks":
        raise UsageError(f"'show {report}' writes no workbook.", "It is for: smtpauth-tui show breaks --xlsx FILE")
    if (report == "sender") != (address is not None):
        raise UsageError(
            "Which sender?" if report == "sender" else f"'show {report}' takes no address.",
            "Write: smtpauth-tui show sender ADDRESS",
        )
    found, grouping = _grouped(next(known for known in REPORTS if known.name == report), by, **options)
    named = next((options[one] for one in ("account", "sender") if options[one] is not None), address)
    async with await Store.open(context.path, context.places) as opened, opened.snapshot() as store:
        query = _query(store, context.clock, found, named, grouping, **options)
        if options["where"] or options["filter_"]:
            from smtpauth_tui.cli.filtering import filter_of

            today = context.clock.today(store.zone)
            where = filter_of(context, found, query.by, today, text=options["where"], name=options["filter_"])
            store.places.check(where)
            query = replace(query, where=where)
        if options["xlsx"]:
            await _write_workbook(store, query, options["xlsx"], limit)
            return
        form = "json" if options["as_json"] else options["format_"]
        await _print_report(context, store, found, query, form, limit)


def _grouped(
    report: "Report", by: str | None, *, account: str | None, sender: str | None, **_: Any
) -> tuple["Report", str]:
    """The report by what was asked, and whether an account's messages are counted or a sender's."""
    if (account is not None or sender is not None) and not report.of_one:
        raise UsageError(
            f"'show {report.name}' takes neither --account nor --sender.", "Write: smtpauth-tui show sources"
        )
    if account is not None and sender is not None:
        raise UsageError("An account and a sender do not go together.", "Name one of them.")
    if not report.groupings:
        if by not in (None, "sender", "account"):
            raise UsageError(f"{report.name} cannot be had by {by}.", f"Write: smtpauth-tui show sources --by {by}")
        return report, by or "sender"
    if by is not None and by not in report.groupings:
        raise UsageError(f"{report.name} cannot be had by {by}.", f"What can be: {', '.join(report.groupings)}.")
    return report.groupings[by] if by else report, "sender" if account is None else "account"


def _query(
    store: "Store",
    clock: Clock,
    report: "Report",
    address: str | None,
    by: str,
    *,
    start: str,
    end: str,
    last: str,
    domain: str | None,
    search: str,
    sort: str,
    without: str | None,
    from_only: str | None,
    state: str | None,
    **_: Any,
) -> "ReportQuery":
    from smtpauth_tui.entered import EnteredQuery
    from smtpauth_tui.query import Grouping, make_period

    for what, text in (("address", address), ("domain", domain), ("search", search)):
        checked_text(what, text)
    order, descending = report.order, True
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
        period=make_period(clock.today(store.zone), start, end, last, report.days),
        domain=None if domain is None else domain.lstrip("@"),
        by=Grouping(by),
        search=search,
        order=order,
        descending=descending,
        sender="" if address == "<>" else address,
        switches=_switches(report, without, from_only),
        today=clock.today(store.zone),
        state=_state(report, state),
    )


def _state(report: "Report", state: str | None) -> str:
    if state is not None and report.name != "accounts":
        raise UsageError(f"'show {report.name}' takes no --state.", "It is for: show accounts")
    return state or ""


def _switches(report: "Report", without: str | None, from_only: str | None) -> "Switches | None":
    from smtpauth_tui.switches import parse_switches

    if report.name == "breaks":
        return parse_switches(without, from_only)
    if without is not None or from_only is not None:
        raise UsageError(f"'show {report.name}' takes neither --without nor --from-only.", "They are for: show breaks")
    return None


async def _write_workbook(store: "Store", query: "ReportQuery", path: str, limit: int | None) -> None:
    from smtpauth_tui.cli.sending import write_file
    from smtpauth_tui.mailing.to_do import load_to_do
    from smtpauth_tui.mailing.to_do_files import to_do_workbook

    todo = await load_to_do(store, query, limit)
    write_file(path, await to_do_workbook(todo, store.zone))


async def _print_report(
    context: Context, store: "Store", report: "Report", query: "ReportQuery", form: str, limit: int | None
) -> None:
    from smtpauth_tui import export
    from smtpauth_tui.reports.judged_here import records_of

    async with aclosing(records_of(report, store, query, None if limit is None else limit + 1)) as records:
        if form == "text":
            width = table_width()
            for line in await _heading(context, store, report, query, width or _PLAIN_WIDTH):
                click.echo(line)
            lines = export.text_lines(report, records, colour=context.colour, width=width, limit=limit)
            empty = True
            async for part in export.gathered(lines, end="\n"):
                click.echo(part, nl=False)
                empty = empty and not part
            if empty and query.where:
                click.echo("The filter leaves no row.")
            return
        if form == "json":
            more = (await report.preface(store, query)).fields if report.preface else {}
            parts = export.json_lines(report, records, query, store.zone.key, limit, more)
        else:
            parts = export.csv_lines(report, records, query, limit)
        async for part in export.gathered(parts):
            click.echo(part, nl=False)


async def _heading(context: Context, store: "Store", report: "Report", query: "ReportQuery", width: int) -> list[str]:
    """What stands above a report's table: its title, what was asked, and its chart."""
    from smtpauth_tui import export
    from smtpauth_tui.reports.figures import short_period

    what = [report.title if query.sender is None else safe(f"{report.title} {query.sender or '<>'}")]
    if report.of_one and query.sender is not None:
        what = [
            report.title,
            safe(f"{'account' if export.of_account(report, query) else 'sender'} {query.sender or '<>'}"),
        ]
    if report.name not in ("imports", "snapshots"):
        what.append(f"{short_period(query.period)}, {store.zone.key}")
    if query.domain is not None:
        what.append(f"sender domain {safe(query.domain or '(none)')}")
    if query.where:
        what.append(f"where {safe(query.where.text)}")
    lines = [" · ".join(what), ""]
    if report.chart:
        chart = await report.chart(store, query)
        if chart.total:
            lines += export.chart_lines(chart, width, _CHART_ROWS, colour=context.colour, ascii_only=ascii_only())
            lines.append("")
    if note := report.note_on(store) if report.note_on else report.note:
        lines += [*textwrap.wrap(note, width), ""]
    if report.preface:
        for sentence in (await report.preface(store, query)).sentences:
            lines += textwrap.wrap(sentence, width)
        lines.append("")
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
