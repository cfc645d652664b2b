"""Engines of others that hold a copy of the graph: how they are asked, how they differ, and how a copy follows.

Optional: the service imports it only where an engine is named.
"""

from kg.engines.client import Engine, EngineFailedError
from kg.engines.dialects import DIALECTS
from kg.engines.loading import CopyRefusedError, Load
from kg.engines.replicate import Replica
from kg.engines.routing import Engines, RoutedPool

__all__ = [
    "DIALECTS",
    "CopyRefusedError",
    "Engine",
    "EngineFailedError",
    "Engines",
    "Load",
    "Replica",
    "RoutedPool",
]
