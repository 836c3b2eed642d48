"""The speed table: `python3 run.py speed [ROOM ...] [--gate]`. Ratios and CPU costs, measured in one run and printed beside their bars."""

import sys

from tests.speed import bus, chain, ingest, peers, quant, screens, start, storage, terminal
from tests.speed.figure import line

ROOMS = {
    "start": start,
    "terminal": terminal,
    "screens": screens,
    "chain": chain,
    "ingest": ingest,
    "bus": bus,
    "quant": quant,
    "storage": storage,
}


def main(arguments: list[str]) -> int:
    """Measures the named rooms (all by default); with --gate a missed bar is exit code 1."""
    wanted = [argument for argument in arguments if not argument.startswith("-")] or list(ROOMS)
    unknown = [name for name in wanted if name not in ROOMS]
    if unknown:
        print(f"no such room: {', '.join(unknown)}; there are {', '.join(ROOMS)}", file=sys.stderr)
        return 2
    if any(getattr(ROOMS[name], "WITH_PEERS", False) for name in wanted):
        peers.install()
    missed = 0
    for name in wanted:
        print(f"\n{name}: {(ROOMS[name].__doc__ or '').strip()}", flush=True)
        for figure in ROOMS[name].measures():
            print("  " + line(figure), flush=True)
            missed += figure.met is False
    print(f"\n{missed} bars missed" if missed else "\nall bars met")
    return 1 if missed and "--gate" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
