"""What each message is tried with: at least one case a message, among them the ones that are refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from engine.domain.flow import FlowRight, parse_filter
from engine.domain.ids import SeriesId, Symbol, UtcNanos
from engine.domain.instruments import Style
from engine.domain.marks import BreachBasis, BreachRule, BreachSide
from engine.domain.volatility import SurfaceModel
from engine.messages.base import Event
from engine.messages.breaches import (
    BreachHappened,
    DeleteBreachRule,
    GetBreaches,
    GetBreachRules,
    SaveBreachRule,
    TryBreachRule,
)
from engine.messages.commands import (
    BackupDatabase,
    DeleteWatchlist,
    ExportDatabase,
    ImportChain,
    SaveWatchlist,
    SetSetting,
    SetSpeed,
    StartRecording,
    StopEngine,
    StopRecording,
    VacuumDatabase,
)
from engine.messages.compass import GetCompass, GetVolatilityIndices
from engine.messages.events import (
    BarsChanged,
    ChainChanged,
    EngineChanged,
    ExpirationsChanged,
    FeedQualityChanged,
    FittedChainChanged,
    NoticeLevel,
    NoticePosted,
    QuoteChanged,
    StatusChanged,
    TradesChanged,
    UniverseChanged,
    WatcherCutOff,
)
from engine.messages.exposure import (
    ExposureConvention,
    ExposureCount,
    ExposureGreek,
    ExposureSigns,
    ExposureUnit,
    GetExposure,
    GetExposureMarks,
)
from engine.messages.flow import ActiveBy, GetFlow, GetMostActive, GetOpenInterestMap
from engine.messages.measures import GetMeasures, ImportSeries
from engine.messages.queries import (
    FindSecurities,
    GetBars,
    GetChain,
    GetContract,
    GetDatabaseInfo,
    GetExpirations,
    GetFeedQuality,
    GetQuotes,
    GetSecurity,
    GetSettings,
    GetSnapshots,
    GetStatus,
    GetTrades,
    GetVolatilityHistory,
    GetWatchlists,
    ListPlugins,
)
from engine.messages.realized import GetCorrelation, GetForecasts, GetRealized
from engine.messages.surface import GetStoredHours, GetStoredSurfaces, GetSurface, GetSurfaceTimes
from engine.messages.valuation import CashDividend, GetValuation, GetValuationMatrix, SolvedFrom, SoughtInput, ValuationTerms
from tests.kit import engine_facts, exposure_facts, facts, flow_facts, marks, surface_facts
from tests.kit.chainfiles import cboe_json
from tests.kit.market import NOON

SPY, NONE, STOCK = Symbol("SPY"), Symbol("NOSUCH"), Symbol("AAPL")
INVERTED = BreachRule(name="Inverted", measure="TERM:30:90", side=BreachSide.BELOW, basis=BreachBasis.VALUE, threshold=-0.01, release=0.0)
VALUED = ValuationTerms(underlying=100.0, strike=105.0, days=90.0, rate=0.04, volatility=0.22)
Script = Callable[[Path], list[Any]]
"""Messages to send one after the other, files in a folder of its own."""


def chain_file(home: Path) -> str:
    """A chain file of our own making."""
    path = home / "chain.json"
    path.write_bytes(cboe_json())
    return str(path)


def series_file(home: Path) -> str:
    """A daily series of our own making, in the form of a published index."""
    path = home / "series.csv"
    path.write_text("DATE,OPEN,HIGH,LOW,CLOSE\n11/18/2026,16.0,17.0,15.5,16.5\n11/19/2026,16.5,16.9,16.0,16.25\n")
    return str(path)


QUERY_CASES: dict[str, Script] = {
    "GetStatus": lambda _: [GetStatus()],
    "ListPlugins": lambda _: [ListPlugins()],
    "GetQuotes": lambda _: [GetQuotes(), GetQuotes(symbols=(STOCK, NONE, SPY)), GetQuotes(symbols=(Symbol("spy"),))],
    "FindSecurities": lambda _: [FindSecurities(), FindSecurities(text="sp"), FindSecurities(text="zzz"), FindSecurities(limit=1)],
    "GetSecurity": lambda _: [GetSecurity(symbol=name) for name in (SPY, Symbol(" spy "), NONE, Symbol(""))],
    "GetExpirations": lambda _: [GetExpirations(symbol=name) for name in (SPY, STOCK, NONE, Symbol(""))],
    "GetChain": lambda _: [
        GetChain(symbol=SPY),
        GetChain(symbol=SPY, everything=True),
        GetChain(symbol=SPY, fit_greeks=True),
        GetChain(symbol=SPY, series=(SeriesId("SPY/2026-12-18/PM"),)),
        GetChain(symbol=SPY, series=(SeriesId("SPY/1999-01-01/PM"),)),
        GetChain(symbol=STOCK),
        GetChain(symbol=NONE),
    ],
    "GetContract": lambda _: [
        GetContract(text=text) for text in ("SPY   261218C00600000", "spy 600p dec18", "spy 601c dec18", "spy 600c dec19", "", "?")
    ],
    "GetBars": lambda _: [
        GetBars(symbol=SPY),
        GetBars(symbol=SPY, seconds=60, limit=5),
        GetBars(symbol=SPY, seconds=300, until=UtcNanos(NOON - 3_600 * 10**9)),
        GetBars(symbol=SPY, seconds=86_400),
        GetBars(symbol=SPY, seconds=7),
        GetBars(symbol=NONE),
    ],
    "GetVolatilityHistory": lambda _: [GetVolatilityHistory(symbol=SPY, sessions=20), GetVolatilityHistory(symbol=NONE)],
    "GetTrades": lambda _: [GetTrades(symbol=SPY), GetTrades(symbol=SPY, options_only=False, limit=1), GetTrades(symbol=NONE)],
    "GetFeedQuality": lambda _: [GetFeedQuality()],
    "GetWatchlists": lambda _: [GetWatchlists()],
    "GetDatabaseInfo": lambda _: [GetDatabaseInfo()],
    "GetSnapshots": lambda _: [GetSnapshots(), GetSnapshots(symbol=SPY, limit=3)],
    "GetMeasures": lambda _: [
        GetMeasures(symbol=SPY),
        GetMeasures(symbol=SPY, measures=("ATM:30", "rv:30", "vrp:30", "gex"), limit=5, window=100),
        GetMeasures(symbol=SPY, measures=("atm",)),
        GetMeasures(symbol=SPY, limit=0),
        GetMeasures(symbol=NONE),
    ],
    "GetSettings": lambda _: [GetSettings()],
    "GetRealized": lambda _: [
        GetRealized(symbol=SPY),
        GetRealized(symbol=SPY, windows=(5, 20), rolling=(), corrected=True),
        GetRealized(symbol=SPY, windows=(1,)),
        GetRealized(symbol=NONE),
    ],
    "GetForecasts": lambda _: [GetForecasts(symbol=SPY), GetForecasts(symbol=SPY, horizon=0), GetForecasts(symbol=NONE)],
    "GetCorrelation": lambda _: [
        GetCorrelation(symbols=(SPY, STOCK, NONE)),
        GetCorrelation(symbols=(SPY, STOCK), window=30, lag=1, pair=(SPY, STOCK)),
        GetCorrelation(symbols=(NONE,)),
        GetCorrelation(symbols=()),
    ],
    "GetFlow": lambda _: [
        GetFlow(),
        GetFlow(symbol=SPY, filtered=parse_filter("otm >=50k"), limit=5),
        GetFlow(symbol=SPY, recorded=True),
        GetFlow(recorded=True),
        GetFlow(symbol=NONE),
    ],
    "GetMostActive": lambda _: [
        GetMostActive(),
        GetMostActive(symbol=SPY, by=ActiveBy.OI_CHANGE, limit=3),
        GetMostActive(symbol=SPY, by=ActiveBy.VOLUME_OVER_OI, right=FlowRight.PUTS),
        GetMostActive(symbol=NONE),
    ],
    "GetOpenInterestMap": lambda _: [GetOpenInterestMap(symbol=name) for name in (SPY, STOCK, NONE, Symbol(""))],
    "GetSurfaceTimes": lambda _: [
        GetSurface(symbol=SPY),
        GetSurfaceTimes(symbol=SPY),
        GetSurfaceTimes(symbol=Symbol("spy"), since=UtcNanos(NOON - 3_600 * 10**9), until=UtcNanos(NOON), limit=10),
        GetSurfaceTimes(symbol=NONE),
    ],
    "GetStoredHours": lambda _: [
        GetSurface(symbol=SPY),
        GetStoredHours(symbol=SPY),
        GetStoredHours(symbol=Symbol("spy"), since=UtcNanos(NOON - 3_600 * 10**9), until=UtcNanos(NOON)),
        GetStoredHours(symbol=NONE),
    ],
    "GetStoredSurfaces": lambda _: [
        GetSurface(symbol=SPY),
        GetStoredSurfaces(symbol=SPY, model=SurfaceModel.SVI, since=UtcNanos(NOON - 3_600 * 10**9), until=UtcNanos(NOON + 3_600 * 10**9)),
        GetStoredSurfaces(symbol=SPY, model=SurfaceModel.ESSVI, since=UtcNanos(NOON), until=UtcNanos(NOON + 1), limit=1),
        GetStoredSurfaces(symbol=SPY, model=SurfaceModel.SVI, since=UtcNanos(NOON), until=UtcNanos(NOON)),
        GetStoredSurfaces(symbol=NONE, model=SurfaceModel.SVI, since=UtcNanos(NOON), until=UtcNanos(NOON + 1)),
    ],
    "GetExposureMarks": lambda _: [
        GetExposure(symbol=SPY),
        GetExposureMarks(symbol=SPY),
        GetExposureMarks(symbol=SPY, since=UtcNanos(NOON), limit=1),
        GetExposureMarks(symbol=NONE),
    ],
    "GetSurface": lambda _: [
        GetSurface(symbol=SPY),
        GetSurface(symbol=SPY, model=SurfaceModel.ESSVI),
        GetSurface(symbol=SPY, at=UtcNanos(NOON - 3_600 * 10**9)),
        GetSurface(symbol=STOCK),
        GetSurface(symbol=NONE),
    ],
    "GetExposure": lambda _: [
        GetExposure(symbol=SPY),
        GetExposure(
            symbol=SPY,
            convention=ExposureConvention(
                greek=ExposureGreek.CHARM,
                unit=ExposureUnit.SHARES_PER_POINT,
                signs=ExposureSigns.UNSIGNED,
                counted=ExposureCount.VOLUME,
                half=True,
                without_boxes=False,
            ),
        ),
        GetExposure(symbol=SPY, series=("SPY/2026-12-18/PM",)),
        GetExposure(symbol=SPY, series=("SPY/2020-12-18/PM",)),
        GetExposure(symbol=STOCK),
        GetExposure(symbol=NONE),
    ],
}

QUERY_CASES |= {
    "GetBreaches": lambda _: [
        GetBreaches(),
        GetBreaches(symbol=SPY, rule="Term inverted", since=UtcNanos(NOON)),
        GetBreaches(symbol=NONE),
        GetBreaches(limit=0),
    ],
    "GetBreachRules": lambda _: [GetBreachRules(), GetBreachRules(symbol=SPY), GetBreachRules(symbol=NONE)],
    "TryBreachRule": lambda _: [
        TryBreachRule(symbol=SPY, rule=INVERTED),
        TryBreachRule(symbol=NONE, rule=INVERTED),
        TryBreachRule(symbol=SPY, rule=BreachRule(name="None such", measure="gamma")),
    ],
    "GetCompass": lambda _: [
        GetCompass(),
        GetCompass(symbols=(STOCK, NONE, SPY), complete=True),
        GetCompass(symbols=(SPY,), window=20),
        GetCompass(window=0),
    ],
    "GetVolatilityIndices": lambda _: [
        GetVolatilityIndices(complete=True),
        GetVolatilityIndices(symbols=(SPY, NONE), days=(30, 9)),
        GetVolatilityIndices(days=()),
    ],
    "GetValuation": lambda _: [
        GetValuation(terms=VALUED),
        GetValuation(terms=replace(VALUED, style=Style.AMERICAN, price=4.5), unknown=SoughtInput.VOLATILITY),
        GetValuation(terms=replace(VALUED, delta=0.25), unknown=SoughtInput.STRIKE, solved_from=SolvedFrom.DELTA),
        GetValuation(terms=replace(VALUED, dividends=(CashDividend(days=30.0, amount=0.5),))),
        GetValuation(terms=replace(VALUED, volatility=20.0)),
    ],
    "GetValuationMatrix": lambda _: [
        GetValuationMatrix(terms=VALUED, underlyings=(95.0, 100.0), volatilities=(0.1, 0.2, 0.3)),
        GetValuationMatrix(terms=VALUED, underlyings=(95.0, 100.0), days=(90.0, 0.0)),
        GetValuationMatrix(terms=VALUED, underlyings=()),
    ],
}

COMMAND_CASES: dict[str, Script] = {
    "SaveWatchlist": lambda _: [
        SaveWatchlist(name="Mine", symbols=(SPY, STOCK), columns=("iv30",)),
        GetWatchlists(),
        SaveWatchlist(name="", symbols=(SPY,)),
    ],
    "DeleteWatchlist": lambda _: [
        SaveWatchlist(name="Mine", symbols=(SPY,)),
        DeleteWatchlist(name="Mine"),
        DeleteWatchlist(name="Mine"),
        GetWatchlists(),
    ],
    "StartRecording": lambda home: [
        StartRecording(path=str(home / "a.tape")),
        StartRecording(path=str(home / "b.tape")),
        StopRecording(),
        StartRecording(path=str(home / "a.tape")),
        StartRecording(path=str(home / "no" / "such" / "folder.tape")),
    ],
    "StopRecording": lambda home: [StopRecording(), StartRecording(path=str(home / "a.tape")), StopRecording(), GetStatus()],
    "SetSpeed": lambda _: [SetSpeed(factor=2.0), SetSpeed(factor=float("nan")), SetSpeed(factor=0.0)],
    "ImportChain": lambda home: [
        ImportChain(path=chain_file(home)),
        ImportChain(path=chain_file(home)),
        ImportChain(path=str(home / "absent.json")),
    ],
    "ImportSeries": lambda home: [
        ImportSeries(path=series_file(home), symbol="VIX"),
        ImportSeries(path=series_file(home), symbol="VIX"),
        ImportSeries(path=series_file(home)),
        ImportSeries(path=str(home / "absent.csv"), symbol="VIX"),
    ],
    "VacuumDatabase": lambda _: [VacuumDatabase()],
    "ExportDatabase": lambda home: [ExportDatabase(path=str(home / "out")), ExportDatabase(path=str(home / "out"))],
    "BackupDatabase": lambda home: [BackupDatabase(path=str(home / "copy.duckdb")), BackupDatabase(path=str(home / "copy.duckdb"))],
    "SetSetting": lambda _: [
        SetSetting(key="terminal.theme", value="paper"),
        SetSetting(key="terminal.theme", value="mauve"),
        SetSetting(key="terminal.theem", value="paper"),
        GetSettings(),
    ],
    "StopEngine": lambda _: [StopEngine()],
    "SaveBreachRule": lambda _: [
        SaveBreachRule(rule=INVERTED),
        GetBreachRules(symbol=SPY),
        SaveBreachRule(rule=BreachRule(name="", measure="atm:30")),
        SaveBreachRule(rule=BreachRule(name="Flip", measure="flip")),
    ],
    "DeleteBreachRule": lambda _: [
        SaveBreachRule(rule=INVERTED),
        DeleteBreachRule(name="Inverted"),
        DeleteBreachRule(name="Inverted"),
        GetBreachRules(symbol=SPY),
    ],
}


def _pair(one: Event, other: Event) -> tuple[Event, Event]:
    return one, other


EVENT_CASES: dict[str, tuple[Event, Event]] = {
    "ChainChanged": _pair(ChainChanged(slice=facts.slice_of()), ChainChanged(slice=facts.slice_of())),
    "FittedChainChanged": _pair(FittedChainChanged(slice=facts.slice_of()), FittedChainChanged(slice=facts.slice_of())),
    "ExpirationsChanged": _pair(ExpirationsChanged(table=facts.expirations()), ExpirationsChanged(table=facts.expirations())),
    "QuoteChanged": _pair(QuoteChanged(quote=facts.quote("SPY", bid=1.0)), QuoteChanged(quote=facts.quote("SPY", bid=2.0))),
    "BarsChanged": _pair(BarsChanged(bars=facts.bars()), BarsChanged(bars=facts.bars())),
    "TradesChanged": _pair(TradesChanged(trades=facts.trades()), TradesChanged(trades=facts.trades())),
    "FeedQualityChanged": _pair(
        FeedQualityChanged(quality=engine_facts.quality()), FeedQualityChanged(quality=engine_facts.quality(batches=1))
    ),
    "StatusChanged": _pair(StatusChanged(status=engine_facts.status()), StatusChanged(status=engine_facts.status(pid=1))),
    "UniverseChanged": _pair(UniverseChanged(symbols=(SPY,)), UniverseChanged(symbols=(SPY, STOCK))),
    "NoticePosted": _pair(
        NoticePosted(at=UtcNanos(1), level=NoticeLevel.INFO, title="first"),
        NoticePosted(at=UtcNanos(2), level=NoticeLevel.ERROR, title="ü"),
    ),
    "WatcherCutOff": _pair(WatcherCutOff(missed=1), WatcherCutOff(missed=2)),
    "FlowChanged": _pair(flow_facts.changed("SPX"), flow_facts.changed("SPX", first=2_000)),
    "ExposureChanged": _pair(exposure_facts.changed("SPX"), exposure_facts.changed("SPX", net=1.0)),
    "SurfaceChanged": _pair(surface_facts.changed("SPX"), surface_facts.changed("SPX", lift=0.01)),
    "BreachHappened": _pair(BreachHappened(breach=marks.breach(at=1)), BreachHappened(breach=marks.breach(at=2))),
    "EngineChanged": _pair(EngineChanged(at=UtcNanos(1), text="first"), EngineChanged(at=UtcNanos(2), text="second")),
}
