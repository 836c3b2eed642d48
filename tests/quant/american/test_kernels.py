"""What the tables and the compiled loops must be, beside right."""

import platform
import re
import subprocess
import sys
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest

from engine.quant import tiers
from engine.quant.american import solver
from engine.quant.american.schemes import RECIPES, build, interpolation_weights, names, quadrature, scheme
from engine.quant.american.solver import PREMIUM_ROWS
from engine.quant.formulas.american_normal import build_normal
from engine.quant.numpy_tier import PRIMITIVES

ROOT = Path(__file__).resolve().parents[3]
LOOPS = ("solve", "premium", "premiums", "boundaries", "premiums_on", "premiums_along", "premiums_between")


def test_the_short_normal_distribution_is_good_to_its_word():
    deviates = np.concatenate([np.linspace(-12.0, 12.0, 481), [-300.0, -40.0, 40.0, 300.0]])
    found = build_normal(PRIMITIVES)(deviates, np.exp(-0.5 * np.minimum(np.abs(deviates), 38.0) ** 2))
    exact = np.array([float(mp.ncdf(float(deviate))) for deviate in deviates])
    assert np.max(np.abs(found - exact)) < 3e-12


@pytest.mark.parametrize("power", [1, 2])
def test_the_quadrature_is_exact_for_polynomials(power: int):
    y, weights = quadrature(12, power)
    for degree in (0, 1, 4):
        assert float(weights @ y**degree) == pytest.approx(2.0 / (degree + 2))  # the integral of y^n over u/T = 1 - y²


def test_the_interpolation_reproduces_a_polynomial_that_is_nothing_at_the_end():
    roots = np.append(scheme("fast").roots, 0.0)
    places = np.linspace(0.0, 1.0, 7)
    weights = interpolation_weights(places, roots)
    np.testing.assert_allclose(weights @ (roots[:-1] ** 3 - 2.0 * roots[:-1]), places**3 - 2.0 * places, atol=1e-13)


def test_every_recipe_becomes_tables_of_the_right_size():
    for name in names():
        recipe, tables = RECIPES[name], scheme(name)
        assert tables.nodes.shape == (recipe.nodes + 3, recipe.nodes * sum(recipe.sizes))
        assert tables.points.shape == (recipe.nodes + 2, recipe.points)
        assert np.isfinite(tables.nodes).all()
        assert build(recipe).form == tables.form


def test_a_boundary_once_solved_serves_any_number_of_spots(tier: tiers.Tier):
    tables = scheme("fast")
    spots = np.linspace(0.9, 1.3, 9)
    terms = np.array([0.5, 0.04, 0.02, 0.25])
    rows = np.vstack([np.log(spots), np.repeat(terms[:, None], spots.size, axis=1)])
    whole, part = np.empty((PREMIUM_ROWS, spots.size)), np.empty((PREMIUM_ROWS, spots.size))
    jobs = solver.ROOM.jobs()
    jobs.premiums(rows, *tables, whole)
    known = np.empty((1, tables.roots.size))
    jobs.boundaries(np.ascontiguousarray(terms[:, None]), tables.roots, tables.sizes, tables.nodes, tables.form, known)
    jobs.premiums_on(rows, np.zeros(spots.size, dtype=np.int64), known, tables.points, part)
    np.testing.assert_allclose(part, whole, rtol=1e-12, atol=1e-14)


@pytest.mark.usefixtures("warm_kernels")
def test_every_compiled_loop_runs_without_the_interpreters_lock():
    from engine.quant.kernels import american, dividends, held, sharing

    for loop in (*(getattr(american, name) for name in LOOPS), dividends.trees, held.held, sharing.boundaries, sharing.premiums):
        assert loop.targetoptions["nogil"]
        assert loop.targetoptions["fastmath"] == {"contract"}
        assert not loop.targetoptions.get("parallel")


@pytest.mark.skipif(
    platform.machine().lower() not in {"x86_64", "amd64", "arm64", "aarch64"}, reason="an instruction set this test cannot read"
)
def test_the_loops_over_nodes_are_vectorised(tmp_path: Path):
    text = (
        "import sys; from pathlib import Path\n"
        "from engine.quant.kernels.compiling import kept_in\n"
        "with kept_in(Path(sys.argv[1])):\n"
        "    from engine.quant.kernels import american, dividends, held\n"
        "for loop in (american.solve, american.premium, dividends.trees, held.held):\n"
        "    print('LOOP', loop.__name__); print(next(iter(loop.inspect_asm().values())))"
    )
    found = subprocess.run([sys.executable, "-c", text, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    packed = {"solve": r"\bv?divpd\b|\bfdiv\s+v\d+\.2d", "premium": r"\bv?divpd\b|\bfdiv\s+v\d+\.2d"}
    packed["held"] = r"\bv?mulpd\b|\bfmul\s+v\d+\.2d"
    packed["trees"] = r"\bv?maxpd\b|\bv?cmp\w*pd\b|\bfcm\w+\s+v\d+\.2d|\bfmax\w*\s+v\d+\.2d"
    for part in found.split("LOOP ")[1:]:
        name = part.split("\n", 1)[0]
        assert len(re.findall(packed[name], part)) >= 2, name
