from math import isnan

from engine.domain.columns import floats, longs
from engine.domain.ids import UtcNanos
from engine.domain.instants import DAY_NS
from optix_tui.screens.closes import Closes, volatility_before
from tests.kit import facts

TABLE = facts.volatility_history("SPY", 5)


def test_the_close_before_todays_session_counts_and_not_todays_own():
    assert volatility_before(TABLE, facts.NOW) == TABLE.atm_iv[-2]
    assert volatility_before(TABLE, UtcNanos(facts.NOW + DAY_NS)) == TABLE.atm_iv[-1]


def test_a_gap_is_stepped_over_and_an_empty_history_is_unknown():
    holes = facts.replace(TABLE, atm_iv=floats([0.2, 0.21, facts.NAN, facts.NAN, 0.3]))
    assert volatility_before(holes, facts.NOW) == 0.21
    empty = facts.replace(TABLE, day=longs([]), atm_iv=floats([]))
    assert isnan(volatility_before(empty, facts.NOW))


def test_a_name_without_a_history_yet_is_asked_for_again_and_a_new_day_asks_for_all():
    closes = Closes().with_table(TABLE, facts.NOW)
    assert closes.missing(("SPY", "QQQ"), facts.NOW) == ("QQQ",)
    empty = facts.replace(TABLE, symbol="QQQ", day=longs([]), atm_iv=floats([]))
    assert closes.with_table(empty, facts.NOW).missing(("SPY", "QQQ"), facts.NOW) == ("QQQ",)
    assert closes.missing(("SPY",), UtcNanos(facts.NOW + DAY_NS)) == ("SPY",)
