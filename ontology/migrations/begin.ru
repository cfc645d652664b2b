# A finding or figure does not begin: what stood as its begin and end is the time that it is of, cd:atTime. Of both, as in
# "2009 to 2014", plain words are made. Its bounds follow by earliest.ru and latest.ru.

PREFIX cd: <https://w3id.org/city-diplomacy/ontology#>

DELETE { GRAPH ?g { ?said cd:begin ?begin ; cd:end ?end } }
INSERT { GRAPH ?g { ?said cd:atTime ?time } }
WHERE {
  VALUES ?kind {
    cd:Finding cd:QuantifiedStatement cd:AbsenceFinding cd:Effect cd:Recommendation cd:Comparison cd:Statistic
  }
  GRAPH ?g { ?said a ?kind }
  OPTIONAL { GRAPH ?g { ?said cd:begin ?begin } }
  OPTIONAL { GRAPH ?g { ?said cd:end ?end } }
  FILTER (BOUND(?begin) || BOUND(?end))
  BIND (CONCAT(STR(?begin), " to ", STR(?end)) AS ?both)
  BIND (CONCAT("until ", STR(?end)) AS ?until)
  BIND (IF(BOUND(?begin) && BOUND(?end), ?both, IF(BOUND(?begin), ?begin, ?until)) AS ?time)
}
