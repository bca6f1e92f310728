"""What each rule would have found in the last 30 days, with the present limits and with others."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Label, Static

from smtpauth_tui.errors import SmtpAuthTuiError, UsageError
from smtpauth_tui.reports import preview as report
from smtpauth_tui.reports.preview import Fired
from smtpauth_tui.reports.values import Cell, Column
from smtpauth_tui.rules.options import Chosen, chosen_rules, settings_lines
from smtpauth_tui.rules.values import Limit
from smtpauth_tui.screens.acknowledge import FORM_CSS
from smtpauth_tui.screens.base import Dialog
from smtpauth_tui.screens.desk import Desk
from smtpauth_tui.screens.rows_screen import Rows, RowsScreen
from smtpauth_tui.screens.watch import PreviewRun
from smtpauth_tui.widgets.palette import shown

_LOOKING: Final = "Looking at 30 days …"


class PreviewsScreen(RowsScreen[Fired]):
    """All rules, also those that are off. A process of its own finds out what they would have found."""

    TITLE_TEXT = "Rules of unusual activity, 30 days"
    WORDS = (
        ("Found", "how often the rule would have found something in the last 30 days with its present limits"),
        ("Of", "of how many accounts or networks"),
        ("Preview", "a rule that is not on: what it finds alerts nobody"),
        ("Limits", "the thresholds of the rule; Enter tries others, and says how the settings keep them"),
    )
    ORDER = ("rule", False)
    ASCENDING = frozenset({"rule", "title", "state", "limits"})
    FLEXIBLE = len(report.COLUMNS) - 1
    SEARCHED = "part of a rule's title"

    def __init__(self, desk: Desk, rule: str = "") -> None:
        super().__init__(desk)
        self._rule = rule
        self._run: PreviewRun | None = None
        self._days: tuple[str, str] | None = None

    def on_unmount(self) -> None:
        """Nobody waits for it any more."""
        if self._run:
            self._run.stop()

    @work(exclusive=True, group="rows")
    async def load(self) -> None:
        """Have it found out what the rules would have found."""
        if self._run:
            self._run.stop()
        try:
            rules = chosen_rules(self._desk.settings)
        except SmtpAuthTuiError as error:
            self._say(error.message, error.hint, error=True)
            return
        if self._rows is None:
            self.show(Rows([Fired(one, "") for one in rules], _LOOKING))
            self._to_rule()
        run = self._run = self._desk.watch.preview(())
        await run.wait()
        if run.problem or run.stopping:
            self.query_one("#status", Static).update(shown(run.problem, "$text-error"))
            return
        self._days = run.period
        told = {str(one.get("rule")): one for one in run.rules}
        self.show(Rows([report.fired(one, told.get(one.rule.id, {})) for one in rules], self._status()))

    def _status(self) -> str:
        days = self._days
        return f"What each rule would have found from {days[0]} to {days[1]}" if days else "No submissions yet"

    def _to_rule(self) -> None:
        place = next((n for n, one in enumerate(self._shown) if one.chosen.rule.id == self._rule), 0)
        self.query_one("#table").cursor = place  # type: ignore[attr-defined]

    def store_changed(self) -> None:
        """What was found out stays, until somebody asks for it again."""

    def columns(self) -> tuple[Column, ...]:
        return report.COLUMNS

    def cells(self, record: Fired) -> Sequence[Cell]:
        cells = report.cells(record)
        return cells if self._days else (*cells[:3], *(Cell("…") for _ in range(3)), *cells[6:])

    def identity(self, record: Fired) -> str:
        return record.chosen.rule.id

    def value(self, record: Fired, key: str) -> Any:
        return report.value(record, key)

    def searched(self, record: Fired) -> str:
        return f"{record.chosen.rule.id} {record.chosen.rule.name} {record.chosen.rule.title}"

    def flyout(self, record: Fired) -> "TryScreen":
        return TryScreen(self._desk, record, self._days)


class LimitInput(Input):
    """A limit."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Try", key_display="⏎", tooltip="Try these limits", id="limits.try"),
    ]


class TryScreen(Dialog[None]):
    """A rule with its limits as fields: what it would have found with others, and how the settings keep them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", "Next", show=False, tooltip="The next limit", id="limits.next"),
        Binding("up", "app.focus_previous", "Before", show=False, tooltip="The limit before", id="limits.before"),
        Binding("pagedown", "scroll(8)", "Page down", show=False, tooltip="The result: on", id="limits.page-down"),
        Binding("pageup", "scroll(-8)", "Page up", show=False, tooltip="The result: back", id="limits.page-up"),
    ]
    DEFAULT_CSS = (
        FORM_CSS.replace("NAME", "TryScreen")
        + """
    TryScreen > Vertical {
        width: 78; padding: 0 1;
        .about { margin: 0; }
        Label { width: 11; }
        Input { width: 12; }
        .means { width: 1fr; padding-left: 1; color: $text-muted; height: auto; }
        Horizontal { height: auto; }
        VerticalScroll { height: auto; max-height: 50vh; margin-top: 1; scrollbar-size-vertical: 1; }
        #result, #lines { height: auto; }
        #lines { margin-top: 1; }
    }
    """
    )

    def __init__(self, desk: Desk, present: Fired, days: tuple[str, str] | None) -> None:
        super().__init__()
        self._desk = desk
        self._present = present
        self._days = days
        self._run: PreviewRun | None = None

    def compose(self) -> ComposeResult:
        rule = self._present.chosen.rule
        with Vertical() as panel:
            panel.border_title = f"{rule.id} {rule.title}"
            panel.border_subtitle = "Enter tries · Esc"
            yield Static(shown(f"{rule.about[0].upper()}{rule.about[1:]}."), classes="about")
            for limit in rule.limits:
                with Horizontal():
                    yield Label(limit.name)
                    value = self._present.chosen.limits[limit.name]
                    yield LimitInput(_written(limit, value), id=f"limit-{limit.name}", compact=True)
                    yield Static(shown(limit.about), classes="means")
            yield Static("", classes="problem")
            with VerticalScroll(can_focus=False):
                yield Static("", id="result")
                yield Static("", id="lines")

    def on_mount(self) -> None:
        fields = self.query(LimitInput)
        if fields:
            fields.first().focus()
        if self._days or self._present.missing:
            self._say(self._present)
        else:
            self.try_limits()
        self._keep(self._present.chosen)

    def on_unmount(self) -> None:
        if self._run:
            self._run.stop()

    def action_scroll(self, by: int) -> None:
        """Scroll what came of it."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False, immediate=True)

    @property
    def _sets(self) -> list[str]:
        """What was typed, as the command takes it."""
        rule = self._present.chosen.rule
        typed = {limit.name: self.query_one(f"#limit-{limit.name}", Input).value for limit in rule.limits}
        return [f"{rule.name}.{name}={value.strip()}" for name, value in typed.items()]

    @on(Input.Changed)
    def check(self) -> Chosen | None:
        """The rule with what was typed; None, and what is wrong with it, where that cannot be."""
        problem = self.query_one(".problem", Static)
        try:
            rules = chosen_rules(self._desk.settings, self._sets)
        except UsageError as error:
            problem.update(shown(f"{error.message} {error.hint}"))
            return None
        problem.update("")
        chosen = next(one for one in rules if one.rule is self._present.chosen.rule)
        self._keep(chosen)
        return chosen

    @on(Input.Submitted)
    @work(exclusive=True, group="try")
    async def try_limits(self) -> None:
        """Find out what the rule would have found with them."""
        chosen = self.check()
        if chosen is None:
            return
        if self._run:
            self._run.stop()
        self.query_one("#result", Static).update(_LOOKING)
        rule = chosen.rule.name
        words = [f"--rule={rule}", *(f"--set={one}" for one in self._sets)]
        run = self._run = self._desk.watch.preview(words)
        await run.wait()
        if run.problem:
            self.query_one("#result", Static).update(shown(run.problem, "$text-error"))
            return
        told: Mapping[str, Any] = next(iter(run.rules), {})
        self._days = run.period
        self._say(report.fired(chosen, told))

    def _say(self, found: Fired) -> None:
        lines = report.result_lines(found, self._present, self._days)
        self.query_one("#result", Static).update(Content("\n").join(map(shown, lines)))

    def _keep(self, chosen: Chosen) -> None:
        """How the settings say it."""
        if chosen.rule.look is None:
            return
        lines = settings_lines(chosen)
        if len(lines) == 1:
            turned = "on = false" if chosen.on else "on = true"
            off = "off" if chosen.on else "on"
            said = [f"These are the defaults. To switch the rule {off}, in config.toml:", *lines, turned]
        else:
            said = ["To keep that, in config.toml, which is read at the next start:", *lines]
            if not chosen.on:
                said.append(
                    "With that it stays a preview, which alerts nobody. To be alerted, there as well: on = true"
                )
        self.query_one("#lines", Static).update(Content("\n").join(map(shown, said)))


def _written(limit: Limit, value: float) -> str:
    return f"{value:.0f}" if isinstance(limit.default, int) else f"{value:g}"
