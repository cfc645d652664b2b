// What pages with a query have where there is script: an editor, all questions, a history, and a way to stop a query.
import { drawer } from "./drawer.js";
import { History } from "./history.js";
import { button, element } from "./elements.js";
import { pack, unpack } from "./permalink.js";

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
  field.form.querySelector(".run").after(keys, status);
  const past = new History();
  field.form.addEventListener("submit", () => {
    past.add(editor.text());
    showRunning(editor, status);
  });
  drawer(field.form, editor, past, button("Copy link", () => copyLink(field.form, editor, status), "quiet"));
  await openLink(field.form, editor);
  addEventListener("hashchange", () => openLink(field.form, editor));
}

async function copyLink(form, editor, status) {
  const address = await pack(editor.text(), form.elements.at?.value);
  await navigator.clipboard?.writeText(address).catch(() => null);
  history.replaceState(null, "", address);
  status.textContent = "The address of this page is now a short link to the query.";
}

// The query of a short link is shown, and not run.
async function openLink(form, editor) {
  const found = await unpack(location.hash);
  if (!found) return;
  editor.replace(found.text);
  if (found.at && !form.elements.at) form.append(element("input", { type: "hidden", name: "at", value: found.at }));
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
