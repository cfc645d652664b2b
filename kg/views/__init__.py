"""Views of a table by what its columns hold (map, pairs, matrix, timeline, bars), and their marks, bounded.

See docs/decisions/views.md.
"""

from kg.views import marks
from kg.views.fitting import VIEWS, Roles, fitting_views
from kg.views.marks import Marks, Voices, marks_of
from kg.views.view import View
