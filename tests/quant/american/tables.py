"""The reference tables of American options, read in the plainest way."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.quant.american.cash import DividendSchedule

Column = NDArray[np.float64]


class Table(NamedTuple):
    """What the prices are asked with, and every column of the file."""

    terms: dict[str, Column]
    columns: Mapping[str, list[str]]

    def of(self, name: str) -> Column:
        return np.array([number(text) for text in self.columns[name]])


def number(text: str) -> float:
    """A cell; products and differences are left as text in the tables."""
    if "*" in text:
        first, second = text.split("*")
        return float(first) * float(second)
    head, minus, tail = text.rpartition("-")
    if minus and head and not head.endswith(("e", "E")):
        return float(head) - float(tail)
    return float(text)


def table(path: Path) -> Table:
    with path.open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    columns = {name: [line[name] for line in lines] for name in lines[0]}
    sizes = {"spots": "spot", "strikes": "strike", "vols": "vol", "rates": "r", "yields": "q"}
    terms = {ours: np.array([number(text) for text in columns[theirs]]) for ours, theirs in sizes.items() if theirs in columns}
    days = columns.get("days_act365")
    terms["years"] = np.array([number(text) / 365.0 for text in days] if days else [number(text) for text in columns["t"]])
    terms["rights"] = np.array([1.0 if text == "call" else -1.0 for text in columns["type"]])
    return Table(terms, columns)


def schedule(texts: list[str]) -> DividendSchedule:
    """From cells of the form 22:1.22;67:2.1."""
    entries = [(row, *pair.split(":")) for row, text in enumerate(texts) for pair in text.split(";")]
    years = np.array([float(day) / 365.0 for _, day, _ in entries])
    return DividendSchedule(years, np.array([float(amount) for *_, amount in entries]), np.array([row for row, *_ in entries]))


def chain(size: int, *, seed: int = 5, deviations: float = 1.5) -> dict[str, Column]:
    """A desk's options on a spot of 100: a week to two years, volatility 10 to 80 %, rates to 8 %, yields to 6 %."""
    rng = np.random.default_rng(seed)
    years = rng.choice([7, 14, 30, 60, 90, 180, 365, 730], size) / 365
    vols = rng.uniform(0.1, 0.8, size)
    return {
        "spots": np.full(size, 100.0),
        "strikes": 100.0 * np.exp(rng.uniform(-deviations, deviations, size) * vols * np.sqrt(years)),
        "years": years,
        "vols": vols,
        "rates": rng.uniform(0.005, 0.08, size),
        "yields": np.where(rng.random(size) < 0.3, 0.0, rng.uniform(0.0, 0.06, size)),
        "rights": rng.choice([1.0, -1.0], size),
    }
