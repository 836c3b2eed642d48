"""Names that must be unique: the only place of the engine where chance is asked."""

import secrets
import time

from engine.domain.ids import RunId


def new_run() -> RunId:
    """A run's name, sortable by its start: ``20261121T150000-4f9a2c``."""
    return RunId(f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{secrets.token_hex(3)}")


def new_token() -> str:
    """256 bits nobody can guess."""
    return secrets.token_urlsafe(32)
