"""What was found, as Markdown that reads well in a terminal too: the figures, and one table of the goals."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from bench.page import Page

BEGIN: Final = "<!-- figures: generated -->\n"
END: Final = "<!-- /figures -->"
_COLUMNS: Final = ["section", "goal", "measured", "least – greatest", "limit", "", "counts"]


def goals(pages: Sequence[Page]) -> list[str]:
    """The one table."""
    rows = [
        [
            result.section,
            result.goal,
            _figure(result.measured, result.unit),
            f"{_plain(result.spread[0])} – {_plain(result.spread[1])}" if result.spread else "",
            f"≤ {_figure(result.limit, result.unit)}",
            "met" if result.met else "**missed**",
            page.judgements.get(result.goal, ""),
        ]
        for page in pages
        for result in page.results
    ]
    return table(_COLUMNS, rows)


def table(columns: list[str], rows: list[list[str]]) -> list[str]:
    """Lines of a Markdown table whose columns stand under one another."""
    widths = [max(len(row[n]) for row in [columns, *rows]) for n in range(len(columns))]
    numeric = [any(row[n] for row in rows) and all(_number(row[n]) for row in rows) for n in range(len(columns))]

    def line(row: list[str]) -> str:
        cells = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        ]
        return f"| {' | '.join(cells)} |"

    rule = [f"{'-' * (width + 1)}{':' if right else '-'}" for width, right in zip(widths, numeric, strict=True)]
    return [line(columns), f"|{'|'.join(rule)}|", *map(line, rows)]


def report(pages: Sequence[Page], machine: list[str]) -> Iterator[str]:
    """All lines: the machine, the figures, what was not measured, the goals."""
    yield from (f"- {line}" for line in machine)
    for page in pages:
        for title, columns, rows in page.tables:
            yield from ("", f"**{title}**", "", *table(columns, rows))
    notes = [note for page in pages for note in page.notes]
    if notes:
        yield from ("", "Not measured in this run:", "", *(f"- {note}" for note in notes))
    yield from ("", "**Goals**", "", *goals(pages))
    results = [result for page in pages for result in page.results]
    yield from ("", f"{sum(result.met for result in results)} of {len(results)} goals met.")


def write(path: Path, lines: Sequence[str]) -> None:
    """Put the figures between the marks of a page."""
    before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    figures = "\n".join(lines)
    path.write_text(f"{before}{BEGIN}\n{figures}\n\n{END}{after}", encoding="utf-8")


def _plain(value: float) -> str:
    """Three digits that say something."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _figure(value: float, unit: str) -> str:
    return f"{_plain(value)}{'' if unit == '×' else ' '}{unit}".strip()


def _number(cell: str) -> bool:
    return not cell or cell.replace(",", "").replace(".", "", 1).isdigit()
