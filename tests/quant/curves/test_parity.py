"""One expiry's parity on the table: the line, its errors, and the pairs that do not lie on it."""

import math
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from engine.quant.codes import ForwardSource
from engine.quant.curves.parity import parity_fit
from tests.kit.numbers import record
from tests.kit.quant import NEW_YORK, quoted_series, recorded_chain

NAN = math.nan


def arguments(**more: float) -> dict[str, object]:
    series = quoted_series(half_spread=0.3, **more)
    return {"strikes": series.strikes, "bid": np.array(series.bid), "ask": np.array(series.ask), "years": series.years, "spot": series.spot}


def test_exact_quotes_lie_on_the_line_and_the_errors_say_how_sure_it_is():
    found = parity_fit(**arguments())
    assert found.source is ForwardSource.PARITY
    assert found.forward == pytest.approx(5000.0, abs=2 * found.forward_error)
    assert found.rate == pytest.approx(0.045, abs=2 * found.rate_error)
    assert found.discount == pytest.approx(math.exp(-found.rate * 0.25))
    assert np.nanmax(np.abs(found.residuals)) < 1e-3
    wide = parity_fit(**{**arguments(), "bid": np.array(arguments()["bid"]) - 0.2, "ask": np.array(arguments()["ask"]) + 0.2})
    assert wide.forward_error > 1.4 * found.forward_error


def test_a_stale_pair_is_seen_by_its_residual():
    given = arguments()
    given["bid"][0, 30] += 4.0
    given["ask"][0, 30] += 4.0
    given["bid"][1, 10] = 0.0
    found = parity_fit(**given)
    assert found.residuals[30] == pytest.approx(4.0, abs=0.01)
    assert found.deviations[30] > 10.0
    assert np.flatnonzero(np.abs(found.deviations) > 3.0).tolist() == [30]
    assert math.isnan(found.residuals[10])


def test_without_a_pair_there_is_carry_and_without_a_spot_nothing():
    given = arguments()
    given["bid"][0] = 0.0
    carried = parity_fit(**given, rate_hint=0.05)
    assert (carried.source, carried.pairs) == (ForwardSource.CARRY, 0)
    assert math.isnan(carried.forward_error)
    nothing = parity_fit(**{**given, "spot": NAN})
    assert nothing.source is ForwardSource.NONE
    assert math.isnan(nothing.forward)


def test_pairs_in_the_coin_have_residuals_in_the_coin():
    strikes = np.linspace(50_000, 80_000, 13)
    call = np.maximum(1 - strikes / 65_000, 0) + 0.03
    quotes = np.array([call, call - (1 - strikes / 65_000)])
    found = parity_fit(strikes=strikes, bid=quotes - 0.0005, ask=quotes + 0.0005, years=0.1, inverse=True, tick=0.0001)
    assert found.forward == pytest.approx(65_000.0, rel=1e-9)
    assert np.abs(found.residuals).max() < 1e-12


def quoted_at(*at: int) -> datetime:
    return datetime(*at, tzinfo=NEW_YORK)


AFTER_OCTOBER = quoted_at(2025, 10, 1, 16, 15)
RECORDED = {
    "SPX_2022-06-10_eod.csv.gz": quoted_at(2022, 6, 10, 16, 15),
    "SPX_2022-07-12_1155ET_intraday.csv.gz": quoted_at(2022, 7, 12, 11, 40),
    "SPX_2023-06-09_1340ET_intraday.csv.gz": quoted_at(2023, 6, 9, 13, 25),
    "SPX_2023-09-14_1631ET.csv.gz": quoted_at(2023, 9, 14, 16, 15),
    "SPX_2023-12-08_locale-ru.csv.gz": quoted_at(2023, 12, 8, 16, 15),
    **{
        f"SPX_2025-10-01_exp{day}.csv": AFTER_OCTOBER
        for day in ("2026-06-18", "2026-08-21", "2026-09-18", "2026-12-18", "2027-06-17", "2027-12-17")
    },
}


@pytest.mark.parametrize("name", RECORDED)
def test_on_a_recorded_chain_the_residual_is_a_part_of_the_spread(fixtures: Path, name: str):
    spot, expiries = recorded_chain(fixtures / "cboe_quotedata_csv" / name)
    residuals = []
    for expiry in expiries:
        years = expiry.years_from(RECORDED[name])
        if years <= 5 / 365:
            continue
        found = parity_fit(strikes=expiry.strikes, bid=expiry.bid, ask=expiry.ask, years=years, spot=spot, tick=0.05)
        near = np.abs(expiry.strikes / found.forward - 1.0) < 0.05
        half = 0.5 * np.median((expiry.ask - expiry.bid)[:, near].sum(axis=0))
        assert found.residual < half
        assert found.forward_error < (2e-4 if years < 1.0 else 0.05) * found.forward
        residuals.append(found.residual / half)
    worst = float(np.median(residuals))
    record(table=name, quantity="put-call parity: median residual, in half spreads", error=worst, tolerance=0.25, cases=len(residuals))


def test_a_chain_saved_at_night_with_its_bids_gone_has_no_parity_and_says_so(fixtures: Path):
    spot, expiries = recorded_chain(fixtures / "cboe_quotedata_csv" / "SPX_2022-12-12_eod.csv.gz")
    at, seen = quoted_at(2022, 12, 12, 16, 15), 0
    for expiry in expiries:
        years = expiry.years_from(at)
        if years > 5 / 365 and not ((expiry.bid > 0.0) & (expiry.ask > 0.0)).all(axis=0).any():
            found = parity_fit(strikes=expiry.strikes, bid=expiry.bid, ask=expiry.ask, years=years, spot=spot, rate_hint=0.04)
            assert (found.source, found.pairs) == (ForwardSource.CARRY, 0)
            assert math.isnan(found.residual)
            seen += 1
    assert seen > 10


@pytest.mark.parametrize("wrong", [{"strikes": [110.0, 100.0]}, {"bid": [[1.0, 2.0]]}, {"strikes": [[100.0, 110.0]]}])
def test_matrices_that_do_not_fit_are_the_callers_mistake(wrong: dict[str, object]):
    given = {"strikes": [100.0, 110.0], "bid": [[1, 1], [1, 1]], "ask": [[2, 2], [2, 2]], "years": 0.5, **wrong}
    with pytest.raises(ValueError, match="rising strikes"):
        parity_fit(**given)
