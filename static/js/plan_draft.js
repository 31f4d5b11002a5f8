// Keeps what is typed in a long form (form[data-draft]) in the browser (drafts.js) until the portal shows it saved: a page that
// opens with the very words of the draft has them; otherwise they are offered. Without this script the button saves, as ever.

(() => {
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const { person, draft: name } = form.dataset;
  const key = `${person}:${name}:form`;
  const offer = form.querySelector("[data-draft-offer]");
  const left = form.querySelector("[data-draft-left]");
  const PAUSE = 400; // after the last key
  const PASSED_OVER = ["csrfmiddlewaretoken", "version", "seen"];
  let timer;

  function read() {
    const fields = [...new FormData(form)].filter(([field, value]) => typeof value === "string" && !PASSED_OVER.includes(field));
    return fields.filter(([field]) => !/(INITIAL|MIN_NUM|MAX_NUM|TOTAL)_?(FORMS)?$/.test(field));
  }

  const written = (fields) => JSON.stringify(fields.filter(([, value]) => value).sort());
  const loaded = written(read());

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => Drafts.put({ key, client: key, at: Date.now(), fields: read() }), PAUSE);
  });

  // Leaving at once after the last key keeps it too.
  addEventListener("pagehide", () => {
    if (written(read()) !== loaded) Drafts.put({ key, client: key, at: Date.now(), fields: read() });
  });

  function put(fields) {
    const homeless = [];
    const ticked = new Map();
    fields.forEach(([field, value]) => ticked.set(field, [...(ticked.get(field) ?? []), value]));
    [...form.elements].filter((control) => control.name && ["checkbox", "radio"].includes(control.type)).forEach((control) => {
      control.checked = (ticked.get(control.name) ?? []).includes(control.value);
    });
    fields.forEach(([field, value]) => {
      const control = form.elements.namedItem(field);
      if (!control) homeless.push(value);
      else if (!(control instanceof RadioNodeList) && !["checkbox", "radio"].includes(control.type)) control.value = value;
    });
    return homeless.filter(Boolean);
  }

  Drafts.of(person, name).then(([found]) => {
    if (!found) return;
    if (written(found.fields) === loaded) {
      Drafts.remove(found);
      return;
    }
    offer.hidden = false;
    form.querySelector("[data-draft-take]").addEventListener("click", () => {
      // Words of rows that this page does not have are shown, so that they can be copied.
      put(found.fields).forEach((value) => left.append(Object.assign(document.createElement("li"), { textContent: value })));
      offer.querySelectorAll("button").forEach((button) => (button.hidden = true));
      if (!left.children.length) offer.hidden = true;
    });
    form.querySelector("[data-draft-drop]").addEventListener("click", () => {
      Drafts.remove(found);
      offer.hidden = true;
    });
  });
})();
