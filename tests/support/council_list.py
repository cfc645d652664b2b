"""A table of sister cities, with columns city_a, city_b and since: how imports in tests are to read it."""

MAPPING = """\
rows: twinnings
source: {name: council-list, title: Sister cities, url: "https://example.org/list", licence: not known}
city_a: {name: city_a}
city_b: {name: city_b}
since: since
status: {constant: current}
"""
