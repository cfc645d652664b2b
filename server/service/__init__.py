"""The service that an app is: what requests read and by which workers, who is asking, what clients may take."""

from server.service.access import Principal, challenges, optional_principal, require
from server.service.services import Service, service
from server.service.shared_state import SharedState
from server.service.warming import CacheWarmer
