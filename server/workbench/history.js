// The last queries that were run, in this browser alone.
const KEY = "citykg.history", MOST = 20, LONGEST = 30_000;

export class History {
  /** The queries, newest first, each with when it was run. */
  get entries() {
    try {
      return JSON.parse(localStorage.getItem(KEY) ?? "[]");
    } catch { // no storage, or another's text in it
      return [];
    }
  }

  add(text) {
    if (text.trim() && text.length <= LONGEST) this.#keep([{ text, at: Date.now() }, ...this.#without(text)].slice(0, MOST));
  }

  remove(text) {
    this.#keep(this.#without(text));
  }

  clear() {
    this.#keep([]);
  }

  #without(text) {
    return this.entries.filter((entry) => entry.text !== text);
  }

  #keep(entries) {
    try {
      localStorage.setItem(KEY, JSON.stringify(entries));
    } catch { /* no storage, or it is full: there is no history then */ }
  }
}
