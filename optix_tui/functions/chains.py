"""The option chain and its expirations."""

from optix_tui.functions.entry import Entry, list_keys
from optix_tui.keys import Key
from optix_tui.screens import meanings

FUNCTIONS: tuple[Entry, ...] = (
    Entry(
        code="OMON",
        aliases=("CHAIN",),
        title="Option Monitor",
        summary="live chain, Greeks, IV, open interest",
        help="The option chain: calls left, strikes in the middle, puts right; Bid is always left of Ask. What is in the money is shaded, "
        "the strike is shaded by its distance from the spot in standard deviations, and the rule with the solid price is the spot. "
        "A price that is older than the rest is dimmed; a dash is unknown, never zero. Numbers are ours: Black-76 on the parity forward. "
        "The preset FIT shows the Greeks at the smile fitted to the expiry beside those at the quote's own volatility.",
        arguments="[expiry] [±strikes | Δdelta | percent% | deviationsSD | EM | ALL] [preset]",
        examples=("SPY OMON", "OMON 20NOV26", "OMON ±15 GREEKS", "OMON 2SD"),
        path="optix_tui.screens.omon.screen:OptionMonitor",
        words=("ALL", "EM", "TRADE", "GREEKS", "FIT", "VOL", "FLOW", "PROB", "MAIN"),
        keys=(
            Key("omon.up", ("up", "k"), "move(-1)", "strike up", "Move"),
            Key("omon.down", ("down", "j"), "move(1)", "strike down", "Move"),
            Key("omon.left", ("left", "h"), "side(-1)", "to the calls", "Move"),
            Key("omon.right", ("right", "l"), "side(1)", "to the puts", "Move"),
            Key("omon.page_up", ("pageup",), "page(-1)", "a page up", "Move"),
            Key("omon.page_down", ("pagedown",), "page(1)", "a page down", "Move"),
            Key("omon.spot", ("home", "full_stop"), "recenter", "to the spot", "Move"),
            Key("omon.open", ("enter",), "drill", "describe the contract", "Move"),
            Key("omon.calculate", ("c",), "calculate", "price it in the calculator", "Move", hint="Price"),
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
        code="OPX",
        title="Expirations",
        summary="expiries, open interest, max pain",
        help=meanings.EXPIRATIONS,
        path="optix_tui.screens.expirations.screen:Expirations",
        keys=(
            *list_keys("opx"),
            Key("opx.open", ("enter",), "drill", "open its chain", "Move"),
            Key("opx.chart", ("v",), "chart", "the term of volatility on or off", hint="Term"),
        ),
    ),
)
