"""Truth and markets for the numeric room: Black-76 in many digits, smiles without noise, recorded chains."""

import csv
import gzip
import math
import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from engine.quant.chain.book import SeriesQuotes
from engine.quant.european.black import prices
from tests.kit.peers import peer

mp = peer("mpmath")
NEW_YORK = ZoneInfo("America/New_York")
DIGITS = 50
Smile = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def exact_price(forward: float, strike: float, years: float, vol: float, right: int, discount: float = 1.0) -> Any:
    """Black-76 to 50 digits."""
    with mp.workdps(DIGITS):
        F, K, T, sigma = (mp.mpf(value) for value in (forward, strike, years, vol))
        s = sigma * mp.sqrt(T)
        d1 = mp.log(F / K) / s + s / 2
        d2 = d1 - s
        return mp.mpf(discount) * right * (F * mp.ncdf(right * d1) - K * mp.ncdf(right * d2))


def sloping(k: NDArray[np.float64]) -> NDArray[np.float64]:
    """An equity-like smile in log-moneyness, free of arbitrage over the strikes used."""
    return 0.2 - 0.1 * k + 0.15 * k * k


def quoted_series(
    *,
    forward: float = 5000.0,
    rate: float = 0.045,
    years: float = 0.25,
    spot: float | None = None,
    strikes: NDArray[np.float64] | None = None,
    smile: Smile = sloping,
    half_spread: float = 0.0,
    **more: object,
) -> SeriesQuotes:
    """Quotes around exact prices of a smile on a forward."""
    K = np.linspace(0.7, 1.3, 61) * forward if strikes is None else np.asarray(strikes, dtype=np.float64)
    vols = smile(np.log(K / forward))
    discount = math.exp(-rate * years)
    mids = prices(forwards=forward, strikes=K, years=years, vols=vols, rights=np.array([[1.0], [-1.0]]), discounts=discount)
    spread = np.minimum(half_spread, 0.9 * mids)
    fields = {
        "strikes": K,
        "bid": mids - spread,
        "ask": mids + spread,
        "spot": forward * math.exp(-rate * years) if spot is None else spot,
        "years": years,
        **more,
    }
    return SeriesQuotes(**fields)


class RecordedSeries:
    """One expiry of a recorded chain: its quotes, and the vendor's own volatility and delta."""

    def __init__(self, expiry: date, root: str, rows: list[list[float]]) -> None:
        table = np.array(sorted(rows))
        _, first = np.unique(table[:, 0], return_index=True)
        table = table[first]
        self.expiry, self.root = expiry, root
        self.strikes = table[:, 0]
        self.bid, self.ask = table[:, [1, 3]].T, table[:, [2, 4]].T
        self.vendor_iv, self.vendor_delta = table[:, [5, 6]].T, table[:, [7, 8]].T

    def years_from(self, at: datetime) -> float:
        """To the morning print of the monthly root, to the close of the others."""
        hour, minute = (9, 30) if self.root == "SPX" else (16, 0)
        end = datetime(self.expiry.year, self.expiry.month, self.expiry.day, hour, minute, tzinfo=NEW_YORK)
        return (end - at).total_seconds() / 86_400 / 365


_COLUMNS = (11, 4, 5, 15, 16, 7, 18, 8, 19)


def recorded_chain(path: Path) -> tuple[float, list[RecordedSeries]]:
    """Spot and expiries of a quote table of the exchange, read in the plainest way; a line with an unbalanced quote ends where it ends."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8", errors="replace") as file:
        lines = [row for line in file for row in csv.reader([line])]
    head = next(i for i, line in enumerate(lines) if line and line[0] == "Expiration Date")
    spot = re.search(r"Last:\s*([\d.]+)", " ".join(cell for line in lines[:head] for cell in line))
    assert spot is not None
    series: dict[tuple[date, str], list[list[float]]] = {}
    for line in lines[head + 1 :]:
        if len(line) < 22:
            continue
        root = re.match(r"[A-Z]+", line[1])
        assert root is not None
        expiry = datetime.strptime(line[0], "%a %b %d %Y").replace(tzinfo=NEW_YORK).date()
        series.setdefault((expiry, root.group()), []).append([float(line[column]) for column in _COLUMNS])
    return float(spot.group(1)), [RecordedSeries(expiry, root, rows) for (expiry, root), rows in sorted(series.items())]
