"""Fields and lines of a CSV file that no reader can misunderstand, to the byte.

Every line ends with CR LF, which stand nowhere else; every field stands between double quotes, a quote inside is
doubled; backslash, newline, carriage return and tab are written as two characters. What a spreadsheet would run as
a formula gets a `'` in front.
"""

from __future__ import annotations

import re

from ..errors import LedgerValueRefused

__all__ = ["decode_field", "encode_field", "join_fields", "plain_decimal", "split_fields"]

_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_WRITTEN = str.maketrans({**_ESCAPES, '"': '""'})
_UNESCAPES = {"\\\\": "\\", "\\n": "\n", "\\r": "\r", "\\t": "\t"}
_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_PLAIN = re.compile(r"(?![=+\-@'])[ !#-\[\]-~\xa0-\u1fff]*\Z")
"""Most texts: nothing in them to guard, double, escape or refuse."""
_RAW = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_GUARDED = ("=", "+", "-", "@", "'")
_FIELD = re.compile(r'"((?:[^"]|"")*)"')


def encode_field(text: str, *, numeric: bool = False) -> str:
    """A value as it stands between quotes.

    Raises
    ------
    LedgerValueRefused
        It holds a control character other than newline, return and tab, or U+2028, U+2029.
    """
    if _PLAIN.match(text):
        return text
    if _REFUSED.search(text):
        raise LedgerValueRefused(
            "The row was not recorded.",
            "A text holds a control character that no CSV reader keeps apart.",
            "Take it out and record again.",
        )
    guarded = f"'{text}" if not numeric and text.startswith(_GUARDED) else text
    return guarded.translate(_WRITTEN)


def decode_field(written: str, *, numeric: bool = False) -> str:
    """The value of a field, from what stands between its quotes.

    Raises
    ------
    ValueError
        It is not what `encode_field` writes: an unknown escape, a missing guard. (Raw control characters are
        refused for the whole line by `split_fields`.)
    """
    if "\\" not in written and '"' not in written and not written.startswith(_GUARDED):
        return written
    text = written.replace('""', '"')
    text = re.sub(r"\\(.|\Z)", lambda m: _unescaped(m.group(0)), text, flags=re.DOTALL)
    if not numeric and text.startswith("'"):
        text = text[1:]
    if encode_field(text, numeric=numeric) != written:
        raise ValueError("not as the ledger writes it")
    return text


def _unescaped(pair: str) -> str:
    if pair not in _UNESCAPES:
        raise ValueError("an unknown escape")
    return _UNESCAPES[pair]


def plain_decimal(value: float | str | None) -> str:
    """A number in plain decimals, at most six behind the point, whatever type numpy gave it; empty for none."""
    if value is None or value == "":
        return ""
    plain = f"{float(value):.6f}".rstrip("0").rstrip(".")
    return "0" if plain == "-0" else plain


def join_fields(encoded: list[str]) -> bytes:
    """Encoded fields as one line, without its end."""
    return ('"' + '","'.join(encoded) + '"').encode()


def split_fields(line: bytes, count: int) -> list[str]:
    """What stands between the quotes of each of `count` fields of a line without its end.

    Raises
    ------
    ValueError
        The line is not UTF-8, holds a raw control character, or is not that many quoted fields.
    """
    text = line.decode("utf-8")
    if _RAW.search(text):
        raise ValueError("a raw control character")
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        raise ValueError("a field is not quoted")
    fields = text[1:-1].split('","')
    if len(fields) == count and all('"' not in f or '"' not in f.replace('""', "") for f in fields):
        return fields
    fields = [found.group(1) for found in _FIELD.finditer(text)]
    if ",".join(f'"{f}"' for f in fields) != text:
        raise ValueError("fields are not quoted and joined by commas")
    if len(fields) != count:
        raise ValueError(f"{len(fields)} fields instead of {count}")
    return fields
