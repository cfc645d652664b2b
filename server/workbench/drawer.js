// Beside the editor: all questions, to be searched, opened or inserted; the history; where the result stands.
import { button, element } from "./elements.js";

const LAYOUT = "citykg.result-beside";

export function drawer(form, editor, past, ...others) {
  const panel = element("section", { className: "drawer", id: "drawer", hidden: true });
  const show = (name, fill) => {
    const opener = button(name, async () => {
      const opens = opener.ariaExpanded !== "true";
      close();
      if (!opens) return;
      opener.ariaExpanded = "true";
      panel.hidden = false;
      form.classList.add("with-drawer");
      panel.setAttribute("aria-label", name);
      await fill(panel, editor, past);
    }, "quiet");
    opener.setAttribute("aria-controls", "drawer");
    opener.ariaExpanded = "false";
    return opener;
  };
  const opened = () => bar.querySelector("[aria-expanded=true]");
  const close = () => {
    const opener = opened();
    if (opener) opener.ariaExpanded = "false";
    panel.hidden = true;
    form.classList.remove("with-drawer");
    panel.replaceChildren();
    return opener;
  };
  const closeByKey = (event) => {
    if (event.key !== "Escape" || !opened()) return;
    event.preventDefault();
    close().focus();
  };
  const bar = element("p", { className: "bar" }, show("Questions", questions), show("History", historyOf), button("Format", editor.format, "quiet"), ...others, ...layout(form));
  for (const part of [bar, panel]) part.addEventListener("keydown", closeByKey);
  form.querySelector("label").after(bar);
  form.querySelector(".editor").after(panel);
}

async function questions(panel, editor) {
  const entries = await fetch("/queries.json", { headers: { Accept: "application/json" } }).then((answer) => answer.json()).catch(() => null);
  if (!entries) return panel.append(element("p", {}, "Offline: the questions cannot be listed."));
  const search = element("input", { type: "search", autocomplete: "off" }), list = element("ul"), count = element("p", { className: "small muted", role: "status" });
  const fill = () => {
    const words = search.value.toLowerCase().split(/\s+/);
    const found = entries.filter((entry) => {
      const text = [entry.name, entry.summary, entry.description, entry.topic, ...entry.tags].join(" ").toLowerCase();
      return words.every((word) => text.includes(word));
    });
    count.textContent = found.length ? `${found.length} of ${entries.length} questions` : `No results for “${search.value}”`;
    list.replaceChildren(...found.map((entry) => question(entry, editor)));
  };
  search.addEventListener("input", fill);
  search.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  panel.append(element("label", {}, "Filter", search), count, list);
  fill();
  search.focus();
}

function question(entry, editor) {
  const text = () => fetch(entry.example.replace(entry.address, entry.formats.rq)).then((answer) => (answer.ok ? answer.text() : null)).catch(() => null);
  const take = (use) => async (event) => {
    const query = await text();
    if (query) use(query);
    else event.target.after(" Offline");
  };
  return item(element("a", { href: entry.example }, entry.summary), [
    ["Open", take((query) => (editor.replace(query), editor.focus()))],
    ["Insert", take((query) => editor.insert(partOf(query)))],
  ], entry.summary);
}

// The pattern of a query, in braces: a group that may stand wherever a pattern may.
function partOf(query) {
  const start = query.search(/WHERE\s*\{/i), open = query.indexOf("{", Math.max(start, 0)), close = query.lastIndexOf("}");
  return open < 0 || close < open ? query : `${query.slice(open, close + 1)}\n`;
}

function historyOf(panel, editor, past) {
  const entries = past.entries;
  if (!entries.length) return panel.append(element("p", {}, "No queries yet. The last 20 that you run are kept in this browser alone."));
  const again = () => { panel.replaceChildren(); historyOf(panel, editor, past); };
  panel.append(
    element("p", { className: "small muted" }, "The last queries run in this browser, which alone has them."),
    element("ul", {}, ...entries.map(({ text, at }) => item(
      element("span", {}, element("code", {}, gist(text)), " ", timeOf(at)),
      [["Open", () => (editor.replace(text), editor.focus())], ["Delete", () => (past.remove(text), again())]],
      gist(text),
    ))),
    button("Delete all", () => (past.clear(), again()), "quiet"),
  );
}

// What a query asks: its text from behind comments and prefixes.
function gist(text) {
  const asks = text.replace(/^\s*#.*$/gm, "").replace(/^(\s*(PREFIX\s+[^\s<]*\s*|BASE\s*)<[^<>]*>)+/i, "");
  return (asks.trim() || text).replace(/\s+/g, " ").trim().slice(0, 120);
}

function timeOf(at) {
  const when = new Date(at), written = when.toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short" });
  return element("time", { className: "small muted", dateTime: when.toISOString() }, written);
}

function item(title, acts, about) {
  const buttons = acts.map(([name, act]) => {
    const made = button(name, act, "quiet");
    made.ariaLabel = `${name}: ${about}`;
    return made;
  });
  return element("li", {}, title, element("span", { className: "acts" }, ...buttons));
}

// Beside the query, or below it: as it was chosen last.
function layout(form) {
  const main = form.parentElement;
  if (!main.matches("main") || !main.querySelector(".answer, .note")) return [];
  const set = (beside) => {
    main.classList.toggle("result-beside", beside);
    chooser.textContent = beside ? "Result below" : "Result beside";
  };
  const chooser = button("", () => {
    const beside = !main.classList.contains("result-beside");
    set(beside);
    try {
      localStorage.setItem(LAYOUT, beside ? "yes" : "");
    } catch { /* no storage: chosen for this page alone */ }
  }, "quiet wide-only");
  try {
    set(localStorage.getItem(LAYOUT) === "yes");
  } catch {
    set(false);
  }
  return [chooser];
}
