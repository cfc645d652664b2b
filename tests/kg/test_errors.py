"""What errors say of names and values."""

from __future__ import annotations

from pathlib import Path

from kg.errors import LONGEST_SHOWN, PlaceError, UnknownNameError, shorten
from kg.nearest import nearest


def test_the_nearest_name_is_found_or_none() -> None:
    assert nearest("prefLable", ["altLabel", "prefLabel"]) == "prefLabel"
    assert nearest("xyz", ["altLabel", "prefLabel"]) is None
    error = UnknownNameError("query", "twin-of", ["twins-of", "members-of"])
    assert (error.nearest, "Did you mean 'twins-of'?" in error.message) == ("twins-of", True)
    assert UnknownNameError("query", "xyz", []).nearest is None


def test_a_long_value_is_cut() -> None:
    whole = "x" * LONGEST_SHOWN
    assert shorten(whole) == whole
    assert shorten(whole + "x") == "x" * (LONGEST_SHOWN - 1) + "…"


def test_a_place_is_told_by_its_name_in_the_data_folder() -> None:
    data = Path("/srv/graph/data")
    for place, name in ((data, "The data folder"), (data / "history" / "1.json", "history/1.json"), (Path("/x"), "x")):
        full = OSError(28, "No space left on device", str(place))
        error = PlaceError("{place} {word}: {cause}.", place=place, cause=full, word="{fails}")
        assert error.message == f"{place} {{fails}}: No space left on device."
        assert error.public_message(data) == f"{name} {{fails}}: No space left on device."
    engine = PlaceError("{place} fails: {cause}", place=data, cause=RuntimeError(f"at {data}"))
    assert (engine.message, str(data) in engine.public_message(data)) == (f"{data} fails: at {data}", False)
    assert (PlaceError("a {b}").message, PlaceError("a {b}").public_message(data)) == ("a {b}", "a {b}")
