"""Results of SELECT and lists as SQLite databases: sorted, filtered and counted without running a query again.

`ResultWriter` makes the bytes of a database of the rows of an answer. `ResultDatabase` opens such a file and returns
the rows of a `Selection` in SPARQL's order, and the counts of a column's values. Both run in workers alone.

What copies a result gets all rows that match, with their names, by
`kept.rows(selection, ResultPart(most=ResultWriter.MOST_ROWS))`, where `kept` is what `service.results` has for a query
(server.service.results). The value is ResultRows: `found.rows` are rows of terms, `found.column(name)` is
one column of them, and `found.display_names` has the name of each IRI (kg.rdf.rows: FirstRows).

`kept.view(selection, view)` is what a page draws of them (kg.views), `kept.columns(selection)` what all values of each
column have in common.

See docs/decisions/results.md.
"""

from kg.results import readings
from kg.results.columns import ColumnType
from kg.results.kept import KeptResult
from kg.results.readings import evidence_of
from kg.results.rows import ResultRows
from kg.results.selection import ResultPart, Selection
from kg.results.writer import ResultWriter
