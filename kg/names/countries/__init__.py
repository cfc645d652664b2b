"""The countries of ISO 3166-1 and their subdivisions by code and by name."""

from kg.names.countries.former import find_former_country
from kg.names.countries.iso3166 import (
    Country,
    countries,
    country_statements,
    find_country,
    nearest_countries,
)
from kg.names.countries.subdivisions import find_subdivision, subdivision_of
