"""Breakevens, the most and the least, and how likely a profit is."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.chain.segments import of_sizes
from engine.quant.european.black import prices
from engine.quant.smiles import svi
from engine.quant.structures.extremes import extremes
from engine.quant.structures.legs import Kind, legs
from engine.quant.structures.payoff import Shift, profits
from engine.quant.structures.probability import fitted, lognormal, probability_of_profit
from engine.quant.structures.recognition import build


@pytest.mark.parametrize(
    ("name", "strikes", "paid", "breakevens", "most", "least"),
    [
        ("long call", [100], [3.0], [103.0], math.inf, -300.0),
        ("short call", [100], [3.0], [103.0], 300.0, -math.inf),
        ("short put", [100], [3.0], [97.0], 300.0, -9700.0),
        ("long put", [100], [3.0], [97.0], 9700.0, -300.0),
        ("bull call spread", [100, 110], [6.0, 2.0], [104.0], 600.0, -400.0),
        ("bear call spread", [100, 110], [6.0, 2.0], [104.0], 400.0, -600.0),
        ("iron condor", [90, 95, 105, 110], [0.4, 1.2, 1.1, 0.35], [93.45, 106.55], 155.0, -345.0),
        ("short strangle", [90, 110], [2.0, 1.5], [86.5, 113.5], 350.0, -math.inf),
        ("call back spread", [100, 110], [6.0, 2.0], [102.0, 118.0], math.inf, -800.0),
        ("long call butterfly", [90, 100, 110], [11.0, 4.0, 1.0], [94.0, 106.0], 600.0, -400.0),
        ("covered call", [105], [100.0, 2.0], [98.0], 700.0, -9800.0),
        ("long box", [90, 110], [12.0, 2.0, 1.0, 10.0], [], 100.0, 100.0),
    ],
)
def test_one_expiry_is_a_matter_of_arithmetic(
    name: str, strikes: list[float], paid: list[float], breakevens: list[float], most: float, least: float
):
    found = extremes(legs=build(name, strikes=strikes, years=[0.1], prices=paid), spot=100.0)
    np.testing.assert_allclose(found.breakevens, breakevens)
    assert (found.most, found.least) == (pytest.approx(most), pytest.approx(least))
    assert found.exact
    assert found.bounded_loss == math.isfinite(least)


def test_a_breakeven_far_beyond_the_last_strike_is_found():
    found = extremes(legs=build("long call", strikes=[100], years=[0.1], prices=[400.0]), spot=100.0)
    np.testing.assert_allclose(found.breakevens, [500.0])


def test_a_calendar_is_searched_for_and_says_so():
    near, after = (float(prices(forwards=100, strikes=100, years=years, vols=0.2, rights=1)) for years in (0.1, 0.3))
    found = extremes(legs=build("long call calendar", strikes=[100], years=[0.1, 0.3], prices=[near, after], vols=0.2), spot=100.0)
    assert not found.exact
    assert found.breakevens.size == 2
    assert found.breakevens[0] < 100.0 < found.breakevens[1]
    assert found.least == pytest.approx(-100.0 * (after - near), rel=1e-3)
    left = float(prices(forwards=100, strikes=100, years=0.2, vols=0.2, rights=1))
    assert found.most == pytest.approx(100.0 * (left - (after - near)), rel=1e-6)


def test_an_unbounded_calendar_is_called_unbounded():
    held = legs(kinds=[Kind.CALL, Kind.CALL], quantities=[-2, 1], strikes=100.0, years=[0.1, 0.3], vols=0.2)
    assert extremes(legs=held, spot=100.0).least == -math.inf


def test_what_never_expires_breaks_even_at_the_price_paid():
    shares = legs(kinds=[Kind.UNDERLYING], quantities=100, multipliers=1.0, prices=80.0)
    assert extremes(legs=shares, spot=100.0) == ([80.0], math.inf, -8000.0, True)
    short = extremes(legs=shares._replace(quantities=-shares.quantities), spot=100.0)
    assert (short.breakevens.tolist(), short.most, short.least) == ([80.0], 8000.0, -math.inf)


def test_a_future_breaks_even_at_its_price_wherever_that_is():
    for paid in (50.0, 200.0, 200.5, 1000.0):
        future = legs(kinds=[Kind.FUTURE], quantities=1, multipliers=50.0, years=0.1, prices=paid)
        assert extremes(legs=future, spot=100.0).breakevens.tolist() == [pytest.approx(paid)]


def test_legs_that_end_today_are_worth_what_they_settle_for():
    straddle = legs(kinds=[Kind.CALL, Kind.PUT], quantities=1, strikes=100.0, years=0.0, prices=3.0)
    found = extremes(legs=straddle, spot=100.0)
    assert (found.breakevens.tolist(), found.most, found.least, found.exact) == ([94.0, 106.0], math.inf, -600.0, True)


def test_where_a_calendar_is_worth_nothing_there_is_no_crowd_of_breakevens():
    free = legs(kinds=[Kind.CALL, Kind.CALL], quantities=[-1, 1], strikes=100.0, years=[0.01, 0.02], vols=0.2, prices=0.0)
    assert extremes(legs=free, spot=100.0).breakevens.size <= 2


@given(
    st.lists(
        st.tuples(st.sampled_from([Kind.CALL, Kind.PUT]), st.integers(-3, 3).filter(bool), st.integers(80, 120), st.floats(0.1, 20.0)),
        min_size=1,
        max_size=5,
    )
)
@settings(max_examples=80, deadline=None)
def test_no_spot_beats_the_extremes_and_every_breakeven_is_one(held: list[tuple[Kind, int, int, float]]):
    kinds, quantities, strikes, paid = (list(column) for column in zip(*held, strict=True))
    structure = legs(kinds=kinds, quantities=quantities, strikes=strikes, years=0.1, prices=paid)
    found = extremes(legs=structure, spot=100.0)
    at_end = Shift(elapsed=0.1)
    spots = np.concatenate([np.linspace(0.0, 400.0, 801), np.array(strikes, dtype=float)])
    reached = profits(legs=structure, spots=spots, spot=100.0, shift=at_end)
    assert reached.max() <= found.most + 1e-6
    assert reached.min() >= found.least - 1e-6
    np.testing.assert_allclose(profits(legs=structure, spots=found.breakevens, spot=100.0, shift=at_end), 0.0, atol=1e-4)
    signs = np.sign(profits(legs=structure, spots=np.linspace(0.0, 400.0, 4001), spot=100.0, shift=at_end))
    changes = np.count_nonzero(np.diff(signs[signs != 0.0]))
    assert changes <= np.count_nonzero(found.breakevens <= 400.0)


def test_the_probability_of_profit_is_the_distributions_share_of_the_winning_stretches():
    condor = build("iron condor", strikes=[90, 95, 105, 110], years=[0.1], prices=[0.4, 1.2, 1.1, 0.35])
    found = extremes(legs=condor, spot=100.0)
    distribution = lognormal(forward=100.0, vol=0.2, years=0.1)
    outcome = probability_of_profit(
        breakevens=found.breakevens,
        profits=lambda spots: profits(legs=condor, spots=spots, spot=100.0, shift=Shift(elapsed=0.1)),
        distribution=distribution,
    )
    assert outcome.intervals == [(pytest.approx(93.45), pytest.approx(106.55))]
    chance = np.random.default_rng(1)
    ends = 100.0 * np.exp(0.2 * math.sqrt(0.1) * chance.standard_normal(400_000) - 0.5 * 0.04 * 0.1)
    won = profits(legs=condor, spots=ends, spot=100.0, shift=Shift(elapsed=0.1)) > 0.0
    assert outcome.profit == pytest.approx(won.mean(), abs=0.003)


def skewed(strikes: np.ndarray, forward: float) -> np.ndarray:
    return 0.22 - 0.12 * np.log(strikes / forward) + 0.1 * np.log(strikes / forward) ** 2


def test_from_a_fitted_density_it_is_what_tight_spreads_on_the_smile_cost():
    """A condor wins between two levels: a digital between them, which is two tight spreads of vanillas at their own volatilities."""
    forward, years = 102.0, 0.25
    quoted = np.linspace(60.0, 150.0, 61)
    k = np.log(quoted / forward)
    fit = svi.fit_slices(log_moneyness=k, vols=skewed(quoted, forward), segments=of_sizes(np.array([k.size])), years=np.array([years]))
    condor = build("iron condor", strikes=[88, 93, 108, 113], years=[years], prices=[0.7, 1.6, 1.4, 0.5])
    found = extremes(legs=condor, spot=100.0)
    terms = {
        "breakevens": found.breakevens,
        "profits": lambda spots: profits(legs=condor, spots=spots, spot=100.0, shift=Shift(elapsed=years)),
    }
    distribution = fitted(
        forward=forward, smile=lambda at: svi.smile(log_moneyness=at, slices=fit.slices.of(np.zeros(at.shape, dtype=int)))
    )
    outcome = probability_of_profit(**terms, distribution=distribution)

    def below(level: float) -> float:
        around = level + np.array([-1e-3, 1e-3])
        puts = prices(forwards=forward, strikes=around, years=years, vols=skewed(around, forward), rights=-1)
        return float(puts[1] - puts[0]) / 2e-3

    low, high = found.breakevens
    assert outcome.profit == pytest.approx(below(high) - below(low), abs=2e-3)
    middle = float(skewed(np.array([forward]), forward)[0])
    plain = probability_of_profit(**terms, distribution=lognormal(forward=forward, vol=middle, years=years)).profit
    assert abs(outcome.profit - plain) > 0.005  # the skew counts
    ends = distribution(np.array([-5.0, 0.0, np.inf, np.nan]))
    np.testing.assert_array_equal(ends, [0.0, 0.0, 1.0, np.nan])
    assert (np.diff(distribution(np.linspace(1.0, 400.0, 500))) >= -1e-12).all()


@pytest.mark.parametrize(("name", "expected"), [("long box", 1.0), ("short box", 0.0)])
def test_what_always_wins_wins_surely_and_what_never_does_never(name: str, expected: float):
    box = build(name, strikes=[90, 110], years=[0.1], prices=[12.0, 2.0, 1.0, 10.0])
    outcome = probability_of_profit(
        breakevens=extremes(legs=box, spot=100.0).breakevens,
        profits=lambda spots: profits(legs=box, spots=spots, spot=100.0, shift=Shift(elapsed=0.1)),
        distribution=lognormal(forward=100.0, vol=0.2, years=0.1),
    )
    assert outcome.profit == expected
    assert outcome.intervals == ([(0.0, math.inf)] if expected else [])


def test_a_stretch_of_nothing_is_no_profit_though_the_prices_leave_a_rounding():
    """A ladder for nothing: below its strikes the cents cancel, but not their binary fractions."""
    chance = np.random.default_rng(0)
    for _ in range(60):
        paid = np.round(chance.uniform(0.05, 9.0, 3), 2)
        paid = np.append(paid, np.round(paid.sum(), 2))
        structure = legs(kinds=[Kind.CALL] * 4, quantities=[1, 1, 1, -1], strikes=[100, 105, 110, 115], years=0.1, prices=paid)
        outcome = probability_of_profit(
            breakevens=extremes(legs=structure, spot=90.0).breakevens,
            profits=lambda spots, held=structure: profits(legs=held, spots=spots, spot=90.0, shift=Shift(elapsed=0.1)),
            distribution=lognormal(forward=90.0, vol=0.2, years=0.1),
        )
        assert outcome.intervals == [(pytest.approx(100.0), math.inf)]
        assert outcome.profit < 0.1


def test_with_no_time_left_all_probability_stands_at_the_forward():
    at = lognormal(forward=100.0, vol=0.2, years=0.0)(np.array([0.0, 99.9, 100.0, 101.0, np.nan]))
    np.testing.assert_array_equal(at, [0.0, 0.0, 1.0, 1.0, np.nan])


def test_a_long_straddle_wins_on_both_sides():
    straddle = build("long straddle", strikes=[100], years=[0.1], prices=[2.5, 2.5])
    outcome = probability_of_profit(
        breakevens=extremes(legs=straddle, spot=100.0).breakevens,
        profits=lambda spots: profits(legs=straddle, spots=spots, spot=100.0, shift=Shift(elapsed=0.1)),
        distribution=lognormal(forward=100.0, vol=0.2, years=0.1),
    )
    assert outcome.intervals == [(0.0, pytest.approx(95.0)), (pytest.approx(105.0), math.inf)]
