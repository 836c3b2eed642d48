"""What an option root stands for: underlying, settlement, style, multiplier, price steps.

The table is small because most roots are plain stocks.
"""

from datetime import date, timedelta

from msgspec import Struct

from engine.domain.calendar import last_trade_instant, settlement_day, settlement_instant, third_friday
from engine.domain.ids import Symbol
from engine.domain.instruments import (
    AssetKind,
    Market,
    OptionSeries,
    Security,
    SessionName,
    SettledIn,
    Settlement,
    Style,
    TickRule,
    series_id,
)

PENNY = TickRule(small=0.01, large=0.01, threshold=3.0)
"""The widest classes (SPY, QQQ, IWM): a cent at any price."""
PENNY_NICKEL = TickRule(small=0.01, large=0.05, threshold=3.0)
"""The penny interval program: 0.01 below 3.00, 0.05 from there."""
NICKEL_DIME = TickRule(small=0.05, large=0.10, threshold=3.0)
"""Index options and stocks outside that program: 0.05 below 3.00, 0.10 from there."""
COIN = TickRule(small=0.0001, large=0.0005, threshold=0.005)
"""Deribit's BTC and ETH options, in coin: 0.0001 below 0.005, 0.0005 from there."""

PENNY_CLASSES = frozenset({"SPY", "QQQ", "IWM"})


class RootTerms(Struct, frozen=True, kw_only=True):
    """The terms all series of one root share."""

    root: str
    underlying: Symbol
    settlement: Settlement
    style: Style
    settled_in: SettledIn
    multiplier: float
    currency: str
    tick_rule: TickRule
    session: SessionName
    inverse: bool = False
    adjusted: bool = False
    deliverable: str = ""


def _index(root: str, underlying: str, settlement: Settlement, style: Style = Style.EUROPEAN, tick: TickRule = NICKEL_DIME) -> RootTerms:
    return RootTerms(
        root=root,
        underlying=Symbol(underlying),
        settlement=settlement,
        style=style,
        settled_in=SettledIn.CASH,
        multiplier=100.0,
        currency="USD",
        tick_rule=tick,
        session=SessionName.CBOE_INDEX,
    )


def _coin(root: str) -> RootTerms:
    return RootTerms(
        root=root,
        underlying=Symbol(root),
        settlement=Settlement.UTC8,
        style=Style.EUROPEAN,
        settled_in=SettledIn.COIN,
        multiplier=1.0,
        currency=root,
        tick_rule=COIN,
        session=SessionName.CRYPTO,
        inverse=True,
    )


_KNOWN: dict[str, RootTerms] = {
    terms.root: terms
    for terms in (
        _index("SPX", "SPX", Settlement.AM),
        _index("SPXW", "SPX", Settlement.PM),
        _index("XSP", "XSP", Settlement.PM, tick=PENNY),
        _index("XSPW", "XSP", Settlement.PM, tick=PENNY),
        _index("NDX", "NDX", Settlement.AM),
        _index("NDXP", "NDX", Settlement.PM),
        _index("XND", "XND", Settlement.PM, tick=PENNY_NICKEL),
        _index("RUT", "RUT", Settlement.AM),
        _index("RUTW", "RUT", Settlement.PM),
        _index("MRUT", "MRUT", Settlement.PM, tick=PENNY_NICKEL),
        _index("DJX", "DJX", Settlement.AM, tick=PENNY_NICKEL),
        _index("OEX", "OEX", Settlement.PM, Style.AMERICAN),
        _index("XEO", "OEX", Settlement.PM),
        _index("VIX", "VIX", Settlement.AM, tick=PENNY_NICKEL),
        _index("VIXW", "VIX", Settlement.AM, tick=PENNY_NICKEL),
        _coin("BTC"),
        _coin("ETH"),
    )
}

_SECURITIES: dict[str, tuple[str, AssetKind]] = {
    **{
        symbol: (name, AssetKind.INDEX)
        for symbol, name in {
            "SPX": "S&P 500 Index",
            "XSP": "Mini-SPX Index",
            "NDX": "Nasdaq-100 Index",
            "XND": "Micro Nasdaq-100 Index",
            "RUT": "Russell 2000 Index",
            "MRUT": "Mini-Russell 2000 Index",
            "DJX": "Dow Jones Industrial Average, 1/100",
            "OEX": "S&P 100 Index",
            "VIX": "Cboe Volatility Index",
        }.items()
    },
    **{
        symbol: (name, AssetKind.ETF)
        for symbol, name in {
            "SPY": "SPDR S&P 500 ETF Trust",
            "QQQ": "Invesco QQQ Trust",
            "IWM": "iShares Russell 2000 ETF",
            "DIA": "SPDR Dow Jones Industrial Average ETF",
            "GLD": "SPDR Gold Shares",
            "SLV": "iShares Silver Trust",
            "TLT": "iShares 20+ Year Treasury Bond ETF",
            "EEM": "iShares MSCI Emerging Markets ETF",
            "XLE": "Energy Select Sector SPDR Fund",
            "XLF": "Financial Select Sector SPDR Fund",
            "XLK": "Technology Select Sector SPDR Fund",
            "HYG": "iShares iBoxx High Yield Corporate Bond ETF",
        }.items()
    },
    **{
        symbol: (name, AssetKind.STOCK)
        for symbol, name in {
            "AAPL": "Apple Inc",
            "MSFT": "Microsoft Corp",
            "NVDA": "NVIDIA Corp",
            "TSLA": "Tesla Inc",
            "AMZN": "Amazon.com Inc",
            "META": "Meta Platforms Inc",
            "GOOG": "Alphabet Inc C",
            "GOOGL": "Alphabet Inc A",
            "AMD": "Advanced Micro Devices Inc",
            "NFLX": "Netflix Inc",
            "JPM": "JPMorgan Chase & Co",
            "BAC": "Bank of America Corp",
            "XOM": "Exxon Mobil Corp",
            "KO": "Coca-Cola Co",
            "JNJ": "Johnson & Johnson",
            "WMT": "Walmart Inc",
            "DIS": "Walt Disney Co",
            "BA": "Boeing Co",
            "INTC": "Intel Corp",
            "COIN": "Coinbase Global Inc",
        }.items()
    },
    "BTC": ("Bitcoin", AssetKind.CRYPTO),
    "ETH": ("Ether", AssetKind.CRYPTO),
}

_MARKETS = {
    AssetKind.INDEX: Market.INDEX,
    AssetKind.CRYPTO: Market.CURRENCY,
    AssetKind.FUTURE: Market.COMMODITY,
    AssetKind.STOCK: Market.EQUITY,
    AssetKind.ETF: Market.EQUITY,
}
_SESSIONS = {AssetKind.INDEX: SessionName.CBOE_INDEX, AssetKind.CRYPTO: SessionName.CRYPTO}


def root_terms(root: str) -> RootTerms:
    """The terms of a root: from the table, or those of American, physically settled options on a stock.

    A trailing digit marks an adjusted root (``AAPL1``): its deliverable is not 100 plain shares and has to be looked up.
    """
    root = root.upper()
    if root in _KNOWN:
        return _KNOWN[root]
    plain = root.rstrip("0123456789")
    adjusted = bool(plain) and plain != root
    return RootTerms(
        root=root,
        underlying=Symbol(plain or root),
        settlement=Settlement.PM,
        style=Style.AMERICAN,
        settled_in=SettledIn.SHARES,
        multiplier=100.0,
        currency="USD",
        tick_rule=PENNY if root in PENNY_CLASSES else PENNY_NICKEL,
        session=SessionName.NYSE,
        adjusted=adjusted,
        deliverable=f"adjusted: see the clearing house's memo for {root}" if adjusted else "",
    )


def _is_standard(expiry: date) -> bool:
    """Whether a date is a standard monthly one: the third Friday, the session before it where that is a holiday, or the Saturday of old."""
    friday = third_friday(expiry.year, expiry.month)
    return expiry in {friday, settlement_day(friday), friday + timedelta(days=1)}


def make_series(
    *,
    root: str,
    expiry: date,
    underlying: Symbol | None = None,
    settlement: Settlement | None = None,
    tick_rule: TickRule | None = None,
    weekly: bool | None = None,
) -> OptionSeries:
    """A series of a root on a date; what is not said follows from the root."""
    terms = root_terms(root)
    settlement = settlement or terms.settlement
    if weekly is None:
        weekly = settlement is not Settlement.UTC8 and not _is_standard(expiry)
    return OptionSeries(
        id=series_id(terms.root, expiry, settlement),
        underlying=underlying or terms.underlying,
        root=terms.root,
        expiry=expiry,
        settlement=settlement,
        style=terms.style,
        settled_in=terms.settled_in,
        multiplier=terms.multiplier,
        currency=terms.currency,
        tick_rule=tick_rule or terms.tick_rule,
        settles_at=settlement_instant(terms.root, expiry, settlement),
        last_trade_at=last_trade_instant(terms.root, expiry, settlement),
        inverse=terms.inverse,
        weekly=weekly,
        adjusted=terms.adjusted,
        deliverable=terms.deliverable,
    )


def make_security(symbol: str, *, name: str = "", kind: AssetKind | None = None, sector: str = "") -> Security:
    """A security by its symbol; an unknown one is taken for a stock of that name."""
    symbol = symbol.upper()
    known_name, known_kind = _SECURITIES.get(symbol, (symbol, AssetKind.STOCK))
    kind = kind or known_kind
    return Security(
        symbol=Symbol(symbol),
        name=name or known_name,
        kind=kind,
        market=_MARKETS[kind],
        session=_SESSIONS.get(kind, SessionName.NYSE),
        tick=0.5 if symbol == "BTC" else 0.05 if symbol == "ETH" else 0.01,
        tradable=kind is not AssetKind.INDEX,
        sector=sector,
    )
