"""What a description shows: blocks of facts, and for a security a year of its price and its volatility."""

from math import isfinite

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from engine.domain.chain import ChainSlice
from engine.domain.columns import Floats, floats
from engine.domain.ids import UtcNanos
from engine.messages.queries import BarTable, ContractDetail, ExpirationTable, Quote, VolatilityTable
from optix_tui import format as written
from optix_tui.screens.describe.contract import contract_blocks
from optix_tui.screens.describe.security import security_blocks
from optix_tui.screens.table import Block, Tone

LEAST_SMILE = 5


class DescriptionFacts(Struct, frozen=True, kw_only=True):
    """What is known."""

    quote: Quote | None = None
    table: ExpirationTable | None = None
    volatility: VolatilityTable | None = None
    bars: BarTable | None = None
    detail: ContractDetail | None = None
    page: ChainSlice | None = None
    now: UtcNanos = UtcNanos(0)


class Year(Struct, frozen=True, kw_only=True):
    """A line over the stored sessions."""

    title: str
    note: str
    values: Floats
    level: float
    """Today's, drawn as a rule."""
    tone: Tone
    is_percent: bool


class Smile(Struct, frozen=True, kw_only=True):
    """Volatility by strike of the contract's expiry, of what is out of the money, in points."""

    note: str
    strikes: Floats
    low: Floats
    """Of the bid."""
    middle: Floats
    high: Floats
    """Of the ask."""
    is_call: NDArray[np.bool_]
    forward: float
    strike: float
    """The contract's own."""


class DescriptionView(Struct, frozen=True, kw_only=True):
    """The description to paint."""

    blocks: tuple[Block, ...]
    years: tuple[Year, ...]
    smile: Smile | None = None


def present(facts: DescriptionFacts) -> DescriptionView | None:
    """The description; None until something is known."""
    if facts.detail is not None:
        return DescriptionView(
            blocks=contract_blocks(facts.detail, facts.page, facts.quote, facts.now),
            years=(),
            smile=_smile(facts.page, facts.detail.contract.strike) if facts.page is not None else None,
        )
    if facts.quote is None:
        return None
    return DescriptionView(blocks=security_blocks(facts.quote, facts.table, facts.now), years=_years(facts, facts.quote))


def _years(facts: DescriptionFacts, quote: Quote) -> tuple[Year, ...]:
    found = []
    if facts.bars is not None and facts.bars.close.size > 1:
        closes = facts.bars.close
        low, high = float(np.nanmin(closes)), float(np.nanmax(closes))
        tick = quote.security.tick
        note = f"{closes.size} sessions  low {written.money(low, tick)}  high {written.money(high, tick)}"
        found.append(Year(title="PRICE", note=note, values=closes, level=quote.last, tone="text", is_percent=False))
    history = facts.volatility
    if history is not None and np.isfinite(history.atm_iv).sum() > 1:
        levels = floats(history.atm_iv * 100)
        low, high = float(np.nanmin(levels)), float(np.nanmax(levels))
        rank = f"  rank {written.points(quote.iv_rank, 0)}" if isfinite(quote.iv_rank) else ""
        note = f"{levels.size} sessions  low {low:.1f}  high {high:.1f}{rank}"
        found.append(Year(title="IV30", note=note, values=levels, level=quote.iv30 * 100, tone="vol", is_percent=True))
    return tuple(found)


def _smile(page: ChainSlice, strike: float) -> Smile | None:
    """Calls from the forward on, puts below it; None where too little of it is known."""
    head = page.summary
    centre = head.forward if isfinite(head.forward) else head.spot
    if not isfinite(centre):
        return None
    calls = page.strikes >= centre
    pick = np.where(calls, 0, 1)
    columns = np.arange(page.strikes.size)
    middle = page.iv[pick, columns]
    known = np.isfinite(middle)
    if known.sum() < LEAST_SMILE:
        return None
    return Smile(
        note=f"{head.series.root} {written.day(head.series.expiry)}  out of the money, bid to ask",
        strikes=floats(page.strikes[known]),
        low=floats(page.iv_bid[pick, columns][known] * 100),
        middle=floats(middle[known] * 100),
        high=floats(page.iv_ask[pick, columns][known] * 100),
        is_call=calls[known],
        forward=centre,
        strike=strike,
    )
