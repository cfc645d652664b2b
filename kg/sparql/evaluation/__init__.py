"""The evaluation of SPARQL in this process, without limits: answers, their serialisation, data sets of several graphs.

Workers evaluate the queries of strangers within limits (kg.programs.query).
"""

from kg.sparql.evaluation.datasets import Dataset, Unions
from kg.sparql.evaluation.execute import Answer, evaluate, run, select, serialise, write_rows
