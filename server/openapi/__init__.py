"""The description of all addresses for programs: OpenAPI 3.1, served as `/openapi.json`."""

from server.openapi.document import blueprint

blueprints = (blueprint,)

__all__ = ["blueprints"]
