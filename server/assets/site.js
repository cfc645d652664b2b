// Enhances pages that work without it. No library, no state, nothing that a page needs.
"use strict";

// What is shown later, in place of something else, is enhanced as well.
enhance(document);
document.addEventListener("shown", (event) => enhance(event.target));

function enhance(root) {
  // A table sorts by a click on a heading of its columns that is not a link, unless the server sorts it; numbers by value.
  for (const table of root.querySelectorAll(".table:not(.matrix, .sorted) table")) {
    const body = table.tBodies[0], headings = [...table.querySelectorAll("thead th")];
    if (!body || body.rows.length < 3) continue;
    headings.forEach((heading, place) => {
      if (heading.querySelector("a")) return;
      const button = document.createElement("button");
      button.className = "sort";
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => {
        const down = heading.getAttribute("aria-sort") === "ascending";
        const text = (row) => row.cells[place]?.querySelector("data")?.value ?? (row.cells[place]?.textContent ?? "").trim();
        const rows = [...body.rows].sort((a, b) => text(a).localeCompare(text(b), undefined, { numeric: true }));
        headings.forEach((other) => other.removeAttribute("aria-sort"));
        heading.setAttribute("aria-sort", down ? "descending" : "ascending");
        body.append(...(down ? rows.reverse() : rows));
      });
    });
  }

  // A text to be copied has a button, and so has a link to one, which is fetched.
  if (navigator.clipboard) {
    for (const text of root.querySelectorAll("pre > code, code.copied")) {
      offerCopy(text.parentElement, "Copy", async () => text.textContent);
    }
    for (const link of root.querySelectorAll("a[data-copied]")) {
      offerCopy(link, `Copy ${link.dataset.copied}`, async () => {
        const answer = await fetch(link.href);
        return answer.ok ? answer.text() : Promise.reject(answer.status);
      });
    }
  }

  // A name of the pair diagram shows its lines when pointed at.
  for (const diagram of root.querySelectorAll(".pairs")) {
    const show = (event) => {
      const name = event.type === "pointerover" || event.type === "focusin" ? event.target.closest("li a") : null;
      const joins = (line) => line.dataset.joins.split(" ").includes(name?.getAttribute("href"));
      diagram.classList.toggle("choosing", Boolean(name));
      for (const line of diagram.querySelectorAll("[data-joins]")) line.classList.toggle("lit", joins(line));
    };
    for (const type of ["pointerover", "pointerout", "focusin", "focusout"]) diagram.addEventListener(type, show);
  }
}

// Ctrl+Enter sends the form of a query, which says so where there are keys.
for (const words of document.querySelectorAll(".run [hidden]")) words.hidden = matchMedia("(pointer: coarse)").matches;
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea")) event.target.form?.requestSubmit();
});

function offerCopy(place, name, read) {
  const button = document.createElement("button");
  button.className = "copy quiet";
  button.textContent = name;
  button.addEventListener("click", async () => {
    const copied = new ClipboardItem({ "text/plain": read().then((text) => new Blob([text], { type: "text/plain" })) });
    button.textContent = await navigator.clipboard.write([copied]).then(() => "Copied", () => "Not copied");
  });
  place.after(button);
}

// Tick all rows.
for (const all of document.querySelectorAll("[data-ticks]")) {
  all.parentElement.hidden = false;
  all.onchange = () => {
    for (const row of document.getElementsByName("row")) row.checked = all.checked;
  };
}

// Work is asked about every second; its page is loaded at the next step.
for (const live of document.querySelectorAll("[data-live]")) {
  const bar = live.querySelector("progress"), words = live.querySelector(".rows");
  setInterval(async () => {
    const answer = await fetch(live.dataset.live).catch(() => null);
    if (answer?.redirected) location.reload(); // the session has ended
    const told = await answer?.json().catch(() => null);
    if (told && told.state !== live.dataset.state) location.reload();
    if (!told?.of) return;
    [bar.value, bar.max] = [told.rows, told.of];
    words.textContent = `${told.step ? `${told.step}: ` : ""}${told.rows} of ${told.of}`;
  }, 1000);
}
