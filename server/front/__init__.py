"""The ASGI front of the application: it reads requests whole, caches answers, and sends at the reader's pace.

See docs/decisions/web-server.md.
"""

from server.front.access_log import AccessLog
from server.front.asgi import Bounds, Front
from server.front.connection import server_of
from server.front.gzip_coding import Gzip
from server.front.messages import ROUTE, Answer, Request
