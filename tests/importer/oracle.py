"""Random scenarios of a mail server, its logs and imports of them, judged against the truth.

A seed makes a scenario. To repeat one: ``python -m tests.importer.oracle SEED``; to leave out some of its actions,
by number: ``--without 3,5``; to find by itself which ones can be left out: ``--shrink``.
"""

import argparse
import sys
import time
import traceback
from collections import Counter
from collections.abc import Collection
from typing import Final

from tests.importer.forks import in_small_steps, place
from tests.importer.scenario import Scenario
from tests.importer.store_check import WrongError


def failing(seed: int, without: Collection[int] = ()) -> tuple[str, Scenario]:
    """What is wrong after a scenario, or nothing; and the scenario."""
    with place() as folder:
        scenario = Scenario(seed, folder, without)
        try:
            with in_small_steps(small=seed % 2 == 0):
                scenario.run()
        except WrongError as error:
            return str(error), scenario
        except Exception:
            return traceback.format_exc(), scenario
    return "", scenario


CLASSES: Final = ("extra", "gone", "wrong", "roll-up", "damaged", "missing", "unknown")
"""What a failure's sentences begin with, the worst first."""


def worst(wrong: str) -> str:
    """The class of the worst that is wrong."""
    begun = {text.partition(" ")[0].rstrip(":") for text in wrong.splitlines()}
    return next((name for name in CLASSES if name in begun), "other")


def shrunk(seed: int, wrong: str) -> set[int]:
    """Numbers of actions without which the scenario still fails in the same way."""
    without: set[int] = set()
    for number in reversed(range(17)):
        less = failing(seed, without | {number})[0]
        if less and worst(less) == worst(wrong):
            without.add(number)
    return without


def told(seed: int, wrong: str, scenario: Scenario) -> str:
    """A failed scenario, so that it can be repeated."""
    left_out = f" --without {','.join(map(str, sorted(scenario.without)))}" if scenario.without else ""
    return "\n".join(
        [
            f"Scenario {seed} failed: {wrong}",
            *scenario.said,
            f"Repeat it: python -m tests.importer.oracle {seed}{left_out}   (or make oracle SEED={seed})",
        ]
    )


def main() -> None:
    """Run scenarios; exit status 1 if one failed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", type=int, help="of the first scenario")
    parser.add_argument("scenarios", type=int, nargs="?", default=1)
    parser.add_argument("kills", type=int, nargs="?", default=0, help="go on until so many imports were killed")
    parser.add_argument("--without", default="", help="actions to leave out, by number")
    parser.add_argument("--shrink", action="store_true", help="leave out what a failure does not need")
    parser.add_argument("--most", type=int, default=5, help="stop after so many failures")
    given = parser.parse_args()
    without = {int(number) for number in given.without.split(",") if number}
    failed = kills = imports = lines = done = 0
    classes: Counter[str] = Counter()
    began = time.perf_counter()
    while (done < given.scenarios or kills < given.kills) and failed < given.most:
        seed = given.seed + done
        wrong, scenario = failing(seed, without)
        if wrong and given.shrink:
            wrong, scenario = failing(seed, shrunk(seed, wrong))
        if wrong:
            failed += 1
            classes[worst(wrong)] += 1
            print(told(seed, wrong, scenario), end="\n\n")
        done, kills = done + 1, kills + scenario.kills
        imports, lines = imports + scenario.imports, lines + scenario.lines
    took = time.perf_counter() - began
    print(f"{done} scenarios, {imports} imports, {kills} kills, {lines} lines: {failed} failed, {took:.1f} s")
    if failed:
        print(", ".join(f"{name} {number}" for name, number in classes.most_common()))
        sys.exit(1)


if __name__ == "__main__":
    main()
