// A change of what is shown of a result (sorted, filtered, counted, hidden, turned, drawn) is fetched and takes the place of what
// was shown: the page keeps its place, its editor and the focus. Every change has its address, so going back works.
"use strict";
{
  const OF_VIEW = /^(sort|hide|facet|values|from|view|filter\..*|is\..*)$/s;
  const result = document.querySelector("[data-result]"), status = document.createElement("p");
  let shown = location.search, asking = new XMLHttpRequest();

  // What an address asks, however its answer is shown.
  function asks(address) {
    const { origin, pathname, searchParams } = new URL(address);
    const said = [...searchParams].filter(([name, value]) => value && !OF_VIEW.test(name));
    return JSON.stringify([origin, pathname, said.map(([name, value]) => `${name}=${value.replaceAll("\r\n", "\n")}`).sort()]);
  }

  function follow(event, address) {
    if (asks(address) !== asks(location.href)) return;
    event.preventDefault();
    history.pushState(null, "", address);
    show(reach);
  }

  // Show what the address of the page has, which is loaded as a page where that fails.
  function show(then = () => {}) {
    asking.abort();
    const request = asking = new XMLHttpRequest();
    shown = location.search;
    request.responseType = "document"; // parsed by the browser: the policy on scripts lets no text be made into elements
    request.open("GET", location.href);
    request.setRequestHeader("Accept", "text/html");
    request.onerror = () => location.reload();
    request.onload = () => {
      const next = request.status === 200 ? request.response?.querySelector("[data-result]") : null;
      if (!next) return location.reload();
      put(next.childNodes);
      then();
    };
    result.ariaBusy = "true";
    request.send();
  }

  function put(nodes) {
    const focused = result.contains(document.activeElement) ? document.activeElement : null;
    const folded = new Map([...result.querySelectorAll(":scope > details")].map((one) => [named(one.firstElementChild), one.open]));
    result.replaceChildren(...nodes);
    result.ariaBusy = null;
    for (const one of result.querySelectorAll(":scope > details")) one.open = folded.get(named(one.firstElementChild)) ?? one.open;
    const answer = document.getElementById("answer");
    if (focused) {
      const same = [...result.querySelectorAll(focused.localName)].find((one) => named(one) === named(focused));
      if (!same && answer?.tabIndex < 0) answer.tabIndex = -1;
      (same ?? answer)?.focus({ preventScroll: true });
    }
    status.textContent = (answer?.querySelector("caption") ?? answer)?.textContent ?? "";
    result.dispatchEvent(new Event("shown", { bubbles: true }));
  }

  const named = (element) => element.name || element.textContent.trim();

  // Scroll to what the address names, unless it is in sight.
  function reach() {
    const place = document.getElementById(location.hash.slice(1)), top = place?.getBoundingClientRect().top;
    if (top < 0 || top > innerHeight) place.scrollIntoView();
  }

  if (result) {
    status.className = "unseen";
    status.role = "status";
    result.after(status);
    result.addEventListener("click", (event) => {
      const link = event.target.closest("a[href]");
      if (!(link instanceof HTMLAnchorElement) || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      if (new URL(link.href).search !== location.search) follow(event, link.href);
    });
    result.addEventListener("submit", (event) => {
      const address = new URL(event.target.getAttribute("action"), location.href);
      const said = [...new FormData(event.target)].filter(([name, value]) => value || name.startsWith("is."));
      address.search = new URLSearchParams(said);
      follow(event, address.href);
    });
    addEventListener("popstate", () => { if (location.search !== shown) show(); });
  }
}
