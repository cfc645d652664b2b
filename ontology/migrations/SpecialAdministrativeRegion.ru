# What was a cd:SpecialAdministrativeRegion is a polity of the kind place-kind:special-administrative-region.

PREFIX cd:         <https://w3id.org/city-diplomacy/ontology#>
PREFIX place-kind: <https://w3id.org/city-diplomacy/vocabulary/place-kind/>

DELETE { GRAPH ?g { ?thing a cd:SpecialAdministrativeRegion } }
INSERT { GRAPH ?g { ?thing a cd:Polity ; cd:placeKind place-kind:special-administrative-region } }
WHERE { GRAPH ?g { ?thing a cd:SpecialAdministrativeRegion } } ;

DELETE { GRAPH ?g { ?group cd:groupOf cd:SpecialAdministrativeRegion } }
INSERT { GRAPH ?g { ?group cd:groupOf place-kind:special-administrative-region } }
WHERE { GRAPH ?g { ?group cd:groupOf cd:SpecialAdministrativeRegion } }
