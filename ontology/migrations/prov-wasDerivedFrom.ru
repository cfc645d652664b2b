# A thing is not made out of the source that its record was taken from, so it names that as its dcterms:source. A
# geometry is copied out of its source, and goes on saying so.

PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX geo:     <http://www.opengis.net/ont/geosparql#>
PREFIX prov:    <http://www.w3.org/ns/prov#>

DELETE { GRAPH ?g { ?thing prov:wasDerivedFrom ?source } }
INSERT { GRAPH ?g { ?thing dcterms:source ?source } }
WHERE {
  GRAPH ?g { ?thing prov:wasDerivedFrom ?source }
  MINUS { GRAPH ?h { ?thing a geo:Geometry } }
}
