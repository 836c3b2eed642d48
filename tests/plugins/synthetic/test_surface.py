"""The surface is free of arbitrage at every instant, and moves as surfaces move."""

import numpy as np
import pytest

from engine.domain.instants import DAY_NS, SECOND_NS, YEAR_NS
from engine.domain.instruments import Style
from plugins.synthetic.corporate import reports
from plugins.synthetic.motion import Moment
from plugins.synthetic.names import BY_SYMBOL, NAMES, SPX
from plugins.synthetic.surface import event_variance, phi, shape, theta_at, total_variance
from plugins.synthetic.vix import WINDOW, WINDOW_NS, VixLevel, variance_ratio
from plugins.synthetic.world import World
from tests.kit.synthetic import FRIDAY, FRIDAY_TEN, desk, opened, played

K = np.linspace(-1.5, 1.5, 301)


def durrleman(theta: float, rho: float, eta: float, gamma: float) -> np.ndarray:
    """g(k) of a slice, derivatives in closed form (Gatheral, Jacquier 2014, section 2)."""
    curve = float(phi(np.array([theta]), eta, gamma)[0])
    k = K * np.sqrt(theta) * 6.0
    root = np.sqrt((curve * k + rho) ** 2 + 1.0 - rho**2)
    w = 0.5 * theta * (1.0 + rho * curve * k + root)
    first = 0.5 * theta * curve * (rho + (curve * k + rho) / root)
    second = 0.5 * theta * curve**2 * (1.0 - rho**2) / root**3
    return (1.0 - k * first / (2.0 * w)) ** 2 - first**2 / 4.0 * (1.0 / w + 0.25) + 0.5 * second


@pytest.mark.parametrize("name", NAMES, ids=lambda name: name.symbol)
def test_no_butterfly_at_any_state_and_any_tenor(name):
    for lean in (-3.0, -1.0, 0.0, 1.0, 3.0):
        for bend in (-3.0, 0.0, 3.0):
            form = shape(name.surface, Moment(0, 1.0, 0.0, 0.0, lean, bend))
            assert form.eta * (1.0 + abs(form.rho)) < 2.0
            assert 0.0 < form.gamma <= 0.5
            for theta in (1e-8, 1e-5, 1e-3, 0.02, 0.3, 2.0):
                assert durrleman(theta, form.rho, form.eta, form.gamma).min() >= 0.0


@pytest.mark.parametrize("symbol", ["SPX", "AAPL", "NVDA", "BTC", "VIX"])
def test_total_variance_grows_in_time_at_every_moneyness_at_every_instant(symbol):
    _, market, _ = opened(symbol)
    one = desk(market, symbol)
    for _ in range(6):
        played(market, 1, step=900 * SECOND_NS)
        terms = one.chain.terms(one.moment(market.at))
        alive = one.chain.settles_at > market.at
        w = np.stack([total_variance(K, theta, terms.form.rho, curve) for theta, curve in zip(terms.theta, terms.curve, strict=True)])
        order = np.argsort(one.chain.settles_at[alive], kind="stable")
        assert (np.diff(w[alive][order], axis=0) >= -1e-15).all()


AMERICAN_BUTTERFLY = 0.02
"""Where exercise begins, the open's table of its worth and the instant's price meet to within a step or two of the price grid."""


@pytest.mark.parametrize("symbol", ["SPX", "QQQ", "TSLA", "JPM", "VIX", "ETH"])
def test_fair_values_fall_or_rise_with_the_strike_and_are_convex_before_any_rounding(symbol):
    _, market, _ = opened(symbol)
    one = desk(market, symbol)
    for _ in range(3):
        played(market, 1, step=1_800 * SECOND_NS)
        chain = one.chain
        fair = chain.fair(one.moment(market.at))
        for place in chain.trading(market.at):
            start, end = chain.starts[place], chain.starts[place + 1]
            strikes, call, put = chain.strikes[start:end], fair[0, start:end], fair[1, start:end]
            scale = 1e-9 * max(1.0, float(strikes[-1])) if symbol != "ETH" else 1e-9
            if chain.lines[place].series.style is Style.AMERICAN:
                scale = AMERICAN_BUTTERFLY
            for prices, sign in ((call, -1.0), (put, 1.0)):
                slope = np.diff(prices) / np.diff(strikes)
                assert (sign * np.diff(prices) >= -scale).all()
                assert (np.diff(slope) * np.diff(strikes)[1:] >= -scale).all()
            assert (fair[:, start:end] >= 0.0).all()


def test_an_american_option_is_never_below_what_exercise_pays():
    _, market, _ = opened("XOM")
    one = desk(market, "XOM")
    moment = one.moment(market.at)
    fair = one.chain.fair(moment)
    assert (fair[0] >= moment.price - one.chain.strikes).all()
    assert (fair[1] >= one.chain.strikes - moment.price).all()


def test_results_bump_the_term_structure_at_their_date_and_are_gone_after_it():
    name = BY_SYMBOL["NVDA"]
    report = next(one for one in reports(name, 2026, 2026) if one.at > FRIDAY_TEN)
    until = np.array([report.at - 1, report.at, report.at + 40 * DAY_NS])
    assert event_variance(name, FRIDAY_TEN, until).tolist() == [0.0, report.move**2, report.move**2]
    assert event_variance(name, report.at, until).tolist() == [0.0, 0.0, 0.0]
    _, market, _ = opened("NVDA")
    one = desk(market, "NVDA")
    terms = one.chain.terms(one.moment(market.at))
    before = one.chain.settles_at < report.at
    total = np.sqrt(terms.theta / terms.years)
    assert before.any()
    assert total[~before][0] > 1.2 * np.sqrt(name.surface.near**2), "the first expiry after results is dear"
    assert (np.diff(total[~before][:5]) < 0.0).all(), "and the bump is spread thinner the further out"


def test_the_nearest_days_of_a_weekend_are_cheap_by_the_calendar():
    _, market, _ = opened("SPX")
    one = desk(market, "SPX")
    terms = one.chain.terms(one.moment(market.at))
    by_date = {line.series.expiry.isoformat(): place for place, line in enumerate(one.chain.lines)}
    today, monday = by_date["2026-11-20"], by_date["2026-11-23"]
    volatility = np.sqrt(terms.theta / terms.years)
    assert volatility[today] > 1.3 * volatility[monday]


def test_index_skew_is_negative_and_that_of_vix_positive():
    for symbol, sign in (("SPX", -1.0), ("SPY", -1.0), ("IWM", -1.0), ("VIX", 1.0)):
        source, market, _ = opened(symbol)
        line = desk(market, symbol).chain.lines[6]
        truth = source.truth(symbol, line.series.id, market.at)
        iv = np.interp(truth.forward * np.array([0.95, 1.05]), truth.strikes, truth.iv)
        assert sign * (iv[1] - iv[0]) > 0.0


def test_vix_is_the_fair_variance_of_spx_s_own_thirty_days():
    world = World(7, FRIDAY)
    level = VixLevel(world.clock(BY_SYMBOL[SPX]))
    motion = world.motion(SPX)
    terms = BY_SYMBOL[SPX].surface
    clock = world.clock(BY_SYMBOL[SPX])
    for edge in range(50, 3_500, 230):
        moment = motion.moment(int(motion.skeleton.at[edge]))
        theta = theta_at(terms, moment, np.array([clock.year(moment.at + WINDOW_NS) - clock.year(moment.at)]))
        form = shape(terms, moment)
        whole = 100.0 * np.sqrt(theta / WINDOW * variance_ratio(theta, np.array([form.rho]), np.array([form.eta]), form.gamma))[0]
        assert level.index(moment) == pytest.approx(whole, abs=0.25)


def test_futures_on_vix_meet_the_index_at_their_settlement():
    world = World(7, FRIDAY)
    level = VixLevel(world.clock(BY_SYMBOL[SPX]))
    moment = world.motion(SPX).moment(FRIDAY_TEN)
    near, far = level.futures(moment, np.array([FRIDAY_TEN + SECOND_NS, FRIDAY_TEN + YEAR_NS]))
    assert near == pytest.approx(level.index(moment), abs=0.02)
    calm = moment.fast + moment.slow < 0.0
    assert (far > near) == calm, "in a calm market the curve rises"
