"""The header of a canned query, as grlc reads it."""

from __future__ import annotations

import yaml


def as_grlc_reads(text: str) -> dict[str, object]:
    """Decorators are the lines at the beginning that start with #+ (grlc wiki, Query decorators)."""
    lines = text.split("\n")
    header = [line.lstrip("#+") for line in lines if line.startswith("#+")]
    assert lines[: len(header)] == [line for line in lines if line.startswith("#+")]
    read = yaml.safe_load("\n".join(header))
    assert isinstance(read, dict)
    return read
