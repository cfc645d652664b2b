# What is about partial strategies is about the key term.

PREFIX cd:            <https://w3id.org/city-diplomacy/ontology#>
PREFIX strategy-kind: <https://w3id.org/city-diplomacy/vocabulary/strategy-kind/>
PREFIX term:          <https://w3id.org/city-diplomacy/vocabulary/key-term/>

DELETE { GRAPH ?g { ?statement cd:about strategy-kind:partial } }
INSERT { GRAPH ?g { ?statement cd:about term:partial-strategy } }
WHERE { GRAPH ?g { ?statement cd:about strategy-kind:partial } }
