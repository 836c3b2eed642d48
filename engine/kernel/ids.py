"""Names that must not repeat or be guessed: made here alone."""

import secrets
from datetime import UTC, datetime

from engine.domain.ids import RunId, UtcNanos


def new_run_id(at: UtcNanos) -> RunId:
    """One life of one engine: when it began, and enough chance to tell two of one second apart."""
    began = datetime.fromtimestamp(at // 1_000_000_000, UTC)
    return RunId(f"{began:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}")


def new_token() -> str:
    """256 bits nobody can guess."""
    return secrets.token_hex(32)
