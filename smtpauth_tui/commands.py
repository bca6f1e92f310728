"""The command palette and the table of keys: views of the bindings, the reports and the cards, not second lists."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from functools import partial
from typing import Final

from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.dom import DOMNode

from smtpauth_tui.reports.insights import CARDS
from smtpauth_tui.reports.views import VIEWS
from smtpauth_tui.screens.acknowledge import AcknowledgeScreen
from smtpauth_tui.screens.allow import AllowScreen
from smtpauth_tui.screens.base import BaseScreen, Dialog
from smtpauth_tui.screens.break_flyout import AccountFlyout
from smtpauth_tui.screens.breaks import BreaksScreen
from smtpauth_tui.screens.dashboard import DashboardScreen
from smtpauth_tui.screens.doctor import DoctorScreen
from smtpauth_tui.screens.domains import DomainScreen
from smtpauth_tui.screens.filters import FiltersScreen
from smtpauth_tui.screens.finding_filters import FindingFiltersScreen
from smtpauth_tui.screens.findings import FindingFlyout, FindingsScreen
from smtpauth_tui.screens.flyout import FlyoutScreen
from smtpauth_tui.screens.help import key_names
from smtpauth_tui.screens.known import KnownScreen
from smtpauth_tui.screens.menu import MenuScreen
from smtpauth_tui.screens.outbox import OutboxScreen
from smtpauth_tui.screens.previews import LimitInput, TryScreen
from smtpauth_tui.screens.report import ReportScreen
from smtpauth_tui.screens.request_report import RequestReportScreen, SendLink
from smtpauth_tui.screens.row_filter import RowFilterScreen
from smtpauth_tui.screens.rows_screen import RowsScreen
from smtpauth_tui.widgets.chart_panel import ChartPanel
from smtpauth_tui.widgets.choice import Stepper
from smtpauth_tui.widgets.filter_line import FilterLine
from smtpauth_tui.widgets.folder_list import FolderList
from smtpauth_tui.widgets.form_field import Field
from smtpauth_tui.widgets.insight_card import Card
from smtpauth_tui.widgets.notice import Link
from smtpauth_tui.widgets.row_table import RowTable
from smtpauth_tui.widgets.saved_list import SavedList
from smtpauth_tui.widgets.toggle import Toggle


class Commands(Provider):
    """Every action that has a key on the screen in view, every view of the report, every card."""

    def _commands(self) -> Iterable[tuple[str, str, Callable[[], Awaitable[object]]]]:
        """Name, what it does, and how it is run, once each."""
        seen: set[str] = set()
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if not binding.tooltip or not active.enabled or binding.id in seen or "palette" in binding.action:
                continue
            seen.add(binding.id or binding.action)
            run = partial(self.app.run_action, binding.action, active.node)
            yield binding.tooltip, f"key: {key_names(binding.key)}", run
        for view in VIEWS:
            yield (
                f"Report: {view.title}",
                "SMTP Auth clients report",
                partial(self.app.run_action, f"app.report({view.id!r})"),
            )
        for card in CARDS:
            yield f"Card: {card.title}", card.about, partial(self.app.run_action, f"app.card({card.id!r})")

    async def discover(self) -> Hits:
        for name, help_text, run in self._commands():
            yield DiscoveryHit(name, run, help=help_text)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for name, help_text, run in self._commands():
            score = matcher.match(name)
            if score:
                yield Hit(score, matcher.highlight(name), run, help=help_text)


KEY_PLACES: Final[tuple[tuple[str, tuple[type[DOMNode], ...]], ...]] = (
    ("everywhere", (BaseScreen,)),
    ("dashboard", (DashboardScreen, Card)),
    ("report", (ReportScreen,)),
    ("chart", (ChartPanel,)),
    ("lists", (RowsScreen,)),
    ("table", (RowTable,)),
    ("flyout", (Dialog, FlyoutScreen, Link)),
    ("filters", (FiltersScreen,)),
    ("filter of rows", (RowFilterScreen, FilterLine, SavedList)),
    ("unusual activity", (FindingsScreen, FindingFlyout)),
    ("unusual activity: filters", (FindingFiltersScreen,)),
    ("unusual activity: dialogs", (AcknowledgeScreen, AllowScreen)),
    ("unusual activity: exceptions", (KnownScreen,)),
    ("unusual activity: limits", (TryScreen, LimitInput)),
    ("sender domains", (DomainScreen,)),
    ("who breaks", (BreaksScreen, AccountFlyout)),
    ("import", (FolderList,)),
    ("doctor", (DoctorScreen,)),
    ("request report", (RequestReportScreen, Field, SendLink, Stepper, Toggle)),
    ("outbox", (OutboxScreen,)),
    ("menu", (MenuScreen,)),
)


def _bindings() -> Iterator[tuple[str, Binding]]:
    """Each binding that has an id, with where it holds."""
    for where, owners in KEY_PLACES:
        for owner in owners:
            for binding in Binding.make_bindings(owner.__dict__.get("BINDINGS", [])):
                if binding.id:
                    yield where, binding


def key_ids() -> set[str]:
    """The ids under which keys can be remapped in the settings."""
    return {binding.id for _, binding in _bindings() if binding.id}


def key_table() -> list[tuple[str, str, str, str]]:
    """All keys of the interface: where, which keys, what they do, and the id for the settings."""
    merged: dict[tuple[str, str], tuple[list[str], str]] = {}
    for where, binding in _bindings():
        if binding.tooltip:
            keys, _ = merged.setdefault((where, binding.tooltip), ([], binding.id or ""))
            keys += [name for name in key_names(binding.key).split(" ") if name not in keys]
    return [(where, " ".join(keys), tooltip, id) for (where, tooltip), (keys, id) in merged.items()]


def key_table_markdown() -> str:
    """`key_table` for the README."""
    rows = [f"| {where} | `{keys.replace(' ', '` `')}` | {does} | `{id}` |" for where, keys, does, id in key_table()]
    return "\n".join(["| where | key | does | id |", "|---|---|---|---|", *rows])
