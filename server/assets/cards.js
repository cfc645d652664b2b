// A link to a thing or a term, in a table or among statements, shows a card about it: while it is pointed at or focused by
// key, until it is left or Escape is pressed. The card can be pointed at itself. The link works as ever.
"use strict";
{
  const SHOWN_AFTER = 300, GONE_AFTER = 250; // milliseconds
  const LINKS = ":is(.table :is(th, td), .statements) a:not(.chip, .sort)", PAGES = /^\/(doc\/[^/]+\/.+|ontology#.+|vocabulary\/[^/]+\/.+)$/;
  const told = new Map(); // cards by address: each is asked for once
  const card = document.createElement("div");
  card.id = card.className = "link-card";
  card.setAttribute("role", "tooltip");
  card.hidden = true;
  document.querySelector("main").append(card);
  let link = null, timer = 0, asking = null;

  // The address of the page of a thing or term of ours that an element leads to, if it does.
  function led(element) {
    if (!(element instanceof HTMLAnchorElement) || !element.matches(LINKS)) return null;
    const { origin, pathname, hash } = new URL(element.href);
    return origin === location.origin && PAGES.test(pathname + hash) ? pathname + hash : null;
  }

  function leave() {
    clearTimeout(timer);
    asking?.abort();
    link?.removeAttribute("aria-describedby");
    link = asking = null;
    card.hidden = true;
  }

  function enter(next) {
    if (next === link) {
      if (!card.hidden) clearTimeout(timer);
      return;
    }
    leave();
    link = next;
    timer = setTimeout(show, SHOWN_AFTER, next);
  }

  async function show(from) {
    const of = led(from);
    if (!told.has(of)) {
      asking = new AbortController();
      const answer = await fetch(`/card?${new URLSearchParams({ of })}`, { signal: asking.signal })
        .then((found) => (found.ok ? found.json() : null)).catch(() => undefined);
      if (answer !== undefined) told.set(of, answer);
    }
    if (from === link && told.get(of)) put(told.get(of));
  }

  function put(said) {
    const { passages, works } = said, name = line("strong", said.label), head = document.createElement("p");
    head.append(name);
    if (said.label_zh && said.label_zh !== said.label) {
      const chinese = line("span", said.label_zh);
      chinese.lang = "zh";
      head.append(" ", chinese);
    }
    const sources = passages && `named in ${count(passages, "passage")}${works > 1 ? ` of ${works} works` : ""}`;
    const facts = [...said.types, sources].filter(Boolean).join(" · ");
    card.replaceChildren(head, ...(facts ? [line("p", facts, "muted")] : []), ...(said.text ? [line("p", said.text)] : []));
    card.hidden = false;
    link.setAttribute("aria-describedby", card.id);
    place();
  }

  // Below the link, above where there is no room below; within the window.
  function place() {
    const at = link.getClientRects()[0], { width, height } = card.getBoundingClientRect();
    const room = document.documentElement.clientWidth - width;
    const isBelow = at.bottom + height <= innerHeight || at.top < height;
    card.style.left = `${Math.max(0, Math.min(at.left, room)) + scrollX}px`;
    card.style.top = `${(isBelow ? at.bottom : at.top - height) + scrollY}px`;
  }

  function line(tag, text, className = "") {
    const element = document.createElement(tag);
    element.className = className;
    element.textContent = text;
    return element;
  }

  const count = (number, word) => `${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`;
  const isFocused = () => link === document.activeElement && link.matches(":focus-visible");

  document.addEventListener("pointerover", (event) => {
    const pointed = event.target.closest("a");
    if (event.pointerType === "touch") return;
    if (led(pointed)) enter(pointed);
    else if (card.contains(event.target)) clearTimeout(timer);
    else if (link && !isFocused()) {
      if (card.hidden) leave();
      else {
        clearTimeout(timer);
        timer = setTimeout(leave, GONE_AFTER);
      }
    }
  });
  document.addEventListener("focusin", ({ target }) => { if (led(target) && target.matches(":focus-visible")) enter(target); });
  document.addEventListener("focusout", ({ target }) => { if (target === link && !card.matches(":hover")) leave(); });
  document.addEventListener("shown", () => { if (!link?.isConnected) leave(); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && link) leave(); });
}
