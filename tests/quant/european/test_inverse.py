"""Coin-settled options against the marks of the venue that invented them."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.quant.chain.series import price_series
from engine.quant.codes import IvStatus
from engine.quant.european.implied import implied_vols
from engine.quant.european.inverse import coin_prices, currency_prices, greeks, net_deltas
from tests.kit.numbers import record


def marks(fixtures: Path) -> list[dict[str, Any]]:
    recorded = json.loads(gzip.decompress((fixtures / "deribit_snapshots" / "btc_8exp_2026-02-07.json.gz").read_bytes()))
    return list(recorded["expiries"].values())


def test_conversion_there_and_back_changes_nothing():
    there = currency_prices(coin_prices=[0.01, 0.5, np.nan], forwards=70_000.0)
    assert coin_prices(currency_prices=there, forwards=70_000.0) == pytest.approx([0.01, 0.5, np.nan], nan_ok=True)
    assert net_deltas(deltas=0.5, coin_prices=0.04) == pytest.approx(0.46)


def test_the_venues_own_marks_give_its_own_volatilities(fixtures: Path):
    checked = 0
    for expiry in marks(fixtures):
        options = [option for option in expiry["options"] if option["mark_price"] > 0.002]
        F, K, mark, vol = (
            np.array([option[name] for option in options]) for name in ("underlying_price", "strike", "mark_price", "mark_iv")
        )
        right = np.where([option["option_type"] == "call" for option in options], 1.0, -1.0)
        out = right * (K - F) > 0
        found = implied_vols(prices=currency_prices(coin_prices=mark, forwards=F), forwards=F, strikes=K, years=expiry["ttm"], rights=right)
        assert (found.statuses[out] == IvStatus.OK).all()
        assert np.median(np.abs(found.vols - vol)[out]) < 2e-3  # their time to expiry is rounded, their volatility has four digits
        checked += int(out.sum())
    assert checked > 100


def test_the_venues_own_volatilities_give_its_marks_in_the_coin(fixtures: Path):
    errors = []
    for expiry in marks(fixtures):
        options = [option for option in expiry["options"] if option["mark_iv"] > 0]
        F, K, mark, vol = (
            np.array([option[name] for option in options]) for name in ("underlying_price", "strike", "mark_price", "mark_iv")
        )
        rights = np.where([option["option_type"] == "call" for option in options], 1.0, -1.0)
        errors.append(np.abs(greeks(forwards=F, strikes=K, years=expiry["ttm"], vols=vol, rights=rights).prices - mark))
    error = np.concatenate(errors)
    record(table="deribit_snapshots", quantity="mark, median coin", error=float(np.median(error)), tolerance=1e-4, cases=error.size)


def test_the_forward_from_quotes_in_the_coin_is_the_future(fixtures: Path):
    for expiry in marks(fixtures):
        options = expiry["options"]
        strikes = sorted({option["strike"] for option in options})
        bid, ask = np.full((2, len(strikes)), np.nan), np.full((2, len(strikes)), np.nan)
        for option in options:
            at = (0 if option["option_type"] == "call" else 1, strikes.index(option["strike"]))
            bid[at] = option["bid_price"] or np.nan
            ask[at] = option["ask_price"] or np.nan
        found = price_series(strikes=strikes, bid=bid, ask=ask, spot=expiry["spot_price"], years=expiry["ttm"], inverse=True, tick=0.0001)
        assert found.forward == pytest.approx(expiry["forward_price"], rel=5e-4)
        assert found.rate == 0.0
        assert 0.3 < found.atm_iv < 0.9
        assert found.straddle == pytest.approx(0.798 * found.expected_move, rel=0.01)
