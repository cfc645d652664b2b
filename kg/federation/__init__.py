"""SERVICE (SPARQL 1.1 Federated Query) for the endpoints that the operator has named.

Optional: the service imports it only if endpoints are named, and enters it only for a query that names SERVICE.

See docs/decisions/federation.md.
"""

from kg.federation.endpoints import RemoteEndpoints
from kg.federation.evaluate import FederatedPool
