"""The speed table: `python3 run.py speed [ROOM ...] [--gate]`. Ratios and CPU costs, measured in one run and printed beside their bars."""

import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from types import ModuleType

from tests.speed import peers
from tests.speed.figure import Figure, line

ROOMS = (
    "start", "terminal", "screens", "chain", "live_surface", "ingest", "bus", "quant", "american", "surfaces", "contracts", "forecasts",
    "risk", "storage",
)  # fmt: skip


def prepared(names: Sequence[str]) -> Iterator[ModuleType]:
    """The rooms of these names, the libraries installed that they measure against; one that cannot do without a missing one is skipped."""
    for name in names:
        try:
            room = import_module(f"tests.speed.{name}")
        except ModuleNotFoundError as error:
            print(f"\n{name}: skipped, since {error.name} is not installed", flush=True)
            continue
        if getattr(room, "WITH_PEERS", False):
            peers.install()
        yield room


def name_of(room: ModuleType) -> str:
    """As it is asked for."""
    return room.__name__.rpartition(".")[2]


def measured(room: ModuleType) -> Iterator[Figure]:
    """A room's figures, each printed as it comes."""
    print(f"\n{name_of(room)}: {(room.__doc__ or '').strip()}", flush=True)
    for figure in room.measures():
        print("  " + line(figure), flush=True)
        yield figure


def main(arguments: list[str]) -> int:
    """Measures the named rooms (all by default); with --gate a missed bar is exit code 1."""
    wanted = [argument for argument in arguments if not argument.startswith("-")] or list(ROOMS)
    unknown = [name for name in wanted if name not in ROOMS]
    if unknown:
        print(f"no such room: {', '.join(unknown)}; there are {', '.join(ROOMS)}", file=sys.stderr)
        return 2
    missed = sum(figure.met is False for room in prepared(wanted) for figure in measured(room))
    print(f"\n{missed} bars missed" if missed else "\nall bars met")
    return 1 if missed and "--gate" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
