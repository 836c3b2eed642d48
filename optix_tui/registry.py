"""The one list of functions: command line, palette, help, workspaces and the documentation all read it."""

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import Any

from engine.domain.errors import BadInput
from optix_tui.functions import calculator, chains, compass, exposure, flow, market, past, realized, system, volatility
from optix_tui.functions.entry import Entry
from optix_tui.keys import Key

FUNCTIONS: tuple[Entry, ...] = (
    *market.FUNCTIONS,
    *chains.FUNCTIONS,
    *calculator.FUNCTIONS,
    *volatility.FUNCTIONS,
    *realized.FUNCTIONS,
    *compass.FUNCTIONS,
    *exposure.FUNCTIONS,
    *flow.FUNCTIONS,
    *past.FUNCTIONS,
    *system.FUNCTIONS,
)
"""In the order in which help and palette list them."""

PLANNED = frozenset(
    "OVML OSA STRAT OSCH MARS PORT PF BLOT EMSX TKT FIND ROLL LIM "
    "SLIDE ZDTE REGM SIG BTST JRNL ALRT HP COMP CMP HS GR BETA SEAG SEAS TOP N CN ECO ECST ERN EVT WIRP WEI MOST GC CRVF "
    "FXIP FXC MDM ALLQ DVD SI PM PMV ONCH AI ASKB ASKG BLP LAY GRAB MENU".split()
)
"""Codes a trader expects that this version has no panel for."""


@cache
def by_code() -> dict[str, Entry]:
    """Every mnemonic and alias to its function."""
    found: dict[str, Entry] = {}
    for entry in FUNCTIONS:
        for code in entry.codes:
            if code in found:
                raise ValueError(f"{code} is the code of two functions: {found[code].title} and {entry.title}")
            found[code] = entry
    return found


def find(code: str) -> Entry | None:
    """The function of a mnemonic, or None."""
    return by_code().get(code.upper())


def entry_of(code: str) -> Entry:
    """The function of a mnemonic; a clear error for one that is none."""
    entry = find(code)
    if entry is None:
        raise BadInput(f"there is no function {code}: HELP lists all")
    return entry


def panel_class(entry: Entry) -> Any:
    """The class of its panel, loaded now if it was not before."""
    module, _, name = entry.path.partition(":")
    return getattr(import_module(module), name)


def all_keys(entries: Iterable[Entry] = FUNCTIONS) -> dict[str, Key]:
    """Every key of every function by its id."""
    return {key.id: key for entry in entries for key in entry.keys}
