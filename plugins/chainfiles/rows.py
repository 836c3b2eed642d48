"""One contract a row, under the many names its columns go by: Yahoo's, Cboe's and those of the collectors who copy them."""

import re
from collections.abc import Mapping
from datetime import UTC, date, tzinfo
from functools import lru_cache
from math import isnan, nan
from typing import Any, Final

from engine.domain.calendar import third_friday
from engine.domain.errors import BadInput
from engine.domain.ids import UtcNanos
from engine.domain.instants import NEW_YORK
from engine.domain.instruments import Right
from engine.domain.osi import format_osi
from plugins.chainfiles.assemble import Stamp, stamp_of
from plugins.chainfiles.cells import number
from plugins.chainfiles.collector import NUMBERS, Collector, Row
from plugins.chainfiles.moments import read_moment
from plugins.chainfiles.shapes import column_key

_ALIASES: Final = {
    "name": "option contractsymbol contract optionsymbol osi occsymbol symbol",
    "expiry": "expiry expiration expirationdate expirydate exp expires",
    "right": "type optiontype side right putcall callput cp",
    "strike": "strike strikeprice",
    "bid": "bid bidprice",
    "ask": "ask askprice",
    "bid_size": "bidsize",
    "ask_size": "asksize",
    "last": "lastprice last lasttradeprice lastsale",
    "open": "open",
    "high": "high",
    "low": "low",
    "previous_close": "prevdayclose previousclose prevclose",
    "volume": "volume vol",
    "open_interest": "openinterest oi openint",
    "iv": "iv impliedvolatility impliedvol",
    "delta": "delta",
    "last_at": "lasttradedate lasttradetime lasttradedatetime",
    "underlying": "underlying ticker underlyingsymbol rootsymbol",
    "spot": "spot underlyingprice stockprice underlyinglast currentprice",
    "saved": "timestamp feedtimestamp updated updatedat asof fetchedat snapshottime quotetime quotedatetime collectedat utc",
    "session": "session quotedate tradedate",
    "change": "pricechange",
    "close": "close",
    "title": "securityname companyname longname shortname",
    "kind": "securitytype",
}
_BY_KEY: Final = {key: field for field, keys in _ALIASES.items() for key in keys.split()}
_PLACEHOLDER: Final = 1.5e-5
"""Yahoo writes 0.00001 where it has no volatility."""
_OSI_LIKE: Final = re.compile(r"^[A-Z][A-Z0-9.]{0,5} {0,5}\d{6}[CP]\d{8}$")


@lru_cache(maxsize=4096)
def field_of(title: str) -> str:
    """What a column is about; "" where it is nothing that is used."""
    return _BY_KEY.get(column_key(title), "")


def plan_of(titles: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Which columns say what: each of our fields with the titles that mean it, in the record's order."""
    found: dict[str, list[str]] = {}
    for title in titles:
        if field := field_of(title):
            found.setdefault(field, []).append(title)
    return tuple((field, tuple(meant)) for field, meant in found.items())


def fields(record: Mapping[str, object], plan: tuple[tuple[str, tuple[str, ...]], ...] | None = None) -> dict[str, object]:
    """The record under our names; of two columns of one meaning the first that says something counts."""
    said: dict[str, object] = {}
    for field, titles in plan_of(tuple(record)) if plan is None else plan:
        value = record[titles[0]]
        if len(titles) > 1 and value in (None, ""):
            value = next((record[title] for title in titles[1:] if record[title] not in (None, "")), value)
        said[field] = value
    return said


class RowReader:
    """Feeds records to a collector and remembers what they say beside their contracts: spot, session, newest trade."""

    def __init__(self, ticker: str, *, placeholders: bool) -> None:
        self.collector = Collector(ticker)
        self.spot = nan
        self.session: date | None = None
        self.saved: UtcNanos = UtcNanos(0)
        self.newest_trade = UtcNanos(0)
        self.placeholders = 0
        self._ticker = ticker
        self._look_for_placeholders = placeholders
        self._titles: tuple[str, ...] = ()
        self._plan: tuple[tuple[str, tuple[str, ...]], ...] = ()
        self._days: dict[object, date | None] = {}
        self._instants: dict[object, UtcNanos] = {}

    def read(self, line: int, record: Mapping[str, object]) -> None:
        """Takes one record, whatever is in it."""
        titles = tuple(record)
        if titles != self._titles:
            self._titles, self._plan = titles, plan_of(titles)
        said = fields(record, self._plan)
        name, strike, right = said.get("name"), number(said.get("strike")), right_of(said.get("right"))
        if not (isinstance(name, str) and _OSI_LIKE.match(name.strip().upper())):
            name = self._built_name(said, strike, right)
        numbers: dict[str, Any] = {field: number(said[field]) for field in NUMBERS if field in said}
        row = Row(last_at=self.instant(said.get("last_at"), NEW_YORK), **numbers)
        self.newest_trade = max(self.newest_trade, UtcNanos(row.last_at))
        self._note_surroundings(said)
        if self._look_for_placeholders and row.iv > 0 and (row.iv < _PLACEHOLDER or not (row.bid > 0 or row.ask > 0)):
            self.placeholders += 1
            row.iv = nan
        self.collector.add(line, name, row, strike=strike, right=right)

    def _note_surroundings(self, said: dict[str, object]) -> None:
        if isnan(self.spot) and "spot" in said:
            self.spot = number(said["spot"])
        if self.session is None and "session" in said:
            self.session = self.day(said["session"])
        if "saved" in said:
            self.saved = max(self.saved, self.instant(said["saved"], UTC))

    def _built_name(self, said: dict[str, object], strike: float, right: str) -> str:
        """The OSI name of a contract told in pieces; "" where a piece is missing."""
        expiry = self.day(said.get("expiry"))
        root = str(said.get("underlying") or self._ticker).strip().upper()
        if expiry is None or not right or isnan(strike):
            return ""
        try:
            return format_osi(root_for(root, expiry), expiry, Right(right), strike)
        except BadInput:
            return ""

    def day(self, value: object) -> date | None:
        """A cell's date; each spelling is understood once."""
        key = str(value)
        if key not in self._days:
            moment = read_moment(key) if value else None
            self._days[key] = moment.day if moment else None
        return self._days[key]

    def instant(self, value: object, zone: tzinfo) -> UtcNanos:
        """A cell's instant, 0 for none; numbers are seconds or milliseconds since 1970."""
        if value is None or value == "":
            return UtcNanos(0)
        key = (str(value), zone)
        if key not in self._instants:
            self._instants[key] = _instant(value, zone)
        return self._instants[key]

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was odd about the rows."""
        return (f"{self.placeholders:,} volatilities of the vendor's are placeholders and left out",) if self.placeholders else ()

    def stamp(self) -> Stamp | None:
        """When the rows say they were saved: a column of its own, else the newest trade in them, else the session they name."""
        if self.saved:
            return Stamp(at=self.saved, how="the time its rows carry", newest_trade=self.newest_trade)
        if self.newest_trade:
            return Stamp(at=self.newest_trade, how="the newest trade in it (it does not say when it was saved)")
        moment = read_moment(self.session.isoformat()) if self.session else None
        return stamp_of(moment, "the session its rows name") if moment else None


def _instant(value: object, zone: tzinfo) -> UtcNanos:
    seconds = nan if isinstance(value, str) and "-" in value else number(value)
    if not isnan(seconds):
        seconds = seconds / 1000 if seconds > 1e11 else seconds
        return UtcNanos(round(seconds * 1000) * 1_000_000) if 1e8 < seconds < 7e9 else UtcNanos(0)
    moment = read_moment(str(value), zone)
    return moment.at if moment else UtcNanos(0)


def right_of(value: object) -> str:
    """C or P by a cell's first letter; "" for anything else."""
    first = str(value or "").strip()[:1].upper()
    return first if first in {"C", "P"} else ""


def root_for(ticker: str, expiry: date) -> str:
    """The root of a contract told by its ticker alone: an index' monthly is its own root, every other expiry the weekly one."""
    weekly = {"SPX": "SPXW", "NDX": "NDXP", "RUT": "RUTW"}.get(ticker)
    return ticker if weekly is None or expiry == third_friday(expiry.year, expiry.month) else weekly
