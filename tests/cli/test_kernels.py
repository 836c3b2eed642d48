"""`optix warmup` and `optix models`."""

import json
import os
from importlib import import_module
from pathlib import Path

import pytest

import engine.quant
from engine.cli.main import main
from engine.quant import tiers
from engine.quant.models import MODELS


def test_every_model_is_listed_with_its_source(capfd):
    assert main(["models", "--json"]) == 0
    listed = json.loads(capfd.readouterr().out)["models"]
    assert [one["name"] for one in listed] == [model.name for model in MODELS]
    assert all(len(one["source"]) > 20 for one in listed)
    assert main(["models"]) == 0
    assert "Black-76" in capfd.readouterr().out


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_listed_model_is_where_the_list_says(model):
    assert (import_module(f"engine.quant.{model.module}").__doc__ or "").strip()


def test_every_room_of_the_core_that_computes_is_in_the_list():
    quant = Path(engine.quant.__file__).parent
    rooms = {place.name for place in quant.iterdir() if place.is_dir() and (place / "__init__.py").exists()}
    machinery = {"kernels", "formulas", "chain"}  # the chain is curves, European and American models put together
    assert {model.module.partition(".")[0] for model in MODELS} == rooms - machinery


def test_no_model_is_listed_twice():
    assert len({model.name for model in MODELS}) == len(MODELS)


def test_warming_up_says_what_it_does_and_keeps_the_kernels(capfd, tmp_path_factory, monkeypatch):
    kept = os.environ.get("OPTIX_KERNEL_CACHE") or str(tmp_path_factory.getbasetemp().parent / "optix-kernels")
    monkeypatch.setenv("NUMBA_CACHE_DIR", kept)
    monkeypatch.setattr(tiers, "ROOMS", ("columns",))
    before = tiers.current()
    try:
        assert main(["warmup", "--json"]) == 0
    finally:
        tiers.use(before)
    out, err = capfd.readouterr()
    assert [one["room"] for one in json.loads(out)["rooms"]] == ["columns"]
    assert "columns" in err


def test_without_a_compiler_warming_up_says_so(capfd, monkeypatch):
    def missing(**_: object) -> None:
        raise tiers.TierUnavailableError("numba cannot be loaded")

    monkeypatch.setattr(tiers, "warm", missing)
    assert main(["warmup"]) == 3
    assert "numba cannot be loaded" in capfd.readouterr().err
