"""How finely the exercise boundary is solved: nodes, quadratures and the number of fixed-point steps, as tables the loops read.

All of it depends on the setting alone and on no contract. Nodes are the extrema of a Chebyshev polynomial in √τ; integrals over
z = √(τ-u) = √τ y are by Gauss and Legendre's rule in y, or in √y where a drift squeezes the integrand towards z = 0.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.quant.arrays import Floats
from engine.quant.formulas.american import MATCHED, MIXED, PLAIN

Setting: TypeAlias = Literal["fast", "accurate", "fine"]
SETTINGS: Final = ("fast", "accurate", "fine")


CROSSING_PLACES: Final = 65
"""Where two boundaries are compared."""


class Scheme(NamedTuple):
    """One setting's tables, for a boundary of n unknown nodes (the one at τ = 0 is known)."""

    roots: Floats
    """√(τ/T) at the nodes, from T downwards."""
    sizes: NDArray[np.int64]
    """Quadrature points a node, one number a fixed-point step."""
    nodes: Floats
    """(n + 3, n sum(sizes)), column k n + i of a step's part for point k of node i: from ln²(B/X) at the nodes to that at the
    point, then √((τ-u)/T), u/T and the weight over T."""
    points: Floats
    """(n + 2, p): the same for the premium at T, without u/T."""
    form: int
    """:data:`engine.quant.formulas.american.PLAIN`, MIXED or MATCHED."""


class Recipe(NamedTuple):
    """What a scheme is built from."""

    nodes: int
    sizes: tuple[int, ...]
    points: int
    power: int = 1
    """1: quadrature in y; 2: in √y."""
    form: int = PLAIN


def chebyshev_roots(count: int) -> Floats:
    """(1 + cos(iπ/n)) / 2 for i = 0..n."""
    roots: Floats = 0.5 * (1.0 + np.cos(np.arange(count + 1) * np.pi / count))
    return roots


def interpolation_weights(at: Floats, roots: Floats) -> Floats:
    """(points, nodes): Lagrange's polynomials of the nodes at these places, without the last node's, where the value is 0."""
    weights = np.ones((at.size, roots.size))
    for j in range(roots.size):
        others = np.delete(roots, j)
        weights[:, j] = np.prod((at[:, None] - others) / (roots[j] - others), axis=1)
    return weights[:, :-1]


def quadrature(points: int, power: int) -> tuple[Floats, Floats]:
    """Places y in (0, 1), and weights with which the sum of f(y) is the integral of f over u/τ, u = τ (1 - y²)."""
    places, weights = np.polynomial.legendre.leggauss(points)
    base = 0.5 * (1.0 + places)
    y: Floats = base**power
    return y, power * weights * base ** (2 * power - 1)


def build(recipe: Recipe) -> Scheme:
    """The tables of a recipe."""
    roots = chebyshev_roots(recipe.nodes)
    inner = roots[:-1]
    blocks = []
    for size in recipe.sizes:
        y, weights = quadrature(size, recipe.power)
        past = (np.sqrt(1.0 - y * y)[:, None] * inner).ravel()
        blocks.append(
            np.vstack(
                [
                    interpolation_weights(past, roots).T,
                    (y[:, None] * inner).ravel(),
                    past * past,
                    (weights[:, None] * inner * inner).ravel(),
                ]
            )
        )
    y, weights = quadrature(recipe.points, recipe.power)
    points = np.vstack([interpolation_weights(np.sqrt(1.0 - y * y), roots).T, y, weights])
    return Scheme(
        np.ascontiguousarray(inner),
        np.array(recipe.sizes, dtype=np.int64),
        np.ascontiguousarray(np.hstack(blocks)),
        np.ascontiguousarray(points),
        recipe.form,
    )


RECIPES: Final = {
    "fast": Recipe(8, (4, 5, 10), 16),
    "accurate": Recipe(8, (4, 8, 12, 16), 32),
    "fine": Recipe(16, (6, 10, 16, 32, 32, 32, 32), 64),
    "fast drift": Recipe(8, (12,) * 6, 24, form=MIXED),
    "fine drift": Recipe(16, (32,) * 12, 64, form=MIXED),
    "fast steep": Recipe(8, (12,) * 8, 32, 2, MATCHED),
    "fine steep": Recipe(16, (32,) * 16, 96, 2, MATCHED),
    "corridor search": Recipe(8, (16,) * 8, 16, form=MIXED),
    "corridor search steep": Recipe(8, (16,) * 8, 16, 2, MATCHED),
    "corridor": Recipe(10, (20,) * 10, 48, form=MIXED),
    "corridor steep": Recipe(10, (32,) * 14, 48, 2, MATCHED),
    "fine corridor": Recipe(16, (32,) * 14, 96, form=MIXED),
    "fine corridor steep": Recipe(16, (64,) * 20, 96, 2, MATCHED),
}


@cache
def scheme(name: str) -> Scheme:
    """The tables of a recipe by its name, built once."""
    return build(RECIPES[name])


@cache
def crossing_table(name: str) -> tuple[Floats, Floats]:
    """Places in √(τ/T) from 0 to 1, and (nodes, places) from squares at the nodes of a recipe to those there."""
    places = np.linspace(0.0, 1.0, CROSSING_PLACES)
    return places, np.ascontiguousarray(interpolation_weights(places, chebyshev_roots(RECIPES[name].nodes)).T)


def names() -> Sequence[str]:
    """All recipes."""
    return tuple(RECIPES)
