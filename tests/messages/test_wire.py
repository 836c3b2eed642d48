"""What crosses between processes is equal to the bit, and no bytes whatever do harm."""

import json
import math
import struct

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from engine.domain.chain import ChainSlice, IvStatus
from engine.domain.columns import Bytes, Flags, Floats, Ints, Longs
from engine.domain.errors import BY_CODE, BadInput, OptixError, UnknownSymbol
from engine.messages import wire
from engine.messages.base import Receipt
from engine.messages.queries import Quote
from engine.messages.registry import COMMANDS, EVENTS, QUERIES
from tests.kit import facts
from tests.kit.equal import same


class Table(Struct, frozen=True, kw_only=True):
    """One column of each kind."""

    floats: Floats
    longs: Longs
    ints: Ints
    codes: Bytes
    flags: Flags


def table(**changes: np.ndarray) -> Table:
    said = {
        "floats": np.array([[math.nan, -0.0, math.inf], [-math.inf, 5e-324, 1.7976931348623157e308]]),
        "longs": np.array([2**63 - 1, -(2**63), 0]),
        "ints": np.array([2**31 - 1, -(2**31)], dtype=np.int32),
        "codes": np.array([-128, 127], dtype=np.int8),
        "flags": np.array([0, 255], dtype=np.uint8),
    }
    return Table(**(said | changes))


def test_columns_come_back_equal_to_the_bit_read_only_and_in_their_shape():
    sent = table()
    came = wire.decode(wire.encode(sent), Table)
    for name in Table.__struct_fields__:
        before, after = getattr(sent, name), getattr(came, name)
        assert after.tobytes() == before.tobytes()
        assert (after.dtype, after.shape) == (before.dtype, before.shape)
        assert not after.flags.writeable
        assert after.flags.aligned


def test_a_nan_keeps_its_payload():
    odd = np.frombuffer(struct.pack("<Q", 0x7FF8_DEAD_BEEF_0001), dtype=np.float64)
    assert wire.decode(wire.encode(table(floats=odd)), Table).floats.tobytes() == odd.tobytes()


@pytest.mark.parametrize("shape", [(0,), (2, 0), (0, 5)])
def test_empty_columns_keep_their_shape(shape):
    assert wire.decode(wire.encode(table(floats=np.empty(shape))), Table).floats.shape == shape


def test_columns_that_are_views_strided_or_of_the_other_byte_order_cross_by_value():
    whole = np.arange(12.0).reshape(3, 4)
    for view in (whole[:, ::2], whole.T, whole.astype(">f8")):
        assert np.array_equal(wire.decode(wire.encode(table(floats=view)), Table).floats, view)


@pytest.mark.parametrize("column", [np.array(["a"]), np.array([1 + 2j]), np.zeros((1, 1, 1)), np.array([object()]), np.float32([1])])
def test_other_kinds_of_column_are_refused_before_they_leave(column):
    with pytest.raises(wire.Malformed, match="no place in a message"):
        wire.encode(table(floats=column))


def test_a_column_of_another_kind_than_the_field_says_is_refused_on_arrival():
    with pytest.raises(wire.Malformed, match="int64 where one of float64 is due"):
        wire.decode(wire.encode(table(floats=np.array([1, 2]))), Table)


def column(
    *, kind: int = 0, dimensions: int = 1, lengths: tuple[int, ...] = (1,), body: bytes = bytes(8), code: int = wire.COLUMN
) -> bytes:
    head = bytes((kind, dimensions)) + b"".join(length.to_bytes(4, "little") for length in lengths)
    fields = {"floats": msgspec.msgpack.Ext(code, head + body)}
    return msgspec.msgpack.encode(fields)


class OneColumn(Struct, frozen=True):
    """For columns that lie."""

    floats: Floats


def test_a_true_column_by_hand_is_taken():
    assert wire.decode(column(), OneColumn).floats.tolist() == [0.0]


@pytest.mark.parametrize(
    "data",
    [
        column(code=7),
        column(kind=9),
        column(dimensions=3, lengths=(1, 1, 1)),
        column(dimensions=255, lengths=()),
        column(lengths=(2,)),
        column(lengths=(2**32 - 1,)),
        column(dimensions=2, lengths=(2**32 - 1, 2**32 - 1)),
        column(body=bytes(7)),
        column(dimensions=2, lengths=(1,), body=b""),
        msgspec.msgpack.encode({"floats": msgspec.msgpack.Ext(wire.COLUMN, b"")}),
        msgspec.msgpack.encode({"floats": [1.0, 2.0]}),
        msgspec.msgpack.encode({"floats": None}),
        msgspec.msgpack.encode({"floats": b"12345678"}),
        msgspec.msgpack.encode({}),
        msgspec.msgpack.encode([1]),
        b"",
        b"\xc1",
        b"\x81" * 5_000,
        b"\x91" * 100_000,
    ],
)
def test_columns_that_lie_and_bytes_that_are_no_message_are_malformed_and_nothing_worse(data):
    with pytest.raises(wire.Malformed):
        wire.decode(data, OneColumn)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_whatever_the_bytes_decoding_answers_or_refuses(data):
    for kind in (ChainSlice, Quote, Receipt, Table):
        try:
            wire.decode(data, kind)
        except BadInput:
            continue


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_chain_with_any_byte_flipped_answers_or_refuses(data):
    sent = bytearray(_CHAIN)
    place = data.draw(st.integers(0, len(sent) - 1))
    sent[place] ^= data.draw(st.integers(1, 255))
    try:
        wire.decode(bytes(sent), ChainSlice)
    except BadInput:
        return


_CHAIN = wire.encode(facts.slice_of())


@pytest.mark.parametrize("build", [facts.slice_of, facts.quote, facts.bars, facts.trades, facts.expirations, facts.chain])
def test_the_messages_of_a_market_cross_unchanged(build):
    sent = build()
    assert same(wire.decode(wire.encode(sent), type(sent)), sent)


@pytest.mark.parametrize("kind", BY_CODE.values(), ids=lambda kind: kind.__name__)
def test_an_error_comes_back_as_itself(kind):
    crossed = wire.decode(wire.encode(wire.failure(kind("what to do"))), wire.Failure)
    again = wire.error_of(crossed)
    assert type(again) is kind
    assert str(again) == "what to do"
    assert again.exit_code == kind.exit_code


def test_a_special_error_comes_back_as_the_one_its_code_names_and_an_unknown_code_as_the_general_one():
    special = type("Delisted", (UnknownSymbol,), {})
    assert type(wire.error_of(wire.failure(special("gone")))) is UnknownSymbol
    assert type(wire.error_of(wire.Failure("from-the-future", "?"))) is OptixError


def test_json_has_no_nan_enums_by_value_and_columns_as_lists():
    plain = wire.to_plain(
        {
            "nan": math.nan,
            "inf": -math.inf,
            "column": np.array([[1.0, math.nan]]),
            "whole": np.array([1, 2]),
            "status": IvStatus.ILL_CONDITIONED,
            "date": facts.TODAY,
            "set": {1},
            "number": np.float64(2.5),
            "count": np.int32(3),
            "flag": True,
        }
    )
    assert plain == {
        "nan": None,
        "inf": None,
        "column": [[1.0, None]],
        "whole": [1, 2],
        "status": 4,
        "date": "2026-11-19",
        "set": [1],
        "number": 2.5,
        "count": 3,
        "flag": True,
    }
    with pytest.raises(BadInput, match="cannot be said in JSON"):
        wire.to_plain(object())


def test_a_whole_chain_is_json_that_others_can_read():
    sent = facts.slice_of()
    text = wire.to_json(sent)
    read = json.loads(text, parse_constant=pytest.fail)
    assert read["summary"]["series"]["settlement"] == str(sent.summary.series.settlement)
    assert len(read["iv"]) == 2
    assert len(read["iv"][0]) == len(read["strikes"])


@pytest.mark.parametrize("name", [*QUERIES, *COMMANDS, *EVENTS])
def test_every_message_and_answer_has_a_schema(name):
    kind = {**QUERIES, **COMMANDS, **EVENTS}[name]
    assert wire.schema(kind)
    if name in QUERIES:
        assert wire.schema(wire.answer_of(kind))["$defs"]


def test_the_json_of_a_quote_fits_its_schema():
    described = wire.schema(Quote)["$defs"]["Quote"]["properties"]
    assert set(json.loads(wire.to_json(facts.quote()))) == set(described)
