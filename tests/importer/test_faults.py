"""An import whose n-th call to the disk fails, tears or is its last: the store stays whole, the next import is exact.

Of all calls a sample is taken; ``SMTPAUTH_TUI_FAULTS=0`` takes each, another number so many of each kind.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.importer.fault_points import KINDS, STAGES
from tests.importer.forks import place
from tests.logs import surroundings

POINTS = os.environ.get("SMTPAUTH_TUI_FAULTS", "10")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if sys.platform != "linux" or not compiler:
        pytest.skip("faults are injected on Linux, by a library that needs a C compiler")
    built = tmp_path_factory.mktemp("faults") / "faults.so"
    source = Path(__file__).with_name("faults.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", built, source, "-ldl"], check=True, capture_output=True)
    return built


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_fault_at_any_call(library: Path, kind: str, stage: str) -> None:
    with place() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "tests.importer.fault_points", str(folder), kind, stage, POINTS],
            env=surroundings(folder / "home", LD_PRELOAD=str(library)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout
