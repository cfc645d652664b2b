// What the service knows of a query while it is written: completion, findings, formatting, and what stands at a place.
const OFFLINE = "Offline: no completion and no checks until the service answers again.";
const UNANSWERED = [204, 429, 503], // a newer request took its place, or the service is busy
  TRIES = 3, AGAIN_AFTER = 500; // milliseconds

export class Assistant {
  #latest = {};
  #before = Promise.resolve();

  /** Ask at an address for the form of a query, which names revision and scope; `say` gets a sentence, or none. */
  constructor(address, form, say) {
    this.address = address;
    this.form = form;
    this.say = say;
    addEventListener("offline", () => say(OFFLINE));
    addEventListener("online", () => say(""));
  }

  /**
   * Return the answer, or null: the newest request of a kind ends the older ones, and no answer stops the editor.
   *
   * One is sent at a time, since of those of a client that wait the service answers the newest alone.
   */
  ask(kind, text, more = {}, cut = new AbortController()) {
    this.#latest[kind]?.abort();
    this.#latest[kind] = cut;
    const body = JSON.stringify({ do: kind, text, ...more, ...this.#context() });
    const answer = this.#before.then(() => (cut.signal.aborted ? null : this.#send(kind, body, cut.signal)));
    this.#before = answer;
    return answer;
  }

  async #send(kind, body, signal) {
    const headers = { "Content-Type": "application/json", Accept: "application/json" };
    for (let tries = 1; tries <= TRIES && !signal.aborted; tries++) {
      try {
        const answer = await fetch(this.address, { method: "POST", headers, body, signal });
        if (!UNANSWERED.includes(answer.status)) {
          this.say(answer.ok || kind !== "format" ? "" : "This query cannot be formatted: it is not SPARQL yet.");
          return answer.ok ? await answer.json() : null;
        }
      } catch (error) {
        if (error.name !== "AbortError") this.say(OFFLINE);
        return null;
      }
      await new Promise((later) => setTimeout(later, AGAIN_AFTER));
    }
    return null;
  }

  #context() {
    const fields = new FormData(this.form), found = {};
    for (const name of ["at", "scope"]) if (fields.get(name)) found[name] = fields.get(name);
    return found;
  }
}
