"""`optix price` and `optix iv`: one contract by flags, tables by CSV, and what is said of rows that cannot be priced."""

import csv
import io
import json
import sys

import numpy as np
import pytest

from engine.cli.main import main
from engine.quant.american.dividends import DividendSchedule
from engine.quant.american.dividends import values as cash_values
from engine.quant.american.values import prices as american_prices
from engine.quant.european.black import futures_greeks, greeks, higher_greeks
from engine.quant.trader_units import FACTORS
from tests.cli.test_commands import optix

GREEKS = "delta gamma vega theta rho vanna volga charm speed zomma color".split()
HEADER = "right,style,spot,strike,days,rate,yield,vol"
ROW = "C,european,100,105,30,0.04,0.01,0.2"
FLAGS = "--right C --spot 100 --strike 105 --days 30 --rate 0.04 --yield 0.01 --vol 0.2".split()
TERMS = {"spots": 100.0, "strikes": 105.0, "years": 30 / 365, "vols": 0.2, "rights": 1, "rates": 0.04, "yields": 0.01}


@pytest.fixture
def run(capfd, monkeypatch):
    """Runs a command with this stdin; its exit code, stdout and stderr."""

    def run(*arguments: str, table: str | bytes | None = None) -> tuple[int, str, str]:
        if table is not None:
            content = table.encode() if isinstance(table, str) else table
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        code = main(list(arguments))
        out, err = capfd.readouterr()
        return code, out, err

    return run


@pytest.fixture
def rows(run):
    """The rows that a table is answered with."""

    def rows(command: str, *lines: str, flags: tuple[str, ...] = ()) -> list[dict[str, str]]:
        code, out, err = run(command, "--csv", "-", *flags, table="\n".join(lines) + "\n")
        assert code == 0, err
        return list(csv.DictReader(io.StringIO(out)))

    return rows


def test_one_contract_by_flags_has_price_status_and_eleven_greeks_in_trader_units(run):
    code, out, _ = run("price", *FLAGS, "--json")
    assert code == 0
    document = json.loads(out)
    (row,) = document["rows"]
    first, more = greeks(**TERMS), higher_greeks(**TERMS)
    assert row["status"] == "ok"
    assert row["price"] == pytest.approx(float(first.prices))
    for name in GREEKS:
        number = getattr(first if f"{name}s" in first._fields else more, f"{name}s")
        assert row[name] == pytest.approx(float(number) * FACTORS[name]), name
    assert "vol point" in document["schema"]["units"]["vega"]


def test_model_units_are_per_unit_and_year(run):
    _, out, _ = run("price", *FLAGS, "--json", "--units", "model")
    document = json.loads(out)
    assert document["rows"][0]["theta"] == pytest.approx(float(greeks(**TERMS).thetas))
    assert "year" in document["schema"]["units"]["theta"]


def test_a_person_reads_every_number_with_its_unit(run):
    _, out, _ = run("price", *FLAGS)
    lines = {line.split()[0]: line for line in out.splitlines()}
    assert set(lines) == {"price", "status", *GREEKS}
    assert "per vol point" in lines["vega"]


def test_a_price_gives_its_volatility_back(run):
    price = float(greeks(**TERMS).prices)
    _, out, _ = run("iv", *FLAGS[:-2], "--price", repr(price), "--json")
    (row,) = json.loads(out)["rows"]
    assert row["iv"] == pytest.approx(0.2, rel=1e-12)
    assert row["status"] == "ok"


def test_a_table_is_repeated_with_its_own_columns_and_the_answer_added(rows):
    (row,) = rows("price", HEADER + ",name", ROW + ',"a, b"')
    assert list(row) == [*HEADER.split(","), "name", "price", "status", *GREEKS]
    assert row["name"] == "a, b"
    assert row["spot"] == "100"
    assert float(row["price"]) == pytest.approx(float(greeks(**TERMS).prices))


def test_what_price_says_iv_can_read(run):
    _, priced, _ = run("price", "--csv", "-", table=f"{HEADER}\n{ROW}\nP,,100,90,400,-0.01,0,0.35\n")
    code, out, _ = run("iv", "--csv", "-", table=priced)
    assert code == 0
    found = list(csv.DictReader(io.StringIO(out)))
    assert [float(row["iv"]) for row in found] == pytest.approx([0.2, 0.35], rel=1e-10)
    assert [name for name in found[0] if name == "status"] == ["status"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("X,european,100,105,30,0,0,0.2", "right is not C or P"),
        ("C,asian,100,105,30,0,0,0.2", "style is not european or american"),
        ("C,european,,105,30,0,0,0.2", "spot is missing (or forward)"),
        ("C,european,-1,105,30,0,0,0.2", "spot is not above 0"),
        ("C,european,100,abc,30,0,0,0.2", "strike is not a number"),
        ("C,european,100,105,30,0,0,20%", "vol is not a number: write 20 % as 0.2"),
        ('C,european,"1,000",105,30,0,0,0.2', "spot is not a number: write 1,250.5 as 1250.5"),
        ("C,european,100,0,30,0,0,0.2", "strike is not above 0"),
        ("C,european,100,105,0,0,0,0.2", "days is not above 0: nothing can be said at or after the end"),
        ("C,european,100,105,20000,0,0,0.2", "days is over 40 years"),
        ("C,european,100,105,30,5,0,0.2", "rate is over 200 %: write 5 % as 0.05"),
        ("C,european,100,105,30,nan,0,0.2", "rate is not a number"),
        ("C,european,100,105,30,0,inf,0.2", "yield is not a number"),
        ("C,european,100,105,30,0,0,20", "vol is over 1000 %: write 20 % as 0.2"),
        ("C,european,100,105,30,0,0,0", "vol is not above 0"),
        ("C,european,100,105,30,0,0,", "vol is missing"),
        ("C,european,100,105,30,0,0", "vol is missing"),
        ("C,european,100,105,30,0,0,0.2,7", "more cells than the header has columns"),
        (",european,,x,30,0,0,20", "right is missing; strike is not a number; spot is missing (or forward); vol is over 1000 %"),
    ],
)
def test_a_row_that_cannot_be_priced_says_all_that_is_wrong_and_does_not_stop_the_others(rows, row: str, said: str):
    good, bad, also_good = rows("price", HEADER, ROW, row, ROW)
    assert good == also_good
    assert good["status"] == "ok"
    for part in said.split("; "):
        assert part in bad["status"]
    assert [bad[name] for name in ("price", *GREEKS)] == [""] * 12


def test_the_last_hours_may_be_quoted_at_more_than_1000_percent(rows):
    late, wrong = rows("price", HEADER, "C,european,100,100,0.04,0,0,14", "C,european,100,100,1,0,0,20")
    assert late["status"] == "ok"
    assert wrong["status"] == "vol is over 1000 %: write 20 % as 0.2"


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("right,spot,strikes,days,vol", "strike is missing: there is 'strikes'"),
        ("right,strike,days,vol", "spot or forward is missing"),
        ("right,spot,strike,vol", "days or expiry is missing"),
        ("right,spot,strike,days", "vol is missing"),
        ("right,spot,strike,days,vol,vol", "the column vol stands there 2 times"),
        ("right,spot,,strike,days,vol", "column 3 has no name"),
        ("", "the table is empty"),
        ("right;spot;strike;days;vol", "parted by semicolons: part them by commas"),
        ("right\tspot\tstrike\tdays\tvol", "parted by tabs"),
        ("C,100,105,30,0.2", "names no column that is known: right, style, expiry"),
    ],
)
def test_a_header_that_cannot_be_used_is_wrong_usage_and_names_the_column(run, header: str, said: str):
    code, out, err = run("price", "--csv", "-", table=header + "\n")
    assert code == 2
    assert said in err
    assert out == ""


def test_a_table_of_no_rows_is_answered_with_its_header(rows):
    assert rows("price", HEADER) == []


@pytest.mark.parametrize("content", [b"right,spot\xff\n", "right,spot".encode("utf-16"), f"{HEADER},note\n{ROW},caf".encode() + b"\xe9\n"])
def test_bytes_of_another_alphabet_are_wrong_usage_and_it_says_how_to_save_them(run, content: bytes):
    code, _, err = run("price", "--csv", "-", table=content)
    assert (code, "save it as UTF-8" in err) == (2, True)


def test_a_mark_and_nothing_else_is_an_empty_table(run):
    assert run("price", "--csv", "-", table=b"\xef\xbb\xbf\r\n")[0] == 2


def test_blank_lines_are_no_rows(rows):
    found = rows("price", HEADER, "", ROW, "", "," * HEADER.count(","), ROW, "")
    assert [row["status"] for row in found] == ["ok", "ok"]


def test_a_spreadsheets_mark_and_line_ends_and_spaces_do_no_harm(run):
    table = f"\ufeff{HEADER.replace(',', ' , ').upper()}\r\n{ROW.replace(',', ' , ')}\r\n"
    code, out, err = run("price", "--csv", "-", table=table)
    assert code == 0, err
    assert next(csv.DictReader(io.StringIO(out)))["status"] == "ok"


def test_flags_stand_for_the_columns_a_file_does_not_have(rows, run):
    (row,) = rows("price", "right,spot,strike,days,yield,vol", "C,100,105,30,0.01,0.2", flags=("--rate", "0.04"))
    assert float(row["price"]) == pytest.approx(float(greeks(**TERMS).prices))
    code, _, err = run("price", "--csv", "-", "--rate", "0.04", table=f"{HEADER}\n{ROW}\n")
    assert (code, "leave --rate out" in err) == (2, True)


def test_a_forward_in_place_of_the_spot_is_black_76_against_it(rows):
    (row,) = rows("price", "right,forward,strike,days,rate,vol", "P,80,85,180,0.05,0.4")
    found = futures_greeks(forwards=80.0, strikes=85.0, years=180 / 365, vols=0.4, rights=-1, rates=0.05)
    for name, field in (("price", "prices"), ("delta", "deltas"), ("rho", "rhos"), ("theta", "thetas")):
        assert float(row[name]) == pytest.approx(float(getattr(found, field)) * FACTORS[name]), name
    both, neither = rows("price", "right,forward,spot,strike,days,vol", "P,80,80,85,180,0.4", "P,,,85,180,0.4")
    assert both["status"] == "spot and forward are both given: leave one empty"
    assert neither["status"] == "spot or forward is missing"


def test_an_expiry_is_counted_to_its_close_in_new_york(rows):
    head = "right,spot,strike,vol,expiry"
    flags = ("--as-of", "2026-11-20T21:00:00Z")
    by_date, half_day, past, unread = rows(
        "price",
        head,
        "C,100,100,0.2,2026-12-18",
        "C,100,100,0.2,2026-11-27",
        "C,100,100,0.2,2026-11-20",
        "C,100,100,0.2,someday",
        flags=flags,
    )
    atm = lambda days: float(greeks(spots=100, strikes=100, years=days / 365, vols=0.2, rights=1).prices)  # noqa: E731
    assert float(by_date["price"]) == pytest.approx(atm(28))
    assert float(half_day["price"]) == pytest.approx(atm(7 - 3 / 24))
    assert past["status"] == "expiry is past"
    assert unread["status"] == "expiry is not a date such as 2026-12-18"


def test_cash_dividends_mean_the_same_in_both_styles(run):
    def numbers(style: str, spot: float = 100.0, days: float = 90.0, rate: float = 0.05, shift: float = 0.0) -> dict[str, float]:
        dividends = f"{30 - shift}:1.5;{80 - shift}:1.25;200:9"
        flags = f"--right P --style {style} --spot {spot} --strike 98 --days {days} --rate {rate} --vol 0.3 --dividends {dividends}".split()
        return json.loads(run("price", *flags, "--json", "--units", "model")[1])["rows"][0]

    row = numbers("european")
    terms = {"spots": 100.0, "strikes": 98.0, "years": 90 / 365, "vols": 0.3, "rates": 0.05, "rights": -1}
    same = cash_values(**terms, dividends=DividendSchedule(np.array([30, 80]) / 365, [1.5, 1.25]))
    assert row["price"] == pytest.approx(float(same.europeans), rel=1e-9)
    assert numbers("american")["price"] == pytest.approx(float(same.prices), rel=1e-9)
    day = 0.01 / 365
    aged, up, down = numbers("european", days=89.99, shift=0.01), numbers("european", rate=0.0501), numbers("european", rate=0.0499)
    assert row["theta"] == pytest.approx((aged["price"] - row["price"]) / day, rel=1e-3)
    assert row["charm"] == pytest.approx((aged["delta"] - row["delta"]) / day, rel=1e-2)
    assert row["rho"] == pytest.approx((up["price"] - down["price"]) / 0.0002, rel=1e-5)
    assert row["delta"] == pytest.approx((numbers("european", 100.01)["price"] - numbers("european", 99.99)["price"]) / 0.02, rel=1e-6)


def test_a_price_with_cash_dividends_has_a_volatility_in_either_style_and_the_american_one_is_lower(rows):
    head = "right,style,spot,strike,days,rate,price,dividends"
    european, american = rows("iv", head, "P,european,100,105,200,0.05,12,60:1;150:1", "P,american,100,105,200,0.05,12,60:1;150:1")
    assert (european["status"], american["status"]) == ("ok", "ok")
    assert 0.0 < float(european["iv"]) - float(american["iv"]) < 0.02
    head = "right,style,spot,strike,days,rate,vol,dividends"
    (back,) = rows("price", head, f"P,european,100,105,200,0.05,{european['iv']},60:1;150:1")
    assert float(back["price"]) == pytest.approx(12.0, abs=2e-5)


def test_a_dividend_on_the_day_of_the_end_is_paid_and_a_later_one_is_not(rows):
    head = "right,style,spot,strike,days,rate,vol,dividends"
    for style in ("european", "american"):
        on_it, after, none = rows("price", head, *(f"C,{style},100,100,90,0.03,0.25,{dividends}" for dividends in ("90:2", "90.5:2", "")))
        assert after["price"] == none["price"]
        assert float(on_it["price"]) < float(none["price"]) - (0.5 if style == "european" else -1e-9)


@pytest.mark.parametrize(
    ("dividends", "said"),
    [
        ("10:1;20", "dividends are not day:amount;day:amount"),
        ("ten:1", "dividends are not day:amount;day:amount"),
        ("-3:1", "a dividend's day is not ahead"),
        ("0:1", "a dividend's day is not ahead"),
        ("3:-1", "a dividend is below 0"),
        ("3:60;9:50", "dividends are worth the spot or more"),
    ],
)
def test_dividends_that_cannot_be_meant_are_the_rows_problem(rows, dividends: str, said: str):
    good, bad = rows("price", "right,spot,strike,days,vol,dividends", "C,100,100,30,0.2,", f"C,100,100,30,0.2,{dividends}")
    assert (good["status"], bad["status"]) == ("ok", said)


def test_a_price_without_a_volatility_says_why(rows):
    head = "right,spot,strike,days,price"
    found = rows("iv", head, "C,100,80,30,20", "C,100,80,30,101", "C,100,100,30,-1", "C,100,100,30,", "C,100,60,30,40.00000000000001")
    assert [row["status"] for row in found] == ["no time value", "above bound", "price is below 0", "price is missing", "ill-conditioned"]
    assert [row["iv"] == "" for row in found] == [True, True, True, True, False]


def test_one_contract_that_cannot_be_meant_is_wrong_usage(run):
    assert run("price", *FLAGS[:-1], "20")[0::2] == (2, "optix: vol is over 1000 %: write 20 % as 0.2\n")
    assert run("price", *FLAGS[2:])[0] == 2
    assert "--right is missing" in run("price", *FLAGS[2:])[2]
    assert "say which contract" in run("iv")[2]
    assert "cannot be read" in run("iv", "--csv", "nosuch.csv")[2]
    assert run("price", *FLAGS, "--as-of", "noon")[0] == 2


def test_a_price_without_time_value_by_flags_is_an_answer_not_an_error(run):
    code, out, _ = run("iv", *FLAGS[:-2], "--price", "0", "--json")
    assert code == 0
    assert json.loads(out)["rows"][0]["status"] == "no time value"


def test_american_rows_stand_beside_european_ones(rows):
    head = "right,style,spot,strike,days,rate,yield,vol,dividends"
    found = rows(
        "price", head, "P,european,100,110,365,0.06,0,0.25,", "P,american,100,110,365,0.06,0,0.25,",
        "C,american,100,90,90,0.03,0,0.25,45:4", "C,american,100,90,90,0.03,0,0.25,45:0", "P,american,100,110,365,5,0,0.25,",
    )  # fmt: skip
    assert [row["status"] for row in found[:4]] == ["ok"] * 4
    assert found[4]["status"] == "rate is over 200 %: write 5 % as 0.05"
    european, american, paying, plain = (float(row["price"]) for row in found[:4])
    reference = american_prices(spots=100.0, strikes=110.0, years=1.0, vols=0.25, rates=0.06, rights=-1)
    assert american == pytest.approx(float(reference), rel=1e-12)
    assert european < american
    assert paying < plain
    assert all(found[1][name] != "" for name in GREEKS)


def test_an_american_price_gives_its_volatility_back(rows):
    head = "right,style,spot,strike,days,rate,price,dividends"
    quoted = american_prices(spots=100.0, strikes=110.0, years=1.0, vols=0.25, rates=0.06, rights=-1)
    first, no_time_value, unread = rows(
        "iv", head, f"P,american,100,110,365,0.06,{float(quoted)!r},", "P,american,100,110,365,0.06,10,", "P,american,100,x,365,0.06,12,"
    )
    assert float(first["iv"]) == pytest.approx(0.25, abs=1e-6)
    assert (no_time_value["iv"], no_time_value["status"]) == ("", "no time value")
    assert unread["status"] == "strike is not a number"


def test_a_large_table_keeps_its_order_and_every_row_its_own_answer(rows):
    chance = np.random.default_rng(3)
    strikes = np.round(chance.uniform(60, 150, 12_000), 2)
    lines = [f"{'C' if strike > 100 else 'P'},european,100,{strike},30,0.04,0.01,0.2" for strike in strikes]
    lines[777] = "C,european,100,oops,30,0.04,0.01,0.2"
    found = rows("price", HEADER, *lines)
    assert [row["strike"] for row in found] == [line.split(",")[3] for line in lines]
    strikes[777] = np.nan
    theirs = greeks(**{**TERMS, "strikes": strikes, "rights": np.where(strikes > 100, 1, -1)}).prices
    ours = np.array([float(row["price"] or "nan") for row in found])
    assert np.allclose(ours, theirs, rtol=1e-13, equal_nan=True)
    assert found[777]["status"] == "strike is not a number"


def test_as_a_program_it_reads_a_file_and_writes_csv(tmp_path):
    file = tmp_path / "book.csv"
    file.write_text(f"{HEADER}\n{ROW}\n")
    done = optix("price", "--csv", str(file), home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].startswith(HEADER + ",price,status,delta")
    assert ",ok," in done.stdout.splitlines()[1]
