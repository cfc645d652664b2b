"""Return memory to the system that Python has freed: the C library keeps it for its next use."""

from __future__ import annotations

import ctypes

_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's alone


def give_back() -> None:
    """Return free memory to the system, in some milliseconds; do nothing if the C library cannot."""
    if _trim is not None:
        _trim(0)
