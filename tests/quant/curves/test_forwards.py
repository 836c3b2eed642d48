"""Put-call parity on exact, noisy, broken and missing quotes."""

import math

import numpy as np
import pytest

from engine.quant import tiers
from engine.quant.american.exercise import premiums
from engine.quant.chain.book import SeriesNumbers, SeriesQuotes
from engine.quant.chain.segments import Segments, of_sizes
from engine.quant.chain.series import price_book
from engine.quant.codes import ForwardSource
from engine.quant.curves.forwards import Expiries, Forwards, fit_forwards
from tests.kit.quant import quoted_series, sloping

NAN = float("nan")
RIGHTS = np.array([[1.0], [-1.0]])
pytestmark = pytest.mark.usefixtures("tier")


def priced(*series: SeriesQuotes) -> list[SeriesNumbers]:
    return price_book(series)


def disturbed(series: SeriesQuotes, at: list[int], by: float, row: int = 0) -> SeriesQuotes:
    bid, ask = np.array(series.bid), np.array(series.ask)
    bid[row, at] += by
    ask[row, at] += by
    return series._replace(bid=bid, ask=ask)


def test_exact_quotes_give_forward_and_rate_back():
    (found,) = priced(quoted_series(forward=5000.0, rate=0.045, years=0.5))
    assert found.forward == pytest.approx(5000.0, rel=1e-9)
    assert found.rate == pytest.approx(0.045, abs=1e-6)
    assert found.forward_source == ForwardSource.PARITY
    assert found.pairs > 20
    assert found.residual < 1e-6


def test_the_spot_plays_no_part_in_a_parity_forward():
    at_spot, without = priced(quoted_series(spot=4000.0), quoted_series(spot=NAN))
    assert at_spot.forward == pytest.approx(5000.0, rel=1e-7)
    assert without.forward == pytest.approx(5000.0, rel=1e-7)


def test_stale_quotes_on_a_third_of_the_strikes_do_not_move_the_forward():
    clean = quoted_series(half_spread=0.5)
    (found,) = priced(disturbed(clean, list(range(20, 40, 3)), 40.0))
    assert found.forward == pytest.approx(5000.0, abs=0.1)
    assert found.pairs < 61


def test_a_handful_of_tight_quotes_outvotes_a_crowd_of_wide_and_wrong_ones():
    series = quoted_series(half_spread=0.3, years=0.8, rate_hint=0.045)
    tight = np.zeros(61, dtype=bool)
    tight[[20, 23, 26, 28, 30, 33, 36, 40]] = True
    bid, ask = np.array(series.bid), np.array(series.ask)
    ask[0, ~tight] += 60.0
    (found,) = priced(series._replace(bid=bid, ask=ask))
    assert found.forward == pytest.approx(5000.0, abs=0.5)
    assert found.pairs <= 12


def test_one_wrong_pair_far_out_does_not_become_the_money():
    series = quoted_series()
    bid, ask = np.array(series.bid), np.array(series.ask)
    bid[:, 3], ask[:, 3] = 10.0, 10.2
    (found,) = priced(series._replace(bid=bid, ask=ask))
    assert found.forward == pytest.approx(5000.0, abs=0.01)


def test_with_one_pair_the_rate_is_taken_over_and_only_the_forward_solved():
    (found,) = priced(quoted_series(strikes=np.array([4900.0]), rate_hint=0.045, years=0.25, spot=4000.0))
    assert found.forward == pytest.approx(5000.0, rel=1e-9)
    assert found.rate == pytest.approx(0.045, abs=1e-9)
    assert found.forward_source == ForwardSource.PARITY_AT_GIVEN_RATE
    assert found.pairs == 1


def test_without_a_pair_spot_and_carry_must_do():
    series = quoted_series(spot=100.0, rate_hint=0.05, yield_hint=0.02, years=0.5)
    bid = np.array(series.bid)
    bid[1] = 0.0
    (found,) = priced(series._replace(bid=bid))
    assert found.forward == pytest.approx(100.0 * math.exp(0.03 * 0.5))
    assert found.forward_source == ForwardSource.CARRY
    assert found.pairs == 0
    assert math.isnan(found.residual)


def test_with_neither_pair_nor_spot_nothing_is_known_and_nothing_raises():
    series = quoted_series(spot=NAN)
    (found,) = priced(series._replace(bid=np.zeros((2, 61)), ask=np.zeros((2, 61))))
    assert found.forward_source == ForwardSource.NONE
    assert math.isnan(found.forward)
    assert math.isnan(found.rate)
    assert math.isnan(found.atm_iv)


def test_a_pair_too_wide_to_mean_anything_gives_way_to_carry():
    (found,) = priced(SeriesQuotes(strikes=[100.0], bid=[[0.05], [0.05]], ask=[[60.0], [60.0]], spot=80.0, years=0.1, rate_hint=0.0))
    assert found.forward_source == ForwardSource.CARRY
    assert found.forward == pytest.approx(80.0)


def test_crossed_quotes_are_no_pairs():
    series = quoted_series(half_spread=0.5)
    bid, ask = np.array(series.bid), np.array(series.ask)
    bid[0, :55], ask[0, :55] = np.array(series.ask)[0, :55] + 50.0, np.array(series.bid)[0, :55]
    (found,) = priced(series._replace(bid=bid, ask=ask, rate_hint=0.045))
    assert found.pairs <= 6
    assert found.forward == pytest.approx(5000.0, abs=1.5)


def test_a_short_expiry_takes_its_rate_from_the_long_ones_beside_it():
    noise = np.random.default_rng(4).normal(0.0, 0.2, (2, 61))
    short = quoted_series(years=2 / 365, rate=0.052, strikes=np.arange(4850.0, 5155.0, 5.0), half_spread=0.3)
    short = short._replace(bid=np.array(short.bid) + noise.clip(-0.3, 0.3), ask=np.array(short.ask) + noise.clip(-0.3, 0.3))
    long = [quoted_series(years=years, rate=0.052, half_spread=0.3) for years in (0.5, 1.0)]
    alone, (beside, *_) = priced(short)[0], priced(short, *long)
    assert beside.forward_source == ForwardSource.PARITY_AT_GIVEN_RATE
    assert beside.rate == pytest.approx(0.052, abs=0.001)
    assert abs(alone.rate - 0.052) > abs(beside.rate - 0.052)
    assert beside.forward == pytest.approx(5000.0, abs=0.2)


def test_a_discount_beyond_what_rates_can_be_is_not_believed():
    (found,) = priced(quoted_series(rate=1.2, years=1.0))
    assert found.rate <= 0.30 + 1e-12
    assert found.forward_source == ForwardSource.PARITY_AT_GIVEN_RATE


def test_negative_rates_are_found_too():
    (found,) = priced(quoted_series(rate=-0.008, years=1.0))
    assert found.rate == pytest.approx(-0.008, abs=1e-5)


def test_an_american_series_keeps_to_the_rate_it_is_given_and_to_the_money():
    series = quoted_series(american=True, rate_hint=0.045, half_spread=0.02)
    strikes = np.asarray(series.strikes)
    early = premiums(
        spots=series.spot, strikes=strikes, years=series.years, vols=sloping(np.log(strikes / 5000.0)), rights=RIGHTS, rates=0.045
    )
    assert early[1].max() > 10.0
    (found,) = priced(series._replace(bid=series.bid + early, ask=series.ask + early))
    assert found.rate == pytest.approx(0.045, abs=0.002)
    assert found.forward == pytest.approx(5000.0, abs=0.1)
    assert found.pairs <= 24


def test_coin_settled_quotes_give_the_forward_without_discounting():
    forward, spot = 70_500.0, 70_000.0
    series = quoted_series(forward=forward, rate=0.0, years=0.2, spot=spot, smile=lambda k: 0.6 + 0.1 * k * k)
    coin = series._replace(bid=np.array(series.bid) / forward, ask=np.array(series.ask) / forward, inverse=True, tick=0.0001)
    (found,) = priced(coin)
    assert found.forward == pytest.approx(forward, rel=1e-7)
    assert found.rate == 0.0


def test_the_error_says_how_far_off_the_forward_may_be():
    rng = np.random.default_rng(9)
    distances = []
    for _ in range(40):
        series = quoted_series(half_spread=1.0, rate_hint=0.045)
        shift = rng.uniform(-1.0, 1.0, (2, 61))
        (found,) = priced(series._replace(bid=np.array(series.bid) + shift, ask=np.array(series.ask) + shift))
        distances.append((found.forward - 5000.0) / found.forward_error)
    assert 0.3 < np.std(distances) < 1.6


def broken(kind: str, dice: np.random.Generator) -> tuple[Expiries, dict[str, np.ndarray | Segments]]:
    """Noisy quotes of some series, one in ten missing and one in twenty wrong."""
    sizes = np.array([0, 1, 2, 40, 150, 61, 3])
    segments = of_sizes(sizes)
    count, forward = segments.owner.size, 5000.0 if kind != "inverse" else 1.0
    strikes = np.concatenate([np.linspace(0.7, 1.3, size) * 5000.0 for size in sizes])
    fair = 5000.0 - strikes if kind != "inverse" else 1.0 - strikes / 5000.0
    puts = forward * dice.uniform(0.02, 0.1, count)
    calls = puts + fair + 1e-4 * forward * dice.normal(size=count) + 0.02 * forward * (dice.random(count) < 0.05)
    calls[dice.random(count) < 0.1] = NAN
    spreads = 1e-4 * forward * dice.uniform(0.5, 20.0, (2, count))
    same = np.ones(sizes.size)
    expiries = Expiries(
        spots=5000.0 * same,
        years=np.array([0.1, 0.2, 0.3, 1.0, 2.0, 0.5, -1.0]),
        rate_hints=np.array([NAN, 0.04, 0.03, NAN, NAN, 1e308, -0.01]),
        yield_hints=NAN * same,
        inverse=np.full(sizes.size, kind == "inverse"),
        american=np.full(sizes.size, kind == "american"),
        ticks=0.01 * same,
    )
    strips = {"strikes": strikes, "call_mids": calls, "put_mids": puts, "call_spreads": spreads[0], "put_spreads": spreads[1]}
    return expiries, {**strips, "segments": segments}


@pytest.mark.parametrize("kind", ["european", "american", "inverse"])
@pytest.mark.parametrize("apart", [False, True])
def test_both_tiers_fit_the_same_forwards(kind: str, apart: bool):
    dice = np.random.default_rng(11)
    for _ in range(10):
        expiries, quotes = broken(kind, dice)
        found = []
        for tier in ("numpy", "numba"):
            with tiers.using(tier), np.errstate(all="ignore"):
                found.append(fit_forwards(**quotes, expiries=expiries, checked=expiries.american, apart=apart))
        for name, plain, compiled in zip(Forwards._fields, *found, strict=True):
            np.testing.assert_allclose(compiled, plain, rtol=1e-9, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("kind", ["european", "american", "inverse"])
def test_apart_a_series_has_the_same_bits_in_any_company(kind: str):
    expiries, quotes = broken(kind, np.random.default_rng(12))
    segments = quotes.pop("segments")
    with np.errstate(all="ignore"):
        whole = fit_forwards(**quotes, segments=segments, expiries=expiries, checked=expiries.american, apart=True)
        for place, (start, size) in enumerate(zip(segments.starts, segments.sizes, strict=True)):
            own = {name: strip[start : start + size] for name, strip in quotes.items()}
            one = Expiries._make(column[[place]] for column in expiries)
            alone = fit_forwards(**own, segments=of_sizes(np.array([size])), expiries=one, checked=one.american, apart=True)
            for name, few, many in zip(Forwards._fields, alone, whole, strict=True):
                assert few[0].tobytes() == many[place].tobytes(), name
