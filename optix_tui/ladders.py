"""Expiries and strikes of the names that are being typed: asked of the engine once each, for the drop-down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.domain.errors import OptixError
from engine.domain.instants import new_york
from engine.messages.queries import GetChain, GetExpirations
from optix_tui.contract_hits import Being, Ladder
from optix_tui.function import later
from optix_tui.screens.omon.arguments import find_expiry

if TYPE_CHECKING:
    from engine.api import Engine
    from engine.domain.chain import SeriesSummary
    from engine.domain.ids import SeriesId, Symbol
    from optix_tui.app import OptixApp


class Ladders:
    """What the terminal knows of the contracts of the names that were typed."""

    def __init__(self, app: OptixApp) -> None:
        self._app = app
        self._expiries: dict[Symbol, tuple[SeriesSummary, ...]] = {}
        self._strikes: dict[SeriesId, tuple[float, ...]] = {}
        self._asked: set[str] = set()

    def find(self, being: Being) -> Ladder | None:
        """What is known now; what is missing is asked for, and the drop-down follows when it comes."""
        engine = self._app.session.engine
        summaries = self._expiries.get(being.symbol)
        if summaries is None:
            self._ask_once(engine, being.symbol, being)
            return None
        today = new_york(self._app.session.market_time()).date()
        ahead = [summary for summary in summaries if summary.series.expiry >= today]
        chosen = find_expiry(being.expiry, ahead) if being.expiry else None
        series = chosen or (ahead[0].series.id if ahead else None)
        if series is not None and series not in self._strikes:
            self._ask_once(engine, series, being)
        return Ladder(
            today=today,
            expiries=tuple(dict.fromkeys(summary.series.expiry for summary in ahead)),
            strikes=self._strikes.get(series, ()) if series is not None else (),
        )

    def forget(self) -> None:
        """Another engine, or other listings."""
        self._expiries.clear()
        self._strikes.clear()
        self._asked.clear()

    def _ask_once(self, engine: Engine | None, what: str, being: Being) -> None:
        if engine is None or what in self._asked:
            return
        self._asked.add(what)
        if what == being.symbol:
            self._app.run_worker(later(self._ask_expiries, engine, being.symbol), group="ladders")
        else:
            self._app.run_worker(later(self._ask_strikes, engine, being.symbol, what), group="ladders")

    async def _ask_expiries(self, engine: Engine, symbol: Symbol) -> None:
        try:
            self._expiries[symbol] = (await engine.ask(GetExpirations(symbol=symbol))).expiries
        except OptixError:
            self._expiries[symbol] = ()  # a name without options has nothing to offer; Enter says why
        self._app.bench.command.complete_again()

    async def _ask_strikes(self, engine: Engine, symbol: Symbol, series: SeriesId) -> None:
        try:
            chain = await engine.ask(GetChain(symbol=symbol, series=(series,)))
        except OptixError:
            return
        for piece in chain.slices:
            middle = piece.summary.spot if np.isfinite(piece.summary.spot) else piece.summary.forward
            nearest = np.argsort(np.abs(piece.strikes - middle), kind="stable")
            self._strikes[piece.summary.series.id] = tuple(piece.strikes[nearest].tolist())
        self._app.bench.command.complete_again()
