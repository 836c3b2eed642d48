"""American options under cash dividends: the reference table, the corners of a schedule, volatilities and Greeks."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant import american, tiers
from engine.quant.american.cash import cash_forwards, cash_greeks, payments_of, premium_greeks
from engine.quant.american.dividends import DividendSchedule, de_americanised, greeks, implied_vols, prices, values
from engine.quant.american.greeks import AmericanGreeks
from engine.quant.american.held import held_greeks, held_values
from engine.quant.american.implied import implied_vols as plain_implied_vols
from engine.quant.american.trees import tree_values
from engine.quant.american.values import checked
from engine.quant.codes import IvStatus
from engine.quant.european.black import prices as black_prices
from tests.kit.numbers import record
from tests.quant.american.tables import schedule, table

USUAL = {"spots": 100.0, "strikes": 100.0, "years": 0.5, "vols": 0.25, "rights": -1.0, "rates": 0.04}
TERMS = ("spots", "strikes", "years", "vols", "rates", "yields", "rights")
QUARTERLY = DividendSchedule([0.12, 0.37], [0.6, 0.6])


@pytest.mark.parametrize(("setting", "tolerance"), [("auto", 5e-3), ("fine", 2.5e-3)])
def test_prices_meet_the_finite_differences_of_the_spot_model(tier: tiers.Tier, fixtures: Path, setting: str, tolerance: float):
    known = table(fixtures / "model_tables" / "ql_american_discrete_dividends.csv")
    paying = schedule(known.columns["dividends_day:amount"])
    found = values(**known.terms, dividends=paying, setting=setting)
    for name, column in (("american", found.prices), ("european", found.europeans)):
        record(
            table="ql_american_discrete_dividends.csv",
            quantity=f"{name} price, {setting} setting",
            error=float(np.max(np.abs(column - known.of(name)))),
            tolerance=tolerance,
            cases=column.size,
        )
    np.testing.assert_allclose(found.premiums, found.prices - found.europeans)


@pytest.mark.usefixtures("warm_kernels")
def test_both_tiers_give_the_same_prices(fixtures: Path):
    known = table(fixtures / "model_tables" / "ql_american_discrete_dividends.csv")
    paying = schedule(known.columns["dividends_day:amount"])
    found = []
    for name in ("numpy", "numba"):
        with tiers.using(name):
            found.append(values(**known.terms, dividends=paying))
    np.testing.assert_allclose(found[0].prices, found[1].prices, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found[0].europeans, found[1].europeans, rtol=1e-9, atol=1e-9)


def test_a_dividend_after_the_end_or_of_the_past_or_of_nothing_does_not_count(tier: tiers.Tier):
    none = float(american.prices(**USUAL))
    for paying in (
        DividendSchedule([], []),
        DividendSchedule([0.5, 0.7], [3.0, 3.0]),
        DividendSchedule([0.0, -0.1], 3.0),
        DividendSchedule(0.2, 0.0),
    ):
        assert float(prices(**USUAL, dividends=paying)) == none


def test_a_vanishing_dividend_is_no_dividend(tier: tiers.Tier):
    for right in (1.0, -1.0):
        terms = {**USUAL, "rights": right, "yields": 0.03}
        assert float(prices(**terms, dividends=DividendSchedule(0.2, 1e-9))) == pytest.approx(float(american.prices(**terms)), abs=5e-3)


@pytest.mark.parametrize("day", [0.01, 0.3, 1.0, 3.0, 90.0, 182.0, 182.45])
def test_a_dividend_of_tomorrow_and_one_just_before_the_end_are_both_paid(tier: tiers.Tier, day: float):
    paying = DividendSchedule(day / 365, 4.0)
    terms = {**USUAL, "strikes": 80.0, "rights": 1.0}
    found = values(**terms, dividends=paying)
    forward = 100.0 * math.exp(0.02) - 4.0 * math.exp(0.04 * (0.5 - day / 365))
    parity = float(values(**{**terms, "rights": -1.0}, dividends=paying).europeans) + math.exp(-0.02) * (forward - 80.0)
    assert float(found.europeans) == pytest.approx(parity, abs=2e-3)
    if day < 1.0:  # the holder takes 20 now, or keeps an option on 96
        kept = float(american.prices(**{**terms, "spots": 96.0}))
        assert float(found.prices) == pytest.approx(max(20.0, kept), abs=2e-2)
    assert float(found.prices) >= max(20.0, float(found.europeans)) - 1e-9


def test_a_dividend_greater_than_the_share_leaves_it_worthless(tier: tiers.Tier):
    paying = DividendSchedule([0.1, 0.2], [150.0, 5.0])
    put = values(**USUAL, dividends=paying)
    assert float(put.prices) == pytest.approx(100.0 * math.exp(-0.04 * 0.1), abs=0.1)
    assert float(put.europeans) == pytest.approx(100.0 * math.exp(-0.04 * 0.5), abs=1e-2)
    call = values(**{**USUAL, "rights": 1.0}, dividends=paying)
    assert float(call.europeans) == pytest.approx(0.0, abs=1e-9)
    assert float(call.prices) == pytest.approx(float(american.prices(**{**USUAL, "rights": 1.0, "years": 0.1})), abs=2e-2)


def test_without_volatility_the_best_moment_is_chosen(tier: tiers.Tier):
    terms = {**USUAL, "vols": 0.0, "strikes": 90.0, "rights": [1.0, -1.0]}
    found = values(**terms, dividends=DividendSchedule(0.3, 12.0))
    before = 100.0 * math.exp(0.04 * 0.3)
    assert found.prices.tolist() == pytest.approx([math.exp(-0.012) * (before - 90.0), math.exp(-0.012) * (90.0 - before + 12.0)])
    assert found.europeans[0] == pytest.approx(max(math.exp(-0.02) * ((before - 12.0) * math.exp(0.008) - 90.0), 0.0))


def test_each_option_has_its_own_dividends(tier: tiers.Tier):
    paying = DividendSchedule([0.3, 0.1, 0.1], [1.0, 0.5, 2.0], np.array([0, 0, 2]))
    found = prices(**{**USUAL, "strikes": [95.0, 95.0, 95.0]}, dividends=paying)
    alone = {**USUAL, "strikes": 95.0}
    assert found[0] == pytest.approx(float(prices(**alone, dividends=DividendSchedule([0.1, 0.3], [0.5, 1.0]))), rel=1e-12)
    assert found[1] == float(american.prices(**alone))
    assert found[2] == pytest.approx(float(prices(**alone, dividends=DividendSchedule(0.1, 2.0))), rel=1e-12)


def test_a_schedule_that_cannot_be_meant_is_refused():
    for wrong, said in (
        (DividendSchedule([0.1], [-1.0]), "no amount negative"),
        (DividendSchedule([math.nan], [1.0]), "must be known"),
        (DividendSchedule([0.1], [1.0], np.array([7])), "from 0 to 0"),
        (DividendSchedule([[0.1]], [[1.0]]), "one entry a dividend"),
    ):
        with pytest.raises(ValueError, match=said):
            prices(**USUAL, dividends=wrong)


@pytest.mark.parametrize("wrong", [{"spots": math.nan}, {"vols": -0.1}, {"years": math.nan}, {"rights": 0.0}, {"rates": math.nan}])
def test_an_unknown_input_gives_no_number(tier: tiers.Tier, wrong: dict[str, float]):
    assert math.isnan(float(prices(**{**USUAL, **wrong}, dividends=QUARTERLY)))
    assert np.isnan(np.stack(greeks(**{**USUAL, **wrong}, dividends=QUARTERLY))).all()


@given(
    right=st.sampled_from([1.0, -1.0]), strike=st.floats(60.0, 160.0), years=st.floats(0.02, 2.0), vol=st.floats(0.05, 0.5),
    rate=st.floats(-0.02, 0.1), amounts=st.lists(st.floats(0.01, 4.0), min_size=1, max_size=4),
)  # fmt: skip
@settings(max_examples=15, deadline=None)
def test_american_is_worth_european_and_intrinsic_value_at_least_and_parity_holds(
    right: float, strike: float, years: float, vol: float, rate: float, amounts: list[float]
):
    times = np.linspace(0.0, years, len(amounts) + 2)[1:-1]
    paying = DividendSchedule(times, amounts)
    terms = {"spots": 100.0, "strikes": strike, "years": years, "vols": vol, "rates": rate}
    call, put = (values(**terms, rights=sign, dividends=paying) for sign in (1.0, -1.0))
    chosen = call if right > 0 else put
    assert float(chosen.prices) >= max(right * (100.0 - strike), float(chosen.europeans))
    forward = 100.0 * math.exp(rate * years) - float(np.sum(amounts * np.exp(rate * (years - times))))
    parity = math.exp(-rate * years) * (forward - strike)
    assert float(call.europeans - put.europeans) == pytest.approx(parity, abs=1e-5)


def test_the_volatility_of_a_price_is_the_one_it_was_made_with(tier: tiers.Tier):
    strikes, rights = np.array([80.0, 90.0, 100.0, 110.0, 120.0] * 2), np.repeat([1.0, -1.0], 5)
    terms = {"spots": 100.0, "strikes": strikes, "years": 0.6, "rates": 0.04, "rights": rights, "dividends": QUARTERLY}
    paid = prices(**terms, vols=0.3)
    found = implied_vols(prices=paid, **terms)
    assert (found.statuses == IvStatus.OK).all()
    record(table="cash dividends there and back", quantity="volatility", error=float(np.max(np.abs(found.vols - 0.3))), tolerance=2e-5)
    ignored = plain_implied_vols(prices=paid, **{name: value for name, value in terms.items() if name != "dividends"})
    assert (np.abs(ignored.vols - 0.3) > 1e-3).any()  # what a volatility without the dividends would be


def test_statuses_say_why_there_is_no_volatility(tier: tiers.Tier):
    terms = {**{name: value for name, value in USUAL.items() if name != "vols"}, "dividends": QUARTERLY}
    asked = {**terms, "strikes": [120.0, 100.0, 100.0], "spots": [100.0, 100.0, 100.0]}
    found = implied_vols(prices=[20.0, 101.0, math.nan], **asked)
    assert found.statuses.tolist() == [IvStatus.NO_TIME_VALUE, IvStatus.ABOVE_BOUND, IvStatus.BAD_INPUT]


def test_the_european_equivalent_has_the_black_volatility_of_its_price(tier: tiers.Tier):
    terms = {"spots": 100.0, "strikes": [90.0, 100.0, 110.0], "years": 0.6, "rates": 0.04, "rights": 1.0, "dividends": QUARTERLY}
    found = de_americanised(prices=prices(**terms, vols=0.3), **terms)
    assert found.vols == pytest.approx([0.3] * 3, abs=1e-4)
    forward = 100.0 * math.exp(0.024) - 0.6 * (math.exp(0.04 * 0.48) + math.exp(0.04 * 0.23))
    black = black_prices(forwards=forward, strikes=terms["strikes"], years=0.6, vols=found.black_vols, rights=1, discounts=math.exp(-0.024))
    np.testing.assert_allclose(black, found.prices, rtol=1e-9)
    assert (found.black_vols > found.vols).all()  # on the smaller escrowed spot


def test_greeks_are_the_differences_of_fine_prices(tier: tiers.Tier):
    terms = {**USUAL, "strikes": np.array([90.0, 100.0, 108.0]), "dividends": QUARTERLY}
    found = greeks(**terms)

    def slope(name: str, step: float) -> np.ndarray:
        up, down = (prices(**{**terms, name: terms[name] + sign * step}, setting="fine") for sign in (1.0, -1.0))
        return (up - down) / (2.0 * step)

    np.testing.assert_allclose(found.deltas, slope("spots", 1.0), atol=5e-3)
    np.testing.assert_allclose(found.vegas, slope("vols", 0.02), rtol=0.01)
    np.testing.assert_allclose(found.rhos, slope("rates", 0.005), rtol=0.03, atol=0.1)
    assert (found.gammas > 0.0).all()
    assert (found.thetas < 0.0).all()
    assert np.isfinite(np.stack(found)).all()
    exercised = greeks(**{**USUAL, "spots": 50.0, "vols": 0.1}, dividends=DividendSchedule(0.49, 0.01))
    assert (float(exercised.deltas), float(exercised.vegas)) == (-1.0, 0.0)
    assert float(exercised.prices) == pytest.approx(50.0)


def test_put_call_parity_holds_for_european_options_with_cash_dividends(fixtures: Path):
    known = table(fixtures / "model_tables" / "ql_american_discrete_dividends.csv")
    paying = schedule(known.columns["dividends_day:amount"])
    found, other = (values(**{**known.terms, "rights": sign * known.terms["rights"]}, dividends=paying).europeans for sign in (1.0, -1.0))
    rows, _ = checked(*(known.terms.get(name, 0.0) for name in TERMS), "auto")
    parity = np.exp(-rows[4] * rows[2]) * (cash_forwards(rows, payments_of(paying, rows)) - rows[1])
    error = float(np.max(np.abs(known.terms["rights"] * (found - other) - parity)))
    record(table="European options with cash dividends", quantity="put-call parity, per 100 of spot", error=error, tolerance=1e-7)


def paying_of(paying: DividendSchedule, size: int) -> DividendSchedule:
    """That of the first rows alone."""
    kept = paying.rows < size
    return DividendSchedule(paying.years[kept], paying.amounts[kept], paying.rows[kept])


@pytest.mark.parametrize("gap", [0.25, 0.02, 1e-3])
def test_two_dividends_are_one_integral_within_another(gap: float):
    """The same by plain quadrature: 80 places just before the first ex-date, and the value of one dividend at each of them."""
    first, rate, vol = 0.3, 0.03, 0.25
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    spots = 100.0 * np.exp((rate - 0.5 * vol * vol) * first + vol * math.sqrt(first) * nodes) - 2.0
    rest = {"strikes": 95.0, "years": 1.0 - first, "vols": vol, "rights": -1.0, "rates": rate}
    after = values(spots=spots, **rest, dividends=DividendSchedule(gap, 3.0)).europeans
    plain = math.exp(-rate * first) * float(after @ weights) / math.sqrt(2.0 * math.pi)
    whole = values(spots=100.0, **{**rest, "years": 1.0}, dividends=DividendSchedule([first, first + gap], [2.0, 3.0]))
    error = abs(float(whole.europeans) - plain)
    record(table="European options with cash dividends", quantity="two dividends by plain quadrature", error=error, tolerance=1e-6)


@pytest.mark.parametrize(("vol", "amount", "tolerance"), [(0.3, 5.0, 1e-7), (1.0, 5.0, 2e-6), (2.5, 1.0, 1e-3), (0.3, 60.0, 1e-3)])
def test_where_the_dividend_may_use_up_the_share_the_bend_is_met(tier: tiers.Tier, vol: float, amount: float, tolerance: float):
    """By Simpson's rule in fine steps, which ends and begins where the share is worth the dividend."""
    at, rate, strike = 0.4, 0.03, 110.0
    bend = (math.log(amount / 100.0) - (rate - 0.5 * vol * vol) * at) / (vol * math.sqrt(at))
    plain = strike * math.exp(-rate) * 0.5 * math.erfc(-bend / math.sqrt(2.0))
    z = np.linspace(max(bend, -12.0), 12.0, 20_001)
    share = 100.0 * np.exp((rate - 0.5 * vol * vol) * at + vol * math.sqrt(at) * z) - amount
    discount = math.exp(-0.6 * rate)
    rest = {"strikes": strike, "years": 0.6, "vols": vol, "rights": -1.0, "discounts": discount}
    after = black_prices(forwards=np.maximum(share, 1e-12) / discount, **rest)
    weights = np.where(np.arange(z.size) % 2, 4.0, 2.0)
    weights[0] = weights[-1] = 1.0
    density = np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
    plain += math.exp(-rate * at) * float((weights * density) @ after) * (z[1] - z[0]) / 3.0
    whole = values(spots=100.0, strikes=strike, years=1.0, vols=vol, rights=-1.0, rates=rate, dividends=DividendSchedule(at, amount))
    record(
        table="European options with cash dividends",
        quantity=f"{amount:g} of 100 at {vol:.0%}, by Simpson's rule",
        error=abs(float(whole.europeans) - plain),
        tolerance=tolerance,
    )


def test_where_exercise_never_pays_both_styles_meet():
    terms = {"spots": 100.0, "strikes": np.array([80.0, 100.0, 120.0]), "years": 1.0, "vols": 0.3, "rights": -1.0, "rates": 0.0}
    puts = values(**terms, dividends=DividendSchedule([0.2, 0.7], [1.0, 1.0]))  # waiting costs a put nothing at a rate of 0
    np.testing.assert_allclose(puts.prices, puts.europeans, rtol=1e-12)
    calls = values(**{**terms, "rights": 1.0, "rates": 0.1}, dividends=DividendSchedule([0.2, 0.7], [0.1, 0.1]))
    np.testing.assert_allclose(calls.prices[1:], calls.europeans[1:], atol=2e-3)
    found = greeks(**terms, dividends=DividendSchedule([0.2, 0.7], [1.0, 1.0]))
    rows, _ = checked(*(terms.get(name, 0.0) for name in TERMS), "auto")
    european = held_greeks(rows, payments_of(DividendSchedule([0.2, 0.7], [1.0, 1.0]), rows))
    np.testing.assert_allclose(np.stack(found), european, rtol=1e-9)


@pytest.mark.parametrize("vol", [0.02, 0.8, 2.5, 5.0, 10.0])
def test_at_any_volatility_a_vanishing_dividend_leaves_the_price_without_one(tier: tiers.Tier, vol: float):
    terms = {"spots": 100.0, "strikes": np.array([60.0, 150.0]), "years": 1.0, "vols": vol, "rights": np.array([1.0, -1.0]), "rates": 0.03}
    found = values(**terms, dividends=DividendSchedule([0.3, 0.6], [1e-9, 1e-9])).europeans
    discount = math.exp(-0.03)
    rest = {"forwards": 100.0 / discount, "strikes": terms["strikes"], "years": 1.0, "vols": vol, "rights": terms["rights"]}
    error = float(np.max(np.abs(found - black_prices(**rest, discounts=discount))))
    record(table="European options with cash dividends", quantity="a vanishing dividend, any volatility", error=error, tolerance=1e-7)


def test_one_option_without_bounds_spoils_no_other(tier: tiers.Tier):
    """Terms whose places before the ex-date are no numbers: their own values are unknown or endless, and the others stand."""
    terms = {**USUAL, "spots": np.array([100.0, 1e200, 100.0]), "strikes": np.array([95.0, 1e-200, 105.0]), "vols": [0.2, 90.0, 0.3]}
    terms["years"], terms["rates"] = np.array([0.5, 7.0, 0.5]), np.array([0.04, 90.0, 0.04])
    with np.errstate(all="ignore"):
        rows, _ = checked(*(np.broadcast_to(terms.get(name, 0.0), 3) for name in TERMS[:3]), 0.25, 0.04, 0.0, terms["rights"], "auto")
        rows[3:5] = terms["vols"], terms["rates"]
        found = held_greeks(rows, payments_of(QUARTERLY, rows))
        alone = held_greeks(rows[:, [0, 2]], payments_of(QUARTERLY, rows[:, [0, 2]]))
    np.testing.assert_allclose(found[:, [0, 2]], alone, rtol=1e-8)


def test_columns_that_may_not_be_written_to_are_read(tier: tiers.Tier):
    terms = {**USUAL, "strikes": np.array([90.0, 100.0])}
    rows, _ = checked(*(terms.get(name, 0.0) for name in TERMS), "auto")
    payments = payments_of(QUARTERLY, rows)
    before = [np.stack(cash_greeks(rows, payments, "auto")), held_values(rows, payments), tree_values(rows, payments)]
    for column in (rows, *payments):
        column.flags.writeable = False
    after = [np.stack(cash_greeks(rows, payments, "auto")), held_values(rows, payments), tree_values(rows, payments)]
    for found, wanted in zip(after, before, strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_european_greeks_are_differences_of_prices():
    terms = {"spots": 100.0, "strikes": np.array([85.0, 100.0, 115.0]), "years": 0.9, "vols": 0.25, "rights": -1.0, "rates": 0.04}
    paying = DividendSchedule([0.05, 0.3, 0.55], [1.0, 2.0, 1.0])
    fields = [terms.get(name, 0.0) for name in TERMS]

    def european(**steps: float) -> np.ndarray:
        rows, _ = checked(*(value + steps.get(name, 0.0) for name, value in zip(TERMS, fields, strict=True)), "auto")
        later = DividendSchedule(np.asarray(paying.years) + steps.get("years", 0.0), paying.amounts)
        return held_greeks(rows, payments_of(later, rows))

    found = AmericanGreeks(*european())
    by = {
        name: (european(**{name: step}) - european(**{name: -step})) / (2.0 * step)
        for name, step in (("spots", 0.02), ("vols", 3e-4), ("rates", 1e-3), ("yields", 1e-3), ("years", 1e-4))
    }
    truth = {
        "deltas": by["spots"][0], "gammas": by["spots"][1], "speeds": by["spots"][2], "vegas": by["vols"][0], "volgas": by["vols"][3],
        "vannas": by["vols"][1], "zommas": by["vols"][2], "rhos": by["rates"][0], "dividend_rhos": by["yields"][0],
        "thetas": -by["years"][0], "charms": -by["years"][1], "colors": -by["years"][2],
    }  # fmt: skip
    for name, true in truth.items():
        error = float(np.max(np.abs(getattr(found, name) - true)) / np.max(np.abs(true)))
        record(table="European options with cash dividends", quantity=f"{name}, of the greatest", error=error, tolerance=1e-4)


ALLOWED = {
    "deltas": 1e-3, "gammas": 1e-2, "vegas": 5e-3, "thetas": 1e-2, "rhos": 2e-2, "dividend_rhos": 2e-2,
    "vannas": 2e-2, "volgas": 1e-1, "charms": 5e-2, "speeds": 5e-2, "zommas": 3e-2, "colors": 3e-2,
}  # fmt: skip
"""Of the greatest of each over the chain."""


@pytest.mark.usefixtures("warm_kernels")
def test_american_greeks_hold_the_digits_they_are_said_to_hold(fixtures: Path):
    """Against the European Greeks and the differences of the premium over trees of 2001 steps."""
    known = table(fixtures / "model_tables" / "ql_american_discrete_dividends.csv")
    paying = paying_of(schedule(known.columns["dividends_day:amount"]), 30)
    rows, _ = checked(*(np.broadcast_to(known.terms.get(name, 0.0), 60)[:30] for name in TERMS), "auto")
    payments = payments_of(paying, rows)
    with tiers.using("numba"):
        found = cash_greeks(rows, payments, "auto")
        true = AmericanGreeks(*(held_greeks(rows, payments) + premium_greeks(rows, payments, 2001)))
    for name, allowed in ALLOWED.items():
        error = float(np.max(np.abs(getattr(found, name) - getattr(true, name))) / np.max(np.abs(getattr(true, name))))
        quantity = f"{name}, of the greatest"
        record(table="American Greeks with cash dividends", quantity=quantity, error=error, tolerance=allowed, cases=30)
