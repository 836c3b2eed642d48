"""Exposures in every convention against plain loops over contracts: normal distribution by erf, Greeks by differences of the delta."""

import itertools
from collections import defaultdict
from datetime import date
from math import erf, exp, isnan, log, nan, sqrt
from typing import NamedTuple

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.chain import SeriesSummary
from engine.domain.columns import flags, floats
from engine.domain.ids import SeriesId, SourceId, Symbol
from engine.domain.market import FeedState
from engine.messages.exposure import (
    Exposure,
    ExposureConvention,
    ExposureCount,
    ExposureGreek,
    ExposureSigns,
    ExposureUnit,
)
from engine.services.analytics.exposure_figures import exposure_of, in_words
from engine.services.analytics.exposure_positions import NameNow, OpenSeries, box_grid, positions_of
from engine.services.analytics.smile import Smile
from tests.kit import facts
from tests.kit.market import DECEMBER, MONDAY, NOON, series_of

SPOT, HINT = 6_000.0, 0.012
STRIKES = (4_000.0, 4_500.0, 5_800.0, 5_900.0, 6_000.0, 6_100.0, 6_200.0, 7_000.0, 7_500.0)
EVERY = [
    ExposureConvention(greek=greek, unit=unit, signs=signs, counted=counted, half=half, without_boxes=boxes)
    for greek, unit, signs, counted, half, boxes in itertools.product(
        ExposureGreek, ExposureUnit, ExposureSigns, ExposureCount, (False, True), (False, True)
    )
]
CHANCE = np.random.default_rng(11)


def summary_of(root: str, expiry: date, years: float, forward: float, rate: float) -> SeriesSummary:
    base = facts.summary("SPXW", date(2026, 11, 24))
    return replace(base, series=series_of(root, expiry), years=years, forward=forward, rate=rate, spot=SPOT, as_of=NOON)


def open_series(root: str, expiry: date, years: float, forward: float, rate: float = 0.04) -> OpenSeries:
    strikes = np.array(STRIKES)
    vols = 0.2 - 0.1 * np.log(strikes / forward)
    vols[2] = nan  # nobody knows the volatility of 5,800
    interest = CHANCE.integers(50, 4_000, (2, strikes.size)).astype(float)
    interest[0, 3] = nan  # nor how many calls of 5,900 are open
    interest[:, [0, 1, 7, 8]] = [[9_000.0, 8_900.0, 8_800.0, 10.0], [9_100.0, 8_800.0, 9_300.0, 9_000.0]]  # boxes, but for the last
    sides = floats(np.full((2, strikes.size), 1.0))
    smile = Smile(
        summary=summary_of(root, expiry, years, forward, rate),
        strikes=floats(strikes),
        contract=tuple("x" if place != 4 else "" for place in range(strikes.size)) * 2,  # 6,000 is not listed
        bid=sides,
        ask=sides,
        verdict=flags(np.zeros((2, strikes.size))),
        iv=sides,
        iv_bid=sides,
        iv_ask=sides,
        greek_iv=floats(vols),
    )
    return OpenSeries(smile, floats(interest), floats(CHANCE.integers(0, 900, (2, strikes.size)).astype(float)))


NEAR = open_series("SPXW", MONDAY, 3 / 365, SPOT * exp(0.028 * 3 / 365))
FAR = open_series("SPX", DECEMBER, 28 / 365, SPOT * exp(0.025 * 28 / 365))
NAME = NameNow(
    symbol=Symbol("SPX"),
    source=SourceId("test"),
    state=FeedState.LIVE,
    spot=SPOT,
    dividend_yield=HINT,
    series=(NEAR, FAR),
    adjusted=(SeriesId("SPX1/2026-12-18/PM"),),
)
POSITIONS = positions_of(NAME)


class Contract(NamedTuple):
    series: str
    strike: float
    right: float
    years: float
    vol: float
    rate: float
    carry: float
    interest: float
    volume: float
    multiplier: float
    boxed: float


def contracts() -> list[Contract]:
    found = []
    for one in (NEAR, FAR):
        head = one.smile.summary
        implied, noise = head.rate - log(head.forward / SPOT) / head.years, 5e-4 / head.years
        carry = HINT + 0.02**2 / (0.02**2 + noise**2) * (implied - HINT)
        for row, right in enumerate((1.0, -1.0)):
            for place, strike in enumerate(STRIKES):
                if not one.smile.contract[place]:
                    continue
                calls, puts = one.open_interest[0, place], one.open_interest[1, place]
                boxed = min(calls, puts) if place in {0, 1, 7} else 0.0
                vol = float(one.smile.greek_iv[place])
                counts = float(one.open_interest[row, place]), float(one.volume[row, place])
                found.append(Contract(head.series.id, strike, right, head.years, vol, head.rate, carry, *counts, 100.0, float(boxed)))
    return found


def delta(one: Contract, spot: float, vol: float, years: float) -> float:
    forward = spot * exp((one.rate - one.carry) * years)
    d1 = log(forward / one.strike) / (vol * sqrt(years)) + vol * sqrt(years) / 2
    return one.right * exp(-one.carry * years) * 0.5 * (1.0 + erf(one.right * d1 / sqrt(2.0)))


def greek_of(one: Contract, greek: ExposureGreek, spot: float) -> float:
    """For one unit as a trader counts it: a point of spot, a vol point, a calendar day."""
    if isnan(one.vol):
        return nan
    if greek is ExposureGreek.GAMMA:
        step = 1e-4 * spot
        return (delta(one, spot + step, one.vol, one.years) - delta(one, spot - step, one.vol, one.years)) / (2 * step)
    if greek is ExposureGreek.VANNA:
        return (delta(one, spot, one.vol + 1e-5, one.years) - delta(one, spot, one.vol - 1e-5, one.years)) / 2e-3
    step = 1e-4 * one.years
    return (delta(one, spot, one.vol, one.years - step) - delta(one, spot, one.vol, one.years + step)) / (2 * step * 365)


def worth(one: Contract, convention: ExposureConvention, spot: float, greek: float) -> float:
    """What a contract adds, as the words say."""
    open_now = one.interest - (one.boxed if convention.without_boxes else 0.0)
    count = one.volume if convention.counted is ExposureCount.VOLUME else open_now
    sign = {ExposureSigns.CALLS_LONG_PUTS_SHORT: one.right, ExposureSigns.CALLS_SHORT_PUTS_LONG: -one.right}.get(convention.signs, 1.0)
    scale = 1.0
    if convention.unit is not ExposureUnit.SHARES_PER_POINT:
        scale = spot
    if convention.unit is ExposureUnit.DOLLARS_PER_PERCENT and convention.greek is ExposureGreek.GAMMA:
        scale = spot * spot / 100.0
    return greek * count * one.multiplier * sign * scale * (0.5 if convention.half else 1.0)


CONTRACTS = contracts()
GREEKS = {greek: [greek_of(one, greek, SPOT) for one in CONTRACTS] for greek in ExposureGreek}


@pytest.mark.parametrize("convention", EVERY, ids=lambda one: in_words(one, lends=True, european=True)[:60])
def test_sums_in_every_convention_are_those_of_a_plain_loop(convention: ExposureConvention) -> None:
    told = exposure_of(POSITIONS, convention)
    by_strike: dict[float, list[float]] = defaultdict(lambda: [0.0, 0.0])
    by_series: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    left_out = 0
    for one, greek in zip(CONTRACTS, GREEKS[convention.greek], strict=True):
        value = worth(one, convention, SPOT, greek)
        if isnan(value):
            left_out += 1
            continue
        side = 0 if one.right > 0 else 1
        by_strike[one.strike][side] += value
        by_series[one.series][side] += value
    size = max(abs(value) for sides in by_strike.values() for value in sides)
    assert told.by_strike.rungs.tolist() == sorted(by_strike)
    wanted = [by_strike[strike] for strike in sorted(by_strike)]
    np.testing.assert_allclose(np.transpose([told.by_strike.calls, told.by_strike.puts]), wanted, rtol=1e-4, atol=1e-6 * size)
    assert told.expiries == (NEAR.smile.summary.series.id, FAR.smile.summary.series.id)
    np.testing.assert_allclose(
        np.transpose([told.by_expiry.calls, told.by_expiry.puts]), [by_series[name] for name in told.expiries], rtol=1e-4, atol=1e-6 * size
    )
    calls, puts = (sum(sides[side] for sides in by_strike.values()) for side in (0, 1))
    assert told.net == pytest.approx(calls + puts, rel=1e-3, abs=1e-5 * size)
    assert told.low == pytest.approx(sum(min(0.25 * side, 0.75 * side) for side in (calls, puts)), rel=1e-3, abs=1e-5 * size)
    assert told.high == pytest.approx(sum(max(0.25 * side, 0.75 * side) for side in (calls, puts)), rel=1e-3, abs=1e-5 * size)
    nets = {strike: sum(sides) for strike, sides in by_strike.items()}
    best, worst = max(nets, key=lambda strike: nets[strike]), min(nets, key=lambda strike: nets[strike])
    assert told.positive_wall == best if nets[best] > 0 else isnan(told.positive_wall)
    assert told.negative_wall == worst if nets[worst] < 0 else isnan(told.negative_wall)
    assert (told.left_out, told.contracts) == (left_out, len(CONTRACTS) - left_out)
    boxes = convention.without_boxes and convention.counted is ExposureCount.OPEN_INTEREST
    assert told.boxed == (sum(one.boxed for one in CONTRACTS if one.right > 0) if boxes else 0.0)
    assert told.left_out_expiries == ("SPX1/2026-12-18/PM",)


@pytest.mark.parametrize("greek", ExposureGreek)
@pytest.mark.parametrize("signs", ExposureSigns)
def test_the_profile_prices_every_contract_anew_and_the_flip_is_where_it_turns(greek: ExposureGreek, signs: ExposureSigns) -> None:
    convention = ExposureConvention(greek=greek, signs=signs)
    told = exposure_of(POSITIONS, convention)

    def net(spot: float) -> float:
        values = [worth(one, convention, spot, greek_of(one, greek, spot)) for one in CONTRACTS]
        return sum(value for value in values if not isnan(value))

    nets = told.profile_calls + told.profile_puts
    assert (told.profile_spots[0], told.profile_spots[-1]) == pytest.approx((0.85 * SPOT, 1.15 * SPOT))
    for place in range(0, told.profile_spots.size, 10):
        assert nets[place] == pytest.approx(net(float(told.profile_spots[place])), rel=1e-3, abs=1e-4 * np.abs(nets).max())
    assert nets[told.profile_spots.size // 2] == pytest.approx(told.net, rel=1e-9)
    turns = np.flatnonzero(nets[:-1] * nets[1:] < 0)
    if not turns.size:
        assert isnan(told.flip)
        return
    nearest = min(turns, key=lambda place: abs(told.profile_spots[place] - SPOT))
    assert abs(told.flip - told.profile_spots[nearest]) <= told.profile_spots[1] - told.profile_spots[0] + 1e-9
    assert abs(net(told.flip)) < 0.2 * max(abs(nets[nearest]), abs(nets[nearest + 1]))


def test_one_expiry_alone_is_its_part_of_all() -> None:
    convention = ExposureConvention()
    whole, part = exposure_of(POSITIONS, convention), exposure_of(POSITIONS, convention, {FAR.smile.summary.series.id})
    assert part.expiries == (FAR.smile.summary.series.id,)
    assert part.net == pytest.approx(float(whole.by_expiry.calls[1] + whole.by_expiry.puts[1]))


@pytest.mark.parametrize(
    ("name", "trouble"),
    [
        (NAME._replace(symbol=Symbol("VIX")), "nobody can hold VIX"),
        (NAME._replace(spot=nan), "is not known yet"),
        (NAME._replace(series=()), "no open option"),
        (NAME._replace(series=(NEAR._replace(open_interest=floats(np.full((2, 9), nan))),)), "unknown is not zero"),
        (NAME._replace(series=(NEAR._replace(smile=NEAR.smile._replace(greek_iv=floats(np.full(9, nan)))),)), "volatility yet"),
    ],
)
def test_what_cannot_be_told_is_said_and_nothing_is_invented(name: NameNow, trouble: str) -> None:
    told: Exposure = exposure_of(positions_of(name), ExposureConvention())
    assert trouble in told.trouble
    assert isnan(told.net)
    assert isnan(told.flip)
    assert not told.by_strike.rungs.size


def test_settled_contracts_and_impossible_volatilities_are_left_out() -> None:
    over = NEAR._replace(smile=NEAR.smile._replace(summary=replace(NEAR.smile.summary, years=-0.001)))
    wild = FAR._replace(smile=FAR.smile._replace(greek_iv=floats([12.0] * 8 + [0.2])))
    told = exposure_of(positions_of(NAME._replace(series=(over, wild))), ExposureConvention())
    assert told.contracts == 2
    assert told.by_strike.rungs.tolist() == [7_500.0]


@pytest.mark.parametrize("greek", ExposureGreek)
def test_no_open_contract_is_counted_as_such_and_an_unknown_one_is_left_out(greek: ExposureGreek) -> None:
    interest = np.full((2, len(STRIKES)), nan)
    interest[0, 5], interest[1, 6] = 0.0, 70.0
    told = exposure_of(positions_of(NAME._replace(series=(FAR._replace(open_interest=floats(interest)),))), ExposureConvention(greek=greek))
    assert told.by_strike.rungs.tolist() == [STRIKES[5], STRIKES[6]]
    assert told.by_strike.calls.tolist() == [0.0, 0.0]
    assert told.by_strike.puts[0] == 0.0
    assert told.by_strike.puts[1] != 0.0
    assert (told.contracts, told.left_out) == (2, 2 * (len(STRIKES) - 1) - 2), "6,000 is not listed"
    only = next(one for one in CONTRACTS if (one.series, one.strike, one.right) == (FAR.smile.summary.series.id, STRIKES[6], -1.0))
    value = worth(only._replace(interest=70.0, boxed=0.0), ExposureConvention(greek=greek), SPOT, greek_of(only, greek, SPOT))
    assert told.net == pytest.approx(value, rel=1e-4)


@pytest.mark.parametrize("greek", ExposureGreek)
def test_an_expired_series_and_one_without_a_rate_or_forward_spoil_no_other(greek: ExposureGreek) -> None:
    convention = ExposureConvention(greek=greek)
    alone = exposure_of(positions_of(NAME._replace(series=(FAR,))), convention)
    summary = NEAR.smile.summary
    for broken in (replace(summary, years=0.0), replace(summary, years=-1.0), replace(summary, years=nan), replace(summary, rate=9.0)):
        spoiled = NEAR._replace(smile=NEAR.smile._replace(summary=broken))
        told = exposure_of(positions_of(NAME._replace(series=(spoiled, FAR))), convention)
        assert told.net == pytest.approx(alone.net)
        assert told.expiries == alone.expiries
        assert np.isfinite(told.profile_calls + told.profile_puts).all()
        assert told.left_out == alone.left_out + 2 * (len(STRIKES) - 1)


def test_the_words_say_what_is_in_force() -> None:
    usual = in_words(ExposureConvention(), lends=True, european=False)
    assert "$ per 1 %; calls +, puts -" in usual
    assert "customers sell calls and buy puts" in usual
    assert "last session" in usual
    assert "box spreads (a guess) taken off" in usual
    assert "early exercise left out" in usual
    other = ExposureConvention(
        greek=ExposureGreek.CHARM, signs=ExposureSigns.UNSIGNED, counted=ExposureCount.VOLUME, half=True, unit=ExposureUnit.SHARES_PER_POINT
    )
    words = in_words(other, lends=True, european=True)
    assert words.startswith("½ charm × volume × multiplier, shares, per calendar day; all +")
    assert "every trade opened" in words
    assert "box" not in words
    assert "guess" not in words


def test_boxes_are_looked_for_on_round_strikes_of_european_index_options_alone() -> None:
    assert [box_grid(spot) for spot in (6_800.0, 680.0, 25_000.0, 2_400.0)] == [500.0, 50.0, 1_000.0, 100.0]
    american = NEAR._replace(smile=NEAR.smile._replace(summary=replace(NEAR.smile.summary, series=series_of("SPY", MONDAY))))
    assert POSITIONS.boxes.sum() > 0
    told = positions_of(NAME._replace(series=(american,)))
    assert told.boxes.sum() == 0
    assert not told.lends
    assert not told.european
