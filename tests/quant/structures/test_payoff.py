"""What a structure is worth: at its expiry by hand, before it by the model, with the smile moving either way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant import tiers
from engine.quant.european.black import greeks
from engine.quant.structures.legs import Kind, Legs, legs
from engine.quant.structures.payoff import Dynamics, Shift, american, european, leg_profits, profits
from engine.quant.structures.recognition import build

CONDOR = build("iron condor", strikes=[90, 95, 105, 110], years=[0.1], prices=[0.4, 1.2, 1.1, 0.35], vols=[0.26, 0.23, 0.19, 0.18])


def test_an_iron_condor_at_expiry_is_what_a_pencil_says():
    spots = np.array([80.0, 90.0, 92.5, 95.0, 100.0, 105.0, 107.0, 110.0, 130.0])
    found = profits(legs=CONDOR, spots=spots, spot=100.0, shift=Shift(elapsed=0.1))
    credit = 1.2 + 1.1 - 0.4 - 0.35
    expected = 100.0 * (credit - np.array([5.0, 5.0, 2.5, 0.0, 0.0, 0.0, 2.0, 5.0, 5.0]))
    np.testing.assert_allclose(found, expected)
    assert CONDOR.cost == pytest.approx(-100.0 * credit)


def test_today_each_leg_is_worth_its_model_price(tier: tiers.Tier):
    found = leg_profits(legs=CONDOR, spots=np.array([100.0]), spot=100.0)
    priced = greeks(spots=100.0, strikes=CONDOR.strikes, years=0.1, vols=CONDOR.vols, rights=CONDOR.kinds).prices
    np.testing.assert_allclose(found[:, 0], CONDOR.units * (priced - CONDOR.prices), rtol=1e-12)


def test_shares_and_futures_move_with_the_spot_and_a_future_with_its_carry():
    held = legs(
        kinds=[Kind.UNDERLYING, Kind.FUTURE], quantities=[200, -2], multipliers=[1, 50], years=[np.inf, 0.5], prices=[100, 102], rates=0.04
    )
    found = leg_profits(legs=held, spots=np.array([90.0, 110.0]), spot=100.0, shift=Shift(elapsed=0.25))
    np.testing.assert_allclose(found[0], [-2000.0, 2000.0])
    np.testing.assert_allclose(found[1], -100.0 * (np.array([90.0, 110.0]) * np.exp(0.04 * 0.25) - 102.0))


def smile(k: np.ndarray, years: np.ndarray) -> np.ndarray:
    return 0.2 - 0.15 * k + 0.3 * k * k + 0.0 * years


def test_sticky_delta_moves_the_smile_with_the_spot_and_sticky_strike_does_not():
    strikes = np.array([90.0, 100.0, 110.0])
    held = legs(kinds=[Kind.CALL] * 3, quantities=1, strikes=strikes, years=0.25, vols=smile(np.log(strikes / 100.0), np.full(3, 0.25)))
    up = np.array([104.0])
    moved = leg_profits(legs=held, spots=up, spot=100.0, shift=Shift(dynamics=Dynamics.STICKY_DELTA), smile=smile)
    vols = smile(np.log(strikes / 104.0), np.full(3, 0.25))
    np.testing.assert_allclose(moved[:, 0], 100.0 * greeks(spots=104.0, strikes=strikes, years=0.25, vols=vols, rights=1).prices)
    stayed = leg_profits(legs=held, spots=up, spot=100.0)
    np.testing.assert_allclose(stayed[:, 0], 100.0 * greeks(spots=104.0, strikes=strikes, years=0.25, vols=held.vols, rights=1).prices)
    assert (moved > stayed).all()


def test_a_leg_keeps_its_own_distance_from_the_smile():
    held = legs(kinds=[Kind.PUT], quantities=1, strikes=95.0, years=0.25, vols=0.30)
    here = np.array([100.0])
    shift = Shift(dynamics=Dynamics.STICKY_DELTA)
    np.testing.assert_allclose(
        profits(legs=held, spots=here, spot=100.0, shift=shift, smile=smile), profits(legs=held, spots=here, spot=100.0), rtol=1e-12
    )


def test_volatility_is_shifted_in_points_and_in_parts_and_never_below_nothing():
    held = legs(kinds=[Kind.CALL], quantities=1, strikes=100.0, years=0.25, vols=0.2)
    at = np.array([100.0])
    for shift, vol in ((Shift(vol=0.05), 0.25), (Shift(relative_vol=0.5), 0.3), (Shift(vol=-0.5), 1e-4)):
        expected = 100.0 * greeks(spots=100.0, strikes=100.0, years=0.25, vols=vol, rights=1).prices
        assert profits(legs=held, spots=at, spot=100.0, shift=shift)[0] == pytest.approx(float(expected))


def test_american_legs_are_priced_with_their_early_exercise():
    held = legs(kinds=[Kind.PUT, Kind.CALL], quantities=[1, -1], strikes=[120.0, 80.0], years=0.5, vols=0.2, rates=0.05, yields=0.03)
    spots = np.array([70.0, 100.0, 130.0])
    early, late = (leg_profits(legs=held, spots=spots, spot=100.0, pricer=pricer) for pricer in (american, european))
    assert early[0, 0] == pytest.approx(100.0 * 50.0)
    assert (early[0] >= late[0]).all()
    assert (early[1] <= late[1]).all()
    assert early[0, 1] > late[0, 1] + 1.0


def test_after_the_first_expiry_nothing_is_told():
    with pytest.raises(ValueError, match=r"after the first expiry, in 0\.1 years"):
        profits(legs=CONDOR, spots=np.array([100.0]), spot=100.0, shift=Shift(elapsed=0.2))


def test_sticky_delta_without_a_smile_is_refused():
    with pytest.raises(ValueError, match="give the fitted one"):
        profits(legs=CONDOR, spots=np.array([100.0]), spot=100.0, shift=Shift(dynamics=Dynamics.STICKY_DELTA))


def test_a_leg_without_volatility_leaves_the_whole_unknown():
    held = legs(kinds=[Kind.CALL, Kind.PUT], quantities=1, strikes=100.0, years=0.25, vols=[0.2, np.nan])
    assert np.isnan(profits(legs=held, spots=np.array([100.0]), spot=100.0)).all()
    assert np.isfinite(profits(legs=held, spots=np.array([100.0]), spot=100.0, shift=Shift(elapsed=0.25))).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kinds": []}, "at least one leg"),
        ({"quantities": 0.0}, "every leg has a quantity"),
        ({"quantities": np.nan}, "every leg has a quantity"),
        ({"multipliers": 0.0}, "every leg has a multiplier"),
        ({"multipliers": np.nan}, "every leg has a multiplier"),
        ({"vols": 20.0}, "write 20 % as 0.2"),
        ({"years": 45.0}, "write 45 days as"),
        ({"strikes": np.nan}, "every option has a strike"),
        ({"strikes": -5.0}, "every option has a strike"),
        ({"years": np.inf}, "years to expiry"),
        ({"years": -0.1}, "years to expiry"),
        ({"kinds": [Kind.UNDERLYING]}, "does not expire"),
    ],
)
def test_legs_that_cannot_be_are_refused_with_what_to_do(change: dict[str, object], words: str):
    given = {"kinds": [Kind.CALL], "quantities": 1.0, "strikes": 100.0, "years": 0.1, **change}
    with pytest.raises(ValueError, match=words):
        legs(**given)


@given(
    st.lists(
        st.tuples(st.sampled_from([Kind.CALL, Kind.PUT]), st.integers(-5, 5).filter(bool), st.integers(50, 150)), min_size=1, max_size=6
    )
)
@settings(max_examples=60, deadline=None)
def test_near_its_expiry_a_structure_tends_to_its_payoff(held: list[tuple[Kind, int, int]]):
    structure: Legs = legs(
        kinds=[kind for kind, _, _ in held], quantities=[n for _, n, _ in held], strikes=[k for _, _, k in held], years=0.1, vols=0.2
    )
    spots = np.linspace(40.3, 170.3, 27)
    soon = profits(legs=structure, spots=spots, spot=100.0, shift=Shift(elapsed=0.1 - 1e-9))
    there = profits(legs=structure, spots=spots, spot=100.0, shift=Shift(elapsed=0.1))
    np.testing.assert_allclose(soon, there, atol=0.5)


@given(
    strike=st.floats(1.0, 1e4),
    distance=st.floats(-8.0, 8.0),
    years=st.one_of(st.floats(1 / 365 / 86_400, 1 / 365), st.floats(1 / 365, 10.0)),
    vol=st.one_of(st.floats(0.001, 0.1), st.floats(0.1, 10.0)),
    rate=st.floats(-0.05, 0.15),
    dividend=st.floats(-0.05, 0.15),
    gone=st.floats(0.0, 1.0),
)
@settings(max_examples=80, deadline=None)
def test_a_synthetic_is_its_future_at_any_spot_date_and_volatility(
    strike: float, distance: float, years: float, vol: float, rate: float, dividend: float, gone: float
):
    """Long call, short put: what a future at the strike is worth now, in the whole domain, whatever happens to volatility."""
    spot = strike * float(np.exp(np.clip(distance * vol * np.sqrt(years), -5.0, 5.0)))
    carry = {"rates": rate, "yields": dividend}
    both = build("synthetic long", strikes=[strike], years=[years], vols=vol, multiplier=1.0, **carry)
    left = years * (1.0 - gone)
    for shift in (Shift(elapsed=years * gone), Shift(elapsed=years * gone, relative_vol=0.5), Shift(elapsed=years * gone, vol=-0.5)):
        found = float(profits(legs=both, spots=np.array([spot]), spot=strike, shift=shift)[0])
        future = legs(kinds=[Kind.FUTURE], quantities=1, multipliers=1, years=years, prices=strike, **carry)
        forward = float(profits(legs=future, spots=np.array([spot]), spot=strike, shift=shift)[0])
        assert found == pytest.approx(forward * np.exp(-rate * left), abs=1e-11 * max(spot, strike))
