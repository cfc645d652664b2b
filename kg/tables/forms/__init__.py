"""Forms that add to the graph: their fields come from the shapes, their values become statements.

See docs/decisions/forms.md.
"""

from kg.tables.forms.declarations import FORMS, Form
from kg.tables.forms.filling import FilledForm, fill_form
from kg.tables.forms.reading_back import WrittenForm, about_thing
