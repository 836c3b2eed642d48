"""Option flow: prints with what they were taken for, the contracts most traded, where the open interest lies."""

from optix_tui.functions.entry import Entry, list_keys
from optix_tui.keys import Key

_FLOW_HELP = (
    "Option prints as they come, newest first, with what each was taken for. At is where it met the quote in force: at the ask or above "
    "is taken as bought, at the bid or below as sold (~, an inference; without a tilde the venue itself says it). ~SWEEP: several prints "
    "of one contract on one side within 100 ms, two over price levels or three; BLOCK: 500 contracts or $500,000 and more; a name in the "
    "flags (~bull call spread) is a guess at legs that printed within 5 ms in one size. V/OI is the contract's volume of the day, this "
    "print included, over the last session's open interest; new where there was none, a dash where it is unknown. Premium is price · size"
    " · multiplier in dollars, its bar by powers of ten. IV is that of the print's price, Δ the contract's own. O/C: opening or closing "
    "only once the next session's open interest confirms it (it rose, or fell, by more than half of the day's volume, and by no more than"
    " all of it); until then a question mark. P/C is puts over calls: volume and OI as the venue says, premium of the prints seen; ~net "
    "is bought less sold. Sums of the day hold what earlier runs heard and kept too: since when stands beside them, and from when to when "
    "nobody listened. A volume of the day before has its date until the venue tells of today. Thresholds are settings (SET flow)."
)
_ACTIVE_HELP = (
    "The options most traded, of a name or of all: by the day's volume, by premium (of the prints seen here), by volume over open "
    "interest (from 100 contracts on), or by the change of open interest against the stored session before (unknown where none is "
    "stored). ~Ask is the share of the seen volume that met the ask, inferred. Open interest is the last session's. Until the venue tells "
    "of today the volumes are those of the last session, and the foot names its date. Enter opens the chain."
)
_INTEREST_HELP = (
    "Where volume and open interest of a name lie: strikes down, expiries across, the hotter the more. Open interest is the last "
    "session's; V/OI is the day's volume over it (of the last session, with its date, until the venue tells of today); ΔOI is against the "
    "stored session before. What is not listed or not told is empty, "
    "never nought. Net is calls less puts. Totals at the right are of the strike over all expiries, those at the foot of the whole "
    "expiry. Where strikes are many, several share a row and are added up; m shows them finer, two to a row without numbers."
)

FUNCTIONS: tuple[Entry, ...] = (
    Entry(
        code="FLOW",
        title="Option Flow",
        summary="unusual trades: sweeps, blocks, V/OI",
        help=_FLOW_HELP,
        arguments="[ALL] [RECORDED] [ask|bid|calls|puts|single|multi|otm|itm|sweep|block|large|vol>oi|ask>=50%|>=50k|dte<=7 …]",
        examples=("SPY FLOW", "FLOW ALL", "FLOW ALL OTM VOL>OI >=50K", "FLOW UNUSUAL"),
        path="optix_tui.screens.flow.screen:FlowPanel",
        words=(
            "ALL",
            "RECORDED",
            "UNUSUAL",
            "ASK",
            "BID",
            "CALLS",
            "PUTS",
            "SINGLE",
            "MULTI",
            "OTM",
            "ITM",
            "SWEEP",
            "SWEEPS",
            "BLOCK",
            "BLOCKS",
            "LARGE",
            "BOUGHT",
            "SOLD",
            "LEGS",
        ),
        keys=(
            *list_keys("flow"),
            Key("flow.open", ("enter",), "drill", "open the contract's chain", "Move"),
            Key("flow.preset", ("o",), "preset(1)", "next filter", "Filters", hint="Preset"),
            Key("flow.preset_back", ("O",), "preset(-1)", "filter before", "Filters"),
            Key("flow.filter", ("f",), "filter", "type a filter", "Filters", hint="Filter"),
            Key("flow.side", ("v",), "side", "both sides, at the ask, at the bid", "Filters", hint="Side"),
            Key("flow.everything", ("a",), "everything", "all names, or this one", hint="All"),
            Key("flow.recorded", ("y",), "recorded", "what is recorded, or live"),
            Key("flow.pause", ("space",), "pause", "hold the tape still", hint="Pause"),
        ),
    ),
    Entry(
        code="MOSO",
        title="Most Active Options",
        summary="by volume, premium, V/OI, OI change",
        help=_ACTIVE_HELP,
        arguments="[ALL] [VOLUME|PREMIUM|VOI|OICHANGE] [CALLS|PUTS|BOTH]",
        examples=("SPY MOSO", "MOSO ALL PREMIUM", "MOSO VOI CALLS"),
        path="optix_tui.screens.active.screen:MostActivePanel",
        words=("ALL", "VOLUME", "PREMIUM", "VOI", "OICHANGE", "CALLS", "PUTS", "BOTH"),
        keys=(
            *list_keys("moso"),
            Key("moso.open", ("enter",), "drill", "open the contract's chain", "Move"),
            Key("moso.rank", ("v",), "rank(1)", "volume, premium, V/OI, OI change", hint="Rank"),
            Key("moso.rank_back", ("V",), "rank(-1)", "the ranking before"),
            Key("moso.right", ("f",), "right", "calls and puts, calls, puts", hint="Right"),
            Key("moso.everything", ("a",), "everything", "all names, or this one", hint="All"),
        ),
    ),
    Entry(
        code="OMST",
        title="Open Interest and Volume",
        summary="by strike and expiry, as a heat map",
        help=_INTEREST_HELP,
        arguments="[OI|VOLUME|VOI|CHANGE] [ALL|CALLS|PUTS|NET]",
        examples=("SPX OMST", "OMST VOLUME PUTS", "OMST NET"),
        path="optix_tui.screens.interest.screen:InterestPanel",
        words=("OI", "VOLUME", "VOI", "CHANGE", "ALL", "CALLS", "PUTS", "NET"),
        keys=(
            Key("omst.up", ("up", "k"), "move(-1)", "strike up", "Move"),
            Key("omst.down", ("down", "j"), "move(1)", "strike down", "Move"),
            Key("omst.page_up", ("pageup",), "page(-1)", "a page up", "Move"),
            Key("omst.page_down", ("pagedown",), "page(1)", "a page down", "Move"),
            Key("omst.left", ("left", "h", "left_square_bracket"), "expiry(-1)", "expiry before", "Move"),
            Key("omst.right", ("right", "l", "right_square_bracket"), "expiry(1)", "expiry after", "Move"),
            Key("omst.spot", ("home", "full_stop"), "recenter", "to the spot", "Move"),
            Key("omst.open", ("enter",), "drill", "open the expiry's chain", "Move"),
            Key("omst.layer", ("v",), "layer(1)", "open interest, volume, V/OI, ΔOI", hint="Layer"),
            Key("omst.layer_back", ("V",), "layer(-1)", "the layer before"),
            Key("omst.right_kind", ("f",), "rights", "all, calls, puts, net", hint="Rights"),
            Key("omst.finer", ("m",), "finer", "numbers, or finer without", hint="Finer"),
            Key("omst.more", ("plus", "equals_sign"), "widen(1)", "fewer strikes to a row"),
            Key("omst.fewer", ("minus",), "widen(-1)", "more strikes to a row"),
        ),
    ),
)
