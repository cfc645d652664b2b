"""Drawings for pages, as SVG of our own: from plain data, with nothing but the classes of the style sheet."""

from server.figures.chart import Route, Spot
from server.figures.locator import locator
from server.figures.pairs import PairDiagram
from server.figures.ties import Twinning, TwinningSource, TwinPlace
from server.figures.twinning_map import TwinningMap
