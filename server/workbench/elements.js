// Elements as scripts make them: no text becomes markup.
export function element(name, properties = {}, ...content) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...content);
  return made;
}

export function button(text, act, className = "") {
  const made = element("button", { type: "button", className }, text);
  made.addEventListener("click", act);
  return made;
}
