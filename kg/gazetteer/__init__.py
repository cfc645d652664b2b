"""The gazetteer: 235,000 places of GeoNames by name in any script, country and position, in one file that is optional.

See docs/decisions/gazetteer.md.
"""

from kg.gazetteer.gazetteer import FILE, Gazetteer, GazetteerError, NamedPlace, Place
from kg.gazetteer.making import make_gazetteer
