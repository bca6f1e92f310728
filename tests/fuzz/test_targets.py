"""The fuzzer's targets hold on the formats' own examples, whole, cut and damaged."""

from pathlib import Path
from random import Random

import pytest

from tests.fuzz.targets import TARGETS

FORMATS = Path(__file__).parent.parent / "formats"
_MOST = 40_000


def seeds(name: str) -> list[bytes]:
    """Logs and exports of a format; of several formats for the targets that are of none."""
    folders = [FORMATS / name, FORMATS / "exports" / name]
    if name in ("lines", "import"):
        folders = [folder for folder in (*FORMATS.iterdir(), *(FORMATS / "exports").iterdir()) if folder.is_dir()]
    files = [
        sorted(file for file in folder.glob("*") if file.suffix in (".log", ".csv", ".json"))
        for folder in folders
        if folder.is_dir()
    ]
    most = 2 if name in ("lines", "import") else 6
    return [file.read_bytes()[:_MOST] for group in files for file in group[:most]]


def damaged(data: bytes, random: Random) -> bytes:
    """Some bytes replaced, a piece left out, another one twice."""
    changed = bytearray(data)
    for _ in range(1 + len(data) // 50):
        changed[random.randrange(len(changed))] = random.choice(b"\0\n\r\"'<>=,:[](){}\\ \x1b\x9b\xff09azAZ")
    begin, end = sorted(random.randrange(len(changed)) for _ in range(2))
    return bytes(changed[:begin] + changed[end:] + changed[begin:end] * 2)


@pytest.mark.parametrize("name", TARGETS)
def test_target_holds_on_examples(name: str) -> None:
    random = Random(name)
    found = seeds(name)
    assert found
    for data in [*found, b"", b"\0", b"\xff\xfe", b"{", b"\x1f\x8b"]:
        TARGETS[name](data)
        if data:
            TARGETS[name](damaged(data, random))
