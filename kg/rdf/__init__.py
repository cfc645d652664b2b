"""RDF as this project has it: namespaces, formats, reading and writing, positions, blank nodes, changes."""
