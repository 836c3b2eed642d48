from datetime import date

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.contracts.event_codec import MAX_EVENT_BYTES, MalformedEvent, decode_event, encode_event
from engine.domain.columns import floats, ints, longs
from engine.domain.errors import OptixError
from engine.domain.ids import UtcNanos
from engine.domain.market import FeedEvent, Listing, Pulse, QuoteBatch
from tests.kit.feeds import one_of_each, quotes

EVENTS = one_of_each()


def columns(event: FeedEvent) -> dict[str, np.ndarray]:
    return {name: value for name in event.__struct_fields__ if isinstance(value := getattr(event, name), np.ndarray)}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_comes_back_as_it_went_in_to_the_last_bit(event):
    back = decode_event(encode_event(event))
    assert type(back) is type(event)
    for name, column in columns(event).items():
        assert getattr(back, name).dtype == column.dtype
        assert getattr(back, name).tobytes() == column.tobytes(), name
    for name in set(event.__struct_fields__) - set(columns(event)):
        assert getattr(back, name) == getattr(event, name), name


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_the_same_event_gives_the_same_bytes_again_and_again(event):
    data = encode_event(event)
    assert encode_event(event) == data
    assert encode_event(decode_event(data)) == data


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_columns_that_were_read_cannot_be_written(event):
    assert not any(column.flags.writeable for column in columns(decode_event(encode_event(event))).values())


def test_an_unknown_number_keeps_its_very_bits():
    odd_nan = np.array([0x7FF8000000000BAD], dtype=np.uint64).view(np.float64)
    event = msgspec.structs.replace(quotes([1], [1.0], [2.0]), bid=floats(odd_nan))
    assert decode_event(encode_event(event)).bid.tobytes() == odd_nan.tobytes()


def test_columns_of_different_lengths_are_refused():
    uneven = msgspec.structs.replace(quotes([1, 2], [1.0, 1.0], [2.0, 2.0]), ask=floats([2.0]))
    with pytest.raises(MalformedEvent, match="different lengths"):
        decode_event(encode_event(uneven))


def test_a_column_that_is_no_whole_number_of_values_is_refused():
    data = bytearray(encode_event(quotes([1], [1.0], [2.0])))
    place = data.index(b"\xa3bid\xc4\x08") + 5
    broken = bytes(data[:place]) + b"\x07" + bytes(data[place + 1 : place + 8]) + bytes(data[place + 9 :])
    with pytest.raises(MalformedEvent):
        decode_event(broken)


@pytest.mark.parametrize(
    "change",
    [
        {"security": ints([7, -1, -1])},
        {"series_index": ints([-1, 0, 3])},
        {"handle": ints([0, 1, -2])},
        {"series_index": ints([0, 0, 0])},
        {"name": ("SPY",)},
    ],
    ids=["security out of its table", "series out of its table", "negative handle", "both security and option", "too few names"],
)
def test_a_listing_that_contradicts_itself_is_refused(change):
    listing = next(event for event in EVENTS if isinstance(event, Listing))
    with pytest.raises(MalformedEvent):
        decode_event(encode_event(msgspec.structs.replace(listing, **change)))


def test_an_event_before_1970_and_a_negative_handle_are_refused():
    with pytest.raises(MalformedEvent, match="before 1970"):
        decode_event(encode_event(Pulse(at=UtcNanos(-1))))
    with pytest.raises(MalformedEvent, match="handle -3"):
        decode_event(encode_event(quotes([-3], [1.0], [2.0])))


def test_a_column_of_a_foreign_type_cannot_be_written():
    good = quotes([1], [1.0], [2.0])
    event = msgspec.structs.replace(good, bid=np.array([1.0], dtype=np.float32))
    with pytest.raises(MalformedEvent, match="float32"):
        encode_event(event)
    with pytest.raises(MalformedEvent, match="2 dimensions"):
        encode_event(msgspec.structs.replace(good, bid=np.array([[1.0]])))
    with pytest.raises(MalformedEvent, match="complex"):
        encode_event(msgspec.structs.replace(good, at=complex(1)))


@pytest.mark.parametrize("nonsense", [b"", b"\x01", b"\xc0", b"\x91" * 100_000, b"\x81\xa4type\xa5pulse", "Привет".encode(), b"\x80" * 9])
def test_bytes_that_are_no_event_are_named_so(nonsense):
    with pytest.raises(MalformedEvent):
        decode_event(nonsense)


def test_more_bytes_than_any_event_has_are_not_even_looked_at():
    with pytest.raises(MalformedEvent, match=str(MAX_EVENT_BYTES)):
        decode_event(bytes(MAX_EVENT_BYTES + 1))


def test_an_event_of_a_kind_this_version_does_not_know_is_refused():
    with pytest.raises(MalformedEvent, match="rumour"):
        decode_event(msgspec.msgpack.encode({"type": "rumour", "at": 5}))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damaged_bytes_give_an_event_or_a_clear_error_and_nothing_else(data):
    whole = bytearray(encode_event(data.draw(st.sampled_from(EVENTS))))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        decode_event(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    except OptixError as trouble:
        assert str(trouble)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2**31 - 1), st.floats(), st.floats(), st.integers(0, 2**62)), max_size=50),
    st.integers(0, 2**62),
)
def test_any_batch_of_quotes_survives_the_way_through_bytes(rows, at):
    handle, bid, ask, event_at = zip(*rows, strict=True) if rows else ((), (), (), ())
    event = QuoteBatch(
        at=UtcNanos(at),
        handle=ints(handle),
        bid=floats(bid),
        ask=floats(ask),
        bid_size=floats(bid),
        ask_size=floats(ask),
        event_at=longs(event_at),
    )
    data = encode_event(event)
    assert encode_event(decode_event(data)) == data


def test_dates_of_a_series_survive():
    listing = next(event for event in EVENTS if isinstance(event, Listing))
    back = decode_event(encode_event(listing))
    assert isinstance(back, Listing)
    assert back.series[0].expiry == date(2026, 7, 17)
