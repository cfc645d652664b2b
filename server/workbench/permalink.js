// A short address of a query: packed into the fragment, which no server sees, keeps or limits.
const LONGEST = 100_000; // characters; a few bytes of another's link could unpack to any number

/** Return the address of a page with a query, at a revision if there is one. */
export async function pack(text, at) {
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  const q = btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return `${location.origin}/sparql#${new URLSearchParams(at ? { at, q } : { q })}`;
}

/** Return the query and the revision that an address has in its fragment; null if it has none that can be read. */
export async function unpack(fragment) {
  const said = new URLSearchParams(fragment.slice(1)), q = said.get("q");
  if (!q) return null;
  try {
    const bytes = Uint8Array.from(atob(q.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
    const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (let part = await reader.read(); !part.done && text.length <= LONGEST; part = await reader.read()) text += part.value;
    return text.length <= LONGEST ? { text, at: said.get("at") ?? "" } : null;
  } catch { // another's text, or cut off
    return null;
  }
}
