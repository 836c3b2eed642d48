"""The heavy work of this room in both tiers; slices lie one after the other in flat arrays, and ``begins`` says where."""

from typing import Final, Protocol, cast

from engine.quant import tiers
from engine.quant.arrays import Bytes, Floats, Indices
from engine.quant.smiles import plain


class Jobs(Protocol):
    """Inputs are clean (finite, weights above zero), results go into the caller's arrays; no number raises."""

    def fit_svi(self, k: Floats, w: Floats, weights: Floats, begins: Indices, starts: Floats, out: Floats, squares: Floats) -> None:
        """Raw SVI of every slice: rows of (a, b, ρ, m, σ), and the weighted sums of squares; a slice of fewer than five points is NaN.

        ``starts``: a row (m, σ) a slice to begin at, or NaN.
        """

    def fit_essvi(
        self,
        k: Floats,
        w: Floats,
        weights: Floats,
        begins: Indices,
        fresh: Bytes,
        below: Floats,
        starts: Floats,
        out: Floats,
        squares: Floats,
    ) -> None:
        """Rows of (θ, p, q), each slice above the one before; where ``fresh`` is set none lies before. An empty slice is NaN.

        ``below``: the (θ, p, q) that lies before the first, or zeros. ``starts``: a row (θ, p, q) a slice to begin at, or NaN.
        """

    def fit_ssvi(
        self, k: Floats, w: Floats, weights: Floats, begins: Indices, surfaces: Indices, thetas: Floats, out: Floats, squares: Floats
    ) -> None:
        """Rows of (ρ, η, γ) a surface, ``surfaces`` saying at which slice each begins; ``thetas`` brings first values and takes θ."""

    def fit_sabr(
        self, k: Floats, vols: Floats, weights: Floats, begins: Indices, years: Floats, betas: Floats, out: Floats, squares: Floats
    ) -> None:
        """Rows of (αF^(β-1), ρ, ν); a slice of fewer than three points is NaN."""

    def fit_splines(self, knots: Floats, levels: Floats, terms: Floats, begins: Indices, out: Floats, told: Floats) -> None:
        """Rows of w and of w'' at the knots; of every slice λ, 1 where arbitrage is left, and the slopes beyond its knots. Without: NaN."""

    def check_butterflies(self, slices: Floats, lows: Floats, highs: Floats, least: Floats, places: Floats) -> None:
        """The least g of every raw SVI slice, and where it was found."""

    def check_calendars(self, slices: Floats, lows: Floats, highs: Floats, fresh: Bytes, falls: Floats, places: Floats) -> None:
        """By how much w falls at most from the slice before to this one (below zero: it rises everywhere), and where in the range."""


ROOM: Final = tiers.Room("surfaces", cast(Jobs, plain))
