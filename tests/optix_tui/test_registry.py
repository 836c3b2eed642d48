"""The list of functions: unique, complete, and loaded only when it is used."""

from importlib.util import find_spec

import pytest

from engine.domain.errors import BadInput
from optix_tui.function import Function
from optix_tui.keys import APP_KEYS
from optix_tui.registry import FUNCTIONS, by_code, entry_of, find, panel_class

NEEDED = (
    "HOME",
    "W",
    "OMON",
    "DES",
    "GP",
    "GIP",
    "GPC",
    "OPX",
    "TAS",
    "DATA",
    "SYS",
    "SET",
    "HELP",
    "OVDV",
    "SKEW",
    "FLOW",
    "MOSO",
    "OMST",
    "OVME",
    "HVT",
    "HVG",
    "CORR",
)


def test_every_code_and_alias_means_one_function():
    codes = [code for entry in FUNCTIONS for code in entry.codes]
    assert len(codes) == len(set(codes)) == len(by_code())


def test_all_functions_of_the_first_light_are_there():
    assert [code for code in NEEDED if find(code) is None] == []


def test_a_code_is_found_in_any_case_and_by_its_alias():
    assert find("omon") is find("CHAIN") is entry_of("OMON")
    assert find("NOPE") is None
    with pytest.raises(BadInput, match="no function NOPE"):
        entry_of("NOPE")


@pytest.mark.parametrize("entry", FUNCTIONS, ids=lambda entry: entry.code)
def test_every_function_says_what_it_is(entry):
    assert entry.title
    assert entry.summary
    assert len(entry.summary) <= 44, "it has to fit the drop-down"
    assert entry.help.endswith(".")
    assert entry.code == entry.code.upper()


@pytest.mark.parametrize("entry", FUNCTIONS, ids=lambda entry: entry.code)
def test_every_panel_can_be_loaded_and_answers_its_keys(entry):
    assert find_spec(entry.path.partition(":")[0]), f"{entry.path} is not there"
    panel = panel_class(entry)
    assert issubclass(panel, Function)
    missing = [key.action for key in entry.keys if not hasattr(panel, f"action_{key.action.partition('(')[0]}")]
    assert missing == []


def test_ids_of_keys_are_unique():
    ids = [key.id for key in APP_KEYS] + sorted({key.id for entry in FUNCTIONS for key in entry.keys})
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("entry", FUNCTIONS, ids=lambda entry: entry.code)
def test_examples_can_be_typed(entry):
    from optix_tui.parser import Instruction, parse

    for example in entry.examples:
        found = parse(example, {})
        assert isinstance(found, Instruction), example
        assert found.entry is entry
