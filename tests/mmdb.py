"""Writes small .mmdb files as https://maxmind.github.io/MaxMind-DB/ describes them, for tests."""

import struct
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any

BUILT = 1_795_000_000
"""November 2026."""
GERMANY = {"country": {"iso_code": "DE", "names": {"en": "Germany", "de": "Deutschland"}}, "continent": {"code": "EU"}}
BRAZIL = {"country": {"iso_code": "BR", "names": {"en": "Brazil"}}}
_Node = list[Any]


class _Short(int):
    """Written as 16 bits."""


class _Long(int):
    """Written as 64 bits."""


def write_mmdb(
    path: Path, records: Mapping[str, Any], *, title: str = "Test", bits: int = 24, version: int = 6
) -> Path:
    """A file that has a record for each network: *bits* of a record of its tree are 24, 28 or 32."""
    root: _Node = [None, None]
    data = bytearray()
    for network, record in records.items():
        _put(root, _path(network, version), len(data))
        data += _encoded(record)
    nodes = _numbered(root)
    count = len(nodes)
    tree = b"".join(_node(*[_target(side, nodes, count) for side in node], bits) for node in nodes.values())
    about = {
        "node_count": count,
        "record_size": _Short(bits),
        "ip_version": _Short(version),
        "database_type": title,
        "languages": ["en"],
        "binary_format_major_version": _Short(2),
        "binary_format_minor_version": _Short(0),
        "build_epoch": _Long(BUILT),
        "description": {"en": title},
    }
    path.write_bytes(tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + _encoded(about))
    return path


def _path(network: str, version: int) -> str:
    found = ip_network(network)
    width = 32 if found.version == 4 else 128
    digits = f"{int(found.network_address):0{width}b}"[: found.prefixlen]
    return "0" * 96 + digits if found.version == 4 and version == 6 else digits


def _put(node: _Node, path: str, offset: int) -> None:
    for digit in path[:-1]:
        side = int(digit)
        if not isinstance(node[side], list):
            node[side] = [None, None]
        node = node[side]
    node[int(path[-1])] = offset


def _numbered(root: _Node) -> dict[int, _Node]:
    """All nodes, the root first, by their identity."""
    found, waiting = {id(root): root}, [root]
    while waiting:
        for side in waiting.pop():
            if isinstance(side, list):
                found[id(side)] = side
                waiting.append(side)
    return found


def _target(side: Any, nodes: dict[int, _Node], count: int) -> int:
    if side is None:
        return count
    return list(nodes).index(id(side)) if isinstance(side, list) else count + 16 + int(side)


def _node(left: int, right: int, bits: int) -> bytes:
    if bits == 28:
        middle = (left >> 24 << 4) | (right >> 24)
        return struct.pack(">I", left)[1:] + bytes([middle]) + struct.pack(">I", right)[1:]
    return b"".join(struct.pack(">I", value)[4 - bits // 8 :] for value in (left, right))


_KINDS = {_Short: 5, _Long: 9}


def _encoded(value: Any) -> bytes:
    if isinstance(value, bool):
        return _head(14, int(value))
    if isinstance(value, str):
        text = value.encode()
        return _head(2, len(text)) + text
    if isinstance(value, float):
        return _head(3, 8) + struct.pack(">d", value)
    if isinstance(value, int):
        number = value.to_bytes((value.bit_length() + 7) // 8, "big")
        return _head(_KINDS.get(type(value), 6), len(number)) + number
    if isinstance(value, Mapping):
        return _head(7, len(value)) + b"".join(_encoded(key) + _encoded(part) for key, part in value.items())
    return _head(11, len(value)) + b"".join(map(_encoded, value))


def _head(kind: int, size: int) -> bytes:
    rest = b""
    if size >= 29:
        size, rest = (29, bytes([size - 29])) if size < 285 else (30, struct.pack(">H", size - 285))
    return bytes([kind << 5 | size]) + rest if kind < 8 else bytes([size, kind - 7]) + rest
