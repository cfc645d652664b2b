# An office abroad is an office of a kind.

PREFIX cd:          <https://w3id.org/city-diplomacy/ontology#>
PREFIX office-kind: <https://w3id.org/city-diplomacy/vocabulary/office-kind/>

DELETE { GRAPH ?g { ?office a cd:OfficeAbroad } }
INSERT { GRAPH ?g { ?office a cd:Office ; cd:officeKind office-kind:office-abroad } }
WHERE { GRAPH ?g { ?office a cd:OfficeAbroad } } ;

DELETE { GRAPH ?g { ?group cd:groupOf cd:OfficeAbroad } }
INSERT { GRAPH ?g { ?group cd:groupOf office-kind:office-abroad } }
WHERE { GRAPH ?g { ?group cd:groupOf cd:OfficeAbroad } }
