"""Fuzzes one target with atheris: ``python -m tests.fuzz TARGET [CORPUS] [-max_total_time=60 …]``."""

import sys

import atheris  # type: ignore[import-not-found,unused-ignore]

with atheris.instrument_imports(include=["smtpauth_tui"]):
    from tests.fuzz.targets import TARGETS

if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
    sys.exit(f"Name one of: {', '.join(TARGETS)}.")
target = TARGETS[sys.argv.pop(1)]
atheris.Setup(sys.argv, target)
atheris.Fuzz()
