// Saves each answer of a section by itself (form[data-filling]). What is typed is first kept in the browser (drafts.js), then sent,
// and forgotten there only when the portal has confirmed it. Without this script the button saves the section.

(() => {
  const form = document.querySelector("form[data-filling]");
  if (!form) return;
  const { person, diagnostic } = form.dataset;
  const state = form.querySelector("[data-state]");
  const signin = form.querySelector("[data-signin]");
  const others = form.querySelector("[data-others]");
  const panel = document.querySelector("template[data-conflict-panel]");
  const PAUSE = 800; // after the last key
  const LONGEST_WAIT = 30_000;
  const LONGEST_SEND = 20_000;
  const questions = new Map();
  let savedAt = "";
  let signedOut = false;
  let elsewhere = 0;

  function uuid() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
  }

  const TAB = uuid();

  // A tab holds a lock by its name as long as it lives: the drafts of a tab that is gone are taken over, by one other tab.
  const held = new Set();

  function hold(tab) {
    if (!navigator.locks || held.has(tab)) return Promise.resolve(true);
    return new Promise((resolve) => {
      navigator.locks
        .request(`tab:${tab}`, { ifAvailable: true }, (lock) => {
          if (lock) held.add(tab);
          resolve(Boolean(lock));
          return lock && new Promise(() => {});
        })
        .catch(() => resolve(true));
    });
  }

  function token() {
    const found = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
    return found ? found[1] : form.elements.csrfmiddlewaretoken.value;
  }

  // Not `AbortSignal.timeout`: telephones of before 2022 lack it, and without a signal nothing would ever be sent.
  function within(time) {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), time);
    return controller.signal;
  }

  function post(url, fields, options = {}) {
    const body = new URLSearchParams({ person });
    Object.entries(fields).forEach(([name, value]) => [value].flat().forEach((each) => body.append(name, each)));
    return fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token() }, redirect: "manual", ...options });
  }

  function send(draft, options) {
    const { value, text, is_na, confidence, known } = draft.fields;
    const fields = { value, text, confidence, version: draft.base, client_id: draft.client, tab: draft.tab, sequence: draft.sequence };
    return post(draft.url, { ...fields, ...(is_na && { is_na: "on" }), ...(known && { known: 1 }) }, options);
  }

  async function understood(response) {
    const type = response.headers.get("Content-Type") ?? "";
    return type.includes("json") ? { status: response.status, ...(await response.json()) } : { state: "failed", status: response.status };
  }

  // The state of saving, in one place.
  function tell() {
    const all = [...questions.values()];
    const waiting = all.filter((question) => question.draft);
    let name = savedAt ? "saved" : "idle";
    if (elsewhere) name = "elsewhere";
    if (waiting.length) name = "busy";
    if (waiting.some((question) => question.failures)) name = "failed";
    if (all.some((question) => question.refused)) name = "refused";
    if (all.some((question) => question.conflict)) name = "conflict";
    if (signedOut) name = "signed_out";
    const text = name === "saved" ? `${state.dataset.saved} ${savedAt}` : state.dataset[name];
    if (state.textContent !== text) state.textContent = text;
    form.querySelector("[data-saving]").dataset.saving = name;
    signin.hidden = !signedOut;
  }

  class Question {
    constructor(element) {
      this.element = element;
      this.id = element.dataset.question;
      this.version = Number(element.dataset.version);
      this.controls = [...element.querySelectorAll("[data-field]")];
      this.tab = TAB;
      this.sequence = 0;
      this.draft = null; // what the portal has not confirmed
      this.sending = null;
      this.conflict = null;
      this.refused = false;
      this.failures = 0;
      element.addEventListener("input", (event) => {
        this.edited();
        this.soon(event.target.matches("textarea, input:not([type=radio], [type=checkbox])") ? PAUSE : 0);
      });
    }

    read() {
      const of = (name) => this.controls.filter((control) => control.dataset.field === name);
      const chosen = (control) => !["radio", "checkbox"].includes(control.type) || control.checked;
      return {
        value: of("value").filter(chosen).map((control) => control.value).filter(Boolean),
        text: of("text")[0].value,
        is_na: of("is_na").some((control) => control.checked),
        confidence: of("confidence")[0].value,
      };
    }

    write({ value, text, is_na, confidence }) {
      this.controls.forEach((control) => {
        const { field } = control.dataset;
        if (field === "is_na") control.checked = is_na;
        else if (field === "text") control.value = text;
        else if (field === "confidence") control.value = confidence;
        else if (control.type === "radio") control.checked = control.value === (value[0] ?? "");
        else if (control.type === "checkbox") control.checked = value.includes(control.value);
        else control.value = value[0] ?? "";
      });
      this.compare();
    }

    // `known`: the answer is the one that the portal offered.
    edited({ known = false } = {}) {
      this.sequence += 1;
      this.draft = {
        key: `${person}:${diagnostic}:${this.id}:${this.tab}`,
        question: this.id,
        url: this.element.dataset.url,
        tab: this.tab,
        sequence: this.sequence,
        client: uuid(),
        base: this.version,
        fields: { ...this.read(), known },
        at: Date.now(),
      };
      Drafts.put(this.draft);
      this.compare();
      tell();
    }

    useKnown() {
      const { known, knownWords } = this.element.querySelector("[data-known]").dataset;
      const fields = this.read();
      this.write({ ...fields, value: [known], is_na: false, text: fields.text || knownWords });
      this.edited({ known: true });
      this.controls.find((control) => control.dataset.field === "value" && (control.checked || control.type === "text"))?.focus();
    }

    // What the portal knows is offered while the answer is another one.
    compare() {
      const offer = this.element.querySelector("[data-known]");
      if (!offer) return;
      const { value, is_na } = this.read();
      offer.hidden = !is_na && value[0] === offer.dataset.known;
      offer.querySelector("[data-known-differs]").hidden = !is_na && !value.length;
    }

    // Take over what a tab that is gone could not send.
    adopt(draft) {
      this.tab = draft.tab;
      this.sequence = draft.sequence;
      this.version = draft.base;
      this.draft = draft;
      this.write(draft.fields);
      this.element.hidden = false;
      this.soon(0);
      tell();
    }

    soon(wait) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.save(), wait);
    }

    // One save of a question at a time.
    async save() {
      if (!this.draft || this.sending || this.conflict) return;
      const sent = (this.sending = this.draft);
      let answer = { state: "failed" };
      try {
        answer = await understood(await send(sent, { signal: within(LONGEST_SEND) }));
      } catch {
        // No network, or the portal went away in the middle: it is sent again, and counts once.
      }
      this.sending = null;
      this.heard(answer, sent);
      tell();
    }

    heard(answer, sent) {
      const handler = { saved: this.saved, superseded: this.saved, conflict: this.conflicted, closed: this.said, impossible: this.said };
      if (answer.state !== "signed_out" && answer.state !== "other_person" && answer.status) signedOut = false;
      if (handler[answer.state]) {
        this.failures = 0;
        handler[answer.state].call(this, answer, sent);
      } else if (answer.status === 401) {
        signedOut = true;
        this.soon(LONGEST_WAIT);
      } else if (answer.state === "forbidden" || answer.state === "unknown") {
        this.problem(answer.reason);
      } else {
        if (answer.status === 403) meet(); // the token of the form is an old one
        this.failures += 1;
        this.soon(Math.min(LONGEST_WAIT, 500 * 2 ** this.failures));
      }
    }

    saved(answer, sent) {
      this.problem("");
      this.version = answer.version;
      savedAt = answer.at;
      Drafts.remove(sent);
      if (this.draft === sent) {
        this.draft = null;
        if (answer.standing) {
          // The same save had arrived before, and someone wrote after it.
          this.version = answer.standing.version;
          this.write(answer.standing);
        }
        this.element.querySelector("[data-when]").textContent = `${answer.standing?.who ?? answer.who}, ${answer.at}`;
        this.element.querySelector("[data-to-confirm]")?.remove();
      } else {
        this.draft.base = this.version;
        Drafts.put(this.draft);
        this.soon(0);
      }
      show(answer);
    }

    // The portal has the text among its revisions, and this is why it is not the answer.
    said(answer, sent) {
      if (answer.state === "closed") Drafts.remove(sent);
      if (this.draft !== sent) return this.soon(0);
      if (answer.state === "closed") this.draft = null;
      this.problem(answer.reason);
    }

    problem(reason) {
      const place = this.element.querySelector("[data-problem]");
      this.refused = Boolean(reason);
      place.hidden = !reason;
      place.textContent = reason;
    }

    conflicted(answer) {
      const shown = panel.content.firstElementChild.cloneNode(true);
      const fill = (name, text) => (shown.querySelector(`[data-${name}]`).textContent = text);
      this.conflict = answer;
      fill("reason", answer.reason);
      fill("who", answer.theirs.who);
      fill("at", answer.theirs.at);
      fill("said", answer.theirs.said);
      fill("text", answer.theirs.text);
      shown.addEventListener("click", (event) => {
        const keep = event.target.closest("[data-keep]")?.dataset.keep;
        if (keep === "theirs") this.keepTheirs();
        else if (keep) this.keepMine(keep === "both");
      });
      this.element.querySelector("[data-conflict]").replaceChildren(shown);
    }

    settle(version) {
      this.version = version;
      this.conflict = null;
      this.element.querySelector("[data-conflict]").replaceChildren();
      tell();
    }

    keepMine(joined) {
      const { theirs, version } = this.conflict;
      this.settle(version);
      if (joined) {
        const fields = this.read();
        this.write({ ...fields, text: [fields.text, theirs.text].filter(Boolean).join("\n\n") });
        this.controls.find((control) => control.dataset.field === "text").focus();
      }
      this.edited();
      this.soon(0);
    }

    // Mine goes once more from where it started, so that its last letter is kept among the revisions before it leaves the page.
    async keepTheirs() {
      const sent = this.draft;
      let answer = { state: "failed" };
      try {
        answer = await understood(await send(sent));
      } catch {
        // Nothing was decided: the panel stays.
      }
      if (this.draft !== sent || !["conflict", "saved"].includes(answer.state)) return this.heard(answer, sent);
      Drafts.remove(sent);
      this.draft = null;
      if (answer.theirs) this.write(answer.theirs);
      this.settle(answer.version);
    }
  }

  function show({ shown, progress }) {
    questions.forEach((question) => (question.element.hidden = !shown.includes(question.id)));
    Object.entries(progress).forEach(([name, sentence]) => {
      document.querySelectorAll(`[data-progress=${name}]`).forEach((place) => (place.textContent = sentence));
    });
  }

  // What waits from tabs that are gone, of this section or another: the newest of a question is taken up, the rest is sent.
  async function recover() {
    const waiting = new Map();
    const found = await Drafts.of(person, diagnostic);
    elsewhere = 0;
    for (const draft of found) {
      const isMine = [TAB, questions.get(draft.question)?.tab].includes(draft.tab);
      if (!isMine && (await hold(draft.tab))) waiting.set(draft.question, [...(waiting.get(draft.question) ?? []), draft]);
    }
    for (const [id, drafts] of waiting) {
      const question = questions.get(id);
      const newest = question && !question.draft ? drafts.pop() : null;
      for (const draft of drafts) await pass(draft);
      if (newest) question.adopt(newest);
    }
    tell();
  }

  async function pass(draft) {
    try {
      const { state: outcome } = await understood(await send(draft));
      const isHere = questions.has(draft.question);
      if (["saved", "superseded", "closed", ...(isHere ? ["conflict", "impossible"] : [])].includes(outcome)) return Drafts.remove(draft);
    } catch {
      // It stays where it is.
    }
    elsewhere += 1;
  }

  function sendAll() {
    questions.forEach((question) => {
      if (question.draft) question.soon(0);
    });
  }

  // Who else is here; and whether the session still is.
  async function meet() {
    try {
      const response = await post(form.dataset.presence, { tab: TAB });
      const answer = await understood(response);
      if (answer.status === 401) {
        signedOut = true;
      } else if (answer.others) {
        const was = signedOut;
        signedOut = false;
        others.textContent = [
          answer.others.length ? `${others.dataset.one} ${answer.others.join(", ")}.` : "",
          answer.own ? others.dataset.own : "",
        ].join(" ").trim();
        if (was) sendAll();
      }
      tell();
    } catch {
      // The next one will tell.
    }
  }

  form.querySelectorAll("[data-question]").forEach((element) => questions.set(element.dataset.question, new Question(element)));
  hold(TAB);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const asked = questions.get(event.submitter?.name === "confirm" ? event.submitter.value : "");
    asked?.edited();
    if (event.submitter?.name === "known") questions.get(event.submitter.value).useKnown();
    sendAll();
  });
  window.addEventListener("online", () => {
    sendAll();
    meet();
    recover();
  });
  window.addEventListener("focus", () => signedOut && meet());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") sendAll();
    else meet();
  });
  // The last words, sent while the page goes away. They stay in the browser until a page hears that they arrived.
  window.addEventListener("pagehide", () => {
    questions.forEach(({ draft, conflict }) => {
      if (draft && !conflict) send(draft, { keepalive: true }).catch(() => {});
    });
    post(form.dataset.presence, { tab: TAB, leaving: 1 }, { keepalive: true }).catch(() => {});
  });
  setInterval(() => {
    if (document.visibilityState !== "visible") return;
    meet();
    recover();
  }, 20_000);
  setTimeout(recover, 2_000); // a page that is being loaded again lets go of its tab a little late
  recover();
  meet();
  tell();
})();
