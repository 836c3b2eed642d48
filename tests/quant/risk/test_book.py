"""A whole book in many states of its market is the sum of its contracts priced one by one, in both tiers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant import tiers
from engine.quant.european.black import greeks, prices
from engine.quant.risk.book import Book, book, states, totals, values

CHANCE = np.random.default_rng(5)
N = 30
BOOK = book(
    strikes=CHANCE.uniform(70, 140, N),
    years=CHANCE.uniform(0.02, 2.0, N),
    vols=CHANCE.uniform(0.08, 0.9, N),
    rights=CHANCE.choice([-1.0, 1.0], N),
    units=CHANCE.integers(-20, 20, N) * 100.0,
    rates=0.04,
    yields=0.015,
)
STATES = states(
    spots=CHANCE.uniform(60, 150, 50), vol_adds=CHANCE.uniform(-0.05, 0.1, 50), vol_factors=CHANCE.uniform(0.7, 1.5, 50), elapsed=0.05
)


def one_by_one(of: Book) -> list[object]:
    """Each contract in each state, by the chain's own function."""
    left = np.maximum(of.years - STATES.elapsed, 0.0)
    vols = np.maximum((of.vols[:, None] + STATES.vol_adds) * STATES.vol_factors, 1e-4)
    return [
        greeks(spots=STATES.spots, strikes=of.strikes[i], years=left[i], vols=vols[i], rights=of.rights[i], rates=0.04, yields=0.015)
        for i in range(of.strikes.size)
    ]


def test_values_are_the_sum_of_the_contracts_prices(tier: tiers.Tier):
    expected = np.zeros(50)
    left = np.maximum(BOOK.years - STATES.elapsed, 0.0)
    for i in range(N):
        vol = np.maximum((BOOK.vols[i] + STATES.vol_adds) * STATES.vol_factors, 1e-4)
        forward, discount = STATES.spots * np.exp(0.025 * left[i]), np.exp(-0.04 * left[i])
        expected += BOOK.units[i] * prices(
            forwards=forward, strikes=BOOK.strikes[i], years=left[i], vols=vol, rights=BOOK.rights[i], discounts=discount
        )
    np.testing.assert_allclose(values(book=BOOK, states=STATES), expected, rtol=1e-9, atol=1e-6)


def test_greeks_are_the_sums_of_the_contracts_greeks(tier: tiers.Tier):
    alive = Book(*(column[BOOK.years > STATES.elapsed] for column in BOOK))
    found = totals(book=alive, states=STATES)
    expected = np.zeros((9, 50))
    for unit, row in zip(alive.units, one_by_one(alive), strict=True):
        expected += unit * np.array(row[:9])
    for name, line, wanted in zip(found._fields, found, expected, strict=True):
        np.testing.assert_allclose(line, wanted, rtol=1e-8, atol=1e-9 * np.abs(wanted).max(), err_msg=name)


def test_a_contract_that_has_ended_is_worth_what_it_settles_for_and_has_a_delta_alone(tier: tiers.Tier):
    ended = book(strikes=100.0, years=0.02, vols=0.2, rights=[1.0, -1.0], units=[3.0, -2.0])
    found = totals(book=ended, states=states(spots=[90.0, 115.0], elapsed=0.02))
    np.testing.assert_allclose(found.values, [-20.0, 45.0])
    np.testing.assert_allclose(found.deltas, [2.0, 3.0])
    for line in found[2:]:
        assert not line.any()


AMERICAN = book(
    strikes=[85.0, 95.0, 100.0, 110.0, 120.0], years=[0.1, 0.4, 0.4, 1.0, 0.03], vols=[0.35, 0.3, 0.25, 0.25, 0.4],
    rights=[-1.0, 1.0, -1.0, -1.0, 1.0], units=[300.0, -200.0, 500.0, -100.0, 100.0], rates=0.05, yields=0.02, american=True,
)  # fmt: skip
FEW = states(spots=np.tile([80.0, 97.0, 101.0, 118.0], 2), vol_factors=np.repeat([0.8, 1.3], 4), vol_adds=0.01, elapsed=0.02)


def test_american_contracts_are_priced_by_their_boundary_in_every_state(tier: tiers.Tier):
    from engine.quant.american.greeks import greeks as american_greeks

    expected = np.zeros((9, 8))
    for i in range(5):
        vols = (AMERICAN.vols[i] + FEW.vol_adds) * FEW.vol_factors
        found = american_greeks(
            spots=FEW.spots,
            strikes=AMERICAN.strikes[i],
            years=AMERICAN.years[i] - 0.02,
            vols=vols,
            rights=AMERICAN.rights[i],
            rates=0.05,
            yields=0.02,
        )
        names = ("prices", "deltas", "gammas", "vegas", "thetas", "rhos", "vannas", "volgas", "charms")
        expected += AMERICAN.units[i] * np.array([getattr(found, name) for name in names])
    told = np.array(totals(book=AMERICAN, states=FEW))
    scale = np.abs(expected).max(axis=1, keepdims=True)
    assert (np.abs(told - expected)[:7] <= 5e-3 * scale[:7]).all()
    assert (np.abs(told - expected)[7:] <= 5e-2 * scale[7:]).all()
    np.testing.assert_allclose(values(book=AMERICAN, states=FEW), expected[0], atol=0.2)


def test_a_book_of_both_styles_is_the_sum_of_its_parts(tier: tiers.Tier):
    both = Book(*(np.concatenate(parts) for parts in zip(BOOK, AMERICAN, strict=True)))
    np.testing.assert_allclose(
        values(book=both, states=FEW), values(book=BOOK, states=FEW) + values(book=AMERICAN, states=FEW), rtol=1e-12, atol=1e-9
    )


def test_an_american_contract_at_its_end_has_a_delta_alone(tier: tiers.Tier):
    ended = book(strikes=100.0, years=0.02, vols=0.2, rights=[1.0, -1.0], units=[3.0, -2.0], american=True)
    found = totals(book=ended, states=states(spots=[90.0, 115.0], elapsed=0.02))
    np.testing.assert_allclose(found.values, [-20.0, 45.0])
    np.testing.assert_allclose(found.deltas, [2.0, 3.0])
    for line in found[2:]:
        assert not line.any()


def test_an_unknown_volatility_leaves_the_whole_unknown(tier: tiers.Tier):
    holed = BOOK._replace(vols=np.where(np.arange(N) == 3, np.nan, BOOK.vols))
    assert np.isnan(values(book=holed, states=STATES)).all()


@pytest.mark.parametrize(
    "unknown",
    [
        {"strikes": np.nan}, {"strikes": 0.0}, {"rights": 2.0}, {"rights": np.nan}, {"vols": np.nan}, {"rates": np.nan},
        {"years": np.nan}, {"yields": np.nan}, {"units": np.nan},
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("elapsed", [0.0, 0.5])
def test_a_contract_that_is_not_known_has_no_number_at_its_end_either(unknown: dict[str, float], elapsed: float, tier: tiers.Tier):
    terms = {"strikes": 100.0, "years": 0.1, "vols": 0.2, "rights": 1.0, "units": 3.0, "rates": 0.02, "yields": 0.01, **unknown}
    at = states(spots=[90.0, 110.0, np.nan, 0.0], elapsed=elapsed)
    assert np.isnan(values(book=book(**terms), states=at)).all()
    assert np.isnan(np.array(totals(book=book(**terms), states=at))).all()


def test_what_the_totals_say_a_book_is_worth_is_its_value(tier: tiers.Tier):
    at = states(spots=[90.0, 100.0, 110.0, np.nan, 0.0, -5.0], elapsed=0.3)
    np.testing.assert_allclose(totals(book=BOOK, states=at).values, values(book=BOOK, states=at), rtol=1e-12)


def test_volatilities_in_percent_are_refused():
    with pytest.raises(ValueError, match=r"write 20 % as 0\.2"):
        book(strikes=100.0, years=0.5, vols=20.0, rights=1.0, units=1.0)


def test_an_empty_book_is_worth_nothing(tier: tiers.Tier):
    empty = Book(*(column[:0] for column in BOOK))
    assert not values(book=empty, states=STATES).any()


def test_time_does_not_run_backwards():
    with pytest.raises(ValueError, match="lies in the future"):
        states(spots=[100.0], elapsed=-0.1)


contracts = st.lists(
    st.tuples(
        st.floats(-8.0, 8.0),
        st.one_of(st.floats(1 / 365 / 86_400, 1 / 365), st.floats(1 / 365, 10.0)),
        st.one_of(st.floats(0.001, 0.1), st.floats(0.1, 10.0)),
        st.sampled_from([1.0, -1.0]),
        st.floats(-0.05, 0.15),
        st.floats(-0.05, 0.15),
    ),
    min_size=1,
    max_size=5,
)


def spread_out(drawn: list[tuple[float, ...]]) -> dict[str, np.ndarray]:
    """Strikes from the money of 100 to eight deviations away."""
    distances, years, vols, rights, rates, yields = (np.array(column) for column in zip(*drawn, strict=True))
    strikes = 100.0 * np.exp(np.clip(distances * vols * np.sqrt(years), -5.0, 5.0))
    return {"strikes": strikes, "years": years, "vols": vols, "rights": rights, "rates": rates, "yields": yields}


@pytest.mark.usefixtures("warm_kernels")
@given(drawn=contracts, shock=st.floats(0.5, 1.5), elapsed=st.floats(0.0, 0.01))
@settings(max_examples=60, deadline=None)
def test_over_the_whole_domain_a_long_and_a_short_are_nothing_and_a_split_changes_no_unit(
    drawn: list[tuple[float, ...]], shock: float, elapsed: float
):
    """A second to ten years, 0.1 % to 1000 % of volatility, eight deviations out, negative rates."""
    terms = spread_out(drawn)
    at = states(spots=100.0 * np.array([0.7, 1.0, 1.3]) * shock, vol_factors=shock, elapsed=elapsed)
    for name in ("numpy", "numba"):
        with tiers.using(name):
            whole = values(book=book(**terms, units=4.0), states=at)
            parts = 3.0 * values(book=book(**terms, units=1.0), states=at) + values(book=book(**terms, units=1.0), states=at)
            size = max(float(terms["strikes"].sum()), 130.0 * shock * len(drawn))
            np.testing.assert_allclose(parts, whole, rtol=1e-12, atol=1e-12 * size)
            assert (whole >= -1e-12 * size).all()
            both = totals(
                book=book(**{key: np.tile(column, 2) for key, column in terms.items()}, units=np.repeat([1.0, -1.0], len(drawn))), states=at
            )
            for line, alone in zip(both, totals(book=book(**terms, units=1.0), states=at), strict=True):
                assert (np.abs(line) <= 1e-9 * np.abs(alone).max() + 1e-300).all()


@pytest.mark.usefixtures("warm_kernels")
@given(drawn=contracts, change=st.floats(0.01, 100.0))
@settings(max_examples=40, deadline=None)
def test_over_the_whole_domain_calls_less_puts_are_the_forward_and_money_has_no_scale(drawn: list[tuple[float, ...]], change: float):
    terms = spread_out(drawn)
    spots = np.array([80.0, 100.0, 125.0])
    for name in ("numpy", "numba"):
        with tiers.using(name):
            calls, puts = (values(book=book(**{**terms, "rights": right}, units=1.0), states=states(spots=spots)) for right in (1.0, -1.0))
            held, paid = np.exp(-terms["yields"] * terms["years"]), np.exp(-terms["rates"] * terms["years"])
            size = 125.0 * held.sum() + (terms["strikes"] * paid).sum()
            np.testing.assert_allclose(
                calls - puts, spots * held.sum() - (terms["strikes"] * paid).sum(), rtol=0, atol=1e-13 * size * len(drawn)
            )
            ours = totals(book=book(**terms, units=1.0), states=states(spots=spots))
            theirs = totals(book=book(**{**terms, "strikes": change * terms["strikes"]}, units=1.0), states=states(spots=change * spots))
            np.testing.assert_allclose(theirs.values, change * ours.values, rtol=1e-9, atol=1e-11 * size * change)
            narrow = 1e-15 / (terms["vols"] * np.sqrt(terms["years"])).min()  # of ln(S/K) over a deviation
            np.testing.assert_allclose(theirs.deltas, ours.deltas, rtol=1e-9, atol=1e-11 + 10 * narrow)
