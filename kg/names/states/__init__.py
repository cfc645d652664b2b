"""The states of the world, other lands that have a code of ISO 3166-1, and parts of states, by code and by name."""

from kg.names.states.iso3166 import State, about, entry, nearest_state, state, states
from kg.names.states.parts import part

__all__ = ["State", "about", "entry", "nearest_state", "part", "state", "states"]
