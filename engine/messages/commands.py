"""Everything the engine can be told."""

from engine.domain.ids import Symbol
from engine.messages.base import Command


class SaveWatchlist(Command, frozen=True):
    """Keeps a list of names, replacing one of the same name."""

    name: str
    symbols: tuple[Symbol, ...]
    columns: tuple[str, ...] = ()


class DeleteWatchlist(Command, frozen=True):
    """Forgets a list. Refused for the last one."""

    name: str


class StartRecording(Command, frozen=True):
    """Writes everything the feed says to a tape from now on, beginning with what is listed."""

    path: str
    overwrite: bool = False


class StopRecording(Command, frozen=True):
    """Ends the tape; it can be replayed at once."""


class SetSpeed(Command, frozen=True):
    """Runs a market that has its own clock ``factor`` times real time, 1 to 1000."""

    factor: float


class ImportChain(Command, frozen=True):
    """Puts a chain file into the history of the ``file`` store. Doing it twice changes nothing."""

    path: str


class VacuumDatabase(Command, frozen=True):
    """Applies the size budget now and gives freed space back."""


class ExportDatabase(Command, frozen=True):
    """Writes every table as Parquet into a new folder."""

    path: str


class BackupDatabase(Command, frozen=True):
    """Writes a copy of the store that opens by itself."""

    path: str


class SetSetting(Command, frozen=True):
    """Writes one setting into the user's configuration, checked against its bounds; it takes effect at once where it can."""

    key: str
    value: str


class StopEngine(Command, frozen=True):
    """Ends a headless engine."""
