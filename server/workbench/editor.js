// An editor on the field of a query, which stays the field of its form: it has the text at every moment.
import { autocompletion, acceptCompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, codeFolding, foldGutter, foldKeymap, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { forEachDiagnostic, lintGutter, lintKeymap, linter, nextDiagnostic, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState, Prec } from "@codemirror/state";
import { EditorView, highlightActiveLine, highlightActiveLineGutter, hoverTooltip, keymap, lineNumbers } from "@codemirror/view";
import { styleTags, tags } from "@lezer/highlight";
import { SparqlLanguage } from "codemirror-lang-sparql";
import { Assistant } from "./assistant.js";
import { element } from "./elements.js";
import { colours, theme } from "./theme.js";

const language = SparqlLanguage.configure({ props: [styleTags({ "Pname_ln Pname_ns": tags.namespace, Langtag: tags.annotation })] });
const CHECK_AFTER = 400, COMPLETE_AFTER = 200, HOVER_AFTER = 400; // milliseconds without a key, a pointer at rest

/** Put an editor in the place of a field; `say` shows a sentence about the service below it. */
export function edit(field, say) {
  const assistant = new Assistant(field.dataset.assist, field.form, say);
  const host = element("div", { className: "editor" });
  const root = host.attachShadow({ mode: "open" }); // the only root in which styles need no permission of the policy
  const view = new EditorView({ root, parent: root, state: EditorState.create({ doc: field.value, extensions: extensions(field, assistant) }) });
  field.after(host);
  field.hidden = true;
  for (const label of field.labels) label.addEventListener("click", () => view.focus());
  addEventListener("pageshow", () => replace(view, field.value)); // a browser that comes back fills in fields
  return {
    focus: () => view.focus(),
    text: () => view.state.doc.toString(),
    replace: (text) => replace(view, text),
    insert: (text) => insert(view, text),
    format: () => format(view, assistant),
  };
}

function extensions(field, assistant) {
  const run = () => (field.form.requestSubmit(), true);
  let isTouched = false; // what is only read was judged when the page was made
  let judged, checking = null; // what a key has asked for: a check that falls due meanwhile would take its place
  const withFindings = (act) => (view) => {
    if (!isTouched && !judged) checking = check(view, assistant);
    judged ??= isTouched ? Promise.resolve() : judge(view, checking).finally(() => (checking = null));
    judged.then(() => act(view));
    return (isTouched = true);
  };
  return [
    Prec.highest(keymap.of([{ key: "Mod-Enter", run }, { key: "Alt-Enter", run: withFindings(mend) }, { key: "F8", run: withFindings(next) }, { key: "Tab", run: acceptCompletion }])),
    keymap.of([{ key: "Shift-Alt-f", run: (view) => (format(view, assistant), true) }, { key: "Escape", run: letTabLeave }]),
    keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, ...lintKeymap, indentWithTab]),
    lineNumbers(), foldGutter(), codeFolding(), lintGutter(), history(), indentOnInput(), bracketMatching(), closeBrackets(),
    highlightActiveLine(), highlightActiveLineGutter(), highlightSelectionMatches(), EditorView.lineWrapping,
    language, language.data.of({ commentTokens: { line: "#" } }), syntaxHighlighting(colours), theme,
    autocompletion({
      override: [(context) => complete(context, assistant)],
      activateOnTypingDelay: COMPLETE_AFTER,
      icons: false,
      optionClass: (option) => (option.item.exact ? "exact" : ""),
      addToOptions: [{ render: (option) => element("span", { className: "facts" }, facts(option.item)), position: 90 }],
    }),
    linter((view) => (isTouched ? checking ?? check(view, assistant) : []), { delay: CHECK_AFTER }),
    hoverTooltip((view, place) => hover(view, place, assistant), { hoverTime: HOVER_AFTER }),
    EditorView.contentAttributes.of({ "aria-label": field.labels[0]?.textContent ?? "Query", "aria-describedby": "keys", spellcheck: "false", autocapitalize: "off" }),
    EditorView.updateListener.of((update) => {
      if (!update.docChanged) return;
      checking = null;
      field.value = update.state.doc.toString();
      isTouched = true;
      update.view.setTabFocusMode(false);
    }),
    EditorView.domEventHandlers({ blur: (_, view) => view.setTabFocusMode(false), beforeinput: typeOver }),
  ];
}

// Text typed over a selection. Chromium would keep the colours of what it replaces, by an inline style that our policy blocks.
function typeOver(event, view) {
  const { from, to, empty } = view.state.selection.main;
  if (event.inputType !== "insertText" || !event.data || empty || view.composing) return false;
  const typed = () => view.state.update(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
  if (!view.state.facet(EditorView.inputHandler).some((handle) => handle(view, from, to, event.data, typed))) view.dispatch(typed());
  return true;
}

// After Escape the next Tab leaves the editor, however late it comes (WCAG 2.1.2); typing takes that back.
function letTabLeave(view) {
  view.setTabFocusMode(true);
  return false;
}

async function complete(context, assistant) {
  const cut = new AbortController();
  context.addEventListener("abort", () => cut.abort());
  const found = await assistant.ask("complete", context.state.doc.toString(), { offset: context.pos, explicit: context.explicit }, cut);
  if (!found?.items?.length) return null;
  return { from: found.from, to: found.to, filter: false, options: found.items.map(asOption) };
}

function asOption(item) {
  return {
    item,
    label: item.label,
    detail: [item.detail, item.labelZh].filter(Boolean).join(" · "),
    type: item.kind,
    info: item.info || undefined,
    apply(view, _, from, to) {
      const changes = [{ from, to, insert: item.insert }], declared = declaration(item.prefix);
      if (declared) changes.unshift({ from: 0, insert: declared });
      view.dispatch({ changes, selection: { anchor: declared.length + from + item.insert.length }, userEvent: "input.complete" });
    },
  };
}

const declaration = (prefix) => (prefix ? `PREFIX ${prefix.name}: <${prefix.iri}>\n` : "");

function facts(item) {
  const need = { must: "required", may: "optional" }[item.need] ?? "";
  return [need, item.count == null ? "" : item.count.toLocaleString("en")].filter(Boolean).join(" · ");
}

async function check(view, assistant) {
  const doc = view.state.doc, found = await assistant.ask("check", doc.toString());
  return (found?.findings ?? []).filter((one) => one.from <= doc.length).map((one) => ({
    from: one.from,
    to: Math.min(Math.max(one.to, one.from), doc.length),
    severity: one.severity,
    message: [one.message, one.hint].filter(Boolean).join(" "),
    mend: one.mend,
    actions: one.mend ? [{ name: one.mend.title || `Change to ${one.mend.text}`, apply: (on) => apply(on, one.mend) }] : [],
  }));
}

async function judge(view, checking) {
  const doc = view.state.doc, found = await checking;
  if (view.state.doc.eq(doc)) view.dispatch(setDiagnostics(view.state, found));
}

// The next finding is shown, or the first. One without length in which the cursor stands already is come to from elsewhere.
function next(view) {
  const selection = view.state.selection;
  if (nextDiagnostic(view)) return;
  view.dispatch({ selection: { anchor: selection.main.head ? 0 : view.state.doc.length } });
  if (!nextDiagnostic(view)) view.dispatch({ selection });
}

// The finding at the cursor, else the next one, else the first, which has a mend.
function mend(view) {
  const found = [], head = view.state.selection.main.head;
  forEachDiagnostic(view.state, (one, from, to) => { if (one.mend) found.push({ one, from, to }); });
  const chosen = found.find(({ from, to }) => from <= head && head <= to) ?? found.find(({ from }) => from > head) ?? found[0];
  if (chosen) apply(view, chosen.one.mend);
}

function apply(view, { from, to, text }) {
  view.dispatch({ changes: { from, to, insert: text }, selection: { anchor: from + text.length }, userEvent: "input.mend", scrollIntoView: true });
}

async function hover(view, place, assistant) {
  const said = (await assistant.ask("hover", view.state.doc.toString(), { offset: place }))?.hover;
  if (!said) return null;
  return { pos: said.from, end: said.to, above: true, create: () => ({ dom: card(said) }) };
}

function card({ label, text, href }) {
  const name = href ? element("a", { href }, label) : element("strong", {}, label);
  return element("div", { className: "card" }, name, ...(text ? [element("p", {}, text)] : []));
}

async function format(view, assistant) {
  const before = view.state.doc, done = await assistant.ask("format", before.toString());
  if (done?.text != null && view.state.doc.eq(before)) replace(view, done.text);
}

function replace(view, text) {
  const now = view.state.doc.toString();
  if (now === text) return;
  let from = 0;
  while (from < Math.min(now.length, text.length) && now[from] === text[from]) from++;
  const anchor = Math.min(view.state.selection.main.head, text.length);
  view.dispatch({ changes: { from, to: now.length, insert: text.slice(from) }, selection: { anchor } });
}

function insert(view, text) {
  view.dispatch(view.state.replaceSelection(text));
  view.focus();
}
