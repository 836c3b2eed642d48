"""Names of contracts: the OSI symbol both ways, the venues' spellings of it, and what a trader types in a hurry.

OSI: root padded to six, expiry YYMMDD, C or P, strike in thousandths padded to eight digits (OCC, Options Symbology Initiative, 2010).
"""

import re
from datetime import date, timedelta

from msgspec import Struct

from engine.domain.calendar import third_friday
from engine.domain.errors import BadInput
from engine.domain.ids import ContractId
from engine.domain.instruments import Right

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")

_OSI = re.compile(r"^([A-Z][A-Z0-9.]{0,5}) {0,5}(\d{6})([CP])(\d{8})$")
_LOOSE = re.compile(r"^\.?([A-Z]{1,6}\d?)(\d{6})([CP])(\d+(?:\.\d+)?)$")
_DERIBIT = re.compile(r"^([A-Z]{2,5})-(\d{1,2})([A-Z]{3})(\d{2})-(\d+(?:[.D]\d+)?)-([CP])$")
_NUMBER = r"\d{1,6}(?:\.\d{1,4})?"


class OsiParts(Struct, frozen=True, kw_only=True):
    """A contract's name, taken apart."""

    root: str
    expiry: date
    right: Right
    strike: float


class ContractRequest(Struct, frozen=True, kw_only=True):
    """What was typed; a listing turns it into a contract. A root says SPX or SPXW exactly, a ticker leaves it to the listing."""

    ticker: str
    expiry: date | None
    """None: the nearest."""
    strike: float
    right: Right
    exact_root: bool = False


def format_osi(root: str, expiry: date, right: Right, strike: float) -> ContractId:
    """The 21 characters of a contract.

    Raises BadInput for what OSI cannot say: a long root, a strike of 100,000 and more or below a thousandth.
    """
    thousandths = round(strike * 1000)
    if not 1 <= len(root) <= 6 or not 0 < thousandths < 100_000_000 or abs(thousandths - strike * 1000) > 1e-6 * max(1.0, strike * 1000):
        raise BadInput(
            f"no OSI symbol can name the strike {strike:g} of {root!r}: roots have up to 6 letters, strikes are 0.001 to 99999.999"
        )
    return ContractId(f"{root.upper():<6}{expiry:%y%m%d}{right.value}{thousandths:08d}")


def parse_osi(text: str) -> OsiParts:
    """Reads an OSI symbol, padded or not (``SPXW  261124C06700000``, ``SPXW261124C06700000``). Raises BadInput for anything else."""
    found = _OSI.match(text.strip().upper())
    if not found:
        raise BadInput(f"{text!r} is no OSI symbol: it should look like SPXW261124C06700000 (root, YYMMDD, C or P, strike in thousandths)")
    root, digits, right, strike = found.groups()
    return OsiParts(root=root, expiry=_compact_date(digits, text), right=Right(right), strike=_above_zero(int(strike) / 1000, text))


def format_deribit(coin: str, expiry: date, right: Right, strike: float) -> ContractId:
    """Deribit's name: ``BTC-27NOV26-100000-C``; a fraction is spelled with a d, as in ``XRP-27NOV26-2d5-C``."""
    number = f"{strike:.10g}".replace(".", "d")
    return ContractId(f"{coin.upper()}-{expiry.day}{MONTHS[expiry.month - 1]}{expiry:%y}-{number}-{right.value}")


def parse_deribit(text: str) -> OsiParts:
    """Reads Deribit's name of an option. Raises BadInput for anything else."""
    found = _DERIBIT.match(text.strip().upper())
    if not found:
        raise BadInput(f"{text!r} is no Deribit option: it should look like BTC-27NOV26-100000-C")
    coin, day, month, year, strike, right = found.groups()
    if month not in MONTHS:
        raise BadInput(f"{text!r}: {month} is no month")
    return OsiParts(
        root=coin,
        expiry=_date(2000 + int(year), MONTHS.index(month) + 1, int(day), text),
        right=Right(right),
        strike=_above_zero(float(strike.replace("D", ".")), text),
    )


def parse_option_name(name: str) -> OsiParts:
    """Reads the name of a listed option, an OSI symbol or Deribit's, which alone has dashes. Raises BadInput for anything else."""
    return parse_deribit(name) if "-" in name else parse_osi(name)


def parse_contract(text: str, today: date) -> ContractRequest:
    """Reads what a trader types: any order of ticker, strike with right, and a date.

    Known: OSI in all paddings, ``O:SPY261218C00600000``, ``.SPY261218C600``, ``BTC-27NOV26-100000-C``, ``spx 3875p nov17``, ``spy 600 call
    12/18``, ``aapl 18dec26 250c``, ``spy 600c fri``, ``spy 600c 0dte``, ``spy dec 600p`` (the third Friday), ``spy 600p`` (the nearest).
    A date without a year is the next one from ``today`` on. Raises BadInput with the likely mistake.
    """
    word = text.strip().upper().removeprefix("O:")
    if not word:
        raise BadInput("type a contract, such as: spx 3875p nov17")
    exact = _exact(word)
    if exact:
        return exact
    tokens = _tokens(word)
    ticker: str | None = None
    strike: float | None = None
    right: Right | None = None
    expiry: date | None = None
    rest: list[str] = []
    for token in tokens:
        both = re.fullmatch(rf"({_NUMBER})(C|P|CALL|PUT)", token) or re.fullmatch(rf"(C|P)({_NUMBER})", token)
        if both and right is None:
            number, letter = both.groups() if both.group(1)[0].isdigit() else both.groups()[::-1]
            strike, right = float(number), Right(letter[0])
        elif token in {"C", "P", "CALL", "PUT", "CALLS", "PUTS"} and right is None and ticker is not None:
            right = Right(token[0])
        elif ticker is None and re.fullmatch(r"[A-Z][A-Z.]{0,5}\d?", token):
            ticker = token
        else:
            rest.append(token)
    for i in range(len(rest)):
        found = _forgiving_date(rest[i : i + 2], today)
        if found:
            expiry, used = found
            del rest[i : i + used]
            break
    if strike is None:
        numbers = [token for token in rest if re.fullmatch(_NUMBER, token)]
        if len(numbers) == 1:
            strike = float(numbers[0])
            rest.remove(numbers[0])
    missing = [what for what, value in (("a ticker", ticker), ("a strike", strike), ("C or P", right)) if value is None]
    if ticker is None or strike is None or right is None or rest:
        wrong = f"{' '.join(rest)!r} is not understood" if rest else f"{' and '.join(missing)} is missing"
        raise BadInput(f"{text!r}: {wrong}; type it as: spx 3875p nov17")
    return ContractRequest(ticker=ticker, expiry=expiry, strike=_above_zero(strike, text), right=right)


def parse_expiry(text: str, today: date) -> date:
    """Reads an expiry as it is typed: ``2026-12-18``, ``dec18``, ``18dec26``, ``12/18``, ``fri``, ``0dte``, ``dec`` (the third Friday)."""
    tokens = _tokens(text.strip().upper())
    found = _forgiving_date(tokens[:2], today) if tokens else None
    if found is None or found[1] != len(tokens):
        raise BadInput(f"{text!r} is no expiry: type it as 2026-12-18, dec18, fri or 0dte")
    return found[0]


def bare_ticker(text: str) -> str:
    """The ticker alone of ``spx index``, ``SPY US Equity`` or ``btc curncy``."""
    words = _tokens(text.strip().upper())
    if len(words) != 1:
        raise BadInput(f"{text!r} is no ticker: type one name, such as SPY, SPX Index or BTC")
    return words[0]


def _exact(word: str) -> ContractRequest | None:
    """One of the machine spellings, or None."""
    for read in (parse_osi, parse_deribit):
        try:
            parts = read(word)
        except BadInput:
            continue
        return ContractRequest(ticker=parts.root, expiry=parts.expiry, strike=parts.strike, right=parts.right, exact_root=True)
    found = _LOOSE.match(word)
    if not found:
        return None
    root, digits, right, strike = found.groups()
    return ContractRequest(
        ticker=root, expiry=_compact_date(digits, word), strike=_above_zero(float(strike), word), right=Right(right), exact_root=True
    )


def _above_zero(strike: float, text: str) -> float:
    if not strike > 0:
        raise BadInput(f"{text!r}: a strike is above zero")
    return strike


def _tokens(word: str) -> list[str]:
    """Splits at blanks and commas and leaves out the words of the yellow keys."""
    return [token for token in re.split(r"[\s,_]+", word) if token not in {"", "US", "EQUITY", "INDEX", "CURNCY", "@"}]


def _forgiving_date(tokens: list[str], today: date) -> tuple[date, int] | None:
    """The date the first one or two tokens spell and how many it took, or None."""
    first = tokens[0]
    second = tokens[1] if len(tokens) > 1 else ""
    single = _one_token_date(first, today)
    if first in MONTHS and re.fullmatch(r"\d{1,2}", second):
        return _next_date(MONTHS.index(first) + 1, int(second), today), 2
    if re.fullmatch(r"\d{1,2}", first) and second[:3] in MONTHS:
        found = _one_token_date(first + second, today)
        return (found, 2) if found else None
    return (single, 1) if single else None


def _one_token_date(token: str, today: date) -> date | None:
    if token in {"0D", "0DTE", "TODAY", "TOD"}:
        return today
    if token in {"1D", "1DTE", "TOM", "TMR", "TOMORROW"}:
        return today + timedelta(days=1)
    if token[:3] in _WEEKDAYS and token in {
        token[:3],
        *("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"),
    }:
        return today + timedelta(days=(_WEEKDAYS.index(token[:3]) - today.weekday()) % 7)
    if token in MONTHS:
        return _third_friday_from(MONTHS.index(token) + 1, today)
    if found := re.fullmatch(r"(\d{4})-?(\d{2})-?(\d{2})", token):
        year, month, day = found.groups()
        return _date(int(year), int(month), int(day), token)
    if found := re.fullmatch(r"(\d{1,2})[/-](\d{1,2})(?:[/-](\d{2,4}))?", token):
        month, day, year = found.groups()
        return _date(_year(year), int(month), int(day), token) if year else _next_date(int(month), int(day), today)
    if (found := re.fullmatch(r"([A-Z]{3})[-]?(\d{1,2})(?:[-']?(\d{2}|\d{4}))?", token)) and found.group(1) in MONTHS:
        name, day, year = found.groups()
        month_number = MONTHS.index(name) + 1
        return _date(_year(year), month_number, int(day), token) if year else _next_date(month_number, int(day), today)
    if (found := re.fullmatch(r"(\d{1,2})[-]?([A-Z]{3})[-']?(\d{2}|\d{4})?", token)) and found.group(2) in MONTHS:
        day, name, year = found.groups()
        month_number = MONTHS.index(name) + 1
        return _date(_year(year), month_number, int(day), token) if year else _next_date(month_number, int(day), today)
    return None


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _date(year: int, month: int, day: int, text: str) -> date:
    try:
        return date(year, month, day)
    except ValueError as wrong:
        raise BadInput(f"{text!r} names no day: {wrong}") from None


def _compact_date(digits: str, text: str) -> date:
    return _date(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:]), text)


def _next_date(month: int, day: int, today: date) -> date:
    """The next such day, this year or one of the coming ones (a 29 February waits for a leap year)."""
    for year in range(today.year, today.year + 9):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found >= today:
            return found
    raise BadInput(f"there is no day {day} in month {month}")


def _third_friday_from(month: int, today: date) -> date:
    this_year = third_friday(today.year, month)
    return this_year if this_year >= today else third_friday(today.year + 1, month)
