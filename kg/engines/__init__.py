"""External engines with a copy of the graph: how a copy follows, and which canned queries they answer.

Optional: the service imports it only where an engine is named.

`Engine` is one engine, with what its kind does otherwise than the standards say (`dialects`); `Replica` keeps the copy
in it, `Comparison` finds the questions with equal rows there, and `Engines` has it answer those.

See docs/decisions/copies.md.
"""

from kg.engines.answering import Engines
from kg.engines.client import Engine, EngineFailedError
from kg.engines.comparing import Comparison
from kg.engines.copies import CopyRefusedError
from kg.engines.replicate import Replica
