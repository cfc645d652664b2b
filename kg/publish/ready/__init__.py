"""Documents about things made before somebody asks: what each rests upon, and what a change touches of that.

See docs/decisions/documents.md.
"""

from kg.publish.ready.keys import keys_of_change, share_a_key
from kg.publish.ready.writing import write_ready

__all__ = ["keys_of_change", "share_a_key", "write_ready"]
