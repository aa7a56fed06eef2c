"""Ports that nobody listens at."""

import secrets
import socket

# Below those that a system gives to whoever calls out: none of them is taken while it is not bound,
# such as by a bot that is started again.
_FIRST, _COUNT = 20_000, 12_000


def free_port() -> int:
    """Return a port of this machine that was free a moment ago."""
    while True:
        port = _FIRST + secrets.randbelow(_COUNT)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
