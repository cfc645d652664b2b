# The upper bound of what has an end is that of the end, else that of the begin, else that of the time that a finding or
# figure is of. What has a begin and an end gets the last day of the begin as well, where that is a date or a decade.

PREFIX cd:  <https://w3id.org/city-diplomacy/ontology#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

DELETE { GRAPH ?g { ?dated cd:latest ?day } }
INSERT { GRAPH ?g { ?dated ?bound ?day ; cd:beginLatest ?last } }
WHERE {
  GRAPH ?g { ?dated cd:latest ?day }
  OPTIONAL { GRAPH ?g { ?dated cd:begin ?begin } }
  OPTIONAL { GRAPH ?g { ?dated cd:end ?end } }
  OPTIONAL { GRAPH ?g { ?dated cd:atTime ?time } }
  BIND (
    IF(BOUND(?end), cd:endLatest,
      IF(BOUND(?begin), cd:beginLatest, IF(BOUND(?time), cd:atTimeLatest, cd:beginLatest))) AS ?bound
  )
  BIND (IF(BOUND(?begin) && BOUND(?end), STR(?begin), ?none) AS ?printed)
  BIND (xsd:integer(SUBSTR(?printed, 1, 4)) AS ?year)
  BIND (SUBSTR(?printed, 6, 2) AS ?month)
  BIND ((?year / 4 = FLOOR(?year / 4) && ?year / 100 != FLOOR(?year / 100)) || ?year / 400 = FLOOR(?year / 400) AS ?leap)
  BIND (
    IF(?month = "02", IF(?leap, "29", "28"), IF(?month IN ("04", "06", "09", "11"), "30", "31")) AS ?days
  )
  BIND (
    IF(REGEX(?printed, "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), ?printed,
      IF(REGEX(?printed, "^[0-9]{4}-[0-9]{2}$"), CONCAT(?printed, "-", ?days),
        IF(REGEX(?printed, "^[0-9]{4}$"), CONCAT(?printed, "-12-31"),
          IF(REGEX(?printed, "^[0-9]{3}0s$"), CONCAT(SUBSTR(?printed, 1, 3), "9-12-31"), ?none)))) AS ?text
  )
  BIND (STRDT(?text, xsd:date) AS ?last)
}
