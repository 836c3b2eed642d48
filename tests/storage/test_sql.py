"""Values on their way into SQL: as literals of their own type, never as a part of the statement, and without pandas."""

import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pytest

from engine.storage.sql import bound, literal

ROOT = Path(__file__).resolve().parents[2]
RECORD_AND_READ = """
import asyncio, sys
from pathlib import Path
from engine.domain.ids import Symbol
from tests.kit.market import NOON, listing, quotes, series_of, trades
from tests.kit.storage import opened

async def tape(store):
    await store.flush()
    return await store.trades(Symbol("SPY"))

with opened(Path(sys.argv[1])) as store:
    store.record(listing(series_of("SPY")))
    store.record(quotes(range(1, 7), 1.0, 1.2, at=NOON))
    store.record(trades([1, 2, 3], 1.1, at=NOON))
    print(len(asyncio.run(tape(store)).at), "pandas" in sys.modules)
"""


@pytest.mark.parametrize("value", [0, -7, 2**53, 0.1, -1e-300, 1e22, float("inf"), True, "SPY", "it's", "a ? and a $name", "", None])
def test_a_literal_is_what_a_parameter_of_it_would_be(value):
    as_parameter = duckdb.execute("SELECT ?, typeof(?)", [value, value]).fetchall()
    assert duckdb.execute(f"SELECT {literal(value)}, typeof({literal(value)})").fetchall() == as_parameter


def test_nan_is_null_and_numbers_of_numpy_are_numbers():
    assert literal(float("nan")) == "NULL"
    assert literal(np.int64(-3)) == "(-3)"
    assert duckdb.execute(f"SELECT {literal(np.float64(0.25))}").fetchall() == [(0.25,)]


def test_values_stand_in_the_places_of_question_marks_and_of_names():
    assert bound("SELECT ? - ?", [1, -2]) == "SELECT (1) - (-2)"
    assert bound("SELECT $first, $second, $first", {"first": "a", "second": 2, "other": 3}) == "SELECT 'a', (2), 'a'"


def test_what_stands_in_quotes_is_left_alone_and_no_value_can_leave_its_own():
    assert bound("FROM 'a ? b$c it''s' WHERE x = ?", ["'; DROP TABLE t; --?"]) == "FROM 'a ? b$c it''s' WHERE x = '''; DROP TABLE t; --?'"


def test_values_and_places_must_match():
    for statement, values in (("SELECT ?", []), ("SELECT $a", {"b": 1}), ("SELECT 1", [1])):
        with pytest.raises(ValueError, match="in: SELECT"):
            bound(statement, values)
    with pytest.raises(TypeError, match="list has no literal"):
        literal([1])


def test_recording_and_reading_load_no_pandas(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", RECORD_AND_READ, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["3", "False"]
