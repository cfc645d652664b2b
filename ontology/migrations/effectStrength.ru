# How much an effect changes is its magnitude, which comparisons have as well. That a benefit is practical is an aspect of it.

PREFIX aspect:          <https://w3id.org/city-diplomacy/vocabulary/aspect/>
PREFIX cd:              <https://w3id.org/city-diplomacy/ontology#>
PREFIX effect-strength: <https://w3id.org/city-diplomacy/vocabulary/effect-strength/>
PREFIX magnitude:       <https://w3id.org/city-diplomacy/vocabulary/magnitude/>

DELETE { GRAPH ?g { ?effect cd:effectStrength ?strength } }
INSERT { GRAPH ?g { ?effect ?property ?value } }
WHERE {
  GRAPH ?g { ?effect cd:effectStrength ?strength }
  VALUES (?strength ?property ?value) {
    (effect-strength:limited cd:magnitude magnitude:limited)
    (effect-strength:important cd:magnitude magnitude:important)
    (effect-strength:significant cd:magnitude magnitude:significant)
    (effect-strength:clear cd:magnitude magnitude:clear)
    (effect-strength:practical cd:aspect aspect:practical-benefits)
  }
}
