# A foreign affairs office is an office of a kind.

PREFIX cd:          <https://w3id.org/city-diplomacy/ontology#>
PREFIX office-kind: <https://w3id.org/city-diplomacy/vocabulary/office-kind/>

DELETE { GRAPH ?g { ?office a cd:ForeignAffairsOffice } }
INSERT { GRAPH ?g { ?office a cd:Office ; cd:officeKind office-kind:foreign-affairs-office } }
WHERE { GRAPH ?g { ?office a cd:ForeignAffairsOffice } } ;

DELETE { GRAPH ?g { ?group cd:groupOf cd:ForeignAffairsOffice } }
INSERT { GRAPH ?g { ?group cd:groupOf office-kind:foreign-affairs-office } }
WHERE { GRAPH ?g { ?group cd:groupOf cd:ForeignAffairsOffice } }
