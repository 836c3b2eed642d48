"""What a table of contracts is answered with: the same columns, the number asked for, its status and the Greeks."""

import json
import sys
from typing import TYPE_CHECKING, Any, Final

from engine.cli import output
from engine.cli.contract_table import NUMBERS, ContractTable

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from engine.api import ContractNumbers, Contracts

GREEKS: Final = tuple("delta gamma vega theta rho vanna volga charm speed zomma color".split())
TRADER_UNITS: Final = {
    "price": "per share, in the underlying's currency",
    "iv": "fraction a year",
    "delta": "price per 1 of the underlying",
    "gamma": "delta per 1 of the underlying",
    "vega": "price per vol point (0.01)",
    "theta": "price per calendar day",
    "rho": "price per 1 % of rate",
    "vanna": "delta per vol point",
    "volga": "vega per vol point",
    "charm": "delta per calendar day",
    "speed": "gamma per 1 of the underlying",
    "zomma": "gamma per vol point",
    "color": "gamma per calendar day",
    "missing": "null",
}
MODEL_UNITS: Final = TRADER_UNITS | {
    "vega": "price per 1.00 of volatility",
    "theta": "price per year of calendar time passing",
    "rho": "price per 1.00 of rate",
    "vanna": "delta per 1.00 of volatility",
    "volga": "vega per 1.00 of volatility",
    "charm": "delta per year of calendar time passing",
    "zomma": "gamma per 1.00 of volatility",
    "color": "gamma per year of calendar time passing",
}


PLAIN_SECONDS: Final = {"american": 1.5e-4, "held": 4e-4, "dividends": 1.5e-2}
"""What the plain code takes for an American row, for one of either style with cash dividends, and for an American one with them."""
PATIENCE: Final = 5.0
"""Seconds of it beyond which compiling the kernels, or loading them, is sooner done."""


def answered(table: ContractTable, *, wanted: str, trader: bool) -> "pl.DataFrame":
    """The table with ``wanted`` (price or iv), status and Greeks; what cannot be known is null, and the status says why."""
    import numpy as np
    import polars as pl

    contracts = table.contracts()
    good = np.flatnonzero(table.problems.free)
    values, statuses, numbers = _computed(_rows(contracts, good), table.solved_from[good], wanted=wanted, trader=trader)
    status = table.problems.texts()
    status[good] = statuses
    filled = {wanted: values} | {name: getattr(numbers, field) for name, field in zip(GREEKS, numbers._fields[1:], strict=True)}
    columns = {name: _spread(column, good, table.size) for name, column in filled.items()}
    kept = table.frame.drop([name for name in (wanted, "status", *GREEKS) if name in table.frame.columns])
    added = [pl.Series(wanted, columns[wanted]), pl.Series("status", status, dtype=pl.String)]
    added += [pl.Series(name, columns[name]) for name in GREEKS]
    return kept.with_columns([series.fill_nan(None) if series.dtype == pl.Float64 else series for series in added])


def _computed(
    contracts: "Contracts", solved_from: "NDArray[np.float64]", *, wanted: str, trader: bool
) -> "tuple[NDArray[np.float64], Any, ContractNumbers]":
    """Values, words of status and numbers of contracts without a problem."""
    import numpy as np

    from engine.api import IV_STATUS_WORDS, IvStatus, contract_numbers, implied_contracts

    _warm(contracts)
    if wanted == "price":
        numbers = contract_numbers(contracts, solved_from, trader_units=trader)
        return numbers.prices, np.where(np.isnan(numbers.prices), "no price", "ok"), numbers
    found = implied_contracts(contracts, solved_from, trader_units=trader)
    words = np.array([IV_STATUS_WORDS[IvStatus(code)] for code in range(max(IvStatus) + 1)], dtype=object)
    return found.vols, words[found.statuses], found.numbers


def _warm(contracts: "Contracts") -> None:
    """Compiled code for many American rows; few are answered before it would be there."""
    import numpy as np

    from engine.api import warm_kernels

    paying = np.unique(contracts.dividends.rows)
    rows = {"american": int(contracts.american.sum()), "held": paying.size, "dividends": int(contracts.american[paying].sum())}
    if sum(PLAIN_SECONDS[room] * count for room, count in rows.items()) > PATIENCE:
        with output.working("loading the compiled kernels for these contracts"):
            for room, count in rows.items():
                if count:
                    warm_kernels(room)


def _rows(contracts: "Contracts", rows: "NDArray[np.intp]") -> "Contracts":
    from engine.api import chosen_contracts

    return chosen_contracts(contracts, rows)


def _spread(values: "NDArray[np.float64]", rows: "NDArray[np.intp]", size: int) -> "NDArray[np.float64]":
    import numpy as np

    whole = np.full(size, np.nan)
    whole[rows] = values
    return whole


def write_csv(frame: "pl.DataFrame") -> None:
    """The table as CSV on stdout; what is not known is an empty cell."""
    sys.stdout.flush()
    frame.write_csv(sys.stdout.buffer)


def write_document(name: str, frame: "pl.DataFrame", table: ContractTable, *, trader: bool) -> None:
    """One JSON document: a schema with the unit of every number, and the rows."""
    import polars as pl

    read = {column: table.numbers[column] for column in NUMBERS if column in table.numbers and column in frame.columns}
    typed = frame.with_columns([pl.Series(column, values).fill_nan(None) for column, values in read.items()])
    head = json.dumps(output.plain(output.schema(name, TRADER_UNITS if trader else MODEL_UNITS)), ensure_ascii=False)
    sys.stdout.write(f'{{"schema": {head}, "rows": ')
    sys.stdout.write(typed.write_json())
    sys.stdout.write("}\n")


def write_one(frame: "pl.DataFrame", *, trader: bool) -> None:
    """One contract's numbers for a person, each with its unit."""
    (row,) = frame.rows(named=True)
    units = TRADER_UNITS if trader else MODEL_UNITS
    for name in ("price" if "iv" not in row else "iv", *GREEKS):
        value = "—" if row[name] is None else f"{row[name]:.8g}"
        output.plain_line(f"{name:<6}  {value:>16}  {units[name]}")
    output.plain_line(f"{'status':<6}  {row['status']:>16}")
