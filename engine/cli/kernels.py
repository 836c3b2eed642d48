"""`optix warmup` and `optix models`: the numeric core's compiled kernels, and where its formulas come from."""

import time

from engine.cli import output
from engine.cli.session import Json


def warmup(as_json: Json = False) -> None:
    """Compiles the numeric kernels and keeps them, so that the next start has them at once; the second time it only loads them."""
    from engine.api import kernel_rooms, warm_kernels

    seconds: dict[str, float] = {}
    rooms = kernel_rooms()
    for place, room in enumerate(rooms, 1):
        with output.working(f"compiling {room} ({place} of {len(rooms)})"):
            begun = time.perf_counter()
            warm_kernels(room)
            seconds[room] = time.perf_counter() - begun
        output.say(f"{room}: {seconds[room]:.1f} s ({place} of {len(rooms)})")
    if as_json:
        output.document(
            {"schema": output.schema("warmup", {"seconds": "s"}), "rooms": [{"room": name, "seconds": s} for name, s in seconds.items()]}
        )


def models(as_json: Json = False) -> None:
    """Every model that numbers come from, with its source."""
    from engine.api import models as listed

    if as_json:
        output.document({"schema": output.schema("models"), "models": [model._asdict() for model in listed()]})
        return
    output.table(("Model", "What", "Source"), ((model.name, model.what, model.source) for model in listed()), left=3)
