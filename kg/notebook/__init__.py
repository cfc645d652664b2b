"""For notebooks: a built graph whose answers are pandas frames, drawn in the view that its query names."""

from kg.notebook.graph import Graph
