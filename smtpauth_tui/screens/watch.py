"""What is unusual, for the interface: looked for by the command, in a process of its own, and read from the notes."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from smtpauth_tui.clock import Clock
from smtpauth_tui.places import Places
from smtpauth_tui.screens.command_run import OwnCommand, PatientRun
from smtpauth_tui.settings import Settings
from smtpauth_tui.store.files import traces

if TYPE_CHECKING:
    from smtpauth_tui.rules.board import Board

_FIRST: Final = 5
"""Seconds after the start that are left to the person."""
_PAUSE: Final = 60
"""Seconds from one look to the next, unless a person asks for it."""
_FOUND: Final = (0, 3)
"""How a check ends that did its work."""


class CheckRun(PatientRun):
    """Runs ``check --quiet`` over all days of the list of findings: they are in the notes, and nobody was told."""

    def __init__(self, command: OwnCommand, *, asked: bool, wake: Callable[[], None]) -> None:
        self.asked = asked
        """Whether a person asked for it."""
        super().__init__(command, "check", "--quiet", "--shown", wake=wake)

    def _ended(self, outcome: Mapping[str, Any] | None, others: Sequence[str], status: int) -> None:
        if status not in _FOUND and not self.stopping:
            self.problem = others[-1] if others else f"it failed (exit status {status})."


class Watch:
    """Begins a look when the store has changed since the last one, one at a time; reads what they found."""

    def __init__(self, path: Path, clock: Clock, command: OwnCommand, settings: Settings, places: Places) -> None:
        self.wake: Callable[[], None] = lambda: None
        """Called when a look has ended."""
        self._path = path
        self._clock = clock
        self._command = command
        self._settings = settings
        self._places = places
        self._not_before = clock.now().timestamp() + _FIRST
        self._looked: object = None
        """What the store's files and the day were when the last look began."""
        self._seen: object = None
        """What the store's files were a moment ago: while somebody writes, they are others each time."""
        self._asked = False
        self._run: CheckRun | None = None
        self._problem = ""
        self._traces: object = ...

    @property
    def looking(self) -> bool:
        """Whether it is being looked for unusual activity."""
        return self._run is not None and not self._run.has_ended

    def ask(self) -> None:
        """Look as soon as it can be: a person wants it, or has said what no rule is to look at."""
        self._asked = True
        self.wake()

    def look(self, *, quiet: bool) -> None:
        """Begin to look if that is due. *quiet*: there is a store, and no import of ours runs."""
        there, now = traces(self._path), self._clock.now()
        before, self._seen = self._seen, there
        if self._run is not None or there is None or not quiet:
            return
        due = (there, now.date()) != self._looked and there == before and now.timestamp() >= self._not_before
        if self._asked or due:
            self._looked, self._not_before = (there, now.date()), now.timestamp() + _PAUSE
            self._run = CheckRun(self._command, asked=self._asked, wake=lambda: self.wake())
            self._asked = False

    def news(self) -> str:
        """Why a look that has ended came to nothing; empty where it did not, or where that was said already."""
        run = self._run
        if run is None or not run.has_ended:
            return ""
        self._run = None
        before, self._problem = self._problem, run.problem
        return run.problem if run.asked or run.problem != before else ""

    def leave(self) -> None:
        """The interface ends: so does a look."""
        if self._run:
            self._run.stop()

    async def wait(self) -> None:
        """Until a look that runs has ended."""
        if self._run:
            await self._run.wait()

    # the notes

    async def changed(self) -> bool:
        """Whether the findings, or what people say of them, may be others since this was last asked."""
        before, self._traces = self._traces, (self.looking, await asyncio.to_thread(self._notes_traces))
        return before not in (self._traces, ...)

    def _notes_traces(self) -> object:
        from smtpauth_tui.store.notes import Notes

        return traces(Notes.path_of(self._path))

    async def board(self, since: date) -> "Board":
        """What the notes have of findings that had not ended before a day, as they may be shown.

        UsageError where the settings of the rules cannot be, StoreError where the notes cannot be read.
        """

        def read() -> "Board":
            from smtpauth_tui.rules.board import read_board
            from smtpauth_tui.rules.options import chosen_rules
            from smtpauth_tui.rules.shown import as_shown

            now = int(self._clock.now().timestamp())
            board = read_board(self._path, chosen_rules(self._settings), since, now, self._places)
            return replace(board, standings=tuple(as_shown(one, self._places) for one in board.standings))

        return await asyncio.to_thread(read)

    def preview(self, words: Sequence[str]) -> "PreviewRun":
        """Begin to find out how often rules would have found something; *words* are further options of ``check``."""
        return PreviewRun(self._command, words)


class PreviewRun(PatientRun):
    """Runs ``check --preview 30d``."""

    def __init__(self, command: OwnCommand, words: Sequence[str]) -> None:
        self.rules: tuple[Mapping[str, Any], ...] = ()
        """What was printed of each rule, when it has ended without a problem."""
        self.period: tuple[str, str] | None = None
        """The first and the last day; None in a store without submissions."""
        super().__init__(command, "check", "--preview", "30d", "--json", *words, wake=lambda: None)

    def _ended(self, outcome: Mapping[str, Any] | None, others: Sequence[str], status: int) -> None:
        if outcome is None:
            if not self.stopping:
                self.problem = others[-1] if others else f"It failed (exit status {status})."
            return
        self.rules = tuple(outcome.get("rules", ()))
        days = outcome.get("preview")
        self.period = (str(days["start"]), str(days["end"])) if days else None
