"""The evaluation of SPARQL in this process: answers, their serialisation, and data sets of several graphs."""

from kg.sparql.evaluation.datasets import Dataset, Unions
from kg.sparql.evaluation.execute import Answer, run, select, serialise
from kg.sparql.evaluation.geojson import write_geojson

__all__ = [
    "Answer",
    "Dataset",
    "Unions",
    "run",
    "select",
    "serialise",
    "write_geojson",
]
