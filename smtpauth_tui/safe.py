"""The one place where text from a log is made harmless for a terminal."""

import unicodedata

MOST_COMBINING = 4
"""Combining marks that may follow one another; more of them paint over the neighbouring lines."""


def safe(text: str) -> str:
    """*text* with every character that does not print shown as its escape.

    Control and format characters (C0, C1, bidirectional and zero-width marks, line and paragraph
    separators, surrogates, unassigned) come out as ``\\x1b`` or ``\\u202e``. What prints stays as it is.
    """
    if text.isascii() and text.isprintable():
        return text
    out: list[str] = []
    run = 0
    for character in text:
        if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
            run += 1
            if run > MOST_COMBINING:
                continue
        else:
            run = 0
        if character.isprintable() and not _invisible(character):
            out.append(character)
        else:
            out.append(_escaped(character))
    return "".join(out)


def _invisible(character: str) -> bool:
    """Printable by Python's rule, yet nothing to see: fillers, the braille blank, variation selectors, odd blanks."""
    code = ord(character)
    if code < 0xA0:
        return False
    return (
        code in (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0)
        or 0xFE00 <= code <= 0xFE0F
        or 0xE0100 <= code <= 0xE01EF
        or unicodedata.category(character) == "Zs"
    )


def _escaped(character: str) -> str:
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
