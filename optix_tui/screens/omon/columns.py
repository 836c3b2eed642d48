"""The columns of the chain: what each reads, how it is written, and which go first where there is no room.

Written for the call side, outside in. On the put side they stand mirrored, except Bid and Ask: Bid is always left of Ask.
"""

from collections.abc import Callable
from math import isfinite

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from engine.domain.chain import ChainSlice
from engine.domain.columns import Floats
from optix_tui.format import UNKNOWN, compact, small

BID, ASK = "Bid", "Ask"
QUOTE = ("BSz", BID, ASK, "ASz")
"""Read in this order on both sides: a mirrored quote is a misclick."""
MIDDLE = 15
"""Cells of the strike and what stands beside it."""


class Column(Struct, frozen=True):
    """One column of one side."""

    title: str
    width: int
    read: Callable[[ChainSlice], Floats]
    """The (2, strikes) numbers."""
    show: Callable[[float], str] | None
    """How a number is written; None is a price, written by the series' tick."""
    tone: str = "text"
    quantum: float = 0.0
    """Smallest difference that can be seen, for telling which rows changed; 0 compares exactly."""
    keeps: int = 0
    """The lowest goes first where there is no room; 9 stays always."""
    meaning: str = ""


def _points(value: float) -> str:
    return f"{value * 100:.1f}" if isfinite(value) else UNKNOWN


def _count(value: float) -> str:
    return compact(value, 6) if isfinite(value) else UNKNOWN


def _delta(value: float) -> str:
    return small(value, 2)


def _percent(value: float) -> str:
    return f"{value * 100:.0f}%" if isfinite(value) else UNKNOWN


def _residual(value: float) -> str:
    if not isfinite(value):
        return UNKNOWN
    return f"{value:+.1f}" if abs(value) < 99.5 else "99+" if value > 0 else "-99+"


def _ratio(value: float) -> str:
    return (f"{value:.1f}" if value < 100 else "99+") if isfinite(value) else UNKNOWN


def _greek(value: float) -> str:
    """Up to four digits, in five cells."""
    if not isfinite(value):
        return UNKNOWN
    size = abs(value)
    digits = 4 if size < 0.1 else 3 if size < 1 else 2
    text = small(value, digits)
    while len(text) > 5 and digits:
        digits -= 1
        text = small(value, digits)
    return text


def volume_to_interest(piece: ChainSlice) -> Floats:
    """Volume over open interest; NaN without open interest."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.where(piece.open_interest > 0, piece.volume / piece.open_interest, np.nan)
    return found


def extrinsic(piece: ChainSlice) -> Floats:
    """Mid less what exercise at the spot would bring."""
    spot, strikes = piece.summary.spot, piece.strikes
    intrinsic = np.maximum(np.stack([spot - strikes, strikes - spot]), 0.0)
    if piece.summary.series.inverse:
        intrinsic /= spot
    found: Floats = piece.mid - intrinsic
    return found


def probability_of_touch(piece: ChainSlice) -> Floats:
    """Chance that the strike is touched before expiry: twice the chance to end beyond it (reflection principle), at most 1."""
    spot, strikes = piece.summary.spot, piece.strikes
    beyond = np.where(strikes >= spot, piece.probability_itm[0], piece.probability_itm[1])
    found: Floats = np.minimum(2.0 * np.stack([beyond, beyond]), 1.0)
    return found


def relative_width(piece: ChainSlice) -> Floats:
    """(ask - bid) / mid."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = (piece.ask - piece.bid) / piece.mid
    return found


def fitted_volatility(piece: ChainSlice) -> Floats:
    """The smile at each strike, for call and put alike; NaN where none was fitted."""
    known = piece.fit_iv if piece.fit_iv.size else np.full(piece.strikes.size, np.nan)
    found: Floats = np.stack([known, known])
    return found


def residual(piece: ChainSlice) -> Floats:
    """By how many bid-ask widths the smile passes above the mid; NaN in the money, where it is not measured."""
    return piece.residual if piece.residual.size else np.full((2, piece.strikes.size), np.nan)


def at_fit(name: str) -> Callable[[ChainSlice], Floats]:
    """Reads a Greek at the fitted smile; NaN while it was not asked for."""

    def read(piece: ChainSlice) -> Floats:
        found: Floats = getattr(piece, f"fit_{name}")
        return found if found.size else np.full((2, piece.strikes.size), np.nan)

    return read


_BID = Column(BID, 8, lambda piece: piece.bid, None, keeps=9)
_ASK = Column(ASK, 8, lambda piece: piece.ask, None, keeps=9)
_OI = Column("OI", 7, lambda piece: piece.open_interest, _count, "dim", keeps=1, meaning="open interest of the session before")
_VOLUME = Column(
    "Vol", 6, lambda piece: piece.volume, _count, "dim", keeps=2, meaning="contracts traded today; orange above the open interest"
)
_IV = Column("IV", 6, lambda piece: piece.iv, _points, "vol", 0.0005, 3, "implied volatility of the mid, in points")
_DELTA = Column("Δ", 6, lambda piece: piece.delta, _delta, "greek", 0.005, 4, "delta per share")
_MID = Column("Mid", 8, lambda piece: piece.mid, None, "bright", keeps=5, meaning="half-way between bid and ask")
_BID_SIZE = Column("BSz", 6, lambda piece: piece.bid_size, _count, "dim", keeps=2)
_ASK_SIZE = Column("ASz", 6, lambda piece: piece.ask_size, _count, "dim", keeps=1)
_LAST = Column("Last", 8, lambda piece: piece.last, None, "dim", keeps=2, meaning="last trade")
_GAMMA = Column("Γ", 6, lambda piece: piece.gamma, _greek, "greek", 0.00005, 3, "gamma: delta a point of the underlying")
_THETA = Column("Θ", 6, lambda piece: piece.theta, _greek, "greek", 0.0005, 2, "theta: price a calendar day")
_VEGA = Column("V", 6, lambda piece: piece.vega, _greek, "greek", 0.0005, 1, "vega: price a vol point")
_BID_IV = Column("IVb", 6, lambda piece: piece.iv_bid, _points, "vol", 0.0005, 2, "implied volatility of the bid")
_ASK_IV = Column("IVa", 6, lambda piece: piece.iv_ask, _points, "vol", 0.0005, 2, "implied volatility of the ask")
_FIT_IV = Column(
    "Fit", 6, fitted_volatility, _points, "vol", 0.0005, 4, "volatility of the SVI smile fitted to the expiry's quotes: a model's"
)
_FIT_DELTA = Column("Δf", 6, at_fit("delta"), _delta, "vol", 0.005, 5, "delta at the volatility of the fitted smile, a model's")
_FIT_GAMMA = Column("Γf", 6, at_fit("gamma"), _greek, "vol", 0.00005, 2, "gamma there")
_FIT_THETA = Column("Θf", 6, at_fit("theta"), _greek, "vol", 0.0005, 1, "theta there")
_FIT_VEGA = Column("Vf", 6, at_fit("vega"), _greek, "vol", 0.0005, 1, "vega there")
_RESIDUAL = Column(
    "Res", 6, residual, _residual, "dim", 0.05, 3, "fit less mid, in widths of bid to ask; within ±0.5 the fit lies between them"
)
_VENDOR_IV = Column("IVv", 6, lambda piece: piece.vendor_iv, _points, "dim", 0.0005, 1, "the vendor's implied volatility")
_RATIO = Column("V/OI", 6, volume_to_interest, _ratio, "alert", 0.05, 2, "volume over open interest")
_ITM = Column("ITM%", 6, lambda piece: piece.probability_itm, _percent, "text", 0.005, 4, "risk-neutral chance to end in the money")
_TOUCH = Column("Tch%", 6, probability_of_touch, _percent, "dim", 0.005, 3, "chance to touch the strike: twice that to end beyond it")
_EXTRINSIC = Column("Extr", 7, extrinsic, None, "dim", 0.005, 2, "mid less intrinsic value")
_WIDTH = Column("Wid%", 6, relative_width, _percent, "dim", 0.005, 1, "(ask - bid) / mid")


class Preset(Struct, frozen=True):
    """A set of columns under a name. ``extras`` join outside where there is room."""

    name: str
    columns: tuple[Column, ...]
    extras: tuple[Column, ...] = ()
    label: str = ""
    """What it is called on the screen, where its name says too little."""
    at_fit: bool = False
    """It shows Greeks at the fitted smile, which are computed only for those who look."""

    @property
    def title(self) -> str:
        return self.label or self.name


PRESETS: tuple[Preset, ...] = (
    Preset("Main", (_OI, _VOLUME, _IV, _DELTA, _BID, _ASK), (_LAST, _GAMMA, _THETA, _VEGA, _ITM)),
    Preset("Trade", (_DELTA, _MID, _BID_SIZE, _BID, _ASK, _ASK_SIZE), (_WIDTH, _IV, _LAST)),
    Preset("Greeks", (_VEGA, _THETA, _GAMMA, _DELTA, _BID, _ASK), (_IV, _ITM)),
    Preset(
        "Fit",
        (_FIT_VEGA, _FIT_THETA, _FIT_GAMMA, _DELTA, _FIT_DELTA, replace(_FIT_IV, keeps=3), _BID, _ASK),
        (replace(_GAMMA, keeps=0), _THETA, _VEGA, _IV),
        label="Greeks at fit",
        at_fit=True,
    ),
    Preset("Vol", (_RESIDUAL, _FIT_IV, _BID_IV, _IV, _ASK_IV, _BID, _ASK), (_VENDOR_IV, _DELTA, _VEGA, _WIDTH)),
    Preset("Flow", (_RATIO, _OI, _VOLUME, replace(_LAST, keeps=0), _BID, _ASK), (_DELTA, _IV)),
    Preset("Prob", (_EXTRINSIC, _TOUCH, _ITM, _DELTA, _BID, _ASK), (_IV, _THETA)),
)
"""What ``o`` goes through. The change of open interest joins *Flow* with history."""


class Layout(Struct, frozen=True):
    """The columns that fit, and where everything stands."""

    width: int
    calls: tuple[Column, ...]
    puts: tuple[Column, ...]
    gaps: tuple[int, int]
    """Extra cells before each column, and blank cells at the left edge."""

    @property
    def side(self) -> int:
        return sum(column.width + self.gaps[0] for column in self.calls)


def fit(preset: Preset, width: int) -> Layout:
    """As many columns as fit: those that keep least go first; where there is room the extras join, then gaps widen."""
    room = width - MIDDLE
    columns = list(preset.columns)
    while len(columns) > 2 and 2 * sum(column.width for column in columns) > room:
        lowest = min(column.keeps for column in columns)
        if lowest >= 9:
            break
        columns.remove(next(column for column in columns if column.keeps == lowest))
    if len(columns) == len(preset.columns):
        for extra in preset.extras:
            if 2 * (sum(column.width for column in columns) + extra.width) <= room:
                columns.insert(0, extra)
    spare = max(room - 2 * sum(column.width for column in columns), 0)
    gap = min(spare // (2 * len(columns)), 3)
    left = (spare - 2 * gap * len(columns)) // 2
    return Layout(width, tuple(columns), mirrored(columns), (gap, left))


def mirrored(columns: list[Column]) -> tuple[Column, ...]:
    """The put side: everything inside out, but the quote is read in the same order as on the call side."""
    turned = columns[::-1]
    places = [place for place, column in enumerate(turned) if column.title in QUOTE]
    for place, column in zip(places, [column for column in columns if column.title in QUOTE], strict=True):
        turned[place] = column
    return tuple(turned)


def preset_named(name: str) -> int | None:
    """The place of a preset by its name."""
    return next((place for place, preset in enumerate(PRESETS) if preset.name.upper() == name.upper()), None)
