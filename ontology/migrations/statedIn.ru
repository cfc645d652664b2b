# What a source says of an activity, a publication or a zone stood on the thing itself, with cd:statedIn; now it is on the source's
# account of it, whose name is made of both names. What makes the thing the one that it is stays: its type, its kind, its names and
# links, and the participants of a cooperation.

PREFIX cd:      <https://w3id.org/city-diplomacy/ontology#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX foaf:    <http://xmlns.com/foaf/0.1/>
PREFIX owl:     <http://www.w3.org/2002/07/owl#>
PREFIX rdf:     <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX schema:  <https://schema.org/>
PREFIX skos:    <http://www.w3.org/2004/02/skos/core#>

DELETE { GRAPH ?g { ?thing ?property ?value } }
INSERT { GRAPH ?g { ?account a cd:Account ; cd:accountOf ?thing ; cd:statedIn ?source ; ?moved ?value } }
WHERE {
  GRAPH ?g { ?thing cd:statedIn ?source ; ?property ?value }
  BIND (STRAFTER(STR(?thing), "/id/") AS ?path)
  FILTER (STRSTARTS(?path, "activity/") || STRSTARTS(?path, "publication/") || STRSTARTS(?path, "zone/"))
  FILTER (?property NOT IN (rdf:type, cd:activityKind, skos:prefLabel, skos:altLabel, skos:definition, skos:changeNote, skos:editorialNote,
    owl:deprecated, dcterms:isReplacedBy, dcterms:source, dcterms:license, foaf:homepage, schema:sameAs, cd:missing, cd:asOf,
    cd:withoutSuccessor))
  OPTIONAL { GRAPH ?g { ?thing a ?cooperation } FILTER (?cooperation = cd:Cooperation) }
  FILTER (?property != cd:participant || !BOUND(?cooperation))
  BIND (IF(?property = cd:statedIn, ?unbound, ?property) AS ?moved)
  BIND (REPLACE(STRAFTER(STR(?source), "/id/"), "^(source|passage)/", "") AS ?named)
  BIND (IRI(CONCAT(STRBEFORE(STR(?thing), "/id/"), "/id/account/", REPLACE(?named, "/", "-"), "--", REPLACE(?path, "/", "-"))) AS ?account)
}
