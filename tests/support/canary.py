"""A listener that nobody may call."""

from __future__ import annotations

import socket
from contextlib import suppress


class Canary:
    """Knows whether anybody has called a listener, and where that is."""

    def __init__(self, listener: socket.socket) -> None:
        listener.setblocking(False)
        self._listener = listener
        self.port: int = listener.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}/"

    def was_called(self) -> bool:
        """Tell whether somebody has called; one call is told of once."""
        with suppress(BlockingIOError):
            self._listener.accept()[0].close()
            return True
        return False
