"""The one list of functions: command line, palette, help, workspaces and the documentation all read it."""

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import Any

from msgspec import Struct

from engine.domain.errors import BadInput
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


class Entry(Struct, frozen=True, kw_only=True):
    """A function: what it is called, what it says of itself, and where its panel is to be loaded from."""

    code: str
    """The mnemonic that is typed."""
    aliases: tuple[str, ...] = ()
    title: str
    summary: str
    """A few words for the drop-down."""
    help: str
    arguments: str = ""
    """Grammar of what may follow the code; "" where nothing may."""
    examples: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()
    path: str
    """``module:Class``, imported on first use."""
    keeps_case: bool = False
    """Its arguments are taken as they were typed: a setting's value may be a path."""
    needs_security: bool = True
    """It shows one security: typing another reloads it."""
    takes_contract: bool = False
    """It may stand behind a contract: ``SPX 6700P DEC18 DES``."""
    words: tuple[str, ...] = ()
    """Words that are arguments of it even where a security has that name."""

    @property
    def codes(self) -> tuple[str, ...]:
        return (self.code, *self.aliases)


def _list_keys(of: str) -> tuple[Key, ...]:
    """The keys of anything with a cursor in a list."""
    return (
        Key(f"{of}.up", ("up", "k"), "move(-1)", "cursor up", "Move"),
        Key(f"{of}.down", ("down", "j"), "move(1)", "cursor down", "Move"),
        Key(f"{of}.page_up", ("pageup",), "page(-1)", "a page up", "Move"),
        Key(f"{of}.page_down", ("pagedown",), "page(1)", "a page down", "Move"),
        Key(f"{of}.first", ("home",), "edge(-1)", "first row", "Move"),
        Key(f"{of}.last", ("end",), "edge(1)", "last row", "Move"),
    )


_BAR_WORDS = tuple(label.upper() for _, label in BAR_LENGTHS)
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
        keys=(*_list_keys("home"), Key("home.open", ("enter",), "drill", "take the name over", "Move")),
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
            *_list_keys("w"),
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
        code="OMON",
        aliases=("CHAIN",),
        title="Option Monitor",
        summary="live chain, Greeks, IV, open interest",
        help="The option chain: calls left, strikes in the middle, puts right; Bid is always left of Ask. What is in the money is shaded, "
        "the strike is shaded by its distance from the spot in standard deviations, and the rule with the solid price is the spot. "
        "A price that is older than the rest is dimmed; a dash is unknown, never zero. Numbers are ours: Black-76 on the parity forward.",
        arguments="[expiry] [±strikes | Δdelta | percent% | deviationsSD | EM | ALL] [preset]",
        examples=("SPY OMON", "OMON 20NOV26", "OMON ±15 GREEKS", "OMON 2SD"),
        path="optix_tui.screens.omon.screen:OptionMonitor",
        words=("ALL", "EM", "TRADE", "GREEKS", "VOL", "FLOW", "PROB", "MAIN"),
        keys=(
            Key("omon.up", ("up", "k"), "move(-1)", "strike up", "Move"),
            Key("omon.down", ("down", "j"), "move(1)", "strike down", "Move"),
            Key("omon.left", ("left", "h"), "side(-1)", "to the calls", "Move"),
            Key("omon.right", ("right", "l"), "side(1)", "to the puts", "Move"),
            Key("omon.page_up", ("pageup",), "page(-1)", "a page up", "Move"),
            Key("omon.page_down", ("pagedown",), "page(1)", "a page down", "Move"),
            Key("omon.spot", ("home", "full_stop"), "recenter", "to the spot", "Move"),
            Key("omon.open", ("enter",), "drill", "describe the contract", "Move"),
            Key("omon.fold", ("space",), "fold", "open or close the expiry", "Expiries"),
            Key("omon.expiry_back", ("left_square_bracket",), "expiry(-1)", "previous expiry", "Expiries", hint="Expiry"),
            Key("omon.expiry", ("right_square_bracket",), "expiry(1)", "next expiry", "Expiries", hint="Expiry"),
            Key("omon.columns", ("o",), "columns(1)", "next preset of columns", hint="Columns"),
            Key("omon.columns_back", ("O",), "columns(-1)", "previous preset of columns"),
            Key("omon.window", ("f",), "window", "strikes, Δ, %, SD, EM, all", hint="Window"),
            Key("omon.more", ("plus", "equals_sign"), "widen(1)", "more strikes", hint="Strikes"),
            Key("omon.fewer", ("minus",), "widen(-1)", "fewer strikes", hint="Strikes"),
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
        keys=_list_keys("des"),
    ),
    Entry(
        code="GP",
        title="Price Chart",
        summary="daily and other bars",
        help=meanings.PRICE,
        arguments="[1m|2m|5m|15m|30m|60m|1D]",
        examples=("SPY GP", "GP 15m"),
        path="optix_tui.screens.chart.screen:PriceChart",
        words=_BAR_WORDS,
        keys=_CHART_KEYS,
    ),
    Entry(
        code="GIP",
        title="Intraday Chart",
        summary="2-minute candles, volume, VWAP",
        help=meanings.INTRADAY,
        arguments="[1m|2m|5m|15m|30m|60m|1D]",
        examples=("SPY GIP", "GIP 5m"),
        path="optix_tui.screens.chart.screen:IntradayChart",
        words=_BAR_WORDS,
        keys=_CHART_KEYS,
    ),
    Entry(
        code="GPC",
        title="Candle Chart",
        summary="daily candles",
        help=meanings.CANDLES,
        arguments="[1m|2m|5m|15m|30m|60m|1D]",
        examples=("QQQ GPC",),
        path="optix_tui.screens.chart.screen:CandleChart",
        words=_BAR_WORDS,
        keys=_CHART_KEYS,
    ),
    Entry(
        code="OPX",
        title="Expirations",
        summary="expiries, open interest, max pain",
        help=meanings.EXPIRATIONS,
        path="optix_tui.screens.expirations.screen:Expirations",
        keys=(
            *_list_keys("opx"),
            Key("opx.open", ("enter",), "drill", "open its chain", "Move"),
            Key("opx.chart", ("v",), "chart", "the term of volatility on or off", hint="Term"),
        ),
    ),
    Entry(
        code="TAS",
        aliases=("QR",),
        title="Time and Sales",
        summary="the tape of a name and its options",
        help=meanings.TAPE,
        path="optix_tui.screens.tape.screen:Tape",
        keys=(
            *_list_keys("tas"),
            Key("tas.filter", ("f",), "filter", "all, bought, sold, sweeps and blocks", hint="Filter"),
            Key("tas.premium", ("v",), "premium", "least premium shown", hint="Premium"),
            Key("tas.kinds", ("o",), "kinds", "options alone, or the underlying too"),
            Key("tas.pause", ("space",), "pause", "hold the tape still", hint="Pause"),
        ),
    ),
    Entry(
        code="DATA",
        aliases=("CONN",),
        title="Feed Quality",
        summary="age, crossed, locked, stale, lag",
        help=meanings.QUALITY,
        path="optix_tui.screens.quality.screen:FeedQualityPanel",
        needs_security=False,
        keys=_list_keys("data"),
    ),
    Entry(
        code="SYS",
        title="System Health",
        summary="engine, store, threads, plugins",
        help=meanings.SYSTEM,
        path="optix_tui.screens.system.screen:SystemHealth",
        needs_security=False,
        keys=_list_keys("sys"),
    ),
    Entry(
        code="SET",
        aliases=("PDF", "TH"),
        title="Settings",
        summary="settings, theme, keys",
        help=meanings.SETTINGS,
        arguments="[key value]",
        examples=("SET", "SET terminal.theme paper"),
        path="optix_tui.screens.settings.screen:Settings",
        keeps_case=True,
        needs_security=False,
        keys=(*_list_keys("set"), Key("set.edit", ("enter",), "drill", "change the setting", "Edit", hint="Edit")),
    ),
    Entry(
        code="HELP",
        aliases=("FFM",),
        title="Functions and Keys",
        summary="every function, every key",
        help=meanings.HELP,
        arguments="[function]",
        examples=("HELP", "HELP OMON"),
        path="optix_tui.screens.help.screen:FunctionIndex",
        needs_security=False,
        keys=(*_list_keys("help"), Key("help.open", ("enter",), "drill", "open the function", "Move")),
    ),
)
"""In the order in which help and palette list them."""

PLANNED = frozenset(
    "OVDV OVME OVML OSA STRAT SKEW HVT HVG HIVG GV VCA VOLS GEX VEX CEX MOSO FLOW OMST OSCH MARS PORT PF BLOT EMSX TKT FIND ROLL LIM "
    "SLIDE ZDTE REGM SIG BTST JRNL ALRT REPL HP COMP CMP CORR HS GR BETA SEAG SEAS TOP N CN ECO ECST ERN EVT WIRP WEI MOST GC CRVF "
    "FXIP FXC MDM ALLQ DVD SI PM PMV ONCH AI ASKB ASKG BLP LAY GRAB MENU".split()
)
"""Codes a trader expects that this version has no panel for."""


@cache
def by_code() -> dict[str, Entry]:
    """Every mnemonic and alias to its function."""
    found: dict[str, Entry] = {}
    for entry in FUNCTIONS:
        for code in entry.codes:
            if code in found:
                raise ValueError(f"{code} is the code of two functions: {found[code].title} and {entry.title}")
            found[code] = entry
    return found


def find(code: str) -> Entry | None:
    """The function of a mnemonic, or None."""
    return by_code().get(code.upper())


def entry_of(code: str) -> Entry:
    """The function of a mnemonic; a clear error for one that is none."""
    entry = find(code)
    if entry is None:
        raise BadInput(f"there is no function {code}: HELP lists all")
    return entry


def panel_class(entry: Entry) -> Any:
    """The class of its panel, loaded now if it was not before."""
    module, _, name = entry.path.partition(":")
    return getattr(import_module(module), name)


def all_keys(entries: Iterable[Entry] = FUNCTIONS) -> dict[str, Key]:
    """Every key of every function by its id."""
    return {key.id: key for entry in entries for key in entry.keys}
