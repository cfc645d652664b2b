# The lower bound of what has a begin is that of the begin, else that of the end, else that of the time that a finding or
# figure is of. What has a begin and an end gets the first day of the end as well, where that is not in words.

PREFIX cd:  <https://w3id.org/city-diplomacy/ontology#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

DELETE { GRAPH ?g { ?dated cd:earliest ?day } }
INSERT { GRAPH ?g { ?dated ?bound ?day ; cd:endEarliest ?first } }
WHERE {
  GRAPH ?g { ?dated cd:earliest ?day }
  OPTIONAL { GRAPH ?g { ?dated cd:begin ?begin } }
  OPTIONAL { GRAPH ?g { ?dated cd:end ?end } }
  OPTIONAL { GRAPH ?g { ?dated cd:atTime ?time } }
  BIND (
    IF(BOUND(?begin), cd:beginEarliest,
      IF(BOUND(?end), cd:endEarliest, IF(BOUND(?time), cd:atTimeEarliest, cd:beginEarliest))) AS ?bound
  )
  BIND (IF(BOUND(?begin) && REGEX(STR(?end), "^[0-9]{4}(-[0-9]{2}){0,2}$"), STR(?end), ?none) AS ?printed)
  BIND (STRDT(SUBSTR(CONCAT(?printed, "-01-01"), 1, 10), xsd:date) AS ?first)
}
