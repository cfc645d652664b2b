# What was a cd:Figure is a passage: cd:passageKind says that it is a figure or a map. A group of such is one of figures.

PREFIX cd:   <https://w3id.org/city-diplomacy/ontology#>
PREFIX kind: <https://w3id.org/city-diplomacy/vocabulary/passage-kind/>

DELETE { GRAPH ?g { ?passage a cd:Figure } }
INSERT { GRAPH ?g { ?passage a cd:Passage } }
WHERE { GRAPH ?g { ?passage a cd:Figure } } ;

DELETE { GRAPH ?g { ?group cd:groupOf cd:Figure } }
INSERT { GRAPH ?g { ?group cd:groupOf kind:figure } }
WHERE { GRAPH ?g { ?group cd:groupOf cd:Figure } }
