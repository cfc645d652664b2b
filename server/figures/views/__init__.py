"""Views of a table as figures: which fit what its columns hold, on pages and as files that stand alone."""

from server.figures.views.figure import Figure
from server.figures.views.switch import ViewedTable, ViewSwitch, figure_response
