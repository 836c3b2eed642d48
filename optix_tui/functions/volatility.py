"""Volatility: the surface of a name and its skew."""

from optix_tui.functions.entry import Entry, list_keys
from optix_tui.keys import Key

_SURFACE_HELP = (
    "The volatility surface of a name, fitted anew as quotes move: raw SVI for each expiry, total variance linear in time at fixed "
    "ln(K/F) between them. Every expiry carries what its fit is worth: G good, F fair, P poor, X failed (no fit), B butterfly and C "
    "calendar arbitrage; Enter says why and which quotes were left out. Poor fits are hatched, what lies beyond the quotes is faint (E), "
    "an expiry without a fit is left empty; where no used quote stands near the money, its ATM is dim and said to be the model's. "
    "Layers: level; 1-day change (same expiry, same K/F); z-score against one stored surface of each of the last days (same time to "
    "expiry, same K/F; at least 20 of them); rich/cheap, mid less fit in bid-ask widths: within ±0.5 the fit lies between bid and ask. "
    "K/F is moneyness by the forward; Δ is forward delta, the 50-delta call and put sharing a strike; SD is ln(K/F) / (ATM IV √T). "
    "RR25 = IV(25-delta call) - IV(25-delta put), negative where puts are dearer; BF25 = their mean - ATM; ATM is at the forward. "
    "Constant maturities are read off the surface; VarIV is the root of the fair variance, as VIX is made. "
    "@ and an instant show the stored surface that held then (@2026-11-19T14:32 or @14:32, New York; @2026-11-19 is the last of that "
    "day): change, z-score and the smile of a day ago are taken from there."
)
_SKEW_HELP = (
    "How much dearer one wing is than the other. RR25 = IV(25-delta call) - IV(25-delta put): negative where puts are dearer, as in "
    "equities; many vendors show put - call, so the sign can be turned (f) and the formula in force stands on the screen. BF25 = mean "
    "of both wings - ATM: how curved the smile is. Slope is dIV/dln(K/F) at the forward, in vol points for 1 % of strike. P/C is "
    "IV(25-delta put) over IV(25-delta call); Norm is RR25 over ATM, which can be compared between names and levels; RR10 and BF10 are "
    "those of the 10-delta wings. All of forward delta on the fitted smile; what lies beyond the quotes is faint, what stands on a poor "
    "fit is marked, and what has no fit is a dash."
)

FUNCTIONS: tuple[Entry, ...] = (
    Entry(
        code="OVDV",
        aliases=("SURF",),
        title="Volatility Surface",
        summary="heat map, 3-D, smile, term, table",
        help=_SURFACE_HELP,
        arguments="[HEAT|MESH|SMILE|TERM|TABLE] [MNY|DELTA|STRIKE|SD] [CHANGE|Z|RICH] [expiry] [@instant]",
        examples=("SPX OVDV", "OVDV MESH", "OVDV SMILE DELTA 18DEC26", "OVDV RICH", "OVDV @2026-11-19T14:32"),
        path="optix_tui.screens.surface.screen:SurfacePanel",
        words=("HEAT", "MESH", "3D", "SMILE", "TERM", "TABLE", "MNY", "DELTA", "STRIKE", "SD", "LEVEL", "CHANGE", "Z", "RICH"),
        keys=(
            Key("ovdv.up", ("up", "k"), "up(-1)", "expiry before; tilts the mesh", "Move"),
            Key("ovdv.down", ("down", "j"), "up(1)", "expiry after; tilts the mesh", "Move"),
            Key("ovdv.left", ("left", "h"), "across(-1)", "crosshair left; turns the mesh", "Move"),
            Key("ovdv.right", ("right", "l"), "across(1)", "crosshair right; turns the mesh", "Move"),
            Key("ovdv.center", ("home", "full_stop"), "center", "to the money, as at first", "Move"),
            Key("ovdv.open", ("enter",), "drill", "why the fit is worth what it is", "Move"),
            Key("ovdv.expiry_back", ("left_square_bracket",), "expiry(-1)", "previous expiry", "Expiries", hint="Expiry"),
            Key("ovdv.expiry", ("right_square_bracket",), "expiry(1)", "next expiry", "Expiries", hint="Expiry"),
            Key("ovdv.picture", ("v",), "picture(1)", "next picture", "Pictures", hint="View"),
            Key("ovdv.picture_back", ("V",), "picture(-1)", "picture before", "Pictures"),
            Key("ovdv.heat", ("1",), "show('HEAT')", "heat map", "Pictures"),
            Key("ovdv.mesh", ("2",), "show('MESH')", "in space", "Pictures"),
            Key("ovdv.smile", ("3",), "show('SMILE')", "smile of one expiry", "Pictures"),
            Key("ovdv.term", ("4",), "show('TERM')", "term structure", "Pictures"),
            Key("ovdv.table", ("5",), "show('TABLE')", "table", "Pictures"),
            Key("ovdv.pixels", ("i",), "pixels", "heat map and mesh in pixels", "Pictures"),
            Key("ovdv.coordinate", ("o",), "coordinate", "moneyness, delta, strike, SD", hint="Axis"),
            Key("ovdv.layer", ("f",), "layer", "level, 1-day change, z-score, rich/cheap", hint="Layer"),
            Key("ovdv.nearer", ("plus", "equals_sign"), "zoom_axis(1)", "a shorter stretch across"),
            Key("ovdv.farther", ("minus",), "zoom_axis(-1)", "a longer stretch across"),
            Key("ovdv.older", ("less_than_sign",), "instant(-1)", "the stored surface before", "Instants"),
            Key("ovdv.newer", ("greater_than_sign",), "instant(1)", "the one after; at last the present", "Instants"),
            Key("ovdv.spin", ("space",), "spin", "spins the mesh, and stops it"),
            Key("ovdv.risk", ("e",), "risk", "the arbitrage-free eSSVI smile on or off"),
            Key("ovdv.yesterday", ("y",), "yesterday", "the smile of a day ago on or off"),
        ),
    ),
    Entry(
        code="SKEW",
        title="Skew",
        summary="risk reversals, butterflies, smiles overlaid",
        help=_SKEW_HELP,
        arguments="[SMILES|TERM|TABLE] [MNY|DELTA|STRIKE|SD] [C-P|P-C]",
        examples=("SPX SKEW", "SKEW TERM", "SKEW SMILES SD", "SKEW P-C"),
        path="optix_tui.screens.skew.screen:SkewPanel",
        words=("SMILES", "TERM", "TABLE", "MNY", "DELTA", "STRIKE", "SD", "C-P", "P-C"),
        keys=(
            *list_keys("skew"),
            Key("skew.open", ("enter",), "drill", "its smile in OVDV", "Move"),
            Key("skew.expiry_back", ("left_square_bracket",), "move(-1)", "previous expiry", "Expiries"),
            Key("skew.expiry", ("right_square_bracket",), "move(1)", "next expiry", "Expiries"),
            Key("skew.mark", ("space",), "mark", "its smile over the others, or away", "Expiries", hint="Overlay"),
            Key("skew.picture", ("v",), "picture(1)", "smiles, wings over time, table", "Pictures", hint="View"),
            Key("skew.picture_back", ("V",), "picture(-1)", "picture before", "Pictures"),
            Key("skew.smiles", ("1",), "show('SMILES')", "smiles over one another", "Pictures"),
            Key("skew.term", ("2",), "show('TERM')", "wings over time", "Pictures"),
            Key("skew.table", ("3",), "show('TABLE')", "the table alone", "Pictures"),
            Key("skew.coordinate", ("o",), "coordinate", "delta, moneyness, strike, SD", hint="Axis"),
            Key("skew.sign", ("f",), "sign", "call less put, or put less call", hint="Sign"),
        ),
    ),
)
