"""Parameters of addresses and forms."""

from __future__ import annotations

from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from server.sparql.protocol import parameters_of


@given(st.dictionaries(st.text(), st.lists(st.text(), min_size=1)))
def test_what_a_client_encodes_is_what_we_read(parameters: dict[str, list[str]]) -> None:
    assert parameters_of(urlencode(parameters, doseq=True).encode()) == parameters
