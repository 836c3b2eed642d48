"""What dealers have to trade: gamma, vanna and charm of the open interest."""

from optix_tui.functions.entry import Entry
from optix_tui.keys import Key

_HELP = (
    "What dealers have to trade to stay hedged, if they hold the other side of all that is open: a model and a guess, never a fact. Each "
    "contract's greek, at its strike's own volatility, times its open interest and multiplier. Bars are sums by strike: calls and puts "
    "faint, their net bright. Walls are the strikes of the largest positive and negative net. The flip is the spot at which the net "
    "crosses zero when every contract is priced anew there (within 15 %), not where today's bars change sign. The band says what is left "
    "of the net if dealers hold between 25 % and 75 % of the calls, and of the puts: where it spans zero the sign is not known; in the "
    "profile it is the ground behind the line. Above zero, dealers sell rises and buy falls, which calms; below, they chase. No two "
    "vendors count alike: unit, signs, count, the ½ and box spreads can all be switched, and what is in force stands in words under the "
    "figures. Unknown open interest is left out and counted, never zero. VIX has none: nobody can hold the index."
)
_WORDS = ("PERCENT", "POINT", "SHARES", "REVERSED", "UNSIGNED", "VOLUME", "HALF", "BOXES", "PROFILE", "EXPIRIES")
_ARGUMENTS = "[PERCENT|POINT|SHARES] [REVERSED|UNSIGNED] [VOLUME] [HALF] [BOXES] [PROFILE|EXPIRIES] [expiry]"
_KEYS = (
    Key("gex.up", ("up", "k"), "move(-1)", "a strike up", "Move"),
    Key("gex.down", ("down", "j"), "move(1)", "a strike down", "Move"),
    Key("gex.page_up", ("pageup",), "move(-10)", "ten strikes up", "Move"),
    Key("gex.page_down", ("pagedown",), "move(10)", "ten strikes down", "Move"),
    Key("gex.center", ("home", "full_stop"), "center", "to the spot", "Move"),
    Key("gex.open", ("enter",), "drill", "the chain of the expiry", "Move"),
    Key("gex.expiry_back", ("left_square_bracket",), "expiry(-1)", "expiry before; before the first: all", "Expiries", hint="Expiry"),
    Key("gex.expiry", ("right_square_bracket",), "expiry(1)", "next expiry alone; after the last: all", "Expiries", hint="Expiry"),
    Key("gex.gamma", ("1",), "greek('gamma')", "gamma: GEX", "Tabs"),
    Key("gex.vanna", ("2",), "greek('vanna')", "vanna: VEX", "Tabs"),
    Key("gex.charm", ("3",), "greek('charm')", "charm: CEX", "Tabs"),
    Key("gex.picture", ("v",), "picture", "by strike, by spot, by expiry", "Pictures", hint="View"),
    Key("gex.bars", ("o",), "bars", "net over calls and puts, or net alone", "Pictures", hint="Bars"),
    Key("gex.nearer", ("plus", "equals_sign"), "zoom_strikes(1)", "fewer strikes, a nearer profile", "Pictures"),
    Key("gex.farther", ("minus",), "zoom_strikes(-1)", "more strikes, the whole profile", "Pictures"),
    Key("gex.unit", ("u",), "unit", "$ per 1 %, $ per point, shares per point", "Convention", hint="Unit"),
    Key("gex.signs", ("s",), "signs", "calls +, puts -; the reverse; all +", "Convention", hint="Signs"),
    Key("gex.count", ("n",), "counted", "open interest or volume", "Convention", hint="Count"),
    Key("gex.half", ("d",), "half", "with the ½ of the second order or without", "Convention"),
    Key("gex.boxes", ("x",), "boxes", "index box spreads off or counted", "Convention"),
)

FUNCTIONS: tuple[Entry, ...] = (
    Entry(
        code="GEX",
        title="Dealer Gamma",
        summary="gamma exposure by strike, spot, expiry",
        help=_HELP,
        arguments=_ARGUMENTS,
        examples=("SPX GEX", "GEX VOLUME", "GEX SHARES REVERSED 18DEC26"),
        path="optix_tui.screens.exposure.screen:GammaPanel",
        words=_WORDS,
        keys=_KEYS,
    ),
    Entry(
        code="VEX",
        title="Dealer Vanna",
        summary="vanna exposure by strike, spot, expiry",
        help=_HELP,
        arguments=_ARGUMENTS,
        examples=("SPX VEX",),
        path="optix_tui.screens.exposure.screen:VannaPanel",
        words=_WORDS,
        keys=_KEYS,
    ),
    Entry(
        code="CEX",
        title="Dealer Charm",
        summary="charm exposure by strike, spot, expiry",
        help=_HELP,
        arguments=_ARGUMENTS,
        examples=("SPX CEX",),
        path="optix_tui.screens.exposure.screen:CharmPanel",
        words=_WORDS,
        keys=_KEYS,
    ),
)
