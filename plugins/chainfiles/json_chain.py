"""Chains in JSON: Cboe's delayed quotes as the venue sends them, and what collectors make of Yahoo's and Cboe's answers."""

from datetime import UTC
from math import isnan, nan

from engine.domain.ids import UtcNanos
from engine.domain.instants import NEW_YORK
from engine.domain.instruments import AssetKind
from plugins.chainfiles.assemble import Parsed, Stamp
from plugins.chainfiles.cells import number
from plugins.chainfiles.collector import stated
from plugins.chainfiles.json_rows import Records, read_records
from plugins.chainfiles.model import Underlying
from plugins.chainfiles.rows import RowReader, fields
from plugins.chainfiles.shapes import Shape

_KINDS = {"stock": AssetKind.STOCK, "index": AssetKind.INDEX, "etf": AssetKind.ETF}


def parse_json_chain(text: str, shape: Shape) -> Parsed:
    """Reads a chain in JSON; Cboe's naive ``timestamp`` is UTC, its naive trade times are New York's."""
    records = read_records(text)
    header = fields(records.header)
    reader = RowReader(_ticker(records, header), placeholders=shape is Shape.COLLECTED_JSON)
    for line, record in enumerate(records.rows, 1):
        if isinstance(record, dict):
            reader.read(line, record)
        else:
            reader.collector.skip(line, "no record")
    underlying = _underlying(header, reader)
    return Parsed(
        shape=shape,
        collector=reader.collector,
        stamp=_stamp(header, reader, underlying.last_at),
        underlying=underlying,
        security_name=str(header.get("title") or ""),
        security_kind=_KINDS.get(str(header.get("kind"))),
        remarks=(*((records.trouble,) if records.trouble else ()), *reader.remarks),
    )


def _ticker(records: Records, header: dict[str, object]) -> str:
    """The symbol as a trader types it: Cboe writes an index as ``_RUT`` or ``^RUT``."""
    said = header.get("underlying") or records.header.get("symbol") or ""
    ticker = str(said).strip().lstrip("^_").upper()
    return ticker if len(ticker) <= 12 and ticker.replace(".", "").isalnum() else ""


def _stamp(header: dict[str, object], reader: RowReader, last_at: UtcNanos) -> Stamp | None:
    saved = reader.instant(header.get("saved"), UTC)
    if not saved:
        return reader.stamp()
    newest = max((at for at in (reader.newest_trade, last_at) if at <= saved), default=UtcNanos(0))
    return Stamp(at=saved, how="its own time stamp", newest_trade=newest)


def _underlying(header: dict[str, object], reader: RowReader) -> Underlying:
    def said(field: str) -> float:
        return number(header.get(field))

    spot = said("spot")
    return Underlying(
        last=stated(spot, reader.spot),
        bid=stated(said("bid")),
        ask=stated(said("ask")),
        bid_size=stated(said("bid_size")),
        ask_size=stated(said("ask_size")),
        open=stated(said("open")),
        high=stated(said("high")),
        low=stated(said("low")),
        previous_close=_previous_close(said("previous_close"), said("close"), said("change")),
        volume=said("volume"),
        last_at=reader.instant(header.get("last_at"), NEW_YORK),
    )


def _previous_close(previous: float, close: float, change: float) -> float:
    """The close before this session: overnight Cboe's ``prev_day_close`` is already today's, and only close less change tells it."""
    if not isnan(close) and not isnan(change) and previous == close:
        return stated(round(close - change, 6))
    return stated(previous) if not isnan(previous) else nan
