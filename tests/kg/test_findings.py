"""Findings with one message are shown once, with their number and the first places."""

from kg.findings import Finding, FindingGroup

POSITION = [Finding("shapes", "Warning", "Give a position.", focus=f"city:c{n}", line=n) for n in range(2, 181)]
OTHER = Finding("shapes", "Violation", "No name.", hint="Give one.", focus="city:a", file="t.csv", line=9)


def test_like_findings_become_one_group_with_their_number_and_the_first_places() -> None:
    positions, other = FindingGroup.group([*POSITION[:100], OTHER, *POSITION[100:]])
    assert positions.lines() == [
        "Warning: Give a position.",
        "    179 times: line 2, city:c2; line 3, city:c3; line 4, city:c4; …",
    ]
    assert positions.as_dict()["count"] == 179
    assert other.lines() == OTHER.lines()


def test_what_differs_in_severity_or_hint_is_not_grouped() -> None:
    alike = [Finding("shapes", severity, "m", hint=hint) for severity in ("Warning", "Info") for hint in ("", "h")]
    assert [group.count for group in FindingGroup.group(alike)] == [1, 1, 1, 1]
