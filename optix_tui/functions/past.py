"""The past: a scrubber over what was recorded of a name."""

from optix_tui.functions.entry import Entry
from optix_tui.keys import Key

_HELP = (
    "Everything that was recorded of a name, instant by instant: surfaces, dealers' gamma and flagged prints as they stood then, never "
    "the present. The strip has a bar for each day (a dot where nothing is stored), below it the day's line with 30-day volatility and "
    "spot, and a lane each of surfaces, exposures, flow and breaches (▲ a rule broken, ○ kept again); gaps are dotted. m marks an "
    "instant: the picture then shows the difference to it, in vol points of the same expiry at the same delta, strike, K/F or SD, and "
    "figures carry their change. e changes to the eSSVI surface that risk is computed with, and back. The quotes of a smile come when "
    "the cursor rests. Between two stored instants the one before holds. All times are New York's. Gamma is in the default convention "
    "($ per 1 %, calls +, puts -); the side of a print is an inference; flags: S sweep, B block, M legs, V volume above open interest."
)

FUNCTIONS: tuple[Entry, ...] = (
    Entry(
        code="REPL",
        title="Replay",
        summary="recorded days, and any two compared",
        help=_HELP,
        arguments="[HEAT|SMILE|TERM|FACTS|TABLE] [DELTA|STRIKE|MNY|SD] [SVI|ESSVI] [@instant [@mark]]",
        examples=("SPX REPL", "REPL @2026-11-19T14:32", "REPL SMILE @2026-11-19 @2026-11-18", "REPL STRIKE @10:00"),
        path="optix_tui.screens.replay.screen:ReplayPanel",
        words=("HEAT", "SMILE", "TERM", "FACTS", "TABLE", "DELTA", "STRIKE", "MNY", "SD", "SVI", "ESSVI"),
        keys=(
            Key("repl.back", ("left", "h"), "step(-1)", "the stored instant before", "Instants", hint="Back"),
            Key("repl.on", ("right", "l"), "step(1)", "the stored instant after", "Instants", hint="On"),
            Key("repl.leap_back", ("pageup",), "leap(-1)", "half an hour back", "Instants"),
            Key("repl.leap", ("pagedown",), "leap(1)", "half an hour on", "Instants"),
            Key("repl.day_back", ("left_square_bracket",), "day(-1)", "same time, day before", "Instants", hint="Day"),
            Key("repl.day", ("right_square_bracket",), "day(1)", "same time, day after", "Instants", hint="Day"),
            Key("repl.first", ("home",), "edge(-1)", "first stored instant", "Instants"),
            Key("repl.last", ("end",), "edge(1)", "newest stored instant", "Instants"),
            Key("repl.play", ("space",), "play", "runs, and stops", "Instants", hint="Play"),
            Key("repl.faster", ("plus", "equals_sign"), "speed(1)", "runs faster", "Instants"),
            Key("repl.slower", ("minus",), "speed(-1)", "runs slower", "Instants"),
            Key("repl.mark", ("m",), "mark", "marks the instant to compare with", "Difference", hint="Mark"),
            Key("repl.swap", ("x",), "swap", "cursor and mark change places", "Difference"),
            Key("repl.difference", ("f",), "difference", "difference to the mark, or level", "Difference", hint="Diff"),
            Key("repl.model", ("e",), "model", "SVI as shown, eSSVI as risk has it", "Pictures", hint="Model"),
            Key("repl.open", ("enter",), "drill", "OVDV at this instant", "Pictures"),
            Key("repl.picture", ("v",), "picture(1)", "next picture", "Pictures", hint="View"),
            Key("repl.picture_back", ("V",), "picture(-1)", "picture before", "Pictures"),
            Key("repl.heat", ("1",), "show('HEAT')", "heat map", "Pictures"),
            Key("repl.smile", ("2",), "show('SMILE')", "smile of one expiry", "Pictures"),
            Key("repl.term", ("3",), "show('TERM')", "term structure", "Pictures"),
            Key("repl.facts", ("4",), "show('FACTS')", "figures, gamma and flow", "Pictures"),
            Key("repl.table", ("5",), "show('TABLE')", "table", "Pictures"),
            Key("repl.coordinate", ("o",), "coordinate", "delta, strike, moneyness, SD", "Pictures", hint="Axis"),
            Key("repl.expiry_back", ("up", "k"), "expiry(-1)", "expiry before", "Pictures"),
            Key("repl.expiry", ("down", "j"), "expiry(1)", "expiry after", "Pictures"),
            Key("repl.crosshair_left", ("comma",), "across(-1)", "crosshair left", "Pictures"),
            Key("repl.crosshair_right", ("full_stop",), "across(1)", "crosshair right", "Pictures"),
        ),
    ),
)
