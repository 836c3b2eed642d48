"""The tiers: numpy at once and alone, numba when warm, and what its kernels must be."""

import ast
import platform
import re
import subprocess
import sys
import threading
import time
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from engine.quant import tiers
from engine.quant.european.implied import implied_vols

ROOT = Path(__file__).resolve().parents[2]


def in_a_fresh_process(text: str) -> str:
    return subprocess.run([sys.executable, "-c", text], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def test_the_first_chain_needs_neither_scipy_nor_numba():
    loaded = in_a_fresh_process(
        "import sys\n"
        "from engine.quant.chain.series import price_series\n"
        "from engine.quant.tiers import current\n"
        "found = price_series(strikes=[90, 100, 110], bid=[[11, 4, 1], [1, 4, 11]], ask=[[12, 5, 2], [2, 5, 12]], spot=100, years=0.5)\n"
        "assert found.iv[0, 1] > 0\n"
        "print(current(), sorted({name.split('.')[0] for name in sys.modules} & {'scipy', 'numba', 'llvmlite', 'mpmath', 'engine.domain'}))"
    )
    assert loaded == "numpy []"


def test_a_tier_that_is_not_warm_is_refused_with_what_to_do():
    said = in_a_fresh_process(
        "from engine.quant import tiers\ntry:\n    tiers.use('numba')\nexcept tiers.TierUnavailableError as error:\n    print(error)"
    )
    assert said == "the numba tier is not warm: call warm() first"


def test_without_numba_the_numpy_tier_goes_on_and_the_reason_is_said():
    said = in_a_fresh_process(
        "import sys\nsys.modules['numba'] = None\nfrom engine.quant import tiers\n"
        "try:\n    tiers.warm()\nexcept tiers.TierUnavailableError as error:\n    print(tiers.current(), '-', error)"
    )
    assert said.startswith("numpy - numba cannot be loaded")


def test_warming_changes_the_tier_and_the_block_gives_it_back(tier: tiers.Tier):
    assert tiers.current() == tier
    with tiers.using("numpy"):
        assert tiers.current() == "numpy"
    assert tiers.current() == tier


def test_kernels_are_kept_under_a_name_of_their_sources_and_flags(tmp_path: Path):
    from engine.quant.kernels import compiling

    program = "import sys; from pathlib import Path; from engine.quant import tiers; tiers.warm(Path(sys.argv[1]), rooms=['columns'])"
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True)
    kept = [path for path in tmp_path.rglob("*.nbi") if f"kernels-{compiling.version()}" in str(path)]
    assert {path.name.split(".")[1].split("-")[0] for path in kept} >= {"prices", "greeks", "implied_vols"}


@pytest.mark.usefixtures("warm_kernels")
@pytest.mark.parametrize("room", tiers.ROOMS)
def test_every_compiled_loop_runs_without_the_interpreters_lock(room: str):
    from numba.core.registry import CPUDispatcher

    found = [value for value in vars(import_module(f"engine.quant.kernels.{room}")).values() if isinstance(value, CPUDispatcher)]
    loops = [value for value in found if not value.targetoptions.get("forceinline")]
    assert loops
    for loop in loops:
        options = loop.targetoptions
        assert options["nogil"], loop
        assert options["fastmath"] <= {"contract", "reassoc"}, loop
        assert not options.get("parallel"), loop


@pytest.mark.usefixtures("warm_kernels")
def test_another_thread_runs_on_while_a_kernel_works():
    from engine.quant.kernels import columns

    rows = np.ascontiguousarray(np.repeat([[5.0], [100.0], [101.0], [0.5], [1.0]], 1_000_000, axis=1))
    vols, statuses = np.empty(rows.shape[1]), np.empty(rows.shape[1], dtype=np.int8)
    at_work, turns = threading.Event(), 0

    def work() -> None:
        at_work.set()
        columns.implied_vols(rows, vols, statuses)

    worker = threading.Thread(target=work)
    worker.start()
    at_work.wait()
    while worker.is_alive():
        turns += 1
        time.sleep(0)
    worker.join()
    assert turns > 50  # with the lock held there would be next to none
    assert (statuses == 0).all()


@pytest.mark.skipif(
    platform.machine().lower() not in {"x86_64", "amd64", "arm64", "aarch64"}, reason="an instruction set this test cannot read"
)
def test_every_compiled_loop_is_vectorised(tmp_path: Path):
    """A helper out of line or one column too many and LLVM falls back to one option at a time, with the same results."""
    text = (
        "import sys; from pathlib import Path\n"
        "from engine.quant.kernels.compiling import kept_in\n"
        "with kept_in(Path(sys.argv[1])):\n"
        "    from engine.quant.kernels import columns, risk\n"
        "loops = [getattr(columns, name) for name in ('prices', 'greeks', 'implied_vols', 'higher_greeks')]\n"
        "for loop in [*loops, risk.revalue, risk.revalue_greeks]:\n"
        "    print('LOOP', loop.__name__); print(next(iter(loop.inspect_asm().values())))"
    )
    found = subprocess.run([sys.executable, "-c", text, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    packed = re.compile(r"\bv?divpd\b|\bfdiv\s+v\d+\.2d")
    parts = found.split("LOOP ")[1:]
    assert len(parts) == 6
    for part in parts:
        assert len(packed.findall(part)) >= 4, part.split("\n", 1)[0]


def test_numba_is_imported_in_the_kernels_alone():
    guilty = []
    for path in sorted((ROOT / "engine").rglob("*.py")):
        if (ROOT / "engine" / "quant" / "kernels") in path.parents:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            guilty += [str(path) for name in names if name.split(".")[0] in {"numba", "llvmlite"}]
    assert guilty == []


def test_no_module_of_the_core_loads_what_takes_long_to_load():
    """scipy, statsmodels and QuantLib are loaded by the function that needs them, and numba by the kernels alone."""
    quant = ROOT / "engine" / "quant"
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in sorted(quant.rglob("*.py"))]
    public = [name.removesuffix(".__init__") for name in names if ".kernels." not in name]
    assert len(public) > 80
    loaded = in_a_fresh_process(
        f"import sys\nfrom importlib import import_module\nfor name in {public!r}:\n    import_module(name)\n"
        "heavy = {'scipy', 'numba', 'llvmlite', 'pandas', 'statsmodels', 'QuantLib', 'mpmath', 'arch'}\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & heavy))"
    )
    assert loaded == "[]"


def test_the_room_knows_no_other_room():
    outside = []
    for path in sorted((ROOT / "engine" / "quant").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            outside += [(path.name, name) for name in names if name.startswith("engine.") and not name.startswith("engine.quant")]
    assert outside == []


def test_both_tiers_answer_an_empty_book(tier: tiers.Tier):
    assert implied_vols(prices=[], forwards=[], strikes=[], years=[], rights=[]).vols.size == 0
