"""Works as tables: a folder of CSV, read into the statements of its passages, and laid out for a new work.

A work is a folder (docs/curating/works.md) whose files may be tables: `twinnings.csv` has a twinning a row, and so on
(`WORK_TABLES`). Names are looked up in the graph without the work, and among what its own tables bring. IRIs and the
entries of the register are made here; what else follows is added as it is to TriG (kg.building.completion).

See docs/decisions/tables.md.
"""

from kg.tables.works.folder import WorkFolder, lay_out
from kg.tables.works.templates import WORK_TABLES
