// What a reviewer judged and has not saved yet is kept in the browser (drafts.js), shown again after a reload or a session that
// ended, and forgotten when the portal has confirmed it or the person discards it. Needs review.js for the state of saving.

(() => {
  const form = document.querySelector("form[data-review]");
  const { person, diagnostic } = form.dataset;
  const notice = document.querySelector("template[data-draft-notice]");
  const FIELDS = ["opinion", "reason", "proposed", "note"];
  const stands = new Map(); // by question, what the portal has
  const drafts = new Map();
  const sent = new Map();

  function control(question, field) {
    return form.elements[`${question}-${field}`];
  }

  function typed(question) {
    return Object.fromEntries(FIELDS.map((field) => [field, control(question, field)?.value ?? ""]));
  }

  function write(question, fields) {
    FIELDS.forEach((field) => {
      const found = control(question, field);
      if (found instanceof RadioNodeList) found.forEach((radio) => (radio.checked = radio.value === fields[field]));
      else if (found) found.value = fields[field];
    });
  }

  function isSame(one, other) {
    return FIELDS.every((field) => one[field] === other[field]);
  }

  function keep(question) {
    const fields = typed(question);
    if (isSame(fields, stands.get(question))) return forget(question);
    const draft = {
      key: `${person}:review-${diagnostic}:${question}`,
      client: `${Date.now()}-${Math.random()}`,
      at: Date.now(),
      question,
      version: control(question, "version").value,
      fields,
    };
    drafts.set(question, draft);
    Drafts.put(draft);
    tell("kept");
  }

  function forget(question) {
    const draft = drafts.get(question);
    drafts.delete(question);
    if (draft) Drafts.remove(draft);
    document.getElementById(question).querySelector("[data-draft]")?.remove();
  }

  function restore(draft) {
    const { question } = draft;
    const judge = document.getElementById(question).querySelector(".judge");
    write(question, draft.fields);
    judge.open = true;
    const shown = notice.content.cloneNode(true);
    shown.querySelector("time").textContent = new Date(draft.at).toLocaleString("es-CL", { day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });
    shown.querySelector("[data-changed]").hidden = draft.version === control(question, "version").value;
    shown.querySelector("button").addEventListener("click", () => {
      write(question, stands.get(question));
      forget(question);
      judge.querySelector("input[type=radio]").focus();
      if (!drafts.size) tell("idle");
    });
    judge.querySelector("summary").after(shown);
  }

  form.addEventListener("input", (event) => {
    if (event.target.closest(".judge")) keep(event.target.closest("[data-answer]").id);
  });

  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const question = event.detail.elt.closest("[data-answer]")?.id;
    if (question) sent.set(question, drafts.get(question)?.client);
  });

  // The answer was shown again by the portal: what was typed while it was on its way is put back.
  document.body.addEventListener("htmx:afterSettle", (event) => {
    const question = event.detail.requestConfig?.elt.value;
    if (!sent.has(question)) return;
    const before = sent.get(question);
    sent.delete(question); // the count of the page settles too, and says nothing of the answer
    if (event.detail.xhr.status === 200) stands.set(question, typed(question));
    const draft = drafts.get(question);
    if (draft && draft.client !== before) restore(draft);
    else if (event.detail.xhr.status === 200) forget(question);
  });

  form.querySelectorAll("[data-answer]").forEach((element) => stands.set(element.id, typed(element.id)));
  Drafts.of(person, `review-${diagnostic}`).then((found) => {
    found
      .filter((draft) => stands.has(draft.question) && !drafts.has(draft.question))
      .forEach((draft) => {
        if (isSame(draft.fields, stands.get(draft.question))) return Drafts.remove(draft);
        drafts.set(draft.question, draft);
        restore(draft);
        tell("kept");
      });
  });
})();
