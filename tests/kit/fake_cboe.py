"""A server on this machine that answers as Cboe's public address does, and can be told to be slow, ill, rude or full of nonsense."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Self

from msgspec import Struct

from engine.contracts.feed import FeedSettings
from engine.domain.ids import UtcNanos
from plugins.cboe.feed import CboeFeed
from tests.kit.chainfiles import cboe_json

NOW = UtcNanos(1_782_747_960_000_000_000)
"""2026-06-29 11:46 New York: a minute after the files were made."""


class Reply(Struct, frozen=True, kw_only=True):
    """One HTTP answer."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = {}
    delay: float = 0.0
    hang_up: bool = False
    """Closes the connection after half of the body."""


class Asked(Struct, frozen=True, kw_only=True):
    """One request as it came in."""

    path: str
    headers: Mapping[str, str]
    at: float
    """The loop's time."""


class FakeCboe:
    """Serves ``replies`` by path inside ``async with``; a path that is not in it is forbidden, as at the real address."""

    def __init__(self, **chains: bytes) -> None:
        self.replies: dict[str, Reply | Callable[[Asked], Reply]] = {
            f"/{name}.json": Reply(body=body, headers={"content-type": "application/json"}) for name, body in chains.items()
        }
        self.asked: list[Asked] = []
        self.most_at_once = 0
        self._at_once = 0
        self.tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    @property
    def address(self) -> str:
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"http://{host}:{port}"

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tasks.add(asyncio.create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await reader.readuntil(b"\r\n\r\n"):
                lines = request.decode().split("\r\n")
                headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
                asked = Asked(path=lines[0].split(" ")[1], headers=headers, at=asyncio.get_running_loop().time())
                self.asked.append(asked)
                await self._answer(asked, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    async def _answer(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            reply = self.replies.get(asked.path, Reply(status=403, body=b"<Error><Code>AccessDenied</Code></Error>"))
            if not isinstance(reply, Reply):
                reply = reply(asked)
            await asyncio.sleep(reply.delay)
            head = [f"HTTP/1.1 {reply.status} X", f"content-length: {len(reply.body)}", *(f"{k}: {v}" for k, v in reply.headers.items())]
            body = reply.body[: len(reply.body) // 2] if reply.hang_up else reply.body
            writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + body)
            await writer.drain()
            if reply.hang_up:
                raise ConnectionResetError
        finally:
            self._at_once -= 1


def json_reply(body: bytes | None = None, **more: Any) -> Reply:
    """A good answer."""
    return Reply(
        body=cboe_json() if body is None else body, headers={"content-type": "application/json", **more.pop("headers", {})}, **more
    )


def cboe_feed(server: FakeCboe, *, now: UtcNanos = NOW, refresh: float = 0.05, **options: Any) -> CboeFeed:
    """The feed pointed at the fake: all its waits are shortened by the same factor as its refresh."""
    return CboeFeed(FeedSettings(options={"base_url": server.address, "refresh_seconds": refresh, **options}, now=now))
