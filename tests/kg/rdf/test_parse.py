from pathlib import Path

import pytest
from pyoxigraph import RdfFormat

from kg.errors import CityKgError
from kg.findings import UnreadableError
from kg.rdf.parse import read_file, read_files, read_text


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_several_syntax_errors_are_reported_at_once_with_their_places(tmp_path: Path) -> None:
    path = written(
        tmp_path / "bad.ttl",
        '@prefix a: <http://a/> .\na:b a:c "x"\na:d a:e a:f .\na:g b:h a:i .\na:k a:l a:m .\n',
    )
    with pytest.raises(UnreadableError) as caught:
        read_file(path)
    places = [(finding.line, finding.column) for finding in caught.value.findings]
    assert places == [(2, 12), (4, 5)]
    assert caught.value.findings[0].message == "A semicolon, a comma or a dot is missing here"
    assert "prefix b: has not been declared" in caught.value.findings[1].message
    assert f"{path}:2:12: " in str(caught.value)


@pytest.mark.parametrize(("end", "places"), [("", [(2, 12)]), ("\nx:p x:q .", [(2, 12), (5, 9)])])
def test_a_missing_semicolon_is_one_finding(end: str, places: list[tuple[int, int]]) -> None:
    text = f"@prefix x: <http://x/> .\nx:a x:b x:c\n x:d x:e ;\n x:f x:g ; x:h 1.5 ; x:i x:j .{end}"
    with pytest.raises(UnreadableError) as caught:
        read_text(text, "", RdfFormat.TURTLE)
    assert [(finding.line, finding.column) for finding in caught.value.findings] == places
    assert caught.value.findings[0].hint.startswith("Write ; before another property of the same thing")


def test_errors_of_several_files_come_together(tmp_path: Path) -> None:
    one, other = written(tmp_path / "one.ttl", "x"), written(tmp_path / "other.trig", "<http://a> {")
    with pytest.raises(UnreadableError) as caught:
        read_files([one, other])
    assert {finding.file for finding in caught.value.findings} == {str(one), str(other)}


def test_a_missing_file_and_an_unknown_suffix_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CityKgError, match="cannot be read"):
        read_file(tmp_path / "missing.ttl")
    with pytest.raises(CityKgError, match=r"Use one of: \.ttl"):
        read_file(written(tmp_path / "facts.docx", ""))


def test_a_file_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    path = tmp_path / "latin.ttl"
    path.write_bytes("<http://a/é> a <http://b> .".encode("latin-1"))
    with pytest.raises(CityKgError, match="UTF-8"):
        read_file(path)
