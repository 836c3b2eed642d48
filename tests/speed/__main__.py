"""The speed table: `python3 run.py speed [ROOM ...] [--gate]`. Ratios and CPU costs, measured in one run and printed beside their bars."""

import sys
from collections.abc import Iterator, Sequence

from tests.speed import american, bus, chain, contracts, forecasts, ingest, peers, quant, risk, screens, start, storage, surfaces, terminal
from tests.speed.figure import Figure, line

ROOMS = {
    "start": start,
    "terminal": terminal,
    "screens": screens,
    "chain": chain,
    "ingest": ingest,
    "bus": bus,
    "quant": quant,
    "american": american,
    "surfaces": surfaces,
    "contracts": contracts,
    "forecasts": forecasts,
    "risk": risk,
    "storage": storage,
}


def prepared(rooms: Sequence[str]) -> Sequence[str]:
    """The same rooms, once the libraries that some of them measure against are installed."""
    if any(getattr(ROOMS[name], "WITH_PEERS", False) for name in rooms):
        peers.install()
    return rooms


def measured(room: str) -> Iterator[Figure]:
    """A room's figures, each printed as it comes."""
    print(f"\n{room}: {(ROOMS[room].__doc__ or '').strip()}", flush=True)
    for figure in ROOMS[room].measures():
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
