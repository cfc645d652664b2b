# How far a thing holds is no doubt of it.

PREFIX cd:     <https://w3id.org/city-diplomacy/ontology#>
PREFIX extent: <https://w3id.org/city-diplomacy/vocabulary/extent/>
PREFIX hedge:  <https://w3id.org/city-diplomacy/vocabulary/hedge/>

DELETE { GRAPH ?g { ?statement cd:hedge hedge:understated } }
INSERT { GRAPH ?g { ?statement cd:extent extent:understated } }
WHERE { GRAPH ?g { ?statement cd:hedge hedge:understated } }
