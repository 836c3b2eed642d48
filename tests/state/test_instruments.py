from engine.domain.columns import ints
from engine.domain.ids import ContractId, SeriesId, Symbol
from engine.domain.instruments import Right
from engine.state.instruments import Instruments
from tests.kit.market import DECEMBER, MONDAY, NOON, listing, series_of


def test_an_instrument_keeps_its_row_when_it_is_listed_again_under_another_handle() -> None:
    instruments = Instruments()
    series = series_of("SPY")
    instruments.enlist(listing(series))
    row = instruments.row("SPY   261218C00100000")
    instruments.forget_handles()
    listed = instruments.enlist(listing(series, first=500))
    assert instruments.row("SPY   261218C00100000") == row
    assert instruments.rows_of(ints([500])).tolist() == [instruments.row("SPY")]
    assert listed.new_rows == 0
    assert listed.symbols == ()


def test_an_unknown_handle_has_no_row() -> None:
    instruments = Instruments()
    instruments.enlist(listing(series_of("SPY")))
    assert instruments.rows_of(ints([0, 7, 99_999, -3])).tolist() == [0, -1, -1, -1]
    assert instruments.rows_of(ints([])).tolist() == []


def test_forgotten_handles_point_nowhere_until_listed_again() -> None:
    instruments = Instruments()
    instruments.enlist(listing(series_of("SPY")))
    instruments.forget_handles()
    assert instruments.rows_of(ints([0, 1])).tolist() == [-1, -1]


def test_rows_know_the_handle_in_force() -> None:
    instruments = Instruments()
    instruments.enlist(listing(series_of("SPY")))
    rows = instruments.rows_of(ints([2, 0]))
    assert instruments.handles_of(rows).tolist() == [2, 0]
    instruments.forget_handles()
    assert instruments.handles_of(rows).tolist() == [-1, -1]
    instruments.enlist(listing(series_of("SPY"), first=500))
    assert instruments.handles_of(rows).tolist() == [502, 500]


def test_series_of_a_name_stand_by_the_instant_they_settle_at() -> None:
    instruments = Instruments()
    instruments.enlist(listing(series_of("SPXW", DECEMBER), series_of("SPX", DECEMBER), series_of("SPXW", MONDAY)))
    assert [ladder.series.id for ladder in instruments.chain(Symbol("SPX"))] == [
        "SPXW/2026-11-23/PM",
        "SPX/2026-12-18/AM",
        "SPXW/2026-12-18/PM",
    ]


def test_strikes_added_later_find_their_place_and_leave_the_rest() -> None:
    instruments = Instruments()
    series = series_of("SPY")
    instruments.enlist(listing(series, strikes=(90.0, 110.0)))
    before = instruments.ladder(series.id)
    listed = instruments.enlist(listing(series, strikes=(100.0,), first=50))
    after = instruments.ladder(series.id)
    assert before is not None
    assert after is not None
    assert after.strikes.tolist() == [90.0, 100.0, 110.0]
    assert after.rows[:, [0, 2]].tolist() == before.rows.tolist()
    assert listed.symbols == ("SPY",)


def test_a_missing_contract_leaves_a_hole_in_the_ladder() -> None:
    instruments = Instruments()
    series = series_of("SPY")
    whole = listing(series, strikes=(100.0, 110.0))
    import msgspec

    keep = [0, 1, 2, 3]  # SPY, call and put at 100, the call at 110
    cut = msgspec.structs.replace(
        whole,
        handle=whole.handle[keep],
        security=whole.security[keep],
        series_index=whole.series_index[keep],
        strike=whole.strike[keep],
        right=whole.right[keep],
        name=tuple(whole.name[place] for place in keep),
    )
    instruments.enlist(cut)
    ladder = instruments.ladder(series.id)
    assert ladder is not None
    assert ladder.rows[1, 1] == -1
    assert ladder.names[3] == ""


def test_a_series_whose_underlying_is_not_listed_brings_it_along() -> None:
    import msgspec

    whole = listing(series_of("SPY"))
    keep = list(range(1, len(whole.name)))
    orphan = msgspec.structs.replace(
        whole,
        securities=(),
        handle=whole.handle[keep],
        security=whole.security[keep],
        series_index=whole.series_index[keep],
        strike=whole.strike[keep],
        right=whole.right[keep],
        name=tuple(whole.name[place] for place in keep),
    )
    instruments = Instruments()
    instruments.enlist(orphan)
    security = instruments.security(Symbol("SPY"))
    assert security is not None
    assert security.symbol == "SPY"
    assert len(instruments.chain(Symbol("SPY"))) == 1
    assert instruments.has_series(Symbol("SPY"))
    assert not instruments.has_series(Symbol("QQQ"))


def test_a_contract_is_found_by_its_id_and_a_security_is_none() -> None:
    instruments = Instruments()
    instruments.enlist(listing(series_of("SPY")))
    contract = instruments.contract(ContractId("SPY   261218P00090000"))
    assert contract is not None
    assert (contract.strike, contract.right, contract.series.id) == (90.0, Right.PUT, "SPY/2026-12-18/PM")
    assert instruments.contract(ContractId("SPY")) is None
    assert instruments.ladder(SeriesId("QQQ/2026-12-18/PM")) is None


def test_a_listing_speaks_in_the_feeds_own_handles() -> None:
    instruments = Instruments()
    instruments.enlist(listing(series_of("SPY"), first=40))
    again = instruments.listing(NOON)
    assert again.handle.tolist() == list(range(40, 47))
    assert again.name[0] == "SPY"
    handles, rows = instruments.handles()
    assert rows.tolist() == instruments.rows_of(handles).tolist()


def test_the_whole_listing_can_be_listed_elsewhere_and_says_the_same() -> None:
    first = Instruments()
    first.enlist(listing(series_of("SPXW"), series_of("SPY"), symbols=("VIX",)))
    second = Instruments()
    second.enlist(first.listing(NOON))
    assert second.rows_of(ints([3])).tolist() == first.rows_of(ints([3])).tolist()
    assert second.names == first.names
    assert second.securities() == first.securities()
    assert [ladder.names for ladder in second.ladders] == [ladder.names for ladder in first.ladders]
