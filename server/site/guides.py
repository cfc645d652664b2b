"""The guides below `/docs`, each with its title; the text is a template of the same name."""

GUIDES = {
    "researchers": "For researchers: questions, SPARQL, and who says so",
    "evidence": "Who says so, and who says otherwise, for each row of a table",
    "linked-data": "For linked-data consumers: addresses, formats, downloads",
    "curators": "For curators: how to become one, and how to add what a source says",
    "limits": "Limits of queries and requests",
    "formats": "Formats of documents and results",
    "cite": "How to cite this, or one thing in it",
    "licences": "Licences of data and code",
    "running": "How to run one's own",
}
