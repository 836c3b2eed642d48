"""Coin-settled options against the marks of the venue that invented them."""

import ast
import csv
import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from engine.quant.chain.series import price_series
from engine.quant.codes import IvStatus
from engine.quant.curves.parity import parity_fit
from engine.quant.european.black import futures_greeks
from engine.quant.european.implied import implied_vols
from engine.quant.european.inverse import coin_prices, currency_prices, greeks, net_deltas
from engine.quant.trader_units import in_trader_units
from tests.kit.numbers import record

FOLDER = "deribit_snapshots"
WITH_DELTAS = tuple(f"deribit_{at}.csv.gz" for at in ("20251230T173115Z", "20260226T160101Z", "20260821T154701Z", "20260822T035045Z"))
DAILY = tuple(f"deribit_chain_2026-07-{day}.csv.gz" for day in ("04", "05", "06", "24", "31"))
EIGHT = 8
"""Options end at 08:00 UTC."""


class Options(NamedTuple):
    """Every option of one file, in columns."""

    series: np.ndarray
    """Coin and expiry, as text."""
    forwards: np.ndarray
    strikes: np.ndarray
    years: np.ndarray
    rights: np.ndarray
    marks: np.ndarray
    vols: np.ndarray
    deltas: np.ndarray
    bids: np.ndarray
    asks: np.ndarray


def read(path: Path) -> Options:
    """Both collectors' tables: one says the expiry's instant, the volatility as a fraction and the delta, the other its day and percent."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    daily = "snapshot_utc" in rows[0]

    def column(name: str) -> np.ndarray:
        return np.array([float(row[name] or "nan") for row in rows])

    if daily:
        ends = [datetime.fromisoformat(row["expiry"]).replace(hour=EIGHT, tzinfo=UTC) for row in rows]
        now = [datetime.fromisoformat(row["snapshot_utc"]).replace(tzinfo=UTC) for row in rows]
    else:
        ends = [datetime.fromisoformat(row["expiry_datetime"]) for row in rows]
        now = [datetime.fromisoformat(row["timestamp"]) for row in rows]
    years = np.array([(end - at).total_seconds() / 86_400 / 365 for end, at in zip(ends, now, strict=True)])
    kinds = [row["type" if daily else "option_type"] for row in rows]
    found = Options(
        series=np.array([f"{row['underlying' if daily else 'currency']} {end}" for row, end in zip(rows, ends, strict=True)]),
        forwards=column("underlying_price" if daily else "futures_price"),
        strikes=column("strike"),
        years=years,
        rights=np.where([kind.startswith("c") for kind in kinds], 1.0, -1.0),
        marks=column("mark_price"),
        vols=column("mark_iv") / 100.0 if daily else column("implied_volatility"),
        deltas=np.full(len(rows), np.nan) if daily else column("delta"),
        bids=column("bid" if daily else "bid_price"),
        asks=column("ask" if daily else "ask_price"),
    )
    alive = (found.years > 0.0) & (found.vols > 0.0) & (found.marks > 0.0)
    return Options(*(values[alive] for values in found))


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


@pytest.mark.parametrize("name", [*WITH_DELTAS, *DAILY])
def test_on_every_recorded_day_marks_and_deltas_are_the_venues(fixtures: Path, name: str):
    """A mark and the future beside it were not read in the same instant, which is all that is between them."""
    given = read(fixtures / FOLDER / name)
    terms = {"forwards": given.forwards, "strikes": given.strikes, "years": given.years, "vols": given.vols, "rights": given.rights}
    off = np.abs(greeks(**terms).prices - given.marks)
    record(table=name, quantity="mark, median coin", error=float(np.median(off)), tolerance=1e-4, cases=off.size)
    if name in WITH_DELTAS:
        away = np.abs(futures_greeks(**terms).deltas - given.deltas)
        record(table=name, quantity="delta, median", error=float(np.median(away)), tolerance=1e-3, cases=away.size)


def test_over_all_recorded_days_the_median_mark_and_delta_are_as_near_as_their_digits(fixtures: Path):
    marks, deltas = [], []
    for name in (*WITH_DELTAS, *DAILY):
        given = read(fixtures / FOLDER / name)
        terms = {"forwards": given.forwards, "strikes": given.strikes, "years": given.years, "vols": given.vols, "rights": given.rights}
        marks.append(np.abs(greeks(**terms).prices - given.marks))
        deltas.append(np.abs(futures_greeks(**terms).deltas - given.deltas)[np.isfinite(given.deltas)])
    off, away = np.concatenate(marks), np.concatenate(deltas)
    record(table=FOLDER, quantity="mark, median coin, nine days together", error=float(np.median(off)), tolerance=1e-5, cases=off.size)
    record(table=FOLDER, quantity="delta, median, four days together", error=float(np.median(away)), tolerance=5e-4, cases=away.size)


def test_where_mark_and_future_are_of_one_instant_every_greek_is_the_venues(fixtures: Path):
    name = "btc_order_books_2020-05-21_a.csv.gz"
    with gzip.open(fixtures / FOLDER / name, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    F, K, ends, now, vol, mark = (
        np.array([float(row[column]) for row in rows])
        for column in ("underlying_price", "strike", "expiration_timestamp", "timestamp", "mark_iv", "mark_price")
    )
    terms = {
        "forwards": F, "strikes": K, "years": (ends - now) / 1000 / 86_400 / 365, "vols": vol / 100,
        "rights": np.where([row["option_type"] == "call" for row in rows], 1.0, -1.0),
    }  # fmt: skip
    off = np.abs(greeks(**terms).prices - mark)
    record(table=name, quantity="mark, median coin", error=float(np.median(off)), tolerance=1e-5, cases=off.size)
    ours = in_trader_units(futures_greeks(**terms))
    theirs = [ast.literal_eval(row["greeks"]) for row in rows]
    for column, found, tolerance in (
        ("delta", ours.deltas, 2e-5), ("gamma", ours.gammas, 5e-6), ("vega", ours.vegas, 2e-4), ("theta", ours.thetas, 2e-3)
    ):  # fmt: skip
        error = np.median(np.abs(found - np.array([row[column] for row in theirs])))
        record(table=name, quantity=f"{column}, median", error=float(error), tolerance=tolerance, cases=len(rows))


@pytest.mark.parametrize("name", [*WITH_DELTAS, *DAILY])
def test_put_call_parity_of_recorded_quotes_in_the_coin_holds_to_a_part_of_their_width(fixtures: Path, name: str):
    given = read(fixtures / FOLDER / name)
    residuals, away = [], []
    for one in np.unique(given.series):
        own = np.flatnonzero((given.series == one) & (given.years > 1 / 365))
        if not own.size:
            continue
        strikes, at = np.unique(given.strikes[own], return_inverse=True)
        bid, ask = np.full((2, strikes.size), np.nan), np.full((2, strikes.size), np.nan)
        row = np.where(given.rights[own] > 0.0, 0, 1)
        bid[row, at], ask[row, at] = given.bids[own], given.asks[own]
        tick = 0.0001 if one.startswith("BTC") else 0.0005
        found = parity_fit(strikes=strikes, bid=bid, ask=ask, years=float(given.years[own[0]]), inverse=True, tick=tick)
        if found.pairs < 3:
            continue
        near = np.abs(strikes / found.forward - 1.0) < 0.1
        half = 0.5 * float(np.nanmedian((ask - bid)[:, near].sum(axis=0))) * found.forward
        residuals.append(found.residual / half)
        away.append(abs(found.forward / float(np.median(given.forwards[own])) - 1.0))
    assert len(residuals) > 15
    worst = float(np.median(residuals))
    record(table=name, quantity="put-call parity: median residual, in half spreads", error=worst, tolerance=0.5, cases=len(residuals))
    record(table=name, quantity="parity forward less the future, median", error=float(np.median(away)), tolerance=1e-3, cases=len(away))


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
