"""What headings of lists of twin towns mean, in English, German, French, Spanish and Chinese."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kg.names import without_idle_words

_WORDS = {
    "partner": "twin town|twin city|twin|twinned with|twin town or city|sister city|sister town|partner|"
    "partner city|partner town|partner municipality|Partnerstadt|Partnergemeinde|Partnerkommune|"
    "ville jumelée|ville jumelle|ville partenaire|commune jumelée|jumelage|jumelée avec|"
    "ciudad hermanada|ciudad hermana|hermanada con|municipio hermanado|友好城市|姐妹城市|结好城市|友城",
    "city": "city|town|place|municipality|local authority|council|name|Stadt|Gemeinde|Kommune|Ort|ville|"
    "commune|ciudad|municipio|城市",
    "country": "country|land|state|nation|Staat|pays|país|国家",
    "since": "since|year|date|twinned since|established|year established|year of twinning|from|begin|signed|"
    "date signed|seit|Jahr|Beginn|Gründung|Datum|Gründungsjahr|depuis|année|année de jumelage|"
    "date de jumelage|desde|año|fecha|结好时间|建立时间|年份",
    "until": "until|to|end|ended|bis|Ende|beendet|jusqu'à|fin|hasta|终止时间",
    "kind": "kind|type|type of link|type of agreement|type of partnership|relationship|Art|Art der Beziehung|"
    "Art der Partnerschaft|Typ|nature|type de lien|tipo|类型",
    "status": "status|Stand|Status|statut|état|estado|状态",
    "note": "note|notes|remarks|comment|Bemerkung|Anmerkung|remarque|observaciones|nota|备注",
    "latitude": "latitude|lat|Breite|Breitengrad|latitud|纬度|@latitude",
    "longitude": "longitude|lon|long|lng|Länge|Längengrad|longitud|经度|@longitude",
    "wikidata": "wikidata|wikidata id|item|qid",
    "geonames": "geonames|geonames id|geonameid",
}
HEADINGS: Mapping[str, Sequence[str]] = {field: words.split("|") for field, words in _WORDS.items()}
_BY_HEADING = {without_idle_words(word): field for field, words in HEADINGS.items() for word in words}


def fields_of(columns: Iterable[str]) -> dict[str, str]:
    """Return the field that a heading names, by the heading; where several name one, the first has it."""
    found: dict[str, str] = {}
    for name in columns:
        field = _BY_HEADING.get(without_idle_words(name))
        if field and field not in found.values():
            found[name] = field
    return found
