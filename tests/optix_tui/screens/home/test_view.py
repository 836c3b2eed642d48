from datetime import date
from math import isnan, nan

from msgspec.structs import replace

from engine.domain.instants import SECOND_NS
from engine.domain.instruments import SessionName
from optix_tui.screens.home.view import HomeFacts, countdown, events_of, present, session_cells, term_points, term_text
from tests.kit import engine_facts, facts

FACTS = HomeFacts(
    quotes={quote.security.symbol: quote for quote in facts.board().quotes},
    closes={quote.security.symbol: quote.iv30 - 0.01 for quote in facts.board().quotes},
    term=facts.expirations("VIX"),
    status=engine_facts.status(),
    now=facts.NOW,
)


def words(cells) -> str:
    return "".join(cell.text for cell in cells)


def test_names_stand_under_their_kind():
    lines = present(FACTS).lines
    assert [line for line in lines if isinstance(line, str)] == ["INDICES", "FUNDS", "STOCKS", "CRYPTO"]
    assert [line.symbol for line in lines[1:3]] == ["SPX", "VIX"]


def test_nothing_is_shown_before_a_name_is_known():
    assert present(HomeFacts()) is None


def test_movers_are_the_largest_either_way_and_what_is_unknown_is_none_of_them():
    view = present(replace(FACTS, quotes={**FACTS.quotes, "NVDA": facts.unknown_quote("NVDA")}))
    up, down = view.movers
    assert up[0].symbol == "QQQ"
    assert down[0].symbol == "ETH"
    assert "NVDA" not in {mover.symbol for mover in (*up, *down)}
    assert "SPX" not in {mover.symbol for mover in up}
    assert all(mover.text == "+1.0" for mover in view.volatility_movers[0])
    assert view.volatility_movers[1] == ()


def test_volatility_movers_need_a_close_to_move_from():
    view = present(replace(FACTS, closes={}))
    assert view.volatility_movers == ((), ())
    assert all(isnan(line.iv_change) for line in view.lines if not isinstance(line, str))


def test_ranks_leave_out_names_with_too_short_a_history():
    view = present(replace(FACTS, quotes={"SPY": facts.quote("SPY", iv_rank=nan), "TSLA": facts.quote("TSLA")}))
    assert [mover.symbol for mover in view.ranks[0]] == ["TSLA"]


def test_the_term_of_volatility_is_its_forwards_and_its_slope_is_said():
    term = term_points(FACTS.term)
    assert [round(point.level, 2) for point in term] == sorted(round(point.level, 2) for point in term)
    assert present(FACTS).term_text.startswith("contango +")
    assert "backwardation" in term_text(term[::-1], None)
    assert term_points(None) == ()
    broken = replace(FACTS.term, expiries=tuple(replace(one, forward=nan) for one in FACTS.term.expiries))
    assert term_points(broken) == ()


def test_events_are_the_coming_ones_the_nearest_first():
    events = events_of([facts.security(symbol) for symbol in facts.SYMBOLS], facts.TODAY)
    assert [(event.symbol, event.what, event.days) for event in events[:2]] == [("MSFT", "ex-div", 1), ("NVDA", "earnings", 6)]
    assert events_of([facts.security("NVDA", next_earnings=date(2026, 11, 18))], facts.TODAY) == ()
    assert events_of([facts.security("NVDA", next_earnings=facts.TODAY)], facts.TODAY)[0].days == 0


def test_the_session_counts_down_to_its_close_and_then_to_the_next_open():
    assert words(session_cells(SessionName.NYSE, facts.NOW)) == "open  closes in 1:27:53  16:00"
    assert words(session_cells(SessionName.CBOE_INDEX, facts.NOW)) == "open  closes in 1:42:53  16:15"
    assert words(session_cells(SessionName.NYSE, facts.at(16, 0))).startswith("closed  opens in 17:30:00")
    friday_night = facts.at(20, 0, day=date(2026, 11, 20))
    assert words(session_cells(SessionName.NYSE, friday_night)) == "closed  opens in 2d 13:30:00  23-Nov 09:30"
    assert "half day" in words(session_cells(SessionName.NYSE, facts.at(10, 0, day=date(2026, 11, 27))))
    assert "at all hours" in words(session_cells(SessionName.CRYPTO, facts.NOW))
    assert "not known" in words(session_cells(SessionName.NYSE, 0))


def test_a_countdown_never_goes_below_zero():
    assert countdown(-5 * SECOND_NS) == "0:00:00"
    assert countdown(90_061 * SECOND_NS) == "1d 01:01:01"
