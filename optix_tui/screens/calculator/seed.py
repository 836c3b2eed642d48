"""Fills a sheet from the market: a contract of a chain, a name at the money, or nothing at all."""

from math import isfinite, log, nan

import numpy as np
from msgspec.structs import replace

from engine.domain.chain import ChainSlice, SeriesSummary
from engine.domain.ids import SeriesId, Symbol, UtcNanos
from engine.domain.instruments import AssetKind, Right, Security, Style
from engine.messages.queries import ExpirationTable, Quote
from engine.messages.valuation import ValuationTerms
from optix_tui import format as written
from optix_tui.screens.calculator.sheet import Sheet

WANTED_YEARS = 30 / 365
"""The expiry next to it is the one a name alone is shown with."""
MOST_YIELD = 0.25
"""A spot and a forward further apart than this a year are priced on the forward: the spot is not what the expiry is on."""


def nearest_month(table: ExpirationTable) -> SeriesId | None:
    """The expiry about a month away; None where nothing is listed."""
    alive = [one for one in table.expiries if one.years > 0 and isfinite(one.forward)] or list(table.expiries)
    if not alive:
        return None
    return min(alive, key=lambda one: abs(one.years - WANTED_YEARS)).series.id


def settlements(table: ExpirationTable | None) -> dict[str, UtcNanos]:
    """When each listed date settles; the later print where two share a date."""
    found: dict[str, UtcNanos] = {}
    for one in table.expiries if table else ():
        day = one.series.expiry.isoformat()
        found[day] = max(found.get(day, one.series.settles_at), one.series.settles_at)
    return found


def of_contract(page: ChainSlice, strike: float, right: Right, now: UtcNanos) -> Sheet:
    """A sheet of one listed contract, at its own volatility."""
    head, series = page.summary, page.summary.series
    column = int(np.argmin(np.abs(page.strikes - strike)))
    row = 0 if right is Right.CALL else 1
    listed = bool(page.contract[row * page.strikes.size + column]) and bool(np.isclose(page.strikes[column], strike))
    volatility, remark = _volatility(page, row, column) if listed else (head.atm_iv, "the strike is not listed: at-the-money volatility")
    if not isfinite(volatility):
        volatility, remark = 0.2, "no volatility is known of it: 20 % is a guess"
    forward_based, underlying, fall = _carry(head)
    scale = head.forward if series.inverse and isfinite(head.forward) else 1.0
    terms = ValuationTerms(
        right=right,
        style=series.style,
        on_forward=forward_based,
        underlying=underlying,
        strike=strike,
        days=head.years * 365,
        rate=head.rate if isfinite(head.rate) else 0.0,
        dividend_yield=fall,
        volatility=volatility,
        multiplier=series.multiplier,
    )
    remarks = [remark, "quoted in coin: prices here are in dollars, one coin a forward" if series.inverse else ""]
    name = f"{series.root} {written.strike(strike)}{right.value} {written.day(series.expiry)} {series.settlement.value}"
    return Sheet(
        symbol=page.symbol,
        terms=terms,
        now=now,
        origin=f"{name}, {page.source} {written.clock(head.as_of)}",
        remark="; ".join(one for one in remarks if one),
        bid=float(page.bid[row, column]) * scale if listed else nan,
        ask=float(page.ask[row, column]) * scale if listed else nan,
    )


def at_the_money(page: ChainSlice, now: UtcNanos) -> Sheet:
    """A sheet of the call whose strike is next to what it is priced on."""
    _, level, _ = _carry(page.summary)
    listed = np.array([bool(name) for name in page.contract[: page.strikes.size]])
    strikes = page.strikes[listed] if listed.any() else page.strikes
    return of_contract(page, float(strikes[np.argmin(np.abs(strikes - level))]), Right.CALL, now)


def without_options(symbol: Symbol, quote: Quote | None, why: str, now: UtcNanos) -> Sheet:
    """A sheet of a name without a chain: its price, a month, its volatility or a guess of one."""
    last = quote.last if quote is not None and isfinite(quote.last) and quote.last > 0 else nan
    volatility = next((vol for vol in ((quote.iv30, quote.realized_30) if quote else ()) if isfinite(vol)), nan)
    level = last if isfinite(last) else 100.0
    security: Security | None = quote.security if quote else None
    style = Style.EUROPEAN if security and security.kind in {AssetKind.INDEX, AssetKind.CRYPTO} else Style.AMERICAN
    guessed = [] if isfinite(last) else ["a price of 100"]
    guessed += [] if isfinite(volatility) else ["a volatility of 20 %"]
    guessed += ["30 days", "no rate"]
    terms = ValuationTerms(
        style=style,
        underlying=level,
        strike=float(f"{level:.3g}"),
        days=30.0,
        rate=0.0,
        dividend_yield=security.dividend_yield if security else 0.0,
        volatility=volatility if isfinite(volatility) else 0.2,
    )
    origin = "a blank sheet" if quote is None else f"{symbol}, {written.clock(quote.as_of)}"
    return Sheet(symbol=symbol, terms=terms, now=now, origin=origin, remark=f"{why}; assumed: {', '.join(guessed)}".removeprefix("; "))


def listed_dates(sheet: Sheet, table: ExpirationTable | None) -> Sheet:
    """The sheet, knowing when the name's expiries settle."""
    return replace(sheet, settles=settlements(table))


def _volatility(page: ChainSlice, row: int, column: int) -> tuple[float, str]:
    """The quote's own volatility, or the next best that is known, and which one that is."""
    own = float(page.iv[row, column])
    if isfinite(own):
        return own, ""
    other = float(page.iv[1 - row, column])
    if isfinite(other):
        return other, "no volatility in its own quote: that of the other right at this strike"
    fit = float(page.fit_iv[column]) if page.fit_iv.size else nan
    if isfinite(fit):
        return fit, "no volatility in its own quote: that of the fitted smile"
    return page.summary.atm_iv, "no volatility in its own quote: that at the money"


def _carry(head: SeriesSummary) -> tuple[bool, float, float]:
    """Whether it is priced on the forward, what on, and the yield that leads from spot to forward."""
    spot, forward, years = head.spot, head.forward, head.years
    rate = head.rate if isfinite(head.rate) else 0.0
    if not (isfinite(forward) and forward > 0):
        return False, spot, 0.0
    if head.series.inverse or not (isfinite(spot) and spot > 0) or years <= 0:
        return True, forward, 0.0
    fall = rate - log(forward / spot) / years
    return (True, forward, 0.0) if abs(fall) > MOST_YIELD else (False, spot, fall)
