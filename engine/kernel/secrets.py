"""Credentials: from the environment, then from the system's keyring; what is found is hidden from the log at once."""

import os
from collections.abc import Mapping

from engine.contracts.plugin import Manifest, Secret
from engine.domain.errors import NotConfigured
from engine.kernel.redaction import hide

SERVICE = "optix"
_PLAIN_TEXT = ("keyrings.alt",)
"""Backends that keep secrets readable to everybody: not used."""


def credentials(manifest: Manifest, *, profile: str = "default", environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """All a plugin declares, by field; raises `NotConfigured` naming the ones that are nowhere and how to give them."""
    found: dict[str, str] = {}
    missing: list[Secret] = []
    for secret in manifest.secrets:
        value = _looked_up(secret, f"{profile}/{manifest.name}/{secret.field}", os.environ if environment is None else environment)
        if value:
            hide(value)
            found[secret.field] = value
        else:
            missing.append(secret)
    if missing:
        wanted = "; ".join(
            f"{one.what}: set {one.environment}, or `keyring set {SERVICE} {profile}/{manifest.name}/{one.field}`" for one in missing
        )
        raise NotConfigured(f"{manifest.title} needs {wanted}")
    return found


def _looked_up(secret: Secret, name: str, environment: Mapping[str, str]) -> str:
    return environment.get(secret.environment, "") or _from_keyring(name)


def _from_keyring(name: str) -> str:
    import keyring
    import keyring.errors

    if type(keyring.get_keyring()).__module__.startswith(_PLAIN_TEXT):
        return ""
    try:
        return keyring.get_password(SERVICE, name) or ""
    except keyring.errors.KeyringError:  # no backend on a headless machine: the environment is the way there
        return ""
