"""What is written in each form of the desk, so that it is complete, and how it is sent."""

from html import unescape
from urllib.parse import urlencode

from tests.support.curated import Curated
from tests.support.http import Answer

FORMS = {
    "twinning": {"twin-1": "Leeds", "twin-2": "Macao", "status": "status:current", "begin-1": "since 2011"},
    "office": {"operator-1": "Leeds", "hostPlace-1": "Macao", "officeKind": "office-kind:office-abroad"},
    "membership": {"member-1": "Leeds", "network-1": "C40", "role": "role:member"},
    "absence": {
        "absentFor-1": "Leeds",
        "tieKind": "tie:twinning",
        "counterpart-1": "Ireland",
        "absenceBasis": "absence-basis:stated-none",
        "says-1": "Leeds has no twin in Ireland",
    },
    "team": {"operator-1": "Macao", "officeKind": "office-kind:international-team", "begin-1": "2011"},
    "place": {
        "prefLabel-1": "Newtown",
        "prefLabel-2": "新镇",
        "type": "cd:City",
        "within-1": "DE",
        "lat-1": "52",
        "long-1": "9",
    },
    "organisation": {"prefLabel-1": "Office of Tests", "homepage-1": "https://office.example/"},
    "network": {"prefLabel-1": "Alliance of Tests", "prefLabel-2": "测试联盟", "homepage-1": "https://tests.example/"},
    "source": {"issued-1": "May 2020", "source_title": "Another list of Leeds"},
}
SOURCE = {"source_title": "List of Leeds", "source_url": "https://leeds.example/", "source_licence": "not known"}


def send(curated: Curated, form: str, by: str, *, do: str = "look", **fields: str) -> Answer:
    """Send a form by somebody who has signed in; fields without a value are left out."""
    said = {name: value for name, value in fields.items() if value}
    return curated.at_desk("-d", urlencode({"do": do, **said}), f"/desk/add/{form}", by=by)


def text(answer: Answer) -> str:
    """Return the page of an answer on one line."""
    return unescape(" ".join(answer.body.decode().split()))
