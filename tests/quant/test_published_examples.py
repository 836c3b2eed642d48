"""The examples in the docstrings are published numbers; they must hold in both tiers."""

import doctest
import importlib
from pathlib import Path

import pytest

import engine.quant
from engine.quant import tiers

HOME = Path(engine.quant.__file__).parent
WITH_EXAMPLES = sorted(
    ".".join(("engine.quant", *path.relative_to(HOME).with_suffix("").parts))
    for path in HOME.rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_of_a_module_hold(tier: tiers.Tier, name: str):
    done = doctest.testmod(importlib.import_module(name))
    assert done.attempted > 0
    assert done.failed == 0
