// Colours and sizes of the editor: the properties of the style sheet, which are those of light and dark.
import { HighlightStyle } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

export const colours = HighlightStyle.define([
  { tag: tags.comment, color: "var(--muted)", fontStyle: "italic" },
  { tag: tags.keyword, color: "var(--third)", fontWeight: "600" },
  { tag: tags.variableName, color: "var(--doubt)" },
  { tag: tags.string, color: "var(--agree)" },
  { tag: [tags.number, tags.integer, tags.float, tags.bool], color: "var(--since)" },
  { tag: [tags.namespace, tags.url, tags.typeName], color: "var(--accent)" },
]);

const box = { backgroundColor: "var(--surface)", color: "var(--ink)", border: "1px solid var(--line-strong)", borderRadius: "var(--round)" };
const chosen = { backgroundColor: "var(--accent)", color: "var(--on-accent)" };
const faults = { error: "--oppose", warning: "--doubt", info: "--accent", hint: "--muted" };

export const theme = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--surface)", border: "1px solid var(--line-strong)", borderRadius: "var(--round)", fontSize: ".9rem" },
  "&.cm-focused": { outline: ".1875rem solid var(--accent)", outlineOffset: ".125rem" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.45", minHeight: "10rem", maxHeight: "36rem", overflow: "auto" },
  ".cm-content": { caretColor: "var(--ink)", padding: ".4rem 0" },
  ".cm-content, .cm-gutter": { minHeight: "10rem" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--muted)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--accent) 7%, transparent)" },
  "&.cm-focused .cm-matchingBracket, .cm-selectionMatch": { backgroundColor: "var(--accent-soft)", outline: "1px solid var(--accent)" },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "var(--oppose-soft)", outline: "1px solid var(--oppose)" },
  ".cm-foldPlaceholder": { ...box, color: "var(--muted)" },
  ".cm-tooltip": { ...box, maxWidth: "min(34rem, 92vw)", font: ".875rem/1.4 var(--sans)", boxShadow: "0 .25rem 1rem rgb(0 0 0 / .18)" },
  ".cm-tooltip .card": { padding: ".5rem .75rem" },
  ".cm-tooltip .card p": { margin: ".25rem 0 0" },
  ".cm-tooltip a": { color: "var(--accent)", fontWeight: "600" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", maxHeight: "20rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { display: "flex", flexWrap: "wrap", gap: "0 .6rem", padding: ".3rem .6rem", alignItems: "baseline" },
  ".cm-tooltip-autocomplete ul li[aria-selected], .cm-tooltip-autocomplete ul li[aria-selected] *": chosen,
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-completionDetail": { margin: "0", font: ".8125rem var(--sans)", fontStyle: "normal", color: "var(--muted)" },
  "li.exact .cm-completionLabel": { fontWeight: "700" },
  ".facts": { marginLeft: "auto", font: ".8125rem var(--sans)", color: "var(--muted)" },
  ".cm-completionInfo": { padding: ".5rem .75rem", width: "20rem", maxWidth: "92vw" },
  "@media (max-width: 40rem)": { ".cm-completionInfo": { display: "none" } }, // it would cover the list
  ".cm-panels": { backgroundColor: "var(--ground)", color: "var(--ink)", borderTop: "1px solid var(--line-strong)" },
  ".cm-panel.cm-panel-lint ul [aria-selected]": { backgroundColor: "var(--accent-soft)", color: "var(--ink)" },
  ".cm-panel input, .cm-panel .cm-button": { ...box, backgroundImage: "none", minHeight: "1.5rem" },
  ".cm-panel button[name=close]": { color: "var(--ink)", minWidth: "1.5rem", minHeight: "1.5rem" },
  ".cm-searchMatch": { backgroundColor: "var(--doubt-soft)", outline: "1px solid var(--doubt)" },
  ".cm-diagnostic": { padding: ".4rem .75rem", fontFamily: "var(--sans)" },
  ".cm-diagnosticAction": { ...chosen, borderRadius: "var(--round)", padding: ".15rem .6rem", margin: ".3rem 0 0", display: "block", font: "inherit", fontWeight: "600", minHeight: "1.5rem" },
  ...Object.fromEntries(Object.entries(faults).flatMap(([name, colour]) => [
    [`.cm-diagnostic-${name}`, { borderLeft: `.25rem solid var(${colour})` }],
    [`.cm-lintRange-${name}`, { backgroundImage: "none", textDecoration: `underline wavy var(${colour}) .08em`, textUnderlineOffset: ".2em" }],
    [`.cm-lint-marker-${name}`, { content: "none", borderRadius: "50%", width: ".6em", height: ".6em", backgroundColor: `var(${colour})`, forcedColorAdjust: "none" }],
  ])),
  ".cm-lintPoint::after": { borderBottomColor: "var(--oppose)" },
});
