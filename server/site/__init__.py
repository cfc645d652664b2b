"""The pages that lead to all others: start page, map, `/search`, `/ask`, `/docs`; and what crawlers want."""

from server.site import crawlers, docs, home, search, twin_map

blueprints = (home.blueprint, twin_map.blueprint, search.blueprint, docs.blueprint, crawlers.blueprint)

__all__ = ["blueprints"]
