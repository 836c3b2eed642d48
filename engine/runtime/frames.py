"""What goes over the local socket: frames of a bounded length, each one envelope in msgpack. No pickle."""

import asyncio
from typing import TypeVar

import msgspec
from msgspec import Raw, Struct

from engine.domain.errors import BadInput, EngineGone
from engine.messages import wire
from engine.messages.base import Topic

PROTOCOL = 2
MOST_FROM_CLIENT = 1024 * 1024
MOST_FROM_SERVER = 16 * 1024 * 1024
MOST_IN_GREETING = 4096
_HEAD = 4

T = TypeVar("T")


class Hello(Struct, frozen=True, array_like=True, tag="hello"):
    """The client's first frame."""

    protocol: int
    fingerprint: int
    version: str
    token: str


class Ask(Struct, frozen=True, array_like=True, tag="ask"):
    """A question or a command; its answer bears the same number."""

    number: int
    name: str
    body: Raw


class Drop(Struct, frozen=True, array_like=True, tag="drop"):
    """The answer to that question, or that watching, is no longer wanted."""

    number: int


class Watch(Struct, frozen=True, array_like=True, tag="watch"):
    """Events wanted under that number."""

    number: int
    topics: tuple[Topic, ...]
    capacity: int


class Ping(Struct, frozen=True, array_like=True, tag="ping"):
    """Are you there?"""


class Pong(Struct, frozen=True, array_like=True, tag="pong"):
    """Yes."""


class Welcome(Struct, frozen=True, array_like=True, tag="welcome"):
    """The server's first frame to a client it takes."""

    version: str
    pid: int


class Answer(Struct, frozen=True, array_like=True, tag="answer"):
    """What was asked for."""

    number: int
    body: Raw


class Failed(Struct, frozen=True, array_like=True, tag="failed"):
    """Why not. Number 0 is the greeting's."""

    number: int
    failure: wire.Failure


class Told(Struct, frozen=True, array_like=True, tag="told"):
    """An event of a watching."""

    number: int
    name: str
    body: Raw


class Ended(Struct, frozen=True, array_like=True, tag="ended"):
    """That watching is over."""

    number: int


FromClient = Hello | Ask | Drop | Watch | Ping
FromServer = Welcome | Answer | Failed | Told | Ended | Pong
_from_client = msgspec.msgpack.Decoder(FromClient)
_from_server = msgspec.msgpack.Decoder(FromServer)


class TooLarge(BadInput):
    """A message that does not fit a frame."""


def frame(envelope: Struct, most: int) -> bytes:
    """The envelope behind its length; raises `TooLarge` where it does not fit."""
    content = wire.encode(envelope)
    if len(content) > most:
        raise TooLarge(f"a message of {len(content):,} bytes is larger than {most:,}: ask for less at a time")
    return len(content).to_bytes(_HEAD, "little") + content


async def next_frame(reader: asyncio.StreamReader, most: int) -> bytes:
    """The next frame's content. Raises `EngineGone` at the end of the stream, `Malformed` for a length out of bounds."""
    try:
        length = int.from_bytes(await reader.readexactly(_HEAD), "little")
        if not 0 < length <= most:
            raise wire.Malformed(f"a frame of {length:,} bytes is not allowed here (1 to {most:,})")
        return await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError, TimeoutError) as gone:
        raise EngineGone("the other side has gone") from gone


def of_client(content: bytes) -> FromClient:
    """What a client says."""
    try:
        said: FromClient = _from_client.decode(content)
    except (msgspec.MsgspecError, RecursionError) as trouble:
        raise wire.Malformed(f"no client's frame: {trouble}") from trouble
    return said


def of_server(content: bytes) -> FromServer:
    """What a server says."""
    try:
        said: FromServer = _from_server.decode(content)
    except (msgspec.MsgspecError, RecursionError) as trouble:
        raise wire.Malformed(f"no server's frame: {trouble}") from trouble
    return said
