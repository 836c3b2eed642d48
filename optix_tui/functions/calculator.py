"""The option calculator."""

from optix_tui.functions.entry import Entry
from optix_tui.keys import Key

_HELP = (
    "One option by terms of your own. Type over any row: 13.5 in Volatility is 13.5 % a year; Time left takes days, 2h, 6w, 3m, or a "
    "date as dec18; Delta takes .25 or 25; Dividends are day:amount, as 30:0.5 121:0.5. The row marked ? is solved for as you type. Type "
    "a price and the volatility is found; type a delta and the strike is; = on a row solves for it, from the price or from the delta, "
    "whichever was typed last. A row that cannot be read, or that nothing fits, says why under it and keeps what was typed; Esc takes it "
    "back. Tab walks the rows. Rates and yields are continuous; time is ACT/365. Greeks are in trader units: theta a calendar day, vega a "
    "vol point, rho 1 %. Probabilities are risk-neutral and lognormal at this volatility. The yield is that between spot and parity "
    "forward, so delta is against the spot. The numbers stand still until r takes the market's again. Behind the code V=15 or FIND=K does "
    "what typing does: RIGHT, STYLE, ON, U, K, T, V, R, Q, DIV, X, P, D."
)

FUNCTIONS: tuple[Entry, ...] = (
    Entry(
        code="OVME",
        aliases=("CALC",),
        title="Option Calculator",
        summary="solve for any input, matrix, payoff",
        help=_HELP,
        arguments="[contract] [RESULTS|MATRIX|PAYOFF] [U= K= T= V= R= Q= P= D=] [FIND=]",
        examples=("OVME", "SPX 6700P DEC18 OVME", "NVDA OVME MATRIX", "SPY OVME D=25 T=30"),
        path="optix_tui.screens.calculator.screen:Calculator",
        takes_contract=True,
        words=("RESULTS", "MATRIX", "PAYOFF"),
        keys=(
            Key("ovme.up", ("up", "k"), "move(-1)", "row above", "Move"),
            Key("ovme.down", ("down", "j"), "move(1)", "row below", "Move"),
            Key("ovme.first", ("home",), "edge(-1)", "first row", "Move"),
            Key("ovme.last", ("end",), "edge(1)", "last row", "Move"),
            Key("ovme.less", ("left", "h"), "step(-1)", "a notch less, the other choice", "Sheet"),
            Key("ovme.more", ("right", "l"), "step(1)", "a notch more, the other choice", "Sheet"),
            Key("ovme.edit", ("enter",), "edit", "change the row's text", "Sheet", hint="Edit"),
            Key("ovme.solve", ("equals_sign",), "solve", "solve for this row", "Sheet", hint="Solve"),
            Key("ovme.market", ("r",), "market", "the market's numbers again", "Sheet", hint="Market"),
            Key("ovme.view", ("v",), "view", "results, matrix, payoff", hint="View"),
            Key("ovme.layer", ("o",), "layer(1)", "matrix: price, profit; by vol, days", hint="Matrix"),
            Key("ovme.layer_back", ("O",), "layer(-1)", "the matrix before"),
        ),
    ),
)
