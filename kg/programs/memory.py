"""Giving memory back that a process no longer uses: the C library keeps what Python has freed, for its next use."""

from __future__ import annotations

import ctypes

_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's alone


def give_back() -> None:
    """Give back what is free, which takes some milliseconds; do nothing where the C library has no way to."""
    if _trim is not None:
        _trim(0)
