"""The heavy work of this room: without the interpreter's lock, in one call for a whole book, light to load."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from engine.quant import tiers
from engine.quant.chain.segments import of_sizes
from engine.quant.smiles import svi
from engine.quant.smiles.jobs import ROOM, Jobs
from tests.kit.smiles import ssvi_market

ROOT = Path(__file__).resolve().parents[3]
NAMES = [name for name in vars(Jobs) if not name.startswith("_")]


@pytest.mark.usefixtures("warm_kernels")
def test_every_compiled_job_runs_without_the_interpreters_lock():
    with tiers.using("numba"):
        jobs = ROOM.jobs()
    fits, checks = (
        {"fit_svi", "fit_essvi", "fit_ssvi", "fit_sabr", "fit_splines"},
        {"check_butterflies", "check_calendars"},
    )
    assert set(NAMES) == fits | checks
    for name in NAMES:
        options = getattr(jobs, name).targetoptions
        assert options["nogil"], name
        assert options["fastmath"] == {"contract"}, name
        assert not options.get("parallel"), name


@pytest.mark.usefixtures("warm_kernels")
def test_another_thread_runs_on_while_a_book_is_fitted():
    market, _ = ssvi_market(slices=16, noise=0.003)
    copies = 400
    book = {
        "log_moneyness": np.tile(market.log_moneyness, copies),
        "vols": np.tile(market.vols, copies),
        "segments": of_sizes(np.tile(market.segments.sizes, copies)),
        "years": np.tile(market.years, copies),
    }
    found, turns = [], 0

    def work() -> None:
        with tiers.using("numba"):
            found.append(svi.fit_slices(**book))

    worker = threading.Thread(target=work)
    worker.start()
    while worker.is_alive():
        turns += 1
        time.sleep(0)
    worker.join()
    assert turns > 50  # with the lock held there would be next to none
    assert found[0].statuses.size == 16 * copies
    assert (found[0].statuses == 0).all()


def test_the_room_loads_neither_scipy_nor_numba():
    program = (
        "import sys\n"
        "from engine.quant.smiles import contracts, density, local_vol, sabr, svi_jw, underlying, wings\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'scipy', 'numba', 'llvmlite', 'engine.domain'}))"
    )
    said = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    assert said == "[]"
