"""The answers to the steps of the tour of SPARQL."""

from __future__ import annotations

ANSWERS = (
    ("network/c40", "network/uclg"),
    ("city/birmingham,Birmingham,https://w3id.org/city-diplomacy/id/city/guangzhou", "city/leeds,Leeds,"),
    ("city/york,0", "city/london,"),
    ("graph/report/table-2", "tie-status/current", "tie-standing/major"),
    ("city/guangzhou", "passage/table-2", "denies <https://w3id.org/city-diplomacy/id/passage/table-1>"),
)
"""Texts in the answer to each step, as CSV."""
