"""Who is in the simulated market and how each behaves. Tickers are real; every price, volatility and date here is invented."""

from engine.domain.errors import BadInput
from engine.domain.ids import Symbol
from plugins.synthetic.name import Dealing, Dividends, Earnings, Jumps, Ladder, Name, Surface

SPX, VIX = Symbol("SPX"), Symbol("VIX")

_SPX_SURFACE = Surface(near=0.138, far=0.168, rho=-0.70, eta=1.10, fast=0.55, slow=0.45, spot_volatility=-0.80)


def _stock(
    symbol: str,
    price: float,
    *,
    near: float,
    far: float,
    rho: float,
    market: float,
    sector: str,
    step: float,
    prints: float,
    open_interest: float,
    shares: float,
    earnings: Earnings,
    dividends: Dividends | None = None,
    spread: float = 2.0,
) -> Name:
    return Name(
        symbol=Symbol(symbol),
        price=price,
        roots=(symbol,),
        surface=Surface(near=near, far=far, rho=rho, eta=0.95, fast=0.32, slow=0.30, spot_volatility=-0.45),
        dealing=Dealing(
            spread=spread,
            size=90.0,
            prints=prints,
            lot=4.0,
            open_interest=open_interest,
            ticks_wide=1 if price < 300.0 else 3,
            shares=shares,
            share_prints=1.5,
        ),
        ladder=Ladder(step=step, widest=0.75),
        jumps=Jumps(rate=3.0, mean=-0.002, deviation=0.022),
        market=market,
        dividends=dividends,
        earnings=earnings,
        sector=sector,
    )


NAMES: tuple[Name, ...] = (
    Name(
        symbol=SPX,
        price=6_780.0,
        roots=("SPX", "SPXW"),
        surface=_SPX_SURFACE,
        dealing=Dealing(
            spread=1.0, size=60.0, prints=4.0, lot=3.0, open_interest=1.6e7, ticks_wide=60, shares=0.0, share_prints=0.0
        ),
        ladder=Ladder(step=5.0, widest=0.7),
        market=1.0,
        dividend_yield=0.013,
    ),
    Name(
        symbol=Symbol("SPY"),
        price=677.0,
        roots=("SPY",),
        surface=_SPX_SURFACE,
        dealing=Dealing(
            spread=1.0, size=320.0, prints=5.0, lot=8.0, open_interest=1.9e7, ticks_wide=1, shares=6.2e7, share_prints=3.0
        ),
        ladder=Ladder(step=1.0),
        market=1.0,
        dividends=Dividends(months=(3, 6, 9, 12), day=19, amount=1.83),
        follows=SPX,
        ratio=0.09978,
    ),
    Name(
        symbol=Symbol("QQQ"),
        price=612.0,
        roots=("QQQ",),
        surface=Surface(near=0.178, far=0.212, rho=-0.62, eta=1.08, fast=0.50, slow=0.42, spot_volatility=-0.75),
        dealing=Dealing(
            spread=1.2, size=220.0, prints=3.5, lot=7.0, open_interest=9.5e6, ticks_wide=1, shares=4.4e7, share_prints=2.5
        ),
        ladder=Ladder(step=1.0),
        market=0.93,
        market_jump=1.2,
        dividends=Dividends(months=(3, 6, 9, 12), day=22, amount=0.74),
    ),
    Name(
        symbol=Symbol("IWM"),
        price=246.0,
        roots=("IWM",),
        surface=Surface(near=0.195, far=0.225, rho=-0.56, eta=1.05, fast=0.45, slow=0.38, spot_volatility=-0.68),
        dealing=Dealing(
            spread=1.3, size=180.0, prints=1.4, lot=7.0, open_interest=6.1e6, ticks_wide=1, shares=2.9e7, share_prints=1.5
        ),
        ladder=Ladder(step=1.0),
        market=0.85,
        market_jump=1.2,
        dividends=Dividends(months=(3, 6, 9, 12), day=16, amount=0.62),
    ),
    Name(
        symbol=VIX,
        price=16.0,
        roots=("VIX", "VIXW"),
        surface=Surface(near=0.98, far=0.42, pull=3.0, rho=0.66, eta=1.05, fast=0.30, slow=0.22, spot_volatility=0.6),
        dealing=Dealing(spread=2.2, size=400.0, prints=0.9, lot=12.0, open_interest=8.4e6, ticks_wide=2, shares=0.0, share_prints=0.0),
        ladder=Ladder(step=0.5, widest=2.0),
        market=-0.7,
    ),
    _stock(
        "AAPL", 268.0, near=0.215, far=0.262, rho=-0.38, market=0.66, sector="Technology", step=2.5, prints=1.6, open_interest=5.2e6,
        shares=4.6e7, spread=1.6, earnings=Earnings(months=(1, 4, 7, 10), day=30, before_open=False, move=0.038),
        dividends=Dividends(months=(2, 5, 8, 11), day=10, amount=0.26),
    ),
    _stock(
        "MSFT", 512.0, near=0.195, far=0.245, rho=-0.40, market=0.70, sector="Technology", step=2.5, prints=1.0, open_interest=2.6e6,
        shares=2.1e7, earnings=Earnings(months=(1, 4, 7, 10), day=28, before_open=False, move=0.040),
        dividends=Dividends(months=(2, 5, 8, 11), day=20, amount=0.91),
    ),
    _stock(
        "NVDA", 187.0, near=0.375, far=0.425, rho=-0.22, market=0.68, sector="Technology", step=2.5, prints=2.8, open_interest=1.5e7,
        shares=1.9e8, spread=1.4, earnings=Earnings(months=(2, 5, 8, 11), day=25, before_open=False, move=0.066),
        dividends=Dividends(months=(3, 6, 9, 12), day=11, amount=0.01),
    ),
    _stock(
        "TSLA", 412.0, near=0.470, far=0.510, rho=-0.14, market=0.55, sector="Consumer Cyclical", step=2.5, prints=2.6,
        open_interest=6.4e6, shares=8.6e7, spread=1.6, earnings=Earnings(months=(1, 4, 7, 10), day=22, before_open=False, move=0.078),
    ),
    _stock(
        "AMZN", 232.0, near=0.255, far=0.305, rho=-0.34, market=0.66, sector="Consumer Cyclical", step=2.5, prints=1.3,
        open_interest=4.3e6, shares=4.1e7, spread=1.8, earnings=Earnings(months=(1, 4, 7, 10), day=30, before_open=False, move=0.058),
    ),
    _stock(
        "META", 628.0, near=0.275, far=0.325, rho=-0.34, market=0.64, sector="Communication Services", step=2.5, prints=1.1,
        open_interest=2.1e6, shares=1.4e7, spread=2.4, earnings=Earnings(months=(1, 4, 7, 10), day=28, before_open=False, move=0.070),
        dividends=Dividends(months=(3, 6, 9, 12), day=15, amount=0.525),
    ),
    _stock(
        "JPM", 305.0, near=0.200, far=0.245, rho=-0.42, market=0.68, sector="Financial Services", step=2.5, prints=0.5,
        open_interest=1.1e6, shares=8.5e6, spread=2.8, earnings=Earnings(months=(1, 4, 7, 10), day=13, before_open=True, move=0.032),
        dividends=Dividends(months=(1, 4, 7, 10), day=6, amount=1.50),
    ),
    _stock(
        "XOM", 117.0, near=0.210, far=0.245, rho=-0.33, market=0.42, sector="Energy", step=1.0, prints=0.5, open_interest=1.5e6,
        shares=1.5e7, spread=2.4, earnings=Earnings(months=(1, 4, 7, 10), day=31, before_open=True, move=0.024),
        dividends=Dividends(months=(2, 5, 8, 11), day=14, amount=1.03),
    ),
    Name(
        symbol=Symbol("BTC"),
        price=98_400.0,
        roots=("BTC",),
        surface=Surface(near=0.42, far=0.50, rho=-0.12, eta=0.95, fast=0.35, slow=0.30, spot_volatility=-0.25),
        dealing=Dealing(
            spread=2.5, size=25.0, prints=0.25, lot=1.5, open_interest=3.6e5, ticks_wide=5, shares=2.1e4, share_prints=1.2
        ),
        ladder=Ladder(step=1000.0, widest=1.2),
        jumps=Jumps(rate=12.0, mean=-0.004, deviation=0.018),
        market=0.60,
        market_jump=1.5,
        basis=0.055,
        sector="Coin",
    ),
    Name(
        symbol=Symbol("ETH"),
        price=3_240.0,
        roots=("ETH",),
        surface=Surface(near=0.60, far=0.66, rho=-0.10, eta=0.92, fast=0.35, slow=0.30, spot_volatility=-0.22),
        dealing=Dealing(
            spread=3.0, size=180.0, prints=0.18, lot=10.0, open_interest=2.3e6, ticks_wide=3, shares=2.6e5, share_prints=1.0
        ),
        ladder=Ladder(step=50.0, widest=1.3),
        jumps=Jumps(rate=12.0, mean=-0.005, deviation=0.024),
        market=0.60,
        market_jump=1.7,
        basis=0.05,
        sector="Coin",
    ),
)  # fmt: skip

BY_SYMBOL: dict[Symbol, Name] = {name.symbol: name for name in NAMES}


def named(symbol: str) -> Name:
    """A name by its symbol. Raises BadInput for one the simulated market does not know."""
    found = BY_SYMBOL.get(Symbol(symbol.upper()))
    if found is None:
        raise BadInput(f"the simulated market has no {symbol!r}: choose from {', '.join(BY_SYMBOL)}")
    return found
