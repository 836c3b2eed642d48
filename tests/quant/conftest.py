"""Every number of this room is tested in both tiers: a test that asks for ``tier`` runs once in each."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.quant import tiers


@pytest.fixture(scope="session")
def kernel_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where compiled kernels are kept: a shared folder if one is named, so that the next run need not compile."""
    named = os.environ.get("OPTIX_KERNEL_CACHE")
    return Path(named) if named else tmp_path_factory.getbasetemp().parent / "optix-kernels"


@pytest.fixture(scope="session")
def warm_kernels(kernel_cache: Path) -> None:
    before = tiers.current()
    tiers.warm(kernel_cache)
    tiers.use(before)


@pytest.fixture(params=["numpy", "numba"])
def tier(request: pytest.FixtureRequest, warm_kernels: None) -> Iterator[tiers.Tier]:
    with tiers.using(request.param):
        yield request.param
