"""How volatile names have been and may be, and how they move together."""

from optix_tui.functions.entry import Entry, list_keys
from optix_tui.keys import Key

_CONE_HELP = (
    "How a name's realised volatility has been spread over windows of 5 to 252 finished sessions (the one that runs does not count): "
    "least, 5, 25, 50, 75, 95 % and greatest, the newest window by every estimator, and the implied at-the-forward volatility at the "
    "same stretches of calendar days. All are vol points a year, of 252 sessions (365 days for a coin). C closes; P Parkinson, G "
    "Garman-Klass and R Rogers-Satchell see the session alone, without its nights; Y Yang-Zhang and M (five-minute returns) have both. "
    "n counts the windows, which overlap; Apart says how many fit end to end, and ~ marks under ten of those. Fewer than 20 windows are "
    "refused, with the reason. Pct is the share of windows below now, I pct the place of the implied in the cone, I-R implied less now. "
    "Missing sessions are never bridged. f spreads the cone by what overlap hides (Hodges and Tompkins 2002)."
)
_GRAPH_HELP = (
    "Realised volatility through time, the stored 30-day implied over it, and forecasts to the right with the range in which nine of "
    "ten past outcomes lay beside what was forecast then. Below, realised less implied of the same day: what the sellers of volatility "
    "got is implied less what came 21 sessions later, which is not this. The table scores every model out of sample: fitted on the past "
    "alone, anew every 22 sessions, beside the naive walk (the mean variance of the last 22 sessions goes on). QLIKE is x/f + ln(f/m), "
    "lower is better; vs its difference to the walk; R2 = 1 - squared errors over the walk's; RMSE is of the variance, in squared vol "
    "points; p is Diebold-Mariano's. One that is no better than the walk LOSES and has no rank; ahead is better by no more than chance "
    "may do. A session's variance is of five-minute returns where every session has them, else Garman-Klass and the night, at the level "
    "of squared returns. HARQ needs minute bars on each session."
)
_CORRELATION_HELP = (
    "How names move together: correlation of daily log returns over the newest common sessions; a coin beside a stock has the stock's "
    "sessions. ** is significant at 1 %, * at 5 % (Fisher's z, which takes returns as independent of those before and without fat "
    "tails: be slower to believe than it is); of twenty pairs without any correlation one carries a mark by chance. Where it stands "
    "on fewer common sessions than asked for, n is told; under 20 there is no number. With a lag the row's name comes first: a mark "
    "above the diagonal says the row leads. Closes of different markets are not of one instant. Names: behind CORR, a watchlist's "
    "name, or the first watchlist."
)
_ESTIMATOR_WORDS = ("CLOSE", "PARK", "GK", "RS", "YZ", "RV")

FUNCTIONS: tuple[Entry, ...] = (
    Entry(
        code="HVT",
        aliases=("CONE",),
        title="Volatility Cone",
        summary="realised by window, with the implied",
        help=_CONE_HELP,
        arguments="[CLOSE|PARK|GK|RS|YZ|RV] [CORRECTED]",
        examples=("SPX HVT", "HVT YZ", "NVDA HVT CORRECTED"),
        path="optix_tui.screens.cone.screen:VolatilityConePanel",
        words=(*_ESTIMATOR_WORDS, "CORRECTED"),
        keys=(
            *list_keys("hvt"),
            Key("hvt.open", ("enter",), "drill", "the window through time, in HVG", "Move"),
            Key("hvt.estimator", ("o", "right_square_bracket"), "estimator(1)", "next estimator", hint="Estimator"),
            Key("hvt.estimator_back", ("O", "left_square_bracket"), "estimator(-1)", "estimator before"),
            Key("hvt.chart", ("v",), "chart", "the cone, or the table alone", hint="View"),
            Key("hvt.corrected", ("f",), "corrected", "spread the cone by what overlap hides", hint="Overlap"),
        ),
    ),
    Entry(
        code="HVG",
        title="Realised Volatility",
        summary="through time, with scored forecasts",
        help=_GRAPH_HELP,
        arguments="[CLOSE|PARK|GK|RS|YZ|RV] [window] [AHEAD n] [GRAPH|TABLE]",
        examples=("SPX HVG", "HVG YZ 63", "NVDA HVG AHEAD 5", "HVG TABLE"),
        path="optix_tui.screens.realized.screen:RealizedPanel",
        words=(*_ESTIMATOR_WORDS, "AHEAD", "GRAPH", "TABLE"),
        keys=(
            *list_keys("hvg"),
            Key("hvg.estimator", ("o",), "estimator(1)", "next estimator", hint="Estimator"),
            Key("hvg.estimator_back", ("O",), "estimator(-1)", "estimator before"),
            Key("hvg.overlay", ("f",), "overlay", "one estimator by window, or all estimators", hint="Lines"),
            Key("hvg.window", ("right_square_bracket",), "window(1)", "longer window", hint="Window"),
            Key("hvg.window_back", ("left_square_bracket",), "window(-1)", "shorter window"),
            Key("hvg.nearer", ("plus", "equals_sign"), "span(-1)", "fewer sessions"),
            Key("hvg.farther", ("minus",), "span(1)", "more sessions"),
            Key("hvg.horizon", ("right", "l"), "horizon(1)", "forecast further ahead", hint="Ahead"),
            Key("hvg.horizon_back", ("left", "h"), "horizon(-1)", "forecast less far ahead"),
            Key("hvg.view", ("v",), "view", "graph and table, graph, table", hint="View"),
        ),
    ),
    Entry(
        code="CORR",
        title="Correlation",
        summary="any names, rolling, lag, significance",
        help=_CORRELATION_HELP,
        arguments="[name… | watchlist] [window] [LAG n]",
        examples=("CORR", "CORR SPY QQQ TLT GLD", "CORR TECH 126", "CORR SPY VIX LAG 1"),
        path="optix_tui.screens.correlation.screen:CorrelationPanel",
        needs_security=False,
        words=("LAG",),
        keys=(
            Key("corr.up", ("up", "k"), "step(-1, 0)", "row above", "Move"),
            Key("corr.down", ("down", "j"), "step(1, 0)", "row below", "Move"),
            Key("corr.left", ("left", "h"), "step(0, -1)", "column left", "Move"),
            Key("corr.right", ("right", "l"), "step(0, 1)", "column right", "Move"),
            Key("corr.alone", ("enter",), "alone", "the pair through time, alone", "Move", hint="Pair"),
            Key("corr.window", ("right_square_bracket",), "window(1)", "longer window", hint="Window"),
            Key("corr.window_back", ("left_square_bracket",), "window(-1)", "shorter window"),
            Key("corr.lag", ("plus", "equals_sign"), "lag(1)", "row leads by one more", hint="Lag"),
            Key("corr.lag_back", ("minus",), "lag(-1)", "row leads by one less"),
            Key("corr.list", ("o",), "list(1)", "next watchlist", hint="List"),
        ),
    ),
)
