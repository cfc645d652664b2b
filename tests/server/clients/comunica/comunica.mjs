// node comunica.mjs TYPE SOURCE QUERY: prints what Comunica makes of a query over one source, as JSON. TYPE is
// "sparql" for an endpoint, "file" for a document, "auto" to let Comunica find out by itself.
import { QueryEngine } from "@comunica/query-sparql";

const [type, value, query] = process.argv.slice(2);
const source = type === "auto" ? value : { type, value };
const result = await new QueryEngine().query(query, { sources: [source] });
const answer = await result.execute();

const written = {
  bindings: async () =>
    (await answer.toArray()).map((row) => Object.fromEntries([...row].map(([name, term]) => [name.value, term.value]))),
  quads: async () => (await answer.toArray()).map((quad) => [quad.subject.value, quad.predicate.value, quad.object.value]),
  boolean: async () => answer,
};
console.log(JSON.stringify(await written[result.resultType]()));
