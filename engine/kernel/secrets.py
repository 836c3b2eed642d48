"""Credentials: from the environment, then the keyring; whatever is handed out is registered, so that no log ever shows it."""

import os
from collections.abc import Mapping

from engine.contracts.plugin import Manifest

SERVICE = "optix"
_SHORTEST = 6
"""Shorter values would blot out ordinary words."""
_known: set[str] = set()


def register(value: str) -> str:
    """Remembers a secret value so that logs are cleaned of it."""
    if len(value) >= _SHORTEST:
        _known.add(value)
    return value


def redact(text: str) -> str:
    """The text with every known secret blotted out."""
    for value in sorted(_known, key=len, reverse=True):
        text = text.replace(value, "[secret]")
    return text


def look_up(manifest: Manifest, *, profile: str = "default", environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The plugin's secrets that are to be had, by field; those that are not are simply absent."""
    place = os.environ if environment is None else environment
    found: dict[str, str] = {}
    for secret in manifest.secrets:
        value = place.get(secret.environment) or _from_keyring(f"{profile}/{manifest.name}/{secret.field}")
        if value:
            found[secret.field] = register(value)
    return found


def _from_keyring(user: str) -> str | None:
    import keyring
    from keyring.errors import KeyringError

    try:
        value = keyring.get_password(SERVICE, user)
    except KeyringError:  # a headless machine has none: `optix doctor` says so
        return None
    return str(value) if value else None
