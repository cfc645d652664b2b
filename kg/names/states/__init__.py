"""The states of the world, and other lands that have a code of ISO 3166-1, by code and by name."""

from kg.names.states.iso3166 import SOURCE, State, entry, state, states

__all__ = ["SOURCE", "State", "entry", "state", "states"]
