import pytest

from server.web.negotiation import negotiate

OFFERS = ["text/turtle", "application/trig", "text/html"]


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "text/turtle"),
        ("", "text/turtle"),
        ("*/*", "text/turtle"),
        ("text/html", "text/html"),
        ("TEXT/HTML", "text/html"),
        ("text/*", "text/turtle"),
        ("text/*;q=0.5, application/trig;q=0.6", "application/trig"),
        ("text/*, text/turtle;q=0.1", "text/html"),
        ("*/*, text/turtle;q=0", "application/trig"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("application/json", None),
        ("text/turtle;q=0", None),
        ("text/turtle;q=nonsense, text/html;q=0.1", "text/html"),
        ("text/turtle;level=1, application/trig;q=0.3", "application/trig"),
        ('text/turtle;profile="http://example.org/a b", application/trig;q=0.3', "text/turtle"),
        ('text/turtle;profile="x";q=0.2, application/trig;q=0.3', "application/trig"),
        ("text/turtle;version=1.2, application/trig;q=0.3", "text/turtle"),
        ("text/turtle;charset=utf-8", "text/turtle"),
    ],
)
def test_the_most_specific_range_decides_with_its_weight(accept: str | None, chosen: str | None) -> None:
    assert negotiate(accept, OFFERS) == chosen
