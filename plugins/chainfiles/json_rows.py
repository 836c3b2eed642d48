"""Option records out of any JSON: whole, with numbers that JSON does not know (NaN), nested deeper than sane, or cut in the middle."""

import json
import re
from typing import Any

import msgspec
from msgspec import Struct

from engine.domain.errors import BadInput
from plugins.chainfiles.bounded import few_enough
from plugins.chainfiles.rows import field_of

MAX_DEPTH = 8
"""No chain lies deeper."""
_FLAT_OBJECT = re.compile(r"\{[^{}]*\}")
_SCALAR = re.compile(r'"(\w{1,40})"\s*:\s*("(?:[^"\\]|\\.){0,200}"|-?\d[\d.eE+-]{0,30}|true|false|null)')


class Records(Struct, frozen=True, kw_only=True):
    """What a JSON text holds for us."""

    header: dict[str, object]
    """Everything said beside the options, outermost first."""
    rows: list[Any]
    trouble: str = ""
    """Why it is not all there; "" where it is."""


def read_records(text: str) -> Records:
    """The options of a JSON text and what is said around them. Raises BadInput where there are none."""
    value, wrong = _parsed(text)
    if wrong:
        return _salvaged(text, wrong)
    header: dict[str, object] = {}
    rows: list[Any] = []
    _search(value, header, rows, depth=0)
    if not rows:
        raise BadInput("the JSON holds no list of option contracts (its schema may have changed)")
    few_enough(len(rows))
    return Records(header=header, rows=rows)


def _parsed(text: str) -> tuple[Any, str]:
    try:
        return msgspec.json.decode(text), ""
    except (msgspec.DecodeError, RecursionError):
        pass
    try:
        return json.loads(text), ""
    except RecursionError:
        return None, "it is nested too deep"
    except ValueError as trouble:
        return None, str(trouble)


def _search(value: Any, header: dict[str, object], rows: list[Any], depth: int) -> None:
    if depth > MAX_DEPTH:
        return
    if isinstance(value, list):
        if any(_is_option(entry) for entry in value[:50]):
            rows.extend(value)
        else:
            for entry in value[:100]:
                _search(entry, header, rows, depth + 1)
    elif isinstance(value, dict):
        for key, entry in value.items():
            if isinstance(entry, (dict, list)):
                _search(entry, header, rows, depth + 1)
            elif isinstance(key, str):
                header.setdefault(key, entry)


def _is_option(entry: Any) -> bool:
    return isinstance(entry, dict) and (
        "option" in entry or "contractSymbol" in entry or any(field_of(str(key)) == "strike" for key in entry)
    )


def _salvaged(text: str, wrong: str) -> Records:
    """Whole records of a text that is no whole JSON: each stands between its own braces."""
    rows = []
    for found in _FLAT_OBJECT.finditer(text):
        value, broken = _parsed(found.group())
        if not broken and _is_option(value):
            rows.append(value)
            few_enough(len(rows))
    if not rows:
        raise BadInput(f"the JSON is broken and holds no whole contract: {wrong}")
    header = {key: _parsed(value)[0] for key, value in _SCALAR.findall(_FLAT_OBJECT.sub("", text))}
    return Records(header=header, rows=rows, trouble=f"the JSON is cut or broken ({wrong}): {len(rows):,} whole contracts were read")
