"""One random scenario: a mail server, its logs, and imports of them, judged against the truth."""

import os
import random
import signal
import sqlite3
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from smtpauth_tui.importer.outcome import Outcome
from tests.importer.forks import fork
from tests.importer.log_folder import PACK, File, LogFolder
from tests.importer.mail_server import FORMS, STARTS, Line, MailServer
from tests.importer.store_check import Found, WrongError, broken_roll_up, by_sender, differences, found_in
from tests.logs import asked, bring_in


@dataclass(slots=True)
class Scenario:
    """One mail server, its logs, and a store."""

    seed: int
    folder: Path
    without: Collection[int] = ()
    said: list[str] = field(default_factory=list)
    kills: int = 0
    imports: int = 0
    lines: int = 0
    _draw: random.Random = field(init=False)
    _server: MailServer = field(init=False)
    _logs: list[LogFolder] = field(init=False)
    _copies: list[File] = field(init=False, default_factory=list)
    _took: float = 0.02
    _made: bool = False
    _before: Found = field(init=False, default_factory=Found)

    def __post_init__(self) -> None:
        draw = random.Random(f"{self.seed}")
        hosts = ("mx1",) if draw.random() < 0.7 else ("mx1", "mx2")
        start = int(draw.choice(STARTS).timestamp())
        self._server = MailServer(random.Random(f"{self.seed} lines"), hosts, start)
        self._logs = [LogFolder(self.folder / "log", "mail.log", "syslog")]
        if draw.random() < 0.3:  # a second collector on the same machine
            self._logs.append(LogFolder(self.folder / "log", "syslog", draw.choice(list(FORMS))))
        (self.folder / "copies").mkdir()

    def run(self) -> None:
        """Act, then import what there is, and judge."""
        draw = random.Random(f"{self.seed} actions")
        names = draw.choices(list(ACTIONS), list(ACTIONS.values()), k=draw.randrange(6, 16))
        for number, name in enumerate(["append", *names]):
            self._draw = random.Random(f"{self.seed} {number}")
            if number not in self.without:
                self._say(f"{number:>2} {name}")
                getattr(self, f"_{name}")()
        self._say("end")
        self._draw = random.Random(f"{self.seed} end")
        self._let_go()
        self._to_logs(self._server.end())
        for log in self._logs:
            log.finish_line(self._server.time)
        for words in self._last_words():
            self._import(words)
        self._judge(whole=True)
        again = self._import(self._everything())
        if (again.submissions, again.auth_failures) != (0, 0):
            raise WrongError(f"extra: importing all again added {again.submissions} and {again.auth_failures}")
        self._judge(whole=True)

    # what the server and the collector do

    def _append(self) -> None:
        for _ in range(self._draw.choice((1, 1, 2))):
            self._let_go()
            self._to_logs(self._server.lines(self._draw.choice((3, 10, 30))))

    def _let_go(self) -> None:
        """What a collector writes to a renamed file before it opens the new one."""
        if any(log.held for log in self._logs):
            self._to_logs(self._server.lines(self._draw.randrange(4)))
            self._server.fence()

    def _to_logs(self, lines: Sequence[Line]) -> None:
        self.lines += len(lines)
        for log in self._logs:
            if log.held:
                log.let_go(lines, self._server.time)
            else:
                log.append(self._draw, lines, self._server.time)

    def _rename(self) -> None:
        log = self._draw.choice(self._logs)
        log.rotate_by_renaming(self._draw, self._server.time)
        self._server.fence()
        self._say(f"   {log.name}")

    def _truncate(self) -> None:
        log = self._draw.choice(self._logs)
        log.rotate_by_truncating(self._draw, self._server.time)
        self._server.fence()
        self._say(f"   {log.name}")

    def _pack(self) -> None:
        packed = self._draw.choice(self._logs).pack(self._draw)
        self._say(f"   {packed.path.name}" if packed else "   nothing")

    def _drop(self) -> None:
        log = self._draw.choice(self._logs)
        for _ in range(self._draw.randrange(1, 5)):
            dropped = log.drop_oldest()
            self._say(f"   {dropped.path.name}" if dropped else "   nothing")

    # what the admin does

    def _a_file(self) -> File:
        return self._draw.choice([file for log in self._logs for file in log.files] + self._copies)

    def _new_copy(self, what: str, lines: list[Line], form: str, packed: bytes = b"") -> None:
        """A file in another folder, compressed or not; *packed*: its bytes, if they are compressed already."""
        ending = ".gz" if packed else self._draw.choice(("", "", *PACK))
        path = self.folder / "copies" / f"{what}{len(self._copies)}{ending}"
        data = self._written(lines, form)
        self._put(File(path, lines, form), packed or (PACK[ending](data) if ending else data))

    def _put(self, copy: File, data: bytes) -> None:
        """Write a copy, in place of what had its name."""
        copy.path.write_bytes(data)
        os.utime(copy.path, (self._server.time, self._server.time))
        self._copies = [other for other in self._copies if other.path != copy.path] + [copy]
        self._say(f"   {copy.path.name}")

    def _written(self, lines: Sequence[Line], form: str) -> bytes:
        return "".join(f"{line.written(form)}\n" for line in lines).encode()

    def _copy(self) -> None:
        file = self._a_file()
        self._say(f"   of {file.path.name}")
        path = self.folder / "copies" / f"copy{len(self._copies)}{file.path.suffix if file.path.suffix in PACK else ''}"
        self._put(File(path, list(file.lines), file.form), file.path.read_bytes())

    def _backup(self) -> None:
        """Files keep their names in another folder; what lies there under such a name is written over."""
        (self.folder / "backup").mkdir(exist_ok=True)
        log = self._draw.choice(self._logs)
        for file in log.files if self._draw.random() < 0.5 else [self._draw.choice(log.files)]:
            path = self.folder / "backup" / file.path.name
            self._put(File(path, list(file.lines), file.form), file.path.read_bytes())

    def _concatenate(self) -> None:
        log = self._draw.choice(self._logs)
        files = self._draw.sample(log.files, self._draw.randrange(1, len(log.files) + 1))
        if self._draw.random() < 0.5:
            files.sort(key=log.files.index, reverse=True)
        self._say(f"   {' '.join(file.path.name for file in files)}")
        lines = [line for file in files for line in file.lines]
        packed = b""
        if self._draw.random() < 0.3:  # compressed files put together are a compressed file
            packed = b"".join(PACK[".gz"](self._written(file.lines, log.form)) for file in files)
        self._new_copy("cat", lines, log.form, packed)

    def _excerpt(self) -> None:
        file = self._a_file()
        self._say(f"   of {file.path.name}")
        first, end = sorted(self._draw.randrange(len(file.lines) + 1) for _ in range(2))
        lines = file.lines[first:end]
        self._new_copy("part", lines, file.form)

    def _filtered(self) -> None:
        """What grep leaves: one host's lines, or all but some programs'."""
        file = self._a_file()
        self._say(f"   of {file.path.name}")
        left_out = self._draw.choice((("postfix/smtp",), ("postfix/smtp", "postfix/cleanup"), ("mx2",), ("mx1",)))
        lines = [line for line in file.lines if line.program not in left_out and line.host not in left_out]
        self._new_copy("grep", lines, file.form)

    def _damaged(self) -> None:
        """A compressed copy of which the end is missing; later it may be there as a whole."""
        file = self._a_file()
        self._say(f"   of {file.path.name}")
        ending = self._draw.choice(list(PACK))
        whole = PACK[ending](self._written(file.lines, file.form))
        path = self.folder / "copies" / f"broken{self._draw.randrange(2)}{ending}"
        end = self._draw.choice((len(whole), self._draw.randrange(1, len(whole) + 1)))
        self._put(File(path, list(file.lines), file.form), whole[:end])

    def _other_form(self) -> None:
        file, form = self._a_file(), self._draw.choice(list(FORMS))
        self._say(f"   of {file.path.name}")
        self._new_copy(form, list(file.lines), form)

    # imports

    def _everything(self) -> list[Path]:
        return [
            *(file.path for log in self._logs for file in log.files),
            *(file.path for file in self._copies if file.path.exists()),
        ]

    def _words(self) -> list[Path]:
        """What an import is called with: all, in any order, some, or only what is being written."""
        everything = self._everything()
        how = self._draw.choice(("all", "shuffled", "current", "some", "log", "log"))
        if how == "log":
            return [self.folder / "log"]
        if how == "current":
            return [self._logs[0].files[0].path]
        if how == "some":
            return self._draw.sample(everything, self._draw.randrange(1, len(everything) + 1))
        if how == "shuffled":
            self._draw.shuffle(everything)
        return everything

    def _last_words(self) -> list[list[Path]]:
        """All that there is: in one import, or each file in one of its own, in any order."""
        everything = self._everything()
        if self._draw.random() < 0.6:
            return [everything]
        self._draw.shuffle(everything)
        return [[path] for path in everything]

    def _import_some(self) -> None:
        self._import(self._words())
        self._judge()

    def _import(self, words: list[Path]) -> Outcome:
        self._say(f"   {_names(words)}")
        began = time.perf_counter()
        outcome = self._bring_in(words)
        self._took = time.perf_counter() - began
        self.imports += 1
        self._note_read(words)
        return outcome

    def _note_read(self, words: list[Path]) -> None:
        for log in self._logs:
            for file in log.files:
                if file.path in words or file.path.parent in words:
                    log.read.update(line.number for line in file.lines)

    def _bring_in(self, words: Sequence[Path | str]) -> Outcome:
        return bring_in(self._db, *words, now=datetime.fromtimestamp(self._server.time + 5, UTC))

    @property
    def _db(self) -> Path:
        return self.folder / "store.db"

    def _at_once(self) -> None:
        """Two imports at once; sometimes one of them is killed."""
        all_words = [self._words(), self._words()]
        killed, by_time = self._draw.random() < 0.3, self._by_time()
        before = [self._draw.randrange(1, 150) if killed and not by_time else 0, 0]
        running = [
            fork(lambda words=words: self._bring_in(words), die_before=calls)  # type: ignore[misc]
            for words, calls in zip(all_words, before, strict=True)
        ]
        if killed and by_time:
            time.sleep(self._draw.random() * 1.2 * self._took)
            os.kill(running[0], signal.SIGKILL)
        for process, words in zip(running, all_words, strict=True):
            self._wait(process, words)
        self._judge()

    def _by_time(self) -> bool:
        """Whether to kill at a moment that does not come again, as only the long run does."""
        return self._draw.random() < 0.4 and "SMTPAUTH_TUI_ORACLE" in os.environ

    def _pipe(self) -> None:
        """Standard input is a log's end or whole."""
        file = self._a_file()
        data = file.path.read_bytes()
        path = self.folder / "piped"
        path.write_bytes(data)

        def bring_in_piped() -> None:
            with path.open("rb") as piped:
                os.dup2(piped.fileno(), 0)
            self._bring_in(["-"])

        self._say(f"   {file.path.name}")
        self._wait(fork(bring_in_piped), [])
        self._judge()

    def _wait(self, process: int, words: list[Path]) -> bool:
        """Whether a forked import came to its end; false if it was killed."""
        ended = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        if ended not in (0, -signal.SIGKILL):
            raise WrongError(f"an import ended with {ended}: {_names(words)}")
        self._say(f"   {_names(words)}{': killed' if ended else ''}")
        self.kills += ended != 0
        self.imports += 1
        if not ended:
            self._note_read(words)
        return not ended

    def _kill(self) -> None:
        """Kill an import: before one of its calls of SQLite, or whenever it is."""
        for _ in range(self._draw.choice((1, 1, 2, 3))):
            words = self._words()
            before = 0 if self._by_time() else self._draw.randrange(1, 150)
            process = fork(lambda words=words: self._bring_in(words), die_before=before)  # type: ignore[misc]
            if not before:
                time.sleep(self._draw.random() * 1.2 * self._took)
                os.kill(process, signal.SIGKILL)
            self._wait(process, words)
            self._judge()

    # the judge

    def _say(self, text: str) -> None:
        self.said.append(text)

    def _judge(self, *, whole: bool = False) -> None:
        """Nothing is there that should not be; with *whole*, all is there that should be."""
        self._made = self._made or (self._db.exists() and (whole or _is_made(self._db)))
        if not self._made:
            return
        found = found_in(self._db)
        wrong = differences(found, self._server.messages, self._server.failures, whole=whole)
        gone = (by_sender(self._before.messages) - by_sender(found.messages)) + (self._before.failures - found.failures)
        wrong += [f"gone: {number} of {key}" for key, number in gone.items()]
        self._before = found
        wrong += broken_roll_up(self._db, finished=whole)
        if whole and asked(self._db, "PRAGMA integrity_check") != [("ok",)]:
            wrong.append("damaged: integrity_check")
        if wrong:
            raise WrongError("\n".join(wrong))


ACTIONS: Final = {
    "append": 30,
    "rename": 8,
    "truncate": 5,
    "pack": 6,
    "drop": 10,
    "copy": 4,
    "backup": 2,
    "concatenate": 4,
    "excerpt": 4,
    "filtered": 3,
    "damaged": 3,
    "pipe": 2,
    "other_form": 4,
    "import_some": 16,
    "at_once": 3,
    "kill": 8,
}
"""What may happen, and how often."""


def _is_made(db: Path) -> bool:
    """Whether the store has its tables: an import that was killed while it made them leaves none that can be read."""
    try:
        return bool(asked(db, "SELECT count(*) FROM sqlite_schema")[0][0])
    except sqlite3.OperationalError:
        return False


def _names(paths: Collection[Path]) -> str:
    return " ".join(f"{path.parent.name}/{path.name}" for path in paths)
