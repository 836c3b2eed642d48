"""The examples in the docstrings are published numbers; they must hold in both tiers."""

import doctest
import importlib

import pytest

from engine.quant import tiers


@pytest.mark.parametrize("name", ["black", "implied", "inverse", "max_pain", "realized", "term"])
def test_the_examples_of_a_module_hold(tier: tiers.Tier, name: str):
    done = doctest.testmod(importlib.import_module(f"engine.quant.{name}"))
    assert done.attempted > 0
    assert done.failed == 0
