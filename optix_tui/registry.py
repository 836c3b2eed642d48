"""The one list of functions: command line, palette, help, workspaces and the documentation all read it."""

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import Any

from msgspec import Struct

from engine.domain.errors import BadInput
from optix_tui.keys import Key


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
    needs_security: bool = True
    """It shows one security: typing another reloads it."""
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


_CHART_KEYS = (
    Key("chart.older", ("left", "h"), "scroll(-1)", "older bars", "Move"),
    Key("chart.newer", ("right", "l"), "scroll(1)", "newer bars", "Move"),
    Key("chart.latest", ("end",), "latest", "back to the newest bar", "Move"),
    Key("chart.interval", ("o",), "interval(1)", "next bar length"),
    Key("chart.kind", ("v",), "kind", "candles, line"),
    Key("chart.wider", ("plus", "equals_sign"), "zoom_bars(1)", "wider bars"),
    Key("chart.narrower", ("minus",), "zoom_bars(-1)", "narrower bars"),
)

FUNCTIONS: tuple[Entry, ...] = (
    Entry(
        code="HOME",
        title="Market Overview",
        summary="indices, volatility, movers",
        help="The market at a glance: indices, volatility and its term, the day's movers, and where volatility is rich or poor. "
        "Enter on a name makes it the security of the tiles that are linked.",
        path="optix_tui.screens.home.screen:MarketOverview",
        needs_security=False,
        keys=(*_list_keys("home"), Key("home.open", ("enter",), "drill", "take the name over", "Move")),
    ),
    Entry(
        code="W",
        aliases=("QQ", "MON"),
        title="Watchlist",
        summary="live lists, sparklines",
        help="Your lists of names with live columns. Lists are kept by the engine and are the same in every terminal.",
        arguments="[list]",
        examples=("W", "W TECH"),
        path="optix_tui.screens.w.screen:Watch",
        needs_security=False,
        keys=(
            *_list_keys("w"),
            Key("w.open", ("enter",), "drill", "take the name over", "Move"),
            Key("w.columns", ("o",), "columns", "next set of columns"),
            Key("w.sort", ("v",), "sort", "sort by the next column"),
            Key("w.list", ("right_square_bracket",), "list(1)", "next list", "Lists"),
            Key("w.list_back", ("left_square_bracket",), "list(-1)", "previous list", "Lists"),
            Key("w.add", ("a",), "add", "add the security of the command line", "Lists"),
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
            Key("omon.fold", ("enter", "space"), "fold", "open or close the expiry", "Expiries"),
            Key("omon.expiry_back", ("left_square_bracket",), "expiry(-1)", "previous expiry", "Expiries"),
            Key("omon.expiry", ("right_square_bracket",), "expiry(1)", "next expiry", "Expiries"),
            Key("omon.columns", ("o",), "columns(1)", "next preset of columns"),
            Key("omon.columns_back", ("upper_o",), "columns(-1)", "previous preset of columns"),
            Key("omon.window", ("f",), "window", "window by strikes, delta, percent, deviations, all"),
            Key("omon.more", ("plus", "equals_sign"), "widen(1)", "more strikes"),
            Key("omon.fewer", ("minus",), "widen(-1)", "fewer strikes"),
        ),
    ),
    Entry(
        code="DES",
        title="Description",
        summary="security and contract terms",
        help="What the security or the contract is: terms, settlement, multiplier, tick rules, dates.",
        arguments="[contract]",
        examples=("AAPL DES", "DES SPX 3875P NOV17"),
        path="optix_tui.screens.des.screen:Description",
    ),
    Entry(
        code="GP",
        title="Price Chart",
        summary="daily and other bars",
        help="The price in bars with volume.",
        arguments="[1m|2m|5m|15m|30m|1h|1D]",
        examples=("SPY GP", "GP 15m"),
        path="optix_tui.screens.gp.screen:PriceChart",
        keys=_CHART_KEYS,
    ),
    Entry(
        code="GIP",
        title="Intraday Chart",
        summary="2-minute candles, volume, VWAP",
        help="Today's price in short bars, with volume and the session's VWAP.",
        arguments="[1m|2m|5m|15m|30m|1h|1D]",
        examples=("SPY GIP", "GIP 5m"),
        path="optix_tui.screens.gp.screen:IntradayChart",
        keys=_CHART_KEYS,
    ),
    Entry(
        code="GPC",
        title="Candle Chart",
        summary="daily candles",
        help="The price in candles with volume.",
        arguments="[1m|2m|5m|15m|30m|1h|1D]",
        examples=("QQQ GPC",),
        path="optix_tui.screens.gp.screen:CandleChart",
        keys=_CHART_KEYS,
    ),
    Entry(
        code="OPX",
        title="Expirations",
        summary="expiries, open interest, max pain",
        help="Every expiry in a row: days, at-the-money volatility, expected move, forward, rate, open interest, volume and max pain.",
        path="optix_tui.screens.opx.screen:Expirations",
        keys=(*_list_keys("opx"), Key("opx.open", ("enter",), "drill", "open its chain", "Move")),
    ),
    Entry(
        code="TAS",
        aliases=("QR",),
        title="Time and Sales",
        summary="the tape of a name and its options",
        help="Prints as they come: price, size, side, and the quote they met. Sweeps and blocks are marked.",
        path="optix_tui.screens.tas.screen:Tape",
        keys=(*_list_keys("tas"), Key("tas.filter", ("f",), "filter", "all, sweeps and blocks, bought, sold")),
    ),
    Entry(
        code="DATA",
        aliases=("CONN",),
        title="Feed Quality",
        summary="age, crossed, locked, stale, lag",
        help="Whether the data can be believed: the feed's state, ages, crossed, locked and stale quotes by name, and how late it is.",
        path="optix_tui.screens.data.screen:FeedQualityPanel",
        needs_security=False,
        keys=_list_keys("data"),
    ),
    Entry(
        code="SYS",
        title="System Health",
        summary="engine, store, threads, plugins",
        help="How the engine does: load, memory, store, recorder, watchers, plugins.",
        path="optix_tui.screens.sys.screen:SystemHealth",
        needs_security=False,
        keys=_list_keys("sys"),
    ),
    Entry(
        code="SET",
        aliases=("PDF", "TH"),
        title="Settings",
        summary="settings, theme, keys",
        help="Every setting with its unit, bounds and where it was set. SET key value changes one.",
        arguments="[key value]",
        examples=("SET", "SET tui.theme paper"),
        path="optix_tui.screens.set.screen:Settings",
        needs_security=False,
        keys=(*_list_keys("set"), Key("set.edit", ("enter",), "drill", "change the setting", "Edit")),
    ),
    Entry(
        code="HELP",
        aliases=("FFM",),
        title="Functions and Keys",
        summary="every function, every key",
        help="Every function and every key, from the same list that the command line reads.",
        arguments="[function]",
        examples=("HELP", "HELP OMON"),
        path="optix_tui.screens.help.screen:FunctionIndex",
        needs_security=False,
        keys=(*_list_keys("help"), Key("help.open", ("enter",), "drill", "open the function", "Move")),
    ),
)
"""In the order in which help and palette list them."""


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
