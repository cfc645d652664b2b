// A field completes what is typed: a combobox with a list (ARIA Authoring Practices), by /search/suggestions. The arrow
// keys and the pointer choose; Enter without a choice asks what is typed; Escape closes. A choice leads to its page; in
// a field for the name of a thing it is filled in.
"use strict";
for (const [number, field] of document.querySelectorAll("form.search input[type=search], .completed input").entries()) {
  const takesName = field.matches(".completed input"), kinds = field.parentElement.dataset.kinds?.split(" ") ?? [];
  const ASKED_AFTER = 150, LEAST = 2; // milliseconds, characters
  const known = new Map(); // lists by what was typed
  const list = document.createElement("ul"), told = document.createElement("span");
  let chosen = -1, timer = 0, asking = null;

  list.id = `suggestions-${number}`;
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  told.className = "unseen";
  told.setAttribute("role", "status");
  field.after(list, told);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) {
    field.setAttribute(name, value);
  }

  function close() {
    clearTimeout(timer);
    asking?.abort();
    list.hidden = true;
    choose(-1);
    field.setAttribute("aria-expanded", "false");
    told.textContent = "";
  }

  function choose(place) {
    list.children[chosen]?.setAttribute("aria-selected", "false");
    chosen = place;
    const option = list.children[place];
    if (!option) return field.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", option.id);
  }

  async function suggest() {
    const typed = field.value.trim();
    if (typed.length < LEAST && !/[\u3400-\u9fff]/.test(typed)) return close();
    if (!known.has(typed)) {
      asking?.abort();
      asking = new AbortController();
      const asked = new URLSearchParams({ q: typed }), scope = new FormData(field.form).get("scope");
      if (scope) asked.set("scope", scope);
      for (const kind of kinds) asked.append("kind", kind);
      const found = await fetch(`/search/suggestions?${asked}`, { signal: asking.signal })
        .then((answer) => (answer.ok ? answer.json() : null)).catch(() => null);
      if (!found) return;
      known.set(typed, found);
    }
    if (typed === field.value.trim() && document.activeElement === field) show(known.get(typed));
  }

  function show([, texts, kinds, addresses]) {
    const fits = (place) => !takesName || new URL(addresses[place]).pathname.startsWith("/doc/");
    const shown = [...texts.keys()].filter(fits);
    if (!shown.length) return close();
    choose(-1);
    list.replaceChildren(...shown.map((place) => {
      const option = document.createElement("li"), name = document.createElement("span"), kind = document.createElement("small");
      option.id = `${list.id}-${place}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.href = addresses[place];
      name.textContent = texts[place];
      kind.textContent = kinds[place];
      option.append(name, " ", kind);
      return option;
    }));
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    told.textContent = `${shown.length} ${shown.length === 1 ? "suggestion" : "suggestions"}`;
  }

  function follow(option) {
    if (!takesName) return location.assign(option.dataset.href);
    field.value = option.firstChild.textContent;
    close();
    if (kinds.length) settle(new URL(option.dataset.href).pathname.split("/").slice(-2).join(":"));
  }

  // Which thing is meant stands below a field of a form, as a choice among candidates does; a source is named by it.
  function settle(thing) {
    if (field.name === "source") field.value = thing;
    else {
      for (const old of field.form.querySelectorAll(`[name="${field.name}.is"], [name="${field.name}.was"]`)) {
        (old.closest(".candidates") ?? old).remove();
      }
      for (const [key, value] of [["is", thing], ["was", field.value]]) {
        const said = document.createElement("input");
        Object.assign(said, { type: "hidden", name: `${field.name}.${key}`, value });
        field.parentElement.append(said);
      }
    }
    field.form.dispatchEvent(new Event("input")); // the preview
  }

  field.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(suggest, ASKED_AFTER);
  });
  field.addEventListener("compositionend", () => { timer = setTimeout(suggest, ASKED_AFTER); });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const count = list.children.length, isOpen = !list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen) suggest();
      else if (event.key === "ArrowDown") choose(chosen + 1 < count ? chosen + 1 : -1);
      else choose(chosen < 0 ? count - 1 : chosen - 1);
    } else if (event.key === "Enter" && isOpen && chosen >= 0) {
      event.preventDefault();
      follow(list.children[chosen]);
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      close();
    }
  });
  field.addEventListener("blur", close);
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) follow(option);
  });
}
