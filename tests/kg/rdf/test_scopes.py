"""Works that a question needs: those that it names, or any beside the report."""

import pytest

from kg.rdf.scopes import ANOTHER, missing_works
from kg.store import Build
from kg.store.builds import WorkNotLoadedError


@pytest.mark.parametrize(
    ("needed", "loaded", "missing"),
    [
        ((), (), ()),
        (("world",), (), ("world",)),
        (("world",), ("sino-japanese",), ("world",)),
        (("world", "sino-japanese"), ("sino-japanese",), ("world",)),
        ((ANOTHER,), (), (ANOTHER,)),
        ((ANOTHER,), ("/home/ann/atlas",), ()),
    ],
)
def test_what_is_not_loaded_is_missing(
    needed: tuple[str, ...], loaded: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    assert missing_works(needed, loaded) == missing


@pytest.mark.parametrize(
    ("work", "way_out"), [("world", "citykg build --with world"), (ANOTHER, "--with NAME, or --facts DIR")]
)
def test_a_build_without_a_work_says_how_to_have_it(work: str, way_out: str) -> None:
    with pytest.raises(WorkNotLoadedError) as caught:
        Build("b", 2, "0" * 64, "0" * 64, 0, 0, "").require_works([work])
    assert way_out in caught.value.hint
    assert ("twinnings of the world, which this service does not have" in caught.value.message) is (work == "world")
