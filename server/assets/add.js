// Below a form that adds: the sentences that it becomes, anew whenever somebody has stopped typing.
"use strict";
const form = document.querySelector("form#add"), preview = document.querySelector("#preview");
const ASKED_AFTER = 500; // milliseconds
let timer = 0, asking = null;

async function look() {
  asking?.abort();
  asking = new AbortController();
  const said = new URLSearchParams(new FormData(form));
  said.set("do", "look");
  const told = await fetch(form.action, { method: "POST", body: said, headers: { Accept: "application/json" }, signal: asking.signal })
    .then((answer) => (answer.ok ? answer.json() : null)).catch(() => null);
  if (!told) return;
  preview.replaceChildren(...told.sentences.map((text) => {
    const sentence = document.createElement("li");
    sentence.textContent = text;
    return sentence;
  }));
}

form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(look, ASKED_AFTER);
});
