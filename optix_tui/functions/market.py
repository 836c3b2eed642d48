"""Prices: the overview, lists of names, one name's description, charts and tape."""

from optix_tui.functions.entry import Entry, list_keys
from optix_tui.keys import Key
from optix_tui.screens import meanings

BAR_LENGTHS: tuple[tuple[int, str], ...] = (
    (60, "1m"),
    (120, "2m"),
    (300, "5m"),
    (900, "15m"),
    (1800, "30m"),
    (3600, "60m"),
    (86_400, "1D"),
)
"""Seconds and spelling of the bars a chart can show."""
_CHART_WORDS = (*(label.upper() for _, label in BAR_LENGTHS), "EM", "LEVELS", "LOG")
_CHART_KEYS = (
    Key("chart.older", ("left", "h"), "crosshair(-1)", "crosshair to the bar before", "Move"),
    Key("chart.newer", ("right", "l"), "crosshair(1)", "crosshair to the bar after", "Move"),
    Key("chart.page_older", ("pageup", "shift+left"), "scroll(-1)", "older bars", "Move"),
    Key("chart.page_newer", ("pagedown", "shift+right"), "scroll(1)", "newer bars", "Move"),
    Key("chart.latest", ("end",), "latest", "back to the newest bar, without crosshair", "Move"),
    Key("chart.interval", ("o",), "interval(1)", "next bar length", hint="Interval"),
    *(
        Key(f"chart.interval_{label}", (str(place),), f"bars({seconds})", f"bars of {label}", "Bars")
        for place, (seconds, label) in enumerate(BAR_LENGTHS, 1)
    ),
    Key("chart.kind", ("v",), "kind", "candles or a line", hint="Kind"),
    Key("chart.wider", ("plus", "equals_sign"), "zoom_bars(1)", "wider bars"),
    Key("chart.narrower", ("minus",), "zoom_bars(-1)", "narrower bars"),
    Key("chart.scale", ("y",), "logarithmic", "straight or logarithmic prices"),
    Key("chart.vwap", ("w",), "vwap", "the session's VWAP on or off"),
    Key("chart.volume", ("u",), "volume", "volume on or off"),
    Key("chart.levels", ("x",), "levels", "gamma flip, walls, max pain, breakevens", hint="Levels"),
    Key("chart.move", ("e",), "expected_move", "the day's expected move on or off", hint="EM"),
)
FUNCTIONS: tuple[Entry, ...] = (
    Entry(
        code="HOME",
        title="Market Overview",
        summary="indices, volatility, movers",
        help=meanings.HOME,
        path="optix_tui.screens.home.screen:MarketOverview",
        needs_security=False,
        keys=(*list_keys("home"), Key("home.open", ("enter",), "drill", "take the name over", "Move")),
    ),
    Entry(
        code="W",
        aliases=("QQ", "MON"),
        title="Watchlist",
        summary="live lists, sparklines",
        help=meanings.WATCH,
        arguments="[list | ADD name… | REMOVE name… | NEW list | DELETE list]",
        examples=("W", "W TECH", "W ADD NVDA", "W NEW EARNINGS"),
        path="optix_tui.screens.watch.screen:Watch",
        words=("ADD", "REMOVE", "NEW", "DELETE"),
        needs_security=False,
        keys=(
            *list_keys("w"),
            Key("w.open", ("enter",), "drill", "take the name over", "Move"),
            Key("w.columns", ("o",), "columns", "next set of columns", hint="Columns"),
            Key("w.sort", ("v",), "sort", "sort by the next column", hint="Sort"),
            Key("w.reverse", ("V",), "reverse", "sort the other way round"),
            Key("w.list", ("right_square_bracket",), "list(1)", "next list", "Lists"),
            Key("w.list_back", ("left_square_bracket",), "list(-1)", "previous list", "Lists"),
            Key("w.add", ("a",), "add", "add a name", "Lists", hint="Add"),
            Key("w.remove", ("x",), "remove", "remove the name under the cursor", "Lists"),
        ),
    ),
    Entry(
        code="DES",
        title="Description",
        summary="security and contract terms",
        help=meanings.DESCRIBE,
        arguments="[contract]",
        examples=("AAPL DES", "DES SPX 3875P NOV17"),
        takes_contract=True,
        path="optix_tui.screens.describe.screen:Description",
        keys=list_keys("des"),
    ),
    Entry(
        code="GP",
        title="Price Chart",
        summary="daily and other bars",
        help=meanings.PRICE,
        arguments="[1m|2m|5m|15m|…|1D] [EM] [LEVELS] [LOG]",
        examples=("SPY GP", "GP 15m"),
        path="optix_tui.screens.chart.screen:PriceChart",
        words=_CHART_WORDS,
        keys=_CHART_KEYS,
    ),
    Entry(
        code="GIP",
        title="Intraday Chart",
        summary="2-minute candles, volume, VWAP",
        help=meanings.INTRADAY,
        arguments="[1m|2m|5m|15m|…|1D] [EM] [LEVELS] [LOG]",
        examples=("SPY GIP", "GIP 5m", "GIP EM LEVELS"),
        path="optix_tui.screens.chart.screen:IntradayChart",
        words=_CHART_WORDS,
        keys=_CHART_KEYS,
    ),
    Entry(
        code="GPC",
        title="Candle Chart",
        summary="daily candles",
        help=meanings.CANDLES,
        arguments="[1m|2m|5m|15m|…|1D] [EM] [LEVELS] [LOG]",
        examples=("QQQ GPC",),
        path="optix_tui.screens.chart.screen:CandleChart",
        words=_CHART_WORDS,
        keys=_CHART_KEYS,
    ),
    Entry(
        code="TAS",
        aliases=("QR",),
        title="Time and Sales",
        summary="the tape of a name and its options",
        help=meanings.TAPE,
        path="optix_tui.screens.tape.screen:Tape",
        keys=(
            *list_keys("tas"),
            Key("tas.filter", ("f",), "filter", "all, bought, sold, sweeps and blocks", hint="Filter"),
            Key("tas.premium", ("v",), "premium", "least premium shown", hint="Premium"),
            Key("tas.kinds", ("o",), "kinds", "options alone, or the underlying too"),
            Key("tas.pause", ("space",), "pause", "hold the tape still", hint="Pause"),
        ),
    ),
)
