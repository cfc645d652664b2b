"""The canned queries over HTTP: `/queries`."""

from server.queries import health, listing, views

blueprints = (
    health.blueprint,
    listing.blueprint,
    views.blueprint,
)

__all__ = ["blueprints"]
