// What pages with a query have where there is script: an editor, all questions, a history, and a way to stop a query.
import { drawer } from "./drawer.js";
import { History } from "./history.js";
import { button, element } from "./elements.js";
import { pack, unpack } from "./permalink.js";

openLink();
addEventListener("hashchange", openLink);

for (const field of document.querySelectorAll("textarea[data-editor]")) {
  const folded = field.closest("details:not([open])");
  if (folded) folded.addEventListener("toggle", () => start(field), { once: true });
  else start(field);
}

async function start(field) {
  const status = element("p", { className: "small muted status", role: "status" });
  const { edit } = await import(field.dataset.editor).catch(() => ({}));
  if (!edit) return; // the field stays as it is
  const editor = edit(field, (sentence) => { if (status.textContent !== sentence) status.textContent = sentence; });
  const keys = element("p", { id: "keys", className: "small muted" },
    "Ctrl+Space completes · F8 next finding, Alt+Enter mends it · Shift+Alt+F formats · Ctrl+/ comments · Escape, then Tab leaves the editor");
  const copied = element("p", { className: "small muted status", role: "status" }); // which no check takes the place of
  field.form.querySelector(".run").after(keys, status, copied);
  const past = new History();
  field.form.addEventListener("submit", () => {
    past.add(editor.text());
    showRunning(editor, status);
  });
  drawer(field.form, editor, past, button("Copy link", () => copyLink(field.form, editor, copied), "quiet"));
}

async function copyLink(form, editor, status) {
  const address = await pack(shared(form, editor));
  try {
    await navigator.clipboard.writeText(address);
    status.textContent = "The link is copied.";
  } catch { // not allowed, or no clipboard
    status.replaceChildren("Copy this link: ", element("a", { href: address, className: "long" }, address));
  }
}

// What a link shares: the page with its view, filters and columns; once its query is changed, what the form would ask.
function shared(form, editor) {
  const shown = new URLSearchParams(location.search), text = (said) => said?.replaceAll("\r\n", "\n");
  return text(shown.get("query")) === editor.text() ? shown : new URLSearchParams(new FormData(form));
}

// A short link is the address of a page, which takes its place.
async function openLink() {
  const parameters = await unpack(location.hash);
  if (parameters) location.replace(`/sparql?${parameters}`);
}

// While a query runs, the page that is there can stop waiting for it.
function showRunning(editor, status) {
  const stop = button("Cancel", () => {
    window.stop();
    status.replaceChildren("Cancelled.");
    editor.focus();
  }, "quiet");
  status.replaceChildren("Running … ", stop);
  stop.focus();
  addEventListener("pageshow", () => status.replaceChildren(), { once: true });
}
