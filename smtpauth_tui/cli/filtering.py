"""Filters at the command line: what a report is asked for, and the filters that were given a name."""

import json
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import click

from smtpauth_tui.cli.context import Context, table_width
from smtpauth_tui.cli.group import GroupExamplesFirst
from smtpauth_tui.errors import UsageError
from smtpauth_tui.safe import safe

if TYPE_CHECKING:
    from smtpauth_tui.conditions import Filter
    from smtpauth_tui.query import Grouping
    from smtpauth_tui.reports.values import Report
    from smtpauth_tui.store.saved_filters import SavedFilter

_as_json: Final = click.option("--json", "as_json", is_flag=True, help="The same as one JSON object.")


@click.group(
    cls=GroupExamplesFirst,
    examples=(
        "smtpauth-tui filters save old 'tls1.0 > 0 or tls1.1 > 0 or none > 0'",
        "smtpauth-tui show senders --last 30d --filter old",
        "smtpauth-tui show senders --where 'messages between 10 and 99 and not domain in (a.example, b.example)'",
        "smtpauth-tui show senders --where 'tls1.0% >= 5 and last_seen < -7d'",
        "smtpauth-tui show failures --where 'failures > 20 and client in 10.0.0.0/8'",
    ),
)
def filters() -> None:
    """Filters that were given a name, for 'show REPORT --filter NAME'.

    A filter compares columns of a report with values: =, !=, <, <=, >, >=, between A and B, in (A, B), and for texts
    contains, starts with, ends with; joined by and, or, not and parentheses. Capitals do not matter. A value with
    blanks goes into quotes. A client's address may be compared with a network. A filter with a column that the report
    has not is refused with the names of those that there are.
    """


@filters.command("list", examples=("smtpauth-tui filters list",))
@_as_json
@click.pass_obj
def list_(context: Context, as_json: bool) -> None:
    """The saved filters, and which reports take them."""
    from smtpauth_tui.export import table_lines
    from smtpauth_tui.reports.values import Cell, Column, Table

    found = _saved(context)
    today = context.clock.now().date()
    reports = [reports_for(one.text, today)[0] for one in found]
    if as_json:
        rows = [_fields(one, names) for one, names in zip(found, reports, strict=True)]
        click.echo(json.dumps({"schema": 1, "filters": rows}))
        return
    if not found:
        click.echo("No filter is saved. Save one: smtpauth-tui filters save NAME FILTER")
        return
    columns = Column("name", "Name"), Column("reports", "For"), Column("text", "Filter")
    cells = [
        (Cell(one.name), Cell(", ".join(names)), Cell(one.text)) for one, names in zip(found, reports, strict=True)
    ]
    for line in table_lines(Table(columns, tuple(cells)), colour=context.colour, width=table_width()):
        click.echo(line)


@filters.command(examples=("smtpauth-tui filters save old 'tls1.0 > 0 or tls1.1 > 0 or none > 0'",))
@click.argument("name")
@click.argument("text", metavar="FILTER")
@_as_json
@click.pass_obj
def save(context: Context, name: str, text: str, as_json: bool) -> None:
    """Give a filter a name, instead of one that has it."""
    from smtpauth_tui.store.notes import Notes
    from smtpauth_tui.store.saved_filters import SavedFilter, name_of, save_filter

    name = name_of(name)
    now = context.clock.now()
    reports, error = reports_for(text, now.date())
    if error:
        raise error
    new = SavedFilter(name, text.strip(), int(now.timestamp()))
    with Notes(context.path) as notes:
        replaced = save_filter(notes, new)
    if as_json:
        click.echo(json.dumps({"schema": 1, "filter": _fields(new, reports), "replaced": replaced}))
    else:
        instead = ", instead of the one that had this name" if replaced else ""
        click.echo(f"Saved {safe(name)}{instead}. For: {', '.join(reports)}.")


@filters.command(examples=("smtpauth-tui filters forget old",))
@click.argument("name")
@_as_json
@click.pass_obj
def forget(context: Context, name: str, as_json: bool) -> None:
    """Forget a filter."""
    from smtpauth_tui.store.notes import Notes
    from smtpauth_tui.store.saved_filters import forget_filter

    notes = Notes.open_existing(context.path)
    if notes is None:
        raise _none_of(name, [])
    with notes:
        if not forget_filter(notes, name):
            raise _none_of(name, _saved(context))
    click.echo(json.dumps({"schema": 1, "forgotten": name.strip()}) if as_json else f"Forgot {safe(name.strip())}.")


def filter_of(context: Context, report: "Report", by: "Grouping", today: date, *, text: str, name: str) -> "Filter":
    """What a report is asked for, by the *text* of a filter, the *name* of a saved one, or both together.

    UsageError where the report takes no filter, there is none of that name, or it cannot be taken.
    """
    from smtpauth_tui.conditions import both
    from smtpauth_tui.filters import FilterError, parse

    if report.filters is None:
        raise UsageError(f"The report {report.name} takes no filter.", f"Reports that do: {', '.join(_takers())}.")
    columns = report.filters(by)
    found = [parse(text, columns, today)] if text else []
    if name:
        try:
            saved = _found(context, name)
            found.insert(0, parse(saved.text, columns, today)._replace(name=saved.name))
        except FilterError as error:
            what = f"The saved filter {name.strip()!r} does not go with the report {report.name}."
            raise UsageError(f"{what} {error.message}", error.hint) from None
    return found[0] if len(found) == 1 else both(*found)


def _found(context: Context, name: str) -> "SavedFilter":
    from smtpauth_tui.store.notes import Notes
    from smtpauth_tui.store.saved_filters import find_filter

    notes: Notes | None = Notes.open_existing(context.path)
    if notes:
        with notes:
            saved = find_filter(notes, name)
        if saved:
            return saved
    raise _none_of(name, _saved(context))


def _saved(context: Context) -> "list[SavedFilter]":
    from smtpauth_tui.store.saved_filters import load_filters

    return load_filters(context.path)


def _none_of(name: str, there: "list[SavedFilter]") -> UsageError:
    names = ", ".join(one.name for one in there)
    return UsageError(
        f"There is no filter {name.strip()!r}.",
        f"Filters are: {names}." if names else "None is saved yet: smtpauth-tui filters save NAME FILTER",
    )


def _takers() -> list[str]:
    from smtpauth_tui.reports import REPORTS

    return [report.name for report in REPORTS if report.filters]


def reports_for(text: str, today: date) -> tuple[list[str], UsageError | None]:
    """The reports that take a filter; where none does, the error of the one that understands most of it."""
    from smtpauth_tui.filters import FilterError, parse
    from smtpauth_tui.query import Grouping
    from smtpauth_tui.reports import REPORTS

    names: list[str] = []
    errors: list[FilterError] = []
    for name, columns in [(one.name, one.filters(by)) for one in REPORTS if one.filters for by in Grouping]:
        try:
            parse(text, columns, today)
            names.append(name)
        except FilterError as error:
            errors.append(error)
    return list(dict.fromkeys(names)), None if names else max(errors, key=lambda error: error.place)


def _fields(saved: "SavedFilter", reports: list[str]) -> dict[str, Any]:
    from smtpauth_tui.reports.figures import utc

    return {"name": saved.name, "where": saved.text, "reports": reports, "saved_at": utc(saved.at)}
