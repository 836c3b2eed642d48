"""From gathered rows to a whole :class:`ChainFile`: the two instants, the spot, and the remarks a reader should see."""

from math import isnan, nan

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from engine.domain.calendar import last_close, session_at
from engine.domain.errors import BadInput
from engine.domain.ids import UtcNanos
from engine.domain.instants import DAY_NS, HOUR_NS, MINUTE_NS
from engine.domain.instruments import AssetKind, Security, SessionName
from engine.domain.roots import make_security
from plugins.chainfiles.collector import Collector
from plugins.chainfiles.model import ChainFile, Contracts, Underlying
from plugins.chainfiles.moments import Moment
from plugins.chainfiles.parity import ParitySpot, parity_spot
from plugins.chainfiles.shapes import Shape

NOTHING_SAID = Underlying(
    last=nan,
    bid=nan,
    ask=nan,
    bid_size=nan,
    ask_size=nan,
    open=nan,
    high=nan,
    low=nan,
    previous_close=nan,
    volume=nan,
    last_at=UtcNanos(0),
)
_FAR_FROM_PARITY = 0.005
_NEAR_NS = 30 * DAY_NS
"""Parity of an expiry this near gives the spot but for a carry that does not matter."""


class Stamp(Struct, frozen=True, kw_only=True):
    """When a file was saved, as far as it says."""

    at: UtcNanos
    how: str
    day_only: bool = False
    newest_trade: UtcNanos = UtcNanos(0)
    """Of anything in the file: a delayed file describes that moment, not the one it was saved at. 0 where not said."""


def stamp_of(moment: Moment, how: str) -> Stamp:
    """The stamp of a moment somebody wrote down; a bare day is over when it counts."""
    if moment.clock is None:
        return Stamp(at=UtcNanos(moment.at + DAY_NS - HOUR_NS), how=how, day_only=True)
    return Stamp(at=moment.at, how=how if moment.zone_said else f"{how}, taken as New York time")


class Parsed(Struct, frozen=True, kw_only=True):
    """What a parser found besides the rows."""

    shape: Shape
    collector: Collector
    stamp: Stamp | None
    """None where the file says no time at all."""
    underlying: Underlying = NOTHING_SAID
    security_name: str = ""
    security_kind: AssetKind | None = None
    remarks: tuple[str, ...] = ()


def assemble(name: str, parsed: Parsed, *, fallback: Stamp | None, remarks: tuple[str, ...] = ()) -> ChainFile:
    """The chain file. Raises BadInput where it holds no contract, or says no time and none was given."""
    symbol, series, contracts = parsed.collector.finish()
    if not len(contracts):
        raise BadInput(f"{name} looks like a {parsed.shape}, but not one of its rows could be used{_first_reason(parsed.collector)}")
    stamp = parsed.stamp or fallback
    if stamp is None:
        raise BadInput(f"{name} does not say when it was saved: say it, as in --start 2026-11-20T15:45 (New York time)")
    security = _security(symbol, parsed)
    market_at, market_from = market_instant(security.session, stamp)
    spot, spot_from, more = _spot(parsed.underlying, parity_spot(series, contracts, market_at), market_at)
    underlying, after = _of_the_close(parsed.underlying) if session_at(security.session, stamp.at) is None else (parsed.underlying, ())
    over = sum(entry.settles_at <= market_at for entry in series)
    if over == len(series):
        more = (*more, "all its expiries are over at the instant it was saved")
    return ChainFile(
        name=name,
        shape=parsed.shape,
        symbol=symbol,
        security=security,
        underlying=underlying,
        spot=spot,
        spot_from=spot_from,
        saved_at=stamp.at,
        saved_from=stamp.how,
        market_at=market_at,
        market_from=market_from,
        series=series,
        contracts=contracts,
        skipped=parsed.collector.skipped,
        troubles=(*remarks, *parsed.remarks, *more, *after),
        counts=_oddities(parsed.collector, contracts),
    )


def _first_reason(collector: Collector) -> str:
    return f" (line {collector.skipped[0].first_line}: {collector.skipped[0].reason})" if collector.skipped else ""


def _security(symbol: str, parsed: Parsed) -> Security:
    known = make_security(symbol)
    if known.name == symbol and parsed.security_name:
        return make_security(symbol, name=parsed.security_name, kind=parsed.security_kind)
    return known


def market_instant(session: SessionName, stamp: Stamp) -> tuple[UtcNanos, str]:
    """Where the market stood: inside a session at the saved instant (or a newest trade a little before it), else at the last close."""
    if stamp.day_only:
        return last_close(session, stamp.at), "only the day is said: counts as its close"
    current = session_at(session, stamp.at)
    behind = stamp.at - stamp.newest_trade
    if current is None:
        close = last_close(session, stamp.at)
        if stamp.at - close < HOUR_NS / 2 and MINUTE_NS < close - stamp.newest_trade < HOUR_NS:
            return stamp.newest_trade, "the newest trade in it: a delayed file, saved soon after the close"
        return close, "saved outside a session: counts as the last close"
    if stamp.newest_trade >= current.open_at and MINUTE_NS < behind < HOUR_NS:
        return stamp.newest_trade, f"the newest trade in it, {round(behind / MINUTE_NS)} minutes before it was saved"
    return stamp.at, stamp.how


def _spot(said: Underlying, parity: ParitySpot | None, market_at: UtcNanos) -> tuple[float, str, tuple[str, ...]]:
    mid = (said.bid + said.ask) / 2 if said.bid > 0 and said.ask >= said.bid else nan
    if isnan(said.last) and isnan(mid):
        if parity is None:
            return nan, "not said, and no expiry has enough two-sided pairs for parity", ()
        return parity.price, f"put-call parity of {parity.expiry.isoformat()} (the file says none)", ()
    spot, source = (said.last, "the file's last price") if not isnan(said.last) else (mid, "the middle of the file's bid and ask")
    if parity is None or parity.settles_at - market_at > _NEAR_NS or abs(spot / parity.price - 1) <= _FAR_FROM_PARITY:
        return spot, source, ()
    gap = f"{abs(spot / parity.price - 1):.1%} from what parity of {parity.expiry.isoformat()} says ({parity.price:.2f})"
    return spot, source, (f"the spot it says ({spot:.2f}) is {gap}: it may be of another moment than the options",)


def _of_the_close(said: Underlying) -> tuple[Underlying, tuple[str, ...]]:
    """What a file that was saved while the market was shut says of the security, without a quote of after the close.

    Such a quote does not hold the last price, and its middle would be taken for the spot of options that stopped trading before it.
    """
    if not (said.bid > said.last or said.ask < said.last):
        return said, ()
    quoted = f"{said.bid:.2f} x {said.ask:.2f}"
    words = f"the security's quote ({quoted}) is of after the close and is left out: its last price is {said.last:.2f}"
    return replace(said, bid=nan, ask=nan, bid_size=nan, ask_size=nan), (words,)


def _oddities(collector: Collector, contracts: Contracts) -> tuple[str, ...]:
    counts = {
        "with a bid above the ask": int(np.sum((contracts.bid > contracts.ask) & (contracts.ask > 0))),
        "without a bid": int(np.sum(~(contracts.bid > 0))),
        "without an ask": int(np.sum(~(contracts.ask > 0))),
        "without a volatility of the vendor's": int(np.sum(np.isnan(contracts.vendor_iv))),
    }
    found = tuple(f"{count:,} of {len(contracts):,} contracts {what}" for what, count in counts.items() if count)
    return (*found, f"{collector.negative} negative numbers left out") if collector.negative else found
