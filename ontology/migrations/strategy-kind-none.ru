# What is about a kind of strategy is about strategies; its words say which.

PREFIX cd:            <https://w3id.org/city-diplomacy/ontology#>
PREFIX strategy-kind: <https://w3id.org/city-diplomacy/vocabulary/strategy-kind/>
PREFIX tie:           <https://w3id.org/city-diplomacy/vocabulary/tie-kind/>

DELETE { GRAPH ?g { ?statement cd:about strategy-kind:none } }
INSERT { GRAPH ?g { ?statement cd:about tie:strategy } }
WHERE { GRAPH ?g { ?statement cd:about strategy-kind:none } }
