"""Documents about things made before somebody asks: what each rests upon, and what a change touches of that.

See docs/decisions/documents.md.
"""

from kg.publish.ready.keys import have_in_common, keys_of_change
from kg.publish.ready.writing import write_ready

__all__ = ["have_in_common", "keys_of_change", "write_ready"]
