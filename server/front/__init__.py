"""What stands before the application (ASGI): reads requests whole, keeps answers ready, sends at the reader's pace."""

from server.front.access_log import AccessLog
from server.front.asgi import Bounds, Front
from server.front.connection import Connection
from server.front.messages import GZIP_MARK, ROUTE, Answer, Request

__all__ = ["GZIP_MARK", "ROUTE", "AccessLog", "Answer", "Bounds", "Connection", "Front", "Request"]
