"""Volatility indices of every name: what its fitted smiles replicate, beside the published index where the feed has it."""

from math import nan
from typing import NamedTuple

import numpy as np

from engine.domain.columns import flags, floats, longs
from engine.domain.errors import BadInput
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instruments import Security
from engine.domain.volatility import MaturityFlag, SliceModel, SurfaceSlice, VolatilitySurface
from engine.messages.compass import GetVolatilityIndices, VolatilityIndex, VolatilityIndexTable
from engine.services.volatility.coordinates import Coordinates, constant_maturity
from engine.services.volatility.listed import Listed
from engine.state.whole import State

MOST_MATURITIES = 40
LONGEST_DAYS = 3_650
LISTED_DAYS = 0.5
PUBLISHED: dict[str, dict[int, str]] = {
    "SPX": {9: "VIX9D", 30: "VIX", 90: "VIX3M", 180: "VIX6M", 365: "VIX1Y"},
    "NDX": {30: "VXN"},
    "RUT": {30: "RVX"},
    "DJX": {30: "VXD"},
    "VIX": {30: "VVIX"},
    "AAPL": {30: "VXAPL"},
    "AMZN": {30: "VXAZN"},
    "GOOGL": {30: "VXGOG"},
    "GLD": {30: "GVZ"},
    "USO": {30: "OVX"},
    "EEM": {30: "VXEEM"},
}
"""Cboe's volatility indices by what they are made of and their calendar days (VIX3M and VIX6M are months, here 90 and 180 days)."""


class Print(NamedTuple):
    """What an index was published at."""

    name: str = ""
    value: float = nan
    at: UtcNanos = UtcNanos(0)


class Indices:
    """Answers with the table."""

    def __init__(self, *, state: State, coordinates: Coordinates, listed: Listed) -> None:
        self._state = state
        self._coordinates = coordinates
        self._listed = listed

    async def table(self, query: GetVolatilityIndices) -> VolatilityIndexTable:
        """The names asked for, or all that have options."""
        days = tuple(sorted(set(query.days)))
        if not days or len(days) > MOST_MATURITIES or days[0] < 1 or days[-1] > LONGEST_DAYS:
            raise BadInput(f"ask for 1 to {MOST_MATURITIES} maturities of 1 to {LONGEST_DAYS:,} calendar days")
        asked = await self._listed.named(query.symbols, complete=query.complete)
        await self._listed.fitted(asked.securities, complete=query.complete)
        rows = tuple(self._row(one, days) for one in asked.securities)
        return VolatilityIndexTable(
            source=self._state.health.traits.source,
            as_of=max((row.as_of for row in rows), default=UtcNanos(0)),
            rows=rows,
            unknown=asked.unknown,
        )

    def _row(self, security: Security, days: tuple[int, ...]) -> VolatilityIndex:
        surface = self._coordinates.surface(security.symbol)
        prints = [self._print(security.symbol, one) for one in days]
        fitted = [one for one in surface.slices if one.model is not SliceModel.NONE] if surface is not None else []
        values = [constant_maturity(surface.maturities, "variance_iv", one, variance=True) if surface else nan for one in days]
        at_forward = [constant_maturity(surface.maturities, "atm_iv", one, variance=True) if surface else nan for one in days]
        return VolatilityIndex(
            symbol=security.symbol,
            state=self._state.health.state,
            as_of=surface.as_of if surface is not None else UtcNanos(0),
            days=longs(days),
            value=floats(values),
            atm_iv=floats(at_forward),
            flags=flags([_flag(surface, one, value) for one, value in zip(days, values, strict=True)]),
            official=tuple(one.name for one in prints),
            printed=floats([one.value for one in prints]),
            printed_at=longs([one.at for one in prints]),
            expiry_days=floats([one.years * 365.0 for one in fitted]),
            expiry_iv=floats([one.atm_iv for one in fitted]),
            refusal=_refusal(surface, fitted, days, known=bool(np.isfinite(values).any())),
        )

    def _print(self, symbol: Symbol, days: int) -> Print:
        name = PUBLISHED.get(symbol, {}).get(days, "")
        if not name or self._state.instruments.security(Symbol(name)) is None:
            return Print(name)
        self._state.wanted.ask(Symbol(name))
        number = self._state.instruments.number(Symbol(name))
        at = UtcNanos(int(self._state.market.symbol_quoted_at[number]))
        return Print(name, float(self._state.market.spot[number]) / 100.0, at)


def _flag(surface: VolatilitySurface | None, days: int, value: float) -> MaturityFlag:
    if surface is None:
        return MaturityFlag.UNKNOWN
    known = [one.years * 365.0 for one in surface.slices if one.model is not SliceModel.NONE]
    if not np.isfinite(value):
        outside = bool(known) and not known[0] <= days <= known[-1]
        return MaturityFlag.EXTRAPOLATED if outside else MaturityFlag.UNKNOWN
    return MaturityFlag.LISTED if any(abs(one - days) <= LISTED_DAYS for one in known) else MaturityFlag.INTERPOLATED


def _refusal(surface: VolatilitySurface | None, fitted: list[SurfaceSlice], days: tuple[int, ...], *, known: bool) -> str:
    if surface is None:
        return "its surface is not fitted yet: names nobody looks at are fitted in turn"
    if not fitted:
        return "no expiry of it could be fitted"
    if known:
        return ""
    if not any(fitted[0].years * 365.0 <= one <= fitted[-1].years * 365.0 for one in days):
        return "no maturity asked for lies between two fitted expiries"
    return "its smiles rise so steeply beyond the quoted strikes that what replicates a variance has no end at the maturities asked for"
