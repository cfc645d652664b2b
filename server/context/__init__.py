"""What a request works with: the service, who is asking, and how much one client may take."""

from server.context.access import Principal, challenges, optional_principal, require
from server.context.ahead import Ahead
from server.context.services import Service, service
from server.context.shared import Shared

__all__ = ["Ahead", "Principal", "Service", "Shared", "challenges", "optional_principal", "require", "service"]
