# The scheme thing-kind said what the members of a group are where no class was meant: an economy and an opportunity are aspects,
# sorts and points are concepts, and for the others there are classes.

PREFIX aspect: <https://w3id.org/city-diplomacy/vocabulary/aspect/>
PREFIX cd:     <https://w3id.org/city-diplomacy/ontology#>
PREFIX skos:   <http://www.w3.org/2004/02/skos/core#>
PREFIX thing:  <https://w3id.org/city-diplomacy/vocabulary/thing-kind/>

DELETE { GRAPH ?g { ?group cd:groupOf ?kind } }
INSERT { GRAPH ?g { ?group cd:groupOf ?of } }
WHERE {
  GRAPH ?g { ?group cd:groupOf ?kind }
  VALUES (?kind ?of) {
    (thing:economy aspect:economy)
    (thing:opportunity aspect:opportunities)
    (thing:money aspect:funding)
    (thing:time skos:Concept)
    (thing:sort skos:Concept)
    (thing:point skos:Concept)
    (thing:debate cd:Activity)
    (thing:institution cd:Organization)
    (thing:urban-area cd:Polity)
  }
}
