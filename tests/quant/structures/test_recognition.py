"""Every named structure is known by its legs in any order and any number, and its legs come back from its name."""

import numpy as np
import pytest

from engine.quant.structures.legs import Kind, Legs, legs
from engine.quant.structures.names import by_legs, structures
from engine.quant.structures.recognition import build, recognise


def made(name: str, times: int = 1) -> Legs:
    options = [leg for leg in structures()[name] if leg.kind != Kind.UNDERLYING]
    strikes = 90.0 + 5.0 * np.arange(1 + max((leg.strike for leg in options), default=-1))
    years = 0.1 * (1.0 + np.arange(1 + max((leg.expiry for leg in options), default=-1)))
    return build(name, strikes=strikes.tolist(), years=years.tolist(), times=times)


def test_no_two_names_have_the_same_legs():
    assert len(by_legs()) == len(structures()) >= 60


@pytest.mark.parametrize("name", structures())
def test_a_structure_is_known_by_its_legs(name: str):
    for times in (1, 3):
        held = made(name, times)
        backwards = Legs._make(column[::-1] for column in held)
        counted = times if held.options.size else 1  # shares alone are one holding, whatever their number
        assert recognise(held) == (name, counted)
        assert recognise(backwards) == (name, counted)


@pytest.mark.parametrize("name", structures())
def test_the_other_side_of_a_structure_has_another_name(name: str):
    held = made(name)
    assert recognise(held._replace(quantities=-held.quantities)).name != name


def test_wings_of_different_width_are_told():
    fly = build("long call butterfly", strikes=[90, 100, 115], years=[0.1])
    assert recognise(fly).name == "broken-wing long call butterfly"
    assert recognise(build("iron condor", strikes=[90, 95, 105, 115], years=[0.1])).name == "unbalanced iron condor"
    assert recognise(build("broken-wing iron butterfly", strikes=[90, 100, 115], years=[0.1])).name == "broken-wing iron butterfly"


def test_legs_of_one_contract_are_one_and_what_cancels_is_gone():
    held = legs(kinds=[Kind.CALL] * 4, quantities=[1, 1, -2, 5], strikes=[100, 100, 110, 120], years=0.1)
    assert recognise(held).name == "custom, 3 legs"
    cancelled = legs(kinds=[Kind.CALL] * 4, quantities=[1, 1, -2, 0.5], strikes=[100, 100, 110, 110], years=0.1)
    assert recognise(cancelled).name == "custom, 2 legs"
    held = legs(kinds=[Kind.CALL] * 5, quantities=[1, 1, -2, 5, -5], strikes=[100, 100, 110, 120, 120], years=0.1)
    assert recognise(held) == ("bull call spread", 2)


def test_shares_count_by_the_contract_and_an_odd_lot_is_custom():
    def covered(shares: float) -> str:
        held = legs(
            kinds=[Kind.UNDERLYING, Kind.CALL], quantities=[shares, -2], strikes=[np.nan, 105], years=[np.inf, 0.1], multipliers=[1, 100]
        )
        return recognise(held).name

    assert covered(200) == "covered call"
    assert covered(150) == "custom, 2 legs"
    assert covered(100) == "custom, 2 legs"


def test_a_future_or_an_empty_remainder_has_no_name():
    held = legs(kinds=[Kind.FUTURE, Kind.CALL], quantities=[1, -1], strikes=[np.nan, 100], years=0.1)
    assert recognise(held).name == "custom, 2 legs"
    assert recognise(legs(kinds=[Kind.CALL, Kind.CALL], quantities=[1, -1], strikes=100, years=0.1)).name == "custom, 0 legs"


@pytest.mark.parametrize(
    ("name", "strikes", "years", "words"),
    [
        ("butterfly of the night", [90], [0.1], "no structure is called 'butterfly of the night'"),
        ("iron condor", [90, 95, 105], [0.1], "takes 4 strikes, rising; 3 were given: 90, 95, 105"),
        ("bull call spread", [110, 100], [0.1], "takes 2 strikes, rising"),
        ("long call calendar", [100], [0.1], "takes 2 expiries, rising; 1 were given: 0.1"),
    ],
)
def test_a_structure_that_cannot_be_built_says_what_it_takes(name: str, strikes: list[float], years: list[float], words: str):
    with pytest.raises(ValueError, match=words):
        build(name, strikes=strikes, years=years)
