"""Volatility across names and through time: the compass, the history graph, the indices."""

from optix_tui.functions.entry import Entry, list_keys
from optix_tui.keys import Key

_COMPASS_HELP = (
    "Volatility across all names with options. IV30 is the 30-day constant-maturity volatility at the forward, heated by its place among "
    "the names; ΔIV is its change since the last stored session's end. IVR = (IV - least) / (greatest - least) and IVP = share of sessions "
    "below now, over the window at the foot (w); n is what they stand on, and under 120 sessions both are refused. RV20 and RV30 are "
    "close to close, of so many sessions, without today's. IV-RV and IV/RV compare IV30 with RV30. RR25 = IV(25-delta call) - IV(25-delta "
    "put) and BF25 at 30 days; 90-30 is the slope at the forward, below zero inverted. VIX30 is what the fitted smiles replicate. AR vol "
    "is the Volatility Filter's estimate: the newest minutes beyond what their autoregression expects, annualised. P/C is put over call "
    "volume. GEX is the dealers' net gamma exposure in the default convention, $ for 1 % of spot: its sign is an assumption. ! marks names "
    "that break a breach rule (optix breaches); the foot says which, of the name under the cursor. The map draws IV/RV against rank."
)
_HISTORY_HELP = (
    "How a coordinate of a name has moved: IV30, risk reversal, butterfly, slope, VIX-style index, implied less realised, realised. By "
    "session (the last value of each, with what the feed told or was imported), or as it was recorded within sessions, one a minute. The "
    "tint is one standard deviation to either side of the mean in sight; max and min are of what is in sight, rank and percentile of the "
    "sessions named in the head, refused under 120. ▲ and ▼ mark where a breach rule was broken, ○ where it was kept again. Any measure "
    "can be named: HIVG atm:60, HIVG term:7:30, HIVG pcr:volume."
)
_INDEX_HELP = (
    "The VIX of every name: the root of the fair variance of 9, 30, 90, 180 and 365 calendar days, replicated from the fitted smiles, with "
    "total variance linear in time between expiries; where no expiry lies beyond a maturity it is left empty (E). Where the feed lists the "
    "published index (VIX, VIX9D, VIX3M, VIX6M, VIX1Y, VXN, RVX, VVIX ...) its print stands beside ours: the published one uses listed "
    "strikes alone and cuts its tails at two strikes without a bid, ours goes on with the fitted wings, so ours lies a little higher. "
    "Wings = VIX-style less ATM, what the smile adds; Fwd = between a maturity and the one before. The picture draws the chosen name, "
    "which is fitted at once, over the root of time, ATM beside it."
)

FUNCTIONS: tuple[Entry, ...] = (
    Entry(
        code="VCA",
        aliases=("VOLS",),
        title="Volatility Compass",
        summary="volatility across names, rank, premium, skew",
        help=_COMPASS_HELP,
        arguments="[TABLE|SCATTER] [1Y|2Y|6M] [ALL|LEVEL|PREMIUM|SHAPE] [HIGH|LOW|DEAR|CHEAP|BREAKING] [column] [RISING]",
        examples=("VCA", "VCA SCATTER", "VCA PREMIUM RATIO", "VOLS 6M"),
        path="optix_tui.screens.compass.screen:CompassPanel",
        words=tuple("TABLE SCATTER 1Y 2Y 6M ALL LEVEL PREMIUM SHAPE HIGH LOW DEAR CHEAP BREAKING RANK RATIO SLOPE RISING".split()),
        needs_security=False,
        keys=(
            *list_keys("vca"),
            Key("vca.open", ("enter",), "drill", "take the name over", "Move"),
            Key("vca.history", ("i",), "history", "its history in HIVG", hint="History"),
            Key("vca.picture", ("v",), "picture", "table or map", hint="View"),
            Key("vca.columns", ("o",), "columns", "next set of columns", hint="Columns"),
            Key("vca.filter", ("f",), "filter", "all, high, low, dear, cheap, breaking", hint="Filter"),
            Key("vca.sort", ("s",), "sort(1)", "sort by the next column", "Order", hint="Sort"),
            Key("vca.sort_back", ("S",), "sort(-1)", "sort by the column before", "Order"),
            Key("vca.reverse", ("r",), "reverse", "sort the other way round", "Order"),
            Key("vca.window", ("w",), "window", "rank over 252, 504, 126 sessions"),
        ),
    ),
    Entry(
        code="HIVG",
        aliases=("GV",),
        title="Volatility History",
        summary="IV history, rank, percentile, breaches",
        help=_HISTORY_HELP,
        arguments="[IV|RR|BF|TERM|VIX|VRP|RV | measure] [3M|6M|1Y|2Y|3Y] [DAILY|INTRADAY]",
        examples=("SPX HIVG", "GV RR 2Y", "HIVG VRP", "HIVG INTRADAY", "HIVG atm:60"),
        path="optix_tui.screens.volhistory.screen:VolatilityHistoryPanel",
        words=("IV", "ATM", "RR", "BF", "TERM", "VIX", "VRP", "RV", "3M", "6M", "1Y", "2Y", "3Y", "DAILY", "INTRADAY"),
        keys=(
            Key("hivg.up", ("up", "k"), "coordinate(-1)", "coordinate before", "Move"),
            Key("hivg.down", ("down", "j"), "coordinate(1)", "coordinate after", "Move"),
            Key("hivg.older", ("left", "h"), "crosshair(-1)", "crosshair to the value before", "Move"),
            Key("hivg.newer", ("right", "l"), "crosshair(1)", "crosshair to the value after", "Move"),
            Key("hivg.page_older", ("pageup", "shift+left"), "crosshair(-20)", "crosshair 20 values back", "Move"),
            Key("hivg.page_newer", ("pagedown", "shift+right"), "crosshair(20)", "crosshair 20 values on", "Move"),
            Key("hivg.latest", ("end",), "latest", "without crosshair", "Move"),
            Key("hivg.coordinate", ("o",), "coordinate(1)", "next coordinate", hint="Measure"),
            Key("hivg.span", ("v",), "span", "by session, or within sessions", hint="Daily"),
            Key("hivg.longer", ("plus", "equals_sign"), "length(1)", "look back longer"),
            Key("hivg.shorter", ("minus",), "length(-1)", "look back less far"),
            Key("hivg.marks", ("e",), "marks", "breaches on or off"),
        ),
    ),
    Entry(
        code="VIX",
        title="Volatility Indices",
        summary="VIX-style indices and term structure",
        help=_INDEX_HELP,
        examples=("VIX", "SPX VIX"),
        path="optix_tui.screens.volindex.screen:IndexPanel",
        keys=(
            *list_keys("vix"),
            Key("vix.open", ("enter",), "drill", "take the name over", "Move"),
            Key("vix.history", ("i",), "history", "its history in HIVG", hint="History"),
            Key("vix.surface", ("v",), "surface", "its term structure in OVDV", hint="Surface"),
        ),
    ),
)
