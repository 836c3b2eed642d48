"""Exposures in every convention, against a computation written out contract by contract."""

import itertools
import math

import numpy as np
import pytest

from engine.quant import tiers
from engine.quant.european.black import greeks
from engine.quant.exposure.boxes import boxed
from engine.quant.exposure.contributions import contributions
from engine.quant.exposure.convention import Convention, Count, Greek, Signs, Unit
from engine.quant.exposure.ladder import dealer_range, ladder, walls
from engine.quant.exposure.profile import Book, flip, flips, levels, profile

SPOT = 100.0
EVERY = [Convention(*choice) for choice in itertools.product(Unit, Signs, Count, (False, True))]
CHANCE = np.random.default_rng(8)
STRIKES = np.tile(np.arange(80.0, 121.0, 5.0), 2)
RIGHTS = np.repeat([1.0, -1.0], 9)
BOOK = Book(
    strikes=STRIKES,
    years=np.full(18, 0.1),
    vols=0.2 + 0.001 * (100.0 - STRIKES),
    rights=RIGHTS,
    open_interest=CHANCE.integers(0, 5000, 18).astype(float),
    volumes=CHANCE.integers(0, 900, 18).astype(float),
    multipliers=np.full(18, 100.0),
    rates=np.full(18, 0.04),
    yields=np.full(18, 0.01),
)


def bumped(greek: Greek, row: int, spot: float = SPOT) -> float:
    """A contract's greek by differences of its delta, for one unit as a trader counts it."""

    def delta(at: float, vol: float, years: float) -> float:
        F = at * math.exp((BOOK.rates[row] - BOOK.yields[row]) * years)
        d1 = math.log(F / BOOK.strikes[row]) / (vol * math.sqrt(years)) + 0.5 * vol * math.sqrt(years)
        inside = 0.5 * math.erfc(-BOOK.rights[row] * d1 / math.sqrt(2.0))
        return float(BOOK.rights[row] * math.exp(-BOOK.yields[row] * years) * inside)

    vol, years = float(BOOK.vols[row]), float(BOOK.years[row])
    if greek is Greek.GAMMA:
        return (delta(spot + 0.01, vol, years) - delta(spot - 0.01, vol, years)) / 0.02
    if greek is Greek.VANNA:
        return (delta(spot, vol + 1e-4, years) - delta(spot, vol - 1e-4, years)) / 0.02
    return (delta(spot, vol, years - 1e-5) - delta(spot, vol, years + 1e-5)) / (2e-5 * 365)


def told(convention: Convention, greek: Greek) -> np.ndarray:
    """The library's figures, contract by contract."""
    priced = greeks(
        spots=SPOT, strikes=BOOK.strikes, years=BOOK.years, vols=BOOK.vols, rights=BOOK.rights, rates=BOOK.rates, yields=BOOK.yields
    )
    return contributions(
        convention=convention,
        greek=greek,
        greeks={Greek.GAMMA: priced.gammas, Greek.VANNA: priced.vannas, Greek.CHARM: priced.charms}[greek],
        spots=SPOT,
        rights=BOOK.rights,
        open_interest=BOOK.open_interest,
        volumes=BOOK.volumes,
        multipliers=BOOK.multipliers,
    )


@pytest.mark.parametrize("greek", Greek)
@pytest.mark.parametrize("convention", EVERY, ids=lambda convention: convention.in_words(Greek.GAMMA))
def test_every_convention_counts_what_its_words_say(convention: Convention, greek: Greek):
    expected = []
    for row in range(18):
        count = BOOK.open_interest[row] if convention.counted is Count.OPEN_INTEREST else BOOK.volumes[row]
        sign = {Signs.CALLS_LONG_PUTS_SHORT: RIGHTS[row], Signs.CALLS_SHORT_PUTS_LONG: -RIGHTS[row], Signs.UNSIGNED: 1.0}[convention.signs]
        worth = 1.0 if convention.unit is Unit.SHARES_PER_POINT else SPOT
        if greek is Greek.GAMMA and convention.unit is Unit.DOLLARS_PER_PERCENT:
            worth *= SPOT / 100.0
        expected.append((0.5 if convention.half else 1.0) * sign * bumped(greek, row) * count * 100.0 * worth)
    np.testing.assert_allclose(told(convention, greek), expected, rtol=2e-4, atol=1e-3 * np.abs(expected).max())


def test_a_contract_without_a_count_is_left_out_and_counted():
    values = told(Convention(), Greek.GAMMA)
    values[[3, 13]] = np.nan
    bars = ladder(rungs=STRIKES, rights=RIGHTS, contributions=values)
    assert bars.left_out == 2
    assert bars.rungs.tolist() == sorted(set(STRIKES))
    assert bars.calls.sum() == pytest.approx(np.nansum(values[RIGHTS > 0]))
    assert bars.nets.sum() == pytest.approx(np.nansum(values))


def test_walls_are_the_largest_bars_of_either_sign():
    bars = ladder(
        rungs=np.array([90.0, 100.0, 110.0, 90.0]), rights=np.array([1.0, 1.0, 1.0, -1.0]), contributions=np.array([2.0, 7.0, 1.0, -9.0])
    )
    assert walls(bars) == (100.0, 90.0)
    alone = ladder(rungs=np.array([90.0]), rights=np.array([1.0]), contributions=np.array([2.0]))
    assert walls(alone).positive == 90.0
    assert np.isnan(walls(alone).negative)
    assert np.isnan(walls(ladder(rungs=np.empty(0), rights=np.empty(0), contributions=np.empty(0)))).all()


def test_the_dealers_share_bounds_the_net_and_tells_whether_its_sign_holds():
    bars = ladder(rungs=np.array([90.0, 110.0]), rights=np.array([1.0, -1.0]), contributions=np.array([189.0, -207.0]))
    assert dealer_range(bars) == (-18.0, 0.25 * 189 - 0.75 * 207, 0.75 * 189 - 0.25 * 207)
    assert not dealer_range(bars).certain
    assert dealer_range(ladder(rungs=np.array([90.0]), rights=np.array([1.0]), contributions=np.array([5.0]))).certain


@pytest.mark.parametrize("greek", Greek)
def test_the_profile_at_todays_spot_is_the_sum_of_todays_bars(tier: tiers.Tier, greek: Greek):
    found = profile(convention=Convention(), greek=greek, book=BOOK, spots=levels(SPOT))
    here = int(np.flatnonzero(found.spots == SPOT)[0])
    assert found.nets[here] == pytest.approx(np.nansum(told(Convention(), greek)), rel=1e-9)
    assert found.spots.size == 121
    assert (found.spots[0], found.spots[-1]) == (pytest.approx(85.0), pytest.approx(115.0))


def test_the_flip_is_where_the_repriced_net_changes_sign():
    """Dealers long calls at 110 and short puts at 90 in equal number: negative below, positive above, by symmetry near √(90·110)."""
    pair = Book(
        *(
            np.array(column)
            for column in ([110.0, 90.0], [0.1] * 2, [0.2] * 2, [1.0, -1.0], [100.0] * 2, [0.0] * 2, [100.0] * 2, [0.0] * 2, [0.0] * 2)
        )
    )
    found = profile(convention=Convention(), greek=Greek.GAMMA, book=pair, spots=levels(SPOT))
    expected = math.sqrt(90 * 110) * math.exp(-0.5 * 0.2**2 * 0.1)
    assert flip(found, spot=SPOT) == pytest.approx(expected, abs=0.01)
    assert (found.nets[found.spots < 99.0] < 0.0).all()
    assert (found.nets[found.spots > 100.0] > 0.0).all()


def test_without_a_change_of_sign_there_is_no_flip():
    calls = BOOK._replace(open_interest=np.where(RIGHTS > 0, 10.0, 0.0))
    found = profile(convention=Convention(), greek=Greek.GAMMA, book=calls, spots=levels(SPOT))
    assert flips(found).size == 0
    assert np.isnan(flip(found, spot=SPOT))


def test_contracts_without_volatility_time_or_count_add_nothing():
    holes = BOOK._replace(
        vols=np.where(np.arange(18) == 2, np.nan, BOOK.vols),
        years=np.where(np.arange(18) == 5, 0.0, BOOK.years),
        open_interest=np.where(np.arange(18) == 9, np.nan, BOOK.open_interest),
    )
    keep = ~np.isin(np.arange(18), [2, 5, 9])
    fewer = Book(*(column[keep] for column in BOOK))
    args = {"convention": Convention(), "greek": Greek.GAMMA, "spots": levels(SPOT, reach=0.05, step=0.01)}
    np.testing.assert_allclose(profile(book=holes, **args).nets, profile(book=fewer, **args).nets)


def test_readings_beyond_all_bounds_add_nothing_and_raise_nothing():
    mad = BOOK._replace(vols=np.full(18, 30.0))
    args = {"convention": Convention(), "greek": Greek.GAMMA, "spots": levels(SPOT, reach=0.05, step=0.05)}
    assert not profile(book=mad, **args).nets.any()
    assert not profile(book=BOOK._replace(rates=np.full(18, 5.0)), **args).nets.any()


def test_a_box_is_taken_off_both_sides_and_a_lone_strike_is_not():
    strikes = np.array([3500.0, 4000.0, 4500.0, 4550.0, 5000.0])
    calls = np.array([50_000.0, 21_000.0, 300.0, 40_000.0, 9_000.0])
    puts = np.array([49_000.0, 20_000.0, 40_000.0, 40_500.0, np.nan])
    assert boxed(strikes=strikes, call_open_interest=calls, put_open_interest=puts, spot=4520.0, grid=500.0).tolist() == [0.0] * 5
    calls[1], puts[1] = 51_000.0, 52_000.0
    assert boxed(strikes=strikes, call_open_interest=calls, put_open_interest=puts, spot=4520.0, grid=500.0).tolist() == [
        49_000.0, 51_000.0, 0.0, 0.0, 0.0,
    ]  # fmt: skip
