"""Tools for language models, by the Model Context Protocol: at `/mcp` and by `citykg mcp`."""

from server.model_context import http
from server.model_context.http import mcp_server

blueprints = (http.blueprint,)

__all__ = ["blueprints", "mcp_server"]
