"""Runs imports in which one call to the disk goes wrong, and judges what they leave; needs faults.c preloaded.

``python -m tests.importer.fault_points FOLDER KIND STAGE POINTS`` says what is wrong after each of so many points,
spread over all calls of the import (0: after each call), and how many there were.
"""

import ctypes
import os
import random
import shutil
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import smtpauth_tui.reports
import smtpauth_tui.store.reader  # noqa: F401  what a forked process need not load again
from smtpauth_tui import cli
from tests.importer.forks import PATIENCE, in_small_steps
from tests.importer.log_folder import LogFolder
from tests.importer.mail_server import STARTS, MailServer
from tests.importer.store_check import broken_roll_up, differences, found_in

KINDS: Final = ("kill", "tear", "full_once", "full_ever", "io_once", "io_ever")
FULL_FOR_READERS: Final = len(KINDS)
STAGES: Final = ("new", "grown")
"""The store is not there yet; it has the older logs."""


@dataclass(slots=True)
class Result:
    """How a command ended."""

    status: int
    """As `os.waitstatus_to_exitcode` has it."""
    said: str
    """On standard error."""
    calls: int = 0


class Sweep:
    """An import of three files, again and again."""

    def __init__(self, folder: Path, kind: str, stage: str) -> None:
        self._folder = folder
        self._kind = KINDS.index(kind)
        self._library = ctypes.CDLL(None)
        self._store = folder / "store" / "store.db"
        self._kept = folder / "kept.db"
        self._server = MailServer(random.Random(5), ("mx1",), int(STARTS[0].timestamp()))
        self._write_logs(grown=stage == "grown")

    def _write_logs(self, *, grown: bool) -> None:
        draw = random.Random(6)
        log = LogFolder(self._folder / "log", "mail.log", "iso")
        for number in range(3):
            if number:
                log.rotate_by_renaming(draw, self._server.time)
                if log.held:
                    log.let_go(self._server.lines(3), self._server.time)
                self._server.fence()
            log.append(draw, self._server.lines(120), self._server.time)
            if grown and number == 1:
                self._begin()
                self._import()
                shutil.copyfile(self._store, self._kept)
        log.append(draw, self._server.end(), self._server.time)
        log.finish_line(self._server.time)

    def _begin(self) -> None:
        shutil.rmtree(self._store.parent, ignore_errors=True)
        self._store.parent.mkdir()
        if self._kept.exists():
            shutil.copyfile(self._kept, self._store)

    def _import(self, at: int | None = None) -> Result:
        return self._command(["import", str(self._folder / "log")], self._kind, at)

    def _command(self, words: list[str], kind: int, at: int | None) -> Result:
        """The command in a forked process, with a fault at a call, counting calls (0), or left alone (None)."""
        said, calls = self._folder / "said", self._folder / "calls"

        def command() -> int:
            for stream, path in enumerate((Path(os.devnull), self._folder / "answer", said)):
                os.dup2(os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), stream)
            sys.argv = ["smtpauth-tui", "--db", str(self._store), *words]
            if at is not None:
                self._library.faults_arm(os.fsencode(self._store.parent), kind, ctypes.c_long(at))
            try:
                cli.run()
            except SystemExit as ended:
                sys.stdout.flush()
                calls.write_text(str(self._library.faults_calls()))
                return int(ended.code or 0)

        status = _forked(command)
        return Result(status, said.read_text(), int(calls.read_text()) if at == 0 else 0)

    def calls(self) -> int:
        """How many calls an import has that the fault may hit."""
        self._begin()
        return self._import(0).calls

    def wrong_after(self, at: int) -> tuple[bool, list[str]]:
        """Whether the fault at a call ended the import, and what is wrong then and after the next import."""
        self._begin()
        result = self._import(at)
        kind = KINDS[self._kind]
        deadly = kind in ("kill", "tear")
        if result.status == -signal.SIGKILL and deadly:
            wrong = []
        elif result.status == 0:
            wrong = self._differences()
        elif result.status == 1 and not deadly:
            wrong = _unlike_a_sentence(result.said) + self._unreadable(kind)
        else:
            wrong = [f"the import ended with {result.status}: {result.said}"]
        wrong += self._damage()
        after = self._import()
        if after.status:
            wrong.append(f"the next import ended with {after.status}: {after.said}")
        else:
            wrong += [f"after the next import: {text}" for text in self._differences()]
        return result.status != 0, wrong

    def _unreadable(self, kind: str) -> list[str]:
        """What keeps ``show summary`` from reading the store now, on a disk that still is full."""
        result = self._command(["show", "summary"], FULL_FOR_READERS, 1 if kind == "full_ever" else None)
        if not self._kept.exists() and result.status == 1:
            return _unlike_a_sentence(result.said)  # there may be no store yet
        return [f"show summary ended with {result.status}: {result.said}"] if result.status else []

    def _damage(self) -> list[str]:
        """Whether the store is whole, looked at in a copy: who opens a store to write undoes what was interrupted."""
        if not self._store.exists():
            return []
        copy = self._folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self._store.parent, copy)
        with closing(sqlite3.connect(copy / self._store.name)) as store:
            said = store.execute("PRAGMA integrity_check").fetchone()[0]
        return [] if said == "ok" else [f"damaged: {said}"]

    def _differences(self) -> list[str]:
        found = found_in(self._store)
        wrong = differences(found, self._server.messages, self._server.failures, whole=True)
        return wrong + broken_roll_up(self._store, finished=True)


def _unlike_a_sentence(said: str) -> list[str]:
    lines = said.splitlines()
    if len(lines) == 1 and lines[0].startswith("smtpauth-tui: "):
        return []
    return [f"no sentence, but: {said}"]


def _forked(action: Callable[[], int]) -> int:
    process = os.fork()
    if process:
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    try:
        signal.alarm(PATIENCE)
        os._exit(action())
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(70)


def main() -> None:
    """Sweep; exit status 1 if something is wrong."""
    folder, kind, stage, points = sys.argv[1:]
    ended = failed = 0
    with in_small_steps():
        sweep = Sweep(Path(folder), kind, stage)
        calls = sweep.calls()
        chosen = spread(calls, int(points))
        for at in chosen:
            hit, wrong = sweep.wrong_after(at)
            ended += hit
            failed += bool(wrong)
            for text in wrong:
                print(f"{kind} at call {at} of {calls}, {stage} store: {text}")
    print(f"{len(chosen)} points of {calls} calls, {ended} ended the import, {failed} wrong")
    sys.exit(1 if failed or not ended else 0)


def spread(calls: int, points: int) -> list[int]:
    """The first two calls, which open the store, and others all over: so many of *calls*, counted from 1; 0: all."""
    if not 0 < points < calls:
        return list(range(1, calls + 1))
    return sorted({1, 2, *(3 + (2 * place + 1) * (calls - 2) // (2 * points) for place in range(points))})


if __name__ == "__main__":
    main()
