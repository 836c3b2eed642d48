"""The file feed: lists the chain of one file, tells it once, and stays as it is."""

import asyncio

from engine.contracts.feed import Demand, FeedSettings, FeedSink, FeedTraits
from engine.domain.errors import Refused
from engine.domain.ids import SourceId, Symbol, UtcNanos
from engine.domain.instants import new_york
from engine.domain.market import FeedCondition, FeedState
from plugins.chainfiles.events import Handles, listing, quotes, summaries
from plugins.chainfiles.model import ChainFile
from plugins.chainfiles.read import read_chain_file
from plugins.file.settings import read_settings


class FileFeed:
    """One chain file as a frozen market. Building it reads the file: what is no chain is refused at once, with the reason."""

    def __init__(self, settings: FeedSettings) -> None:
        path, options = read_settings(settings)
        self._file = read_chain_file(path, start=options.start)
        self._listed = False

    @property
    def file(self) -> ChainFile:
        """What was read."""
        return self._file

    @property
    def traits(self) -> FeedTraits:
        return FeedTraits(
            source=SourceId(f"file:{self._file.name}"),
            store="file",
            own_clock=True,
            default_symbol=self._file.symbol,
            note=instants(self._file),
            saved_at=UtcNanos(0) if self._file.saved_at == self._file.market_at else self._file.saved_at,
        )

    async def run(self, sink: FeedSink, demand: Demand) -> None:  # noqa: ARG002 (everything there is, is told at once)
        """Tells the whole file in four batches, then waits to be cancelled."""
        file, handles = self._file, Handles()
        at = file.market_at
        names = listing(file, handles, at)
        if names is not None:
            sink.emit(names)
        self._listed = True
        sink.emit(summaries(file, handles, at))
        sink.emit(quotes(file, handles, at, event_at=at))
        sink.emit(FeedCondition(at=at, state=FeedState.FROZEN, reason=_reason(file)))
        await asyncio.Event().wait()

    async def set_speed(self, factor: float) -> None:
        """A market that stands still has no speed."""
        raise Refused(f"{self._file.name} stands still: it cannot be run {factor:g} times faster")

    async def ensure_listed(self, symbol: Symbol) -> bool:
        """A file lists the one name it is of."""
        return self._listed and symbol.upper() == self._file.symbol


def instants(file: ChainFile) -> str:
    """Both instants in one line: where the market stands, and when the file was saved if that is another one."""
    stands = f"stands at {new_york(file.market_at):%a %Y-%m-%d %H:%M:%S} New York"
    if file.saved_at == file.market_at:
        return f"{stands} ({file.market_from})"
    return f"{stands}: saved {new_york(file.saved_at):%a %Y-%m-%d %H:%M:%S}, {file.saved_from}; {file.market_from}"


def _reason(file: ChainFile) -> str:
    """Why it stands still, and what could not be read of it."""
    told = [f"a file of {len(file.contracts):,} contracts", instants(file)]
    if file.skipped:
        first = file.skipped[0]
        told.append(f"{file.skipped_rows:,} rows left out ({first.reason}, first in line {first.first_line})")
    return "; ".join((*told, *file.remarks))
