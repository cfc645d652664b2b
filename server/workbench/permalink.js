// A short address of a page: its parameters packed into the fragment, which no server sees, keeps or limits.
const LONGEST = 400_000; // characters; a few bytes of another's link could unpack to any number

/** Return a short address of the page of SPARQL with some parameters. */
export async function pack(parameters) {
  const packed = new Blob([String(parameters)]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  const q = btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return `${location.origin}/sparql#q=${q}`;
}

/** Return the parameters that an address has in its fragment; null if it has none that can be read. */
export async function unpack(fragment) {
  const q = new URLSearchParams(fragment.slice(1)).get("q");
  if (!q) return null;
  try {
    const bytes = Uint8Array.from(atob(q.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
    const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (let part = await reader.read(); !part.done && text.length <= LONGEST; part = await reader.read()) text += part.value;
    const parameters = new URLSearchParams(text);
    return text.length <= LONGEST && parameters.has("query") ? parameters : null;
  } catch { // another's text, or cut off
    return null;
  }
}
