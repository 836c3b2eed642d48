"""Whose process is at the other end of a Unix socket: only the same user's may talk to an engine."""

import os
import socket
import struct
import sys
from typing import Protocol

from engine.domain.errors import Refused

_LINUX_CREDENTIALS = struct.Struct("3i")
"""Process, user, group."""
_BSD_CREDENTIALS = struct.Struct("=IIh2x16I")
"""Version, user, count of groups, groups."""
_BSD_LEVEL, _BSD_OPTION = 0, 1
"""SOL_LOCAL and LOCAL_PEERCRED, which Python does not name."""


class Connected(Protocol):
    """A socket that can be asked about its peer."""

    def getsockopt(self, level: int, optname: int, buflen: int, /) -> bytes: ...


def peer_user(connected: Connected, platform: str = sys.platform) -> int:
    """The user id of the process at the other end, as the kernel says; raises `OSError` where it cannot."""
    if platform == "linux":
        option = getattr(socket, "SO_PEERCRED", 17)
        _, user, _ = _LINUX_CREDENTIALS.unpack(connected.getsockopt(socket.SOL_SOCKET, option, _LINUX_CREDENTIALS.size))
        return int(user)
    found = connected.getsockopt(_BSD_LEVEL, _BSD_OPTION, _BSD_CREDENTIALS.size)
    return int(_BSD_CREDENTIALS.unpack(found.ljust(_BSD_CREDENTIALS.size, b"\0"))[1])


def check_peer(connected: Connected, platform: str = sys.platform) -> None:
    """Raises `Refused` unless the other end is this very user."""
    try:
        user = peer_user(connected, platform)
    except OSError as trouble:
        raise Refused(f"the system does not say whose process connects ({trouble.strerror}): refused") from trouble
    if user != os.getuid():
        raise Refused(f"a process of user {user} may not talk to an engine of user {os.getuid()}")
