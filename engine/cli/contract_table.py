"""A table of contracts as it comes in: CSV or flags, read as columns, and what is wrong with each row in words."""

import csv
import difflib
import io
from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from engine.domain.errors import BadInput

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from engine.api import Contracts

TEXTS: Final = ("right", "style", "expiry", "dividends")
NUMBERS: Final = ("spot", "forward", "strike", "days", "rate", "yield", "vol", "price")
KNOWN: Final = (*TEXTS, *NUMBERS)
SPARE: Final = "(cells beyond the header)"
"""Where the cells of a row that is longer than its header go."""
GREATEST_VOL, GREATEST_DEVIATION, GREATEST_RATE, GREATEST_DAYS = 10.0, 0.5, 2.0, 40.0 * 365.0
NAMES_OF_RIGHTS: Final = {"c": 1.0, "call": 1.0, "p": -1.0, "put": -1.0}
NAMES_OF_STYLES: Final = {"european": False, "american": True, "": False}
YEAR_OF_DAYS: Final = 365.0


class Problems:
    """What is wrong with each row: bits, and a word for each of them."""

    def __init__(self, size: int) -> None:
        import numpy as np

        self._bits: NDArray[np.uint64] = np.zeros(size, dtype=np.uint64)
        self._words: list[str] = []

    def add(self, rows: "NDArray[np.bool_]", words: str) -> None:
        """These rows have this problem too."""
        if rows.any():
            if len(self._words) == 64:
                raise BadInput("the table has more kinds of mistakes than can be told of: mend those of its first rows")
            self._bits[rows] |= type(self._bits[0])(1 << len(self._words))
            self._words.append(words)

    @property
    def free(self) -> "NDArray[np.bool_]":
        """The rows that have none."""
        free: NDArray[np.bool_] = self._bits == 0
        return free

    def texts(self) -> "NDArray[Any]":
        """All problems of each row in one text, empty where there are none."""
        import numpy as np

        kinds, places = np.unique(self._bits, return_inverse=True)
        said = ["; ".join(word for i, word in enumerate(self._words) if int(kind) >> i & 1) for kind in kinds]
        return np.array(said, dtype=object)[places]


class ContractTable:
    """The columns of one table, read for ``wanted`` = vol or price."""

    def __init__(self, frame: "pl.DataFrame", wanted: str, as_of: int) -> None:
        self.frame = frame
        self.size = frame.height
        self.problems = Problems(self.size)
        self._as_of = as_of
        self._wanted = wanted
        if SPARE in frame.columns:
            self.problems.add(frame[SPARE].is_not_null().to_numpy(), "more cells than the header has columns")
            self.frame = frame.drop(SPARE)
        self.numbers = {name: self._number(name) for name in NUMBERS if name in self.frame.columns}

    def contracts(self) -> "Contracts":
        """The contracts, as far as they can be read; rows with a problem have numbers that nobody may use."""
        import numpy as np

        from engine.api import Contracts

        rights = self._named("right", NAMES_OF_RIGHTS, "C or P")
        american = self._named("style", NAMES_OF_STYLES, "european or american") == 1.0
        underlyings, on_forward = self._underlyings()
        strikes, years = self._above_zero("strike"), self._years()
        rates, yields = self._rate("rate"), self._rate("yield")
        dividends = self._dividends(underlyings, on_forward, rates)
        self.solved_from = self._solved_from(years)
        self.problems.add(on_forward & (yields != 0.0) & self.problems.free, "yield says nothing beside a forward: leave it empty")
        return Contracts(rights, american, on_forward, underlyings, strikes, years, rates, np.where(on_forward, 0.0, yields), dividends)

    def _number(self, name: str) -> "NDArray[np.float64]":
        """A column of numbers; NaN where the cell is empty, and a problem where it is something else."""
        import numpy as np
        import polars as pl

        texts = self.frame[name].str.strip_chars()
        read = texts.cast(pl.Float64, strict=False)
        empty = texts.is_null() | (texts == "")
        values: NDArray[np.float64] = read.fill_null(float("nan")).to_numpy()
        finite = np.isfinite(values)
        unread = ~(finite | empty.to_numpy())
        if unread.any():
            percent, comma = (texts.str.contains(mark, literal=True).fill_null(value=False).to_numpy() for mark in "%,")
            self.problems.add(unread & percent, f"{name} is not a number: write 20 % as 0.2")
            self.problems.add(unread & comma & ~percent, f"{name} is not a number: write 1,250.5 as 1250.5")
            self.problems.add(unread & ~comma & ~percent, f"{name} is not a number")
        return np.where(finite, values, np.nan)

    def _given(self, name: str) -> "NDArray[np.bool_]":
        """Where a number is given, readable or not."""
        import numpy as np

        if name not in self.frame.columns:
            return np.zeros(self.size, dtype=bool)
        texts = self.frame[name]
        found: NDArray[np.bool_] = (texts.is_not_null() & (texts.str.strip_chars() != "")).to_numpy()
        return found

    def _values(self, name: str) -> "NDArray[np.float64]":
        import numpy as np

        return self.numbers[name] if name in self.numbers else np.full(self.size, np.nan)

    def _named(self, column: str, names: dict[str, Any], wanted: str) -> "NDArray[np.float64]":
        import numpy as np
        import polars as pl

        if column not in self.frame.columns:
            return np.zeros(self.size)
        texts = self.frame[column].fill_null("").str.strip_chars().str.to_lowercase()
        read = texts.replace_strict({name: float(value) for name, value in names.items()}, default=None, return_dtype=pl.Float64)
        self.problems.add((read.is_null() & (texts == "")).to_numpy(), f"{column} is missing")
        self.problems.add((read.is_null() & (texts != "")).to_numpy(), f"{column} is not {wanted}")
        values: NDArray[np.float64] = read.fill_null(0.0).to_numpy()
        return values

    def _above_zero(self, name: str) -> "NDArray[np.float64]":
        values = self._values(name)
        self.problems.add(~self._given(name), f"{name} is missing")
        self.problems.add(values <= 0.0, f"{name} is not above 0")
        return values

    def _underlyings(self) -> "tuple[NDArray[np.float64], NDArray[np.bool_]]":
        """Spots or forwards, one of them a row."""
        import numpy as np

        spot, forward = self._given("spot"), self._given("forward")
        self.problems.add(
            ~spot & ~forward, "spot is missing (or forward)" if "forward" not in self.frame.columns else "spot or forward is missing"
        )
        self.problems.add(spot & forward, "spot and forward are both given: leave one empty")
        values = np.where(forward, self._values("forward"), self._values("spot"))
        self.problems.add((values <= 0.0) & forward, "forward is not above 0")
        self.problems.add((values <= 0.0) & ~forward, "spot is not above 0")
        return values, forward

    def _years(self) -> "NDArray[np.float64]":
        """ACT/365, from the days or from the instant of the table to the expiry's own settlement."""
        import numpy as np

        by_days, by_expiry = self._given("days"), self._given("expiry")
        self.problems.add(
            ~by_days & ~by_expiry, "days is missing (or expiry)" if "expiry" not in self.frame.columns else "days or expiry is missing"
        )
        self.problems.add(by_days & by_expiry, "days and expiry are both given: leave one empty")
        days = self._values("days")
        self.problems.add(by_days & (days <= 0.0), "days is not above 0: nothing can be said at or after the end")
        self.problems.add(by_days & (days > GREATEST_DAYS), "days is over 40 years")
        years: NDArray[np.float64] = days / YEAR_OF_DAYS
        if by_expiry.any():
            told, unread = self._years_to_expiry()
            self.problems.add(by_expiry & unread, "expiry is not a date such as 2026-12-18")
            self.problems.add(by_expiry & (told <= 0.0), "expiry is past")
            self.problems.add(by_expiry & (told > GREATEST_DAYS / YEAR_OF_DAYS), "expiry is over 40 years off")
            years = np.where(by_expiry, told, years)
        return years

    def _years_to_expiry(self) -> "tuple[NDArray[np.float64], NDArray[np.bool_]]":
        """Years to the close in New York on the day each row names, NaN where it names none; each date is read once."""
        import numpy as np
        import polars as pl

        texts = self.frame["expiry"].fill_null("").str.strip_chars()
        known = texts.unique().to_list()
        read = {text: self._years_of(text) for text in known}
        values = texts.replace_strict(known, [read[text] for text in known], return_dtype=pl.Float64).fill_null(float("nan")).to_numpy()
        return values, np.isnan(values)

    def _years_of(self, text: str) -> float | None:
        from engine.domain.calendar import settlement_instant, years_to
        from engine.domain.instants import new_york
        from engine.domain.instruments import Settlement
        from engine.domain.osi import parse_expiry

        try:
            day = parse_expiry(text, new_york(self._as_of).date())
            return years_to(settlement_instant("", day, Settlement.PM), self._as_of)
        except (BadInput, ValueError, OverflowError):
            return None

    def _rate(self, name: str) -> "NDArray[np.float64]":
        """Zero where nothing is said."""
        import numpy as np

        values = self._values(name)
        self.problems.add(np.abs(values) > GREATEST_RATE, f"{name} is over 200 %: write 5 % as 0.05")
        return np.where(self._given(name), values, 0.0)

    def _solved_from(self, years: "NDArray[np.float64]") -> "NDArray[np.float64]":
        """The column that the answer is computed from."""
        import numpy as np

        if self._wanted == "vol":
            values = self._above_zero("vol")
            far = ~(values * np.sqrt(np.maximum(years, 0.0)) <= GREATEST_DEVIATION)  # the last hours may quote more
            self.problems.add((values > GREATEST_VOL) & far, "vol is over 1000 %: write 20 % as 0.2")
            return values
        values = self._values("price")
        self.problems.add(~self._given("price"), "price is missing")
        self.problems.add(values < 0.0, "price is below 0")
        return values

    def _dividends(self, spots: "NDArray[np.float64]", on_forward: "NDArray[np.bool_]", rates: "NDArray[np.float64]") -> Any:
        """Cash dividends written ``day:amount;day:amount``."""
        import numpy as np
        import polars as pl

        from engine.api import NO_DIVIDENDS, Dividends

        given = self._given("dividends")
        if not given.any():
            return NO_DIVIDENDS
        self.problems.add(given & on_forward, "dividends are in the forward already: leave them empty")
        cells = pl.DataFrame({"row": np.flatnonzero(given), "cell": self.frame["dividends"].filter(given)})
        parts = cells.with_columns(pl.col("cell").str.strip_chars("; ").str.split(";")).explode("cell")
        split = parts["cell"].str.split(":")
        days = split.list.get(0, null_on_oob=True).str.strip_chars().cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy()
        amounts = split.list.get(1, null_on_oob=True).str.strip_chars().cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy()
        rows = parts["row"].to_numpy().astype(np.intp)
        unread = ~np.isfinite(days) | ~np.isfinite(amounts) | (split.list.len() != 2).to_numpy()
        self._told(rows[unread], "dividends are not day:amount;day:amount")
        self._told(rows[days <= 0.0], "a dividend's day is not ahead")
        self._told(rows[amounts < 0.0], "a dividend is below 0")
        good = ~unread & (days > 0.0) & (amounts >= 0.0)
        rows, years, amounts = rows[good], days[good] / YEAR_OF_DAYS, amounts[good]
        worth = np.bincount(rows, amounts * np.exp(-rates[rows] * years), self.size)
        self.problems.add(given & (worth >= spots), "dividends are worth the spot or more")
        return Dividends(rows, years, amounts)

    def _told(self, rows: "NDArray[np.intp]", words: str) -> None:
        import numpy as np

        mask = np.zeros(self.size, dtype=bool)
        mask[rows] = True
        self.problems.add(mask, words)


def read_csv(content: bytes, *, wanted: str, flags: dict[str, str]) -> "pl.DataFrame":
    """The table of a CSV file, all of it as text, without its blank lines. Raises BadInput for a header that cannot be used, naming the
    column. ``flags`` are the values of columns that the file does not have.
    """
    import polars as pl

    header, rest = _header(content)
    _checked(header, wanted=wanted, flags=flags)
    titles = io.StringIO()
    csv.writer(titles, lineterminator="\n").writerow([*header, SPARE])  # with a column more, so that no cell can get lost
    try:
        frame = pl.read_csv(titles.getvalue().encode() + rest, infer_schema=False, truncate_ragged_lines=True)
    except pl.exceptions.PolarsError as error:
        saved = "; save it as UTF-8" if "utf-8" in str(error) else ""
        raise BadInput(f"the table cannot be read: {str(error).splitlines()[0]}{saved}") from error
    blank = pl.all_horizontal(pl.all().is_null())
    return frame.filter(~blank).with_columns([pl.lit(value).alias(name) for name, value in flags.items()])


def one_contract(flags: dict[str, str], *, wanted: str) -> "pl.DataFrame":
    """The table of the one contract that flags describe."""
    import polars as pl

    _checked(list(flags), wanted=wanted, flags={}, spelled=lambda name: f"--{name}")
    return pl.DataFrame({name: [value] for name, value in flags.items()}, schema=dict.fromkeys(flags, pl.String))


def _header(content: bytes) -> tuple[list[str], bytes]:
    """The names of the columns, and what follows the line they stand in."""
    line, _, rest = content.removeprefix(b"\xef\xbb\xbf").strip(b"\r\n").partition(b"\n")
    if not line.strip():
        raise BadInput("the table is empty: its first line names the columns")
    try:
        names = [name.strip().lower() for name in next(csv.reader([line.decode()]))]
    except UnicodeDecodeError as error:
        raise BadInput("the table's first line cannot be read: save it as UTF-8") from error
    except csv.Error as error:
        raise BadInput(f"the table's first line cannot be read: {error}") from error
    for mark, called in (("\t", "tabs"), (";", "semicolons")):
        if len(names) == 1 and mark in names[0]:
            raise BadInput(f"the table's columns are parted by {called}: part them by commas, and write 0,2 as 0.2")
    if not set(names) & set(KNOWN):
        raise BadInput(f"the table's first line names no column that is known: {', '.join(KNOWN)}")
    return names, rest


def _checked(header: Iterable[str], *, wanted: str, flags: dict[str, str], spelled: Any = str) -> None:
    """Whether these columns can be worked with."""
    names = list(header)
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            raise BadInput(f"the column {name or '(without a name)'} stands there {names.count(name)} times")
    if "" in names:
        raise BadInput(f"column {names.index('') + 1} has no name")
    for name in flags:
        if name in names:
            raise BadInput(f"the file has a column {name}: leave --{name} out")
    known = {*names, *flags}
    for choice in (("right",), ("spot", "forward"), ("strike",), ("days", "expiry"), (wanted,)):
        if not known & set(choice):
            raise BadInput(_missing(choice, [name for name in names if name not in KNOWN], spelled))


def _missing(choice: tuple[str, ...], others: list[str], spelled: Any) -> str:
    wanted = " or ".join(spelled(name) for name in choice)
    for name in choice:
        near = difflib.get_close_matches(name, others, n=1, cutoff=0.7)
        if near:
            return f"{wanted} is missing: there is {near[0]!r}, which is to be called {name}"
    return f"{wanted} is missing"


def instant_of(text: str | None) -> int:
    """The instant that expiries are counted from: now, or a date (its close in New York) or instant that was given."""
    from engine.domain.instants import to_nanos

    if text is None:
        from engine.api import wall_clock

        return wall_clock()
    try:
        return to_nanos(datetime.fromisoformat(text))
    except (ValueError, BadInput):
        pass
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"--as-of {text!r} is no instant: write 2026-11-20T15:30:00Z") from error
    from engine.domain.calendar import settlement_instant
    from engine.domain.instruments import Settlement

    return settlement_instant("", day, Settlement.PM)
