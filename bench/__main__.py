"""Runs the benchmarks: ``python -m bench [imports|questions|screens ...]``; ``make bench`` runs all."""

import argparse
import importlib
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Final

from bench.cache import Log, default_folder, made_log
from bench.logs import Plan
from bench.machine import machine
from bench.page import Page, PageMaker, Workplace
from bench.report import BEGIN, report, write
from bench.rounds import Failed, say

PAGES: Final = ("imports", "questions", "screens")
SCALES: Final = {"small": 100_000, "default": 1_000_000, "full": 1_000_000}
_SENDERS: Final = {"small": (10_000,), "default": (100_000,), "full": (100_000, 1_000_000)}
_ROUNDS: Final = {"small": 3, "default": 5, "full": 5}


def main() -> int:
    """Run what is asked for, print what was found; status 1 where something that this program counted is wrong."""
    asked = _asked()
    pages = []
    with tempfile.TemporaryDirectory(dir=_made(asked.cache), prefix="run-") as scratch:
        work = _workplace(asked, Path(scratch))
        for name in asked.pages or PAGES:
            say(f"== {name}")
            try:
                pages.append(_page(name)(work))
            except Failed as why:
                pages.append(Page(judgements={name: str(why)}, notes=[f"{name}: {why}"]))
    lines = list(report(pages, machine()))
    sys.stdout.write("\n".join(lines) + "\n")
    if asked.write:
        write(asked.write, lines)
    return 0 if all(page.exact for page in pages) else 1


def _page(name: str) -> PageMaker:
    """A page is loaded when it is asked for."""
    found: PageMaker = importlib.import_module(f"bench.{name}").page
    return found


def _asked() -> argparse.Namespace:
    ask = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    ask.add_argument("pages", nargs="*", metavar="|".join(PAGES), help="default: all")
    ask.add_argument("--scale", choices=SCALES, default="default", help="small: minutes; full: 10 M lines too")
    ask.add_argument("--rounds", type=int, help="default: 5, small 3")
    ask.add_argument("--log", type=Path, help="measure imports on this log of Postfix ...")
    ask.add_argument("--truth", type=Path, help="... whose truth is here (counts, day_login_tls, failures_per_day)")
    ask.add_argument("--large-log", type=Path, help="and one that is ten times as long ...")
    ask.add_argument("--large-truth", type=Path, help="... with its truth")
    ask.add_argument("--cache", type=Path, default=default_folder(), help="where logs and stores are kept")
    ask.add_argument("--write", type=Path, metavar="PAGE.md", help="put the figures into this page, too")
    asked = ask.parse_args()
    unknown = set(asked.pages) - set(PAGES)
    if unknown:
        ask.error(f"there is no page {', '.join(sorted(unknown))}; pages are: {', '.join(PAGES)}")
    if bool(asked.log) != bool(asked.truth) or bool(asked.large_log) != bool(asked.large_truth):
        ask.error("a log and its truth come together")
    if asked.write and BEGIN not in asked.write.read_text(encoding="utf-8"):
        ask.error(f"{asked.write} has no place for figures: {BEGIN.strip()}")
    return asked


def _workplace(asked: argparse.Namespace, scratch: Path) -> Workplace:
    lines: int = SCALES[asked.scale]
    name = f"{lines // 1_000_000} M lines" if lines >= 1_000_000 else f"{lines // 1000} k lines"
    folder: Path = asked.cache / "logs"
    logs: tuple[Log, ...]
    if asked.log:
        logs = (Log(asked.log.stem, asked.log, asked.truth, folder),)
    else:
        other = Plan(lines, style="bsd", short_ids=True)
        logs = (made_log(folder, name, Plan(lines)), made_log(folder, f"{name}, BSD stamps, short ids", other))
    large = None
    if asked.large_log:
        large = Log(asked.large_log.stem, asked.large_log, asked.large_truth, folder)
    elif asked.scale == "full":
        large = made_log(folder, "10 M lines", Plan(10 * lines, senders=20_000, days=90, first=date(2025, 11, 3)))
    return Workplace(asked.cache, scratch, asked.rounds or _ROUNDS[asked.scale], logs, _SENDERS[asked.scale], large)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


if __name__ == "__main__":
    sys.exit(main())
