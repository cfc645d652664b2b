"""The queue of requests: the identity of clients, the lanes of their queries, and the order.

See docs/decisions/query-workers.md.
"""

from server.turns.clients import TokenHolders, client_of_address
from server.turns.queue import MOST_WAITING, UNWATCHED_SECONDS, ClientUsage, ReplacedError, TurnFuture, TurnQueue
