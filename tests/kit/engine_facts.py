"""The engine's own figures for tests: status, feed quality, settings, plugins and watchlists at the frozen instant of the facts."""

from typing import Any

from msgspec.structs import replace

from engine.domain.columns import floats, longs
from engine.domain.ids import RunId, Symbol, UtcNanos
from engine.domain.instants import MINUTE_NS, SECOND_NS
from engine.domain.market import FeedState
from engine.messages.queries import (
    DatabaseInfo,
    EngineRole,
    EngineStatus,
    FeedQuality,
    PluginInfo,
    PluginList,
    SettingTable,
    SettingValue,
    StoreStatus,
    SymbolQuality,
    TableInfo,
    Watchlist,
    WatchlistSet,
)
from tests.kit.facts import NOW, SOURCE, SYMBOLS, at


def store_status(**changes: Any) -> StoreStatus:
    """A recorder that keeps up."""
    return replace(
        StoreStatus(
            path="~/.local/share/optix/sim/market.duckdb",
            healthy=True,
            trouble="",
            rows_written=4_182_330,
            batches_written=9_214,
            last_write_at=UtcNanos(NOW - 400_000_000),
            size_bytes=312_475_648,
            budget_bytes=1_073_741_824,
            queue_rows=1_204,
            shed_rows=0,
        ),
        **changes,
    )


def status(state: FeedState = FeedState.LIVE, **changes: Any) -> EngineStatus:
    """An engine that hosts the simulated market."""
    return replace(
        EngineStatus(
            version="0.1.0",
            run=RunId("20261119T143000-5f3a"),
            role=EngineRole.OWNER,
            pid=41_207,
            source=SOURCE,
            simulated=True,
            own_clock=True,
            delayed_minutes=0.0,
            feed_state=state,
            feed_reason="" if state is FeedState.LIVE else "no data for 42 s",
            feed_note="seed 7, start 2026-11-19 10:00 New York",
            speed=1.0,
            market_time=NOW,
            wall_time=UtcNanos(NOW + 3 * SECOND_NS),
            started_at=UtcNanos(NOW - 272 * MINUTE_NS),
            default_symbol=Symbol("SPY"),
            store=store_status(),
            instruments=12_846,
            updates=28_411_903,
            updates_per_second=9_874.0,
            loop_lag_ms=1.8,
            cpu_seconds=1_432.6,
            resident_bytes=184_549_376,
            watchers=2,
            numeric_tier="numba",
            threads=5,
            recording_to="",
        ),
        **changes,
    )


_DOUBTFUL: dict[str, tuple[int, int, int, int, int, int, int]] = {
    # contracts, no bid, no ask, locked, crossed, wide, stale
    "SPX": (5_214, 214, 0, 6, 2, 38, 11),
    "SPY": (2_446, 96, 0, 3, 0, 12, 0),
    "QQQ": (1_988, 71, 0, 1, 0, 9, 0),
    "IWM": (1_210, 64, 0, 0, 0, 21, 4),
    "VIX": (402, 18, 0, 0, 0, 3, 0),
    "NVDA": (388, 12, 0, 0, 1, 4, 0),
    "TSLA": (376, 9, 0, 0, 0, 6, 0),
    "BTC": (212, 22, 1, 0, 0, 17, 3),
}


def symbol_quality(symbol: str = "SPX", **changes: Any) -> SymbolQuality:
    """How one name's options are quoted."""
    contracts, no_bid, no_ask, locked, crossed, wide, stale = _DOUBTFUL.get(symbol, (100, 4, 0, 0, 0, 2, 0))
    return replace(
        SymbolQuality(
            symbol=Symbol(symbol),
            contracts=contracts,
            two_sided=contracts - no_bid - no_ask,
            no_bid=no_bid,
            no_ask=no_ask,
            locked=locked,
            crossed=crossed,
            wide=wide,
            stale=stale,
            malformed=0,
            below_intrinsic=contracts // 400,
            median_age=round(0.2 + 300 / contracts, 2),
            oldest_age=round(4 + stale * 7.3, 1),
            updates=contracts * 912,
        ),
        **changes,
    )


def quality(state: FeedState = FeedState.LIVE, **changes: Any) -> FeedQuality:
    """What DATA shows of a feed."""
    return replace(
        FeedQuality(
            source=SOURCE,
            state=state,
            reason="" if state is FeedState.LIVE else "no data for 42 s",
            since=at(10, 0),
            last_event_at=UtcNanos(NOW - (30_000_000 if state is FeedState.LIVE else 42 * SECOND_NS)),
            updates_per_second=9_874.0 if state is FeedState.LIVE else 0.0,
            batches=163_204,
            rows=28_411_903,
            dropped_rows=17,
            lag_edges_ms=floats([0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000]),
            lag_counts=longs([820, 4_310, 9_920, 7_215, 2_402, 911, 322, 96, 31, 8, 1]),
            symbols=tuple(symbol_quality(symbol) for symbol in _DOUBTFUL),
            gaps=("13:07:41 for 6.2 s: no data", "10:00:00 started"),
        ),
        **changes,
    )


def plugins() -> PluginList:
    """The shipped feeds, and a stranger's that is not allowed."""

    def one(name: str, title: str, **changes: Any) -> PluginInfo:
        return replace(
            PluginInfo(
                name=name,
                role="feed",
                title=title,
                summary=f"{title}.",
                distribution="optix",
                shipped=True,
                allowed=True,
                usable=True,
                trouble="",
                takes_argument="",
                simulated=False,
                delayed_minutes=0.0,
            ),
            **changes,
        )

    return PluginList(
        plugins=(
            one("synthetic", "Simulated market", simulated=True),
            one("cboe", "Cboe delayed quotes", delayed_minutes=15.0),
            one("file", "Chain file", takes_argument="a path"),
            one("tape", "Recorded tape", takes_argument="a path"),
            one(
                "northwind",
                "Northwind live",
                distribution="optix-northwind",
                shipped=False,
                allowed=False,
                usable=False,
                trouble="not allowed: add it to plugins.allow",
            ),
        )
    )


def settings() -> SettingTable:
    """Settings of several kinds and origins."""

    def one(key: str, value: Any, default: Any, origin: str, unit: str, what: str) -> SettingValue:
        return SettingValue(key=key, value=value, default=default, origin=origin, unit=unit, what=what)

    return SettingTable(
        path="~/.config/optix/config.toml",
        settings=(
            one("terminal.theme", "amber", "amber", "default", "", "colours of the terminal; one of amber, graphite, paper, cvd"),
            one(
                "terminal.chain_hertz",
                4.0,
                10.0,
                "environment OPTIX_TERMINAL__CHAIN_HERTZ",
                "Hz",
                "repaints of the chain a second; a number from 1 to 20 (Hz)",
            ),
            one("terminal.up_is_red", False, False, "default", "", "rising prices are red, as in Asia; true or false"),
            one(
                "storage.budget_gb",
                8.0,
                5.0,
                "file ~/.config/optix/config.toml",
                "GB",
                "size at which old history is thinned out; a number from 0.1 to 1000 (GB)",
            ),
            one(
                "quality.wide_fraction",
                0.25,
                0.25,
                "default",
                "of the mid",
                "spread from which a quote counts as wide; a number from 0.01 to 10 (of the mid)",
            ),
            one("plugins.allow", (), (), "default", "", "plugins of others that may be loaded; a list of names"),
        ),
    )


def watchlists() -> WatchlistSet:
    """Two lists."""
    return WatchlistSet(
        lists=(
            Watchlist(name="Main", symbols=SYMBOLS),
            Watchlist(name="Megacaps", symbols=tuple(Symbol(name) for name in ("AAPL", "NVDA", "TSLA", "MSFT", "AMZN", "META"))),
        )
    )


def database(**changes: Any) -> DatabaseInfo:
    """A store with a morning in it."""
    return replace(
        DatabaseInfo(
            path="~/.local/share/optix/sim/market.duckdb",
            store="sim",
            schema_version=1,
            size_bytes=312_475_648,
            archive_bytes=41_943_040,
            budget_bytes=1_073_741_824,
            tables=(
                TableInfo(name="quotes", rows=3_904_112, first_at=at(10, 0), last_at=NOW),
                TableInfo(name="trades", rows=184_022, first_at=at(10, 0), last_at=NOW),
                TableInfo(name="bars", rows=94_196, first_at=at(10, 0), last_at=NOW),
            ),
            runs=3,
        ),
        **changes,
    )
