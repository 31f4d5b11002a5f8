// Keeps what is typed in a long form (form[data-draft]) in the browser (drafts.js) until the portal has it. A draft belongs to a
// form, a person and a tab, and is forgotten when the answer to its save names it (?guardado=), or when the page opens with the very
// same words; otherwise it is offered. Without this script the button saves, as ever.

(() => {
  const saved = new URLSearchParams(location.search).get("guardado");
  const forgetSaved = (drafts) => drafts.filter(({ client }) => client === saved).forEach((draft) => Drafts.remove(draft));
  if (saved) history.replaceState(null, "", location.pathname);

  // A page to which a save leads, beside the forms: what was saved is forgotten there.
  const around = document.querySelector("[data-drafts]");
  if (around && saved) Drafts.of(around.dataset.person, around.dataset.drafts).then(forgetSaved);

  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const { person, draft: name } = form.dataset;
  const offer = form.querySelector("[data-draft-offer]");
  const left = form.querySelector("[data-draft-left]");
  const client = form.elements.client.value || crypto.randomUUID?.() || String(Date.now());
  const key = `${person}:${name}:${client}`;
  const ofThePage = new Set(["csrfmiddlewaretoken", "version", "seen", "client"]);
  form.querySelectorAll("[data-of-page]").forEach((control) => ofThePage.add(control.name));
  form.elements.client.value = client;

  const read = () => [...new FormData(form)].filter(([field, value]) => typeof value === "string" && !ofThePage.has(field));

  // The words alone: rows change their places when they are saved, and new ones get what the portal adds to them. The reason of a
  // change is kept too, but a page never opens with it.
  function words(fields) {
    const said = fields.filter(([field, value]) => value.trim() && !/^reason$|-(ORDER|key|weight|TOTAL_FORMS|INITIAL_FORMS|MIN_NUM_FORMS|MAX_NUM_FORMS)$/.test(field));
    return JSON.stringify(said.map(([field, value]) => [field.replace(/-\d+-/, "-"), value.trim()]).sort());
  }

  const loaded = words(read());
  const put = () => Drafts.put({ key, client, at: Date.now(), fields: read() });

  form.addEventListener("input", put);

  // Words of rows that this page does not have are given back, to be shown and copied.
  function bringBack(fields) {
    const chosen = new Set(fields.map(([field, value]) => `${field}=${value}`));
    const homeless = [];
    [...form.elements].filter(({ type }) => ["checkbox", "radio"].includes(type)).forEach((control) => {
      control.checked = chosen.has(`${control.name}=${control.value}`);
    });
    fields.forEach(([field, value]) => {
      const control = form.elements.namedItem(field);
      if (!control) homeless.push(value);
      else if (!(control instanceof RadioNodeList) && !["checkbox", "radio"].includes(control.type)) control.value = value;
    });
    return homeless.filter((value) => value.trim());
  }

  // One after the other, the newest first: each tab kept its own.
  function offerNext(drafts) {
    const found = drafts.pop();
    offer.hidden = !found && !left.children.length;
    if (!found) return offer.querySelectorAll("button").forEach((button) => (button.hidden = true));
    form.querySelector("[data-draft-take]").onclick = () => {
      bringBack(found.fields).forEach((value) => left.append(Object.assign(document.createElement("li"), { textContent: value })));
      put().then(() => Drafts.remove(found));
      offerNext([]);
    };
    form.querySelector("[data-draft-drop]").onclick = () => {
      Drafts.remove(found);
      offerNext(drafts);
    };
  }

  Drafts.of(person, name).then((drafts) => {
    const isKept = (draft) => draft.client === saved || words(draft.fields) === loaded;
    drafts.filter(isKept).forEach((draft) => Drafts.remove(draft));
    if ("unsaved" in form.dataset) put(); // the portal sent back what it did not take
    else offerNext(drafts.filter((draft) => !isKept(draft)));
  });
})();
