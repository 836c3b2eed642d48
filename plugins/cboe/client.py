"""One polite HTTP client: one request at a time, conditional where the server allows it, bounded, and every failure with its name."""

from types import TracebackType
from typing import TYPE_CHECKING, Self

from engine.domain.errors import UpstreamFailed
from engine.domain.ids import Symbol
from plugins.cboe.settings import CboeOptions
from plugins.cboe.symbols import file_name
from plugins.chainfiles.bounded import MAX_FILE_BYTES

if TYPE_CHECKING:
    import httpx

AGENT = "optix (delayed quotes, personal use)"


class Unreachable(UpstreamFailed):
    """No answer at all: the network, a name that does not resolve, a time-out."""


class Busy(UpstreamFailed):
    """The server asks for patience: too many requests, or it is ill."""

    def __init__(self, text: str, retry_after: float) -> None:
        super().__init__(text)
        self.retry_after = retry_after
        """Seconds the server asked for; 0 where it did not."""


class Denied(UpstreamFailed):
    """The server does not want to answer, or answers with something else: asking again soon helps nobody."""

    def __init__(self, text: str, status: int = 200) -> None:
        super().__init__(text)
        self.status = status


class Absent(UpstreamFailed):
    """The venue has no such name."""


class CboeClient:
    """Fetches chains by symbol inside ``async with``."""

    def __init__(self, options: CboeOptions) -> None:
        self._options = options
        self._tags: dict[Symbol, dict[str, str]] = {}
        self._http: httpx.AsyncClient

    async def __aenter__(self) -> Self:
        import httpx

        public = self._options.base_url.startswith("https")
        self._http = httpx.AsyncClient(
            timeout=self._options.timeout_seconds,
            headers={"User-Agent": AGENT, "Accept": "application/json", "Accept-Encoding": "gzip"},
            limits=httpx.Limits(max_connections=1),
            follow_redirects=False,
            trust_env=public,
        )
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._http.aclose()

    def forget(self, symbol: Symbol) -> None:
        """The last answer could not be used: ask for a whole one next time."""
        self._tags.pop(symbol, None)

    async def fetch(self, symbol: Symbol) -> bytes | None:
        """The chain's bytes, or None where nothing changed since the last time. Raises one of this module's failures."""
        import httpx

        address = f"{self._options.base_url.rstrip('/')}/{file_name(symbol)}"
        try:
            async with self._http.stream("GET", address, headers=self._tags.get(symbol, {})) as answer:
                if answer.status_code == httpx.codes.NOT_MODIFIED:
                    return None
                _check(symbol, answer)
                data = await _body(symbol, answer)
        except (httpx.HTTPError, RuntimeError) as trouble:  # RuntimeError: the client was closed under a late question
            raise Unreachable(f"Cboe cannot be reached: {type(trouble).__name__} {trouble}".rstrip()) from trouble
        self._tags[symbol] = _conditions(answer)
        return data


def _check(symbol: Symbol, answer: "httpx.Response") -> None:
    status = answer.status_code
    if status == 404:
        raise Absent(f"Cboe has no options on {symbol}")
    if status == 429 or status >= 500:
        raise Busy(f"Cboe asks for patience (HTTP {status})", _retry_after(answer))
    if status != 200:
        raise Denied(f"Cboe refused {symbol} (HTTP {status})", status)
    kind = answer.headers.get("content-type", "")
    if "html" in kind:
        raise Denied(f"Cboe answered for {symbol} with a web page instead of quotes")


async def _body(symbol: Symbol, answer: "httpx.Response") -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in answer.aiter_bytes():
        size += len(part)
        if size > MAX_FILE_BYTES:
            raise Denied(f"Cboe's answer for {symbol} is larger than {MAX_FILE_BYTES:,} bytes")
        parts.append(part)
    return b"".join(parts)


def _conditions(answer: "httpx.Response") -> dict[str, str]:
    """What makes the next request a conditional one."""
    pairs = (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified"))
    return {ours: answer.headers[theirs] for ours, theirs in pairs if theirs in answer.headers}


def _retry_after(answer: "httpx.Response") -> float:
    text = answer.headers.get("retry-after", "")
    return min(float(text), 900.0) if text.isascii() and text.isdigit() else 0.0
