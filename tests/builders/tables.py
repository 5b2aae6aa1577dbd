"""Tables on documentation pages that a test makes and compares: `OVERREAD_WRITE_DOCS=1` writes them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

__all__ = ["compare_table", "table_row"]

_BEGIN, _END = "<!-- table -->\n", "<!-- end -->"


def table_row(name: str, lines: Iterable[str]) -> str:
    """A row of two columns, the second of several lines."""
    return f"| {name} | {'<br>'.join(lines).replace('|', '/')} |\n"


def compare_table(page: Path, title: str, table: str) -> None:
    """The section's table on the page is this one, or is written there where that is asked for."""
    text = page.read_text(encoding="utf-8")
    start = text.index(_BEGIN, text.index(f"## {title}\n")) + len(_BEGIN)
    end = text.index(_END, start)
    if os.environ.get("OVERREAD_WRITE_DOCS"):
        page.write_text(text[:start] + table + text[end:], encoding="utf-8")
    else:
        assert text[start:end].splitlines() == table.splitlines(), "OVERREAD_WRITE_DOCS=1 writes the table anew"
