"""What each screen shows and by which convention: the help reads it, so that every number has its meaning somewhere."""


def _one_line(text: str) -> str:
    return " ".join(text.split())


_BOARD = """
IV30 is the 30-day constant-maturity volatility at the forward, in points (total variance interpolated); IVR = (IV - lowest) /
(highest - lowest) and IVP = share of sessions below, both in per cent over the stored sessions (n), a dash under 120 of them;
HV30 is close-to-close over 30 sessions, annualised by 252; RR25 = IV(25-delta call) - IV(25-delta put) at 30 days, in points
(negative: puts are dearer); EM1d is one standard deviation to the end of one calendar day (~68 %); P/C is put over call volume
of all expiries. A dash is unknown, never zero.
"""
_CHART = """
Times are New York's (UTC for what never closes); a bar is named by its start. VWAP starts anew at each session's open and is
left out where that open is not among the bars. The expected move is one standard deviation to the end of one calendar day, last
price · IV30 · √(1/365), drawn around the last close. A bar rises when it closes at or above its open. The open interest's levels are
guesses, as GEX says: the spot at which the dealers' gamma turns, its largest strikes of either sign, and the nearest expiry's max pain;
those too far off to be drawn are named in the first row.
"""

HOME = _one_line(
    """The market at a glance, options first: indices, funds, stocks and coins with their volatility, the term of volatility,
    the day's movers in price and in volatility, what is coming, and the session. Enter on a name makes it the security of the
    linked tiles. ΔIV is IV30 less its value at the last stored close, in points. The term of VIX is the parity forward of each
    of its expiries."""
    + _BOARD
)
WATCH = _one_line("Your lists of names with live columns. Lists are kept by the engine and are the same in every terminal." + _BOARD)
DESCRIBE = _one_line(
    """What the security or the contract is: terms, settlement, multiplier, tick rule, dates, and its numbers now. Instants are
    given in New York time and in UTC; years to expiry are ACT/365 to the settlement instant. Greeks are per share of the
    underlying: theta a calendar day, vega a volatility point, rho one per cent of rate."""
    + _BOARD
)
PRICE = _one_line("The price over days as a line, with volume." + _CHART)
INTRADAY = _one_line("Today's price in short candles, with volume and the session's VWAP." + _CHART)
CANDLES = _one_line("The price in candles, with volume." + _CHART)
EXPIRATIONS = _one_line(
    """Every expiry in a row. ATM IV is at the forward, in points. EM is one standard deviation, spot · ATM IV · √years (~68 %);
    Strdl is the at-the-money straddle, E|move| (~57.5 %). IFwd and Rate (continuous) come from put-call parity over so many
    pairs with the residual given in price, or as the method says. RR25 = IV(25-delta call) - IV(25-delta put), BF25 = their
    mean - ATM, in points. Open interest is the last session's and its heat the share of the largest. Max pain is the strike at
    which open interest would be worth least at expiry. DTE counts calendar days to the date; the clock of every number runs to
    the settlement instant."""
)
TAPE = _one_line(
    """Option prints as they come, newest first, each with the quote in force. A side with a tilde is inferred from that quote:
    at the ask or above is taken as bought, at the bid or below as sold, anything between as unknown; without a tilde the venue
    itself says it. Premium is price · size · multiplier, in the contract's currency. %OTM is the strike's distance from the
    spot of that moment, negative in the money. DTE counts calendar days. Opening or closing is unknown unless the venue says
    so."""
)
QUALITY = _one_line(
    """Whether the data can be believed: the feed's state, ages, crossed, locked, wide and stale quotes by name, and the
    histogram of lag (the venue's own time to applied here). Ages are in market time. A quote may carry several verdicts; two-
    sided ones have a bid and an ask."""
)
SYSTEM = _one_line(
    """How the engine does: load, memory, store, recorder, watchers, plugins. Loop lag is the 99th percentile of the last
    minute; CPU is the engine's process since its start; the budget is the size at which old history is thinned out."""
)
SETTINGS = _one_line(
    """Every setting with its value, unit and bounds, and where it was set: a flag wins over the environment, that over the
    user's file, that over the default. Enter edits in place; what is refused says why and keeps the old value. SET key value
    changes one at once."""
)
HELP = "Every function and every key, from the list that the command line reads. Type to search; Enter opens what is found."
