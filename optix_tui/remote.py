"""Whether the terminal stands at the far end of a line, and what has to be said before anything heavy is imported."""

import os
from collections.abc import Mapping, MutableMapping


def is_remote(environment: Mapping[str, str]) -> bool:
    """SSH or mosh: fewer frames are sent."""
    return "SSH_CONNECTION" in environment or any(name.startswith("MOSH") for name in environment)


def prepare_environment(environment: MutableMapping[str, str] | None = None) -> None:
    """What has to be said before Textual and numpy are imported: frames a second, and one thread for linear algebra."""
    target = os.environ if environment is None else environment
    target.setdefault("TEXTUAL_FPS", "30" if is_remote(target) else "120")
    target.setdefault("TEXTUAL_ANIMATIONS", "none")
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        target.setdefault(name, "1")
