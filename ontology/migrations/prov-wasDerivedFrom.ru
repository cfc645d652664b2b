# A thing is not made out of the source that its record was taken from, so it names that as its dcterms:source.

PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX prov:    <http://www.w3.org/ns/prov#>

DELETE { GRAPH ?g { ?thing prov:wasDerivedFrom ?source } }
INSERT { GRAPH ?g { ?thing dcterms:source ?source } }
WHERE { GRAPH ?g { ?thing prov:wasDerivedFrom ?source } }
