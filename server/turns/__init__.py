"""Whose turn it is: who a client is, in which lane its query waits, and who is next.

See docs/decisions/query-workers.md.
"""

from server.turns.clients import Holders, client_of
from server.turns.queue import MOST_WAITING, Standing, Turn, Turns

__all__ = ["MOST_WAITING", "Holders", "Standing", "Turn", "Turns", "client_of"]
