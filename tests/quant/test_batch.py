"""A table of contracts of every kind: each row by its own model, whichever rows come with it and however many processors there are."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from engine.quant import batch, tiers
from engine.quant.batch import chosen, contract_numbers, implied_contracts
from engine.quant.codes import IvStatus
from engine.quant.contracts import ContractNumbers, Contracts, Dividends

SIZE = 240


def table(size: int = SIZE) -> tuple[Contracts, Any]:
    """European and American rows, some on a forward and some with cash dividends, and their volatilities."""
    chance = np.random.default_rng(11)
    american, on_forward = chance.random(size) < 0.7, chance.random(size) < 0.15
    paying = np.flatnonzero(~on_forward & (chance.random(size) < 0.1))
    contracts = Contracts(
        rights=chance.choice([1.0, -1.0], size),
        american=american,
        on_forward=on_forward,
        underlyings=np.full(size, 100.0),
        strikes=np.round(chance.uniform(80.0, 125.0, size)),
        years=chance.choice([30.0, 90.0], size) / 365.0,
        rates=np.full(size, 0.04),
        yields=np.where(on_forward, 0.0, 0.01),
        dividends=Dividends(paying, np.full(paying.size, 20.0 / 365.0), np.full(paying.size, 0.8)),
    )
    return contracts, chance.uniform(0.15, 0.6, size)


def in_small_parts(monkeypatch: pytest.MonkeyPatch, processors: int, part: int = 60) -> None:
    monkeypatch.setattr(batch, "PART", part)
    monkeypatch.setattr(batch, "PAYING_PART", part // 10)
    monkeypatch.setattr(batch, "TREE_PART", part // 15)
    monkeypatch.setattr(batch.os, "cpu_count", lambda: processors)


@pytest.mark.usefixtures("warm_kernels")
def test_the_number_of_processors_changes_no_bit(monkeypatch: pytest.MonkeyPatch):
    contracts, vols = table()
    found = []
    for processors in (1, 3):
        in_small_parts(monkeypatch, processors)
        with tiers.using("numba"):
            numbers = contract_numbers(contracts=contracts, vols=vols)
            found.append((numbers, implied_contracts(contracts=contracts, prices=numbers.prices)))
    np.testing.assert_array_equal(np.stack(found[0][0]), np.stack(found[1][0]))
    np.testing.assert_array_equal(found[0][1].vols, found[1][1].vols)
    np.testing.assert_array_equal(found[0][1].statuses, found[1][1].statuses)


@pytest.mark.usefixtures("warm_kernels")
def test_a_row_has_its_numbers_in_any_company(monkeypatch: pytest.MonkeyPatch):
    contracts, vols = table()
    with tiers.using("numba"):
        whole = contract_numbers(contracts=contracts, vols=vols)
        in_small_parts(monkeypatch, 2)
        parted = contract_numbers(contracts=contracts, vols=vols)
        alone = [contract_numbers(contracts=chosen(contracts, np.array([row])), vols=vols[row : row + 1]) for row in range(60)]
    for name in ContractNumbers._fields:
        column = getattr(whole, name)
        scale = float(np.max(np.abs(column)))
        np.testing.assert_allclose(getattr(parted, name), column, rtol=1e-5, atol=1e-6 * scale, err_msg=name)
        each = np.array([float(getattr(one, name)[0]) for one in alone])
        np.testing.assert_allclose(each, column[:60], rtol=1e-5, atol=1e-6 * scale, err_msg=name)


def test_volatilities_come_back_from_the_prices_they_made(tier: tiers.Tier):
    contracts, vols = table(80)
    prices = contract_numbers(contracts=contracts, vols=vols).prices
    found = implied_contracts(contracts=contracts, prices=prices)
    told = found.statuses == IvStatus.OK
    assert told.sum() > 70
    np.testing.assert_allclose(found.vols[told], vols[told], atol=2e-4)
    np.testing.assert_allclose(found.numbers.prices[told], prices[told], atol=1e-4)


def test_rows_come_in_the_order_they_are_asked_for():
    contracts, _ = table()
    order = np.arange(SIZE)[::-1]
    turned = chosen(contracts, order)
    np.testing.assert_array_equal(turned.strikes, contracts.strikes[::-1])
    np.testing.assert_array_equal(contracts.strikes[contracts.dividends.rows], turned.strikes[turned.dividends.rows])
    assert chosen(contracts, np.arange(SIZE)) is contracts


def test_columns_that_may_not_be_written_to_are_read(tier: tiers.Tier):
    contracts, vols = table()
    for column in (*contracts[:-1], *contracts.dividends, vols):
        column.flags.writeable = False
    numbers = contract_numbers(contracts=contracts, vols=vols)
    assert np.isfinite(np.stack(numbers)).all()
    numbers.prices.flags.writeable = False
    assert implied_contracts(contracts=contracts, prices=numbers.prices).vols.size == SIZE


def test_no_rows_have_no_numbers():
    contracts, vols = table()
    empty = np.empty(0, dtype=np.intp)
    none = chosen(contracts, empty)
    assert np.stack(contract_numbers(contracts=none, vols=vols[empty])).shape == (12, 0)
    assert implied_contracts(contracts=none, prices=vols[empty]).vols.size == 0


def test_an_unknown_row_spoils_no_other(tier: tiers.Tier):
    contracts, vols = table()
    right = contract_numbers(contracts=contracts, vols=vols)
    strikes, spoiled = contracts.strikes.copy(), vols.copy()
    strikes[::7], spoiled[3::7] = np.nan, np.inf
    found = contract_numbers(contracts=contracts._replace(strikes=strikes), vols=spoiled)
    touched = np.zeros(SIZE, dtype=np.bool_)
    touched[::7] = touched[3::7] = True
    assert np.isnan(found.prices[::7]).all()
    for name in ContractNumbers._fields:
        column = getattr(right, name)
        scale = float(np.max(np.abs(column)))
        np.testing.assert_allclose(getattr(found, name)[~touched], column[~touched], rtol=1e-5, atol=1e-6 * scale, err_msg=name)


@pytest.mark.usefixtures("warm_kernels")
def test_several_threads_at_once_find_what_one_finds():
    contracts, vols = table(160)
    with tiers.using("numba"), ThreadPoolExecutor(4) as pool:
        wanted = np.stack(contract_numbers(contracts=contracts, vols=vols))
        jobs = [pool.submit(contract_numbers, contracts=contracts, vols=vols) for _ in range(8)]
        for job in jobs:
            np.testing.assert_array_equal(np.stack(job.result()), wanted)
