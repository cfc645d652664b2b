"""Parameters of addresses and forms: read as the standard library reads them, faster."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.exceptions import BadRequest

from server.sparql.protocol import parameters_of

PIECES = [b"%", b"=", b"&", b"+", b"%25", b"%3D", b"%0A", b"%0d", b"%C3%A9", b"%c3", b"%zz", b"%2", b"==", b"_", b"a"]
PIECES += [b" ", b"\n", "é".encode(), b"\xff", b"=\n", b"=3D", b".", b"--", b"%00", b"query", b"?", b"%20"]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join))
@example(b"query=a%3Db=c+&query=%2B&x&=y&&%26=%25=")
def test_they_are_read_as_the_standard_library_reads_them(encoded: bytes) -> None:
    try:
        wanted = parse_qs(encoded.decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        with pytest.raises(BadRequest, match="UTF-8"):
            parameters_of(encoded)
    else:
        found = parameters_of(encoded)
        assert found == wanted
        assert list(found) == list(wanted)


@given(st.dictionaries(st.text(), st.lists(st.text(), min_size=1)))
def test_what_a_client_encodes_is_what_we_read(parameters: dict[str, list[str]]) -> None:
    assert parameters_of(urlencode(parameters, doseq=True).encode()) == parameters
