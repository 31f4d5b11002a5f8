// Keeps what a signed-in person writes in any form with a long text in the browser (drafts.js) until the portal has it. A draft
// belongs to a person, a form (its address and first long text, or data-draft) and a tab. It is forgotten when a cookie names it
// (accounts.middleware.NamesSavedDraft), or when the page opens with the very same words; otherwise it is offered. Without this
// script the button saves, as ever. Forms that save each answer by itself have their own scripts (filling.js, review_drafts.js).

(async () => {
  const { person, sent } = document.currentScript.dataset;
  const SAVED = /(?:^|; )guardado_([-0-9a-f]{8,40})=/g;
  const saved = [...document.cookie.matchAll(SAVED)].map(([, client]) => client);
  saved.forEach((client) => (document.cookie = `guardado_${client}=; path=/; max-age=0; samesite=lax`));

  const OF_THE_PORTAL = /-(ORDER|key|weight|TOTAL_FORMS|INITIAL_FORMS|MIN_NUM_FORMS|MAX_NUM_FORMS)$/;
  const IS_CHOSEN = ["checkbox", "radio"];
  const forms = [];

  // Hidden fields are of this very page, save those of rows.
  const isOfThePage = ({ name, type }) =>
    !name || type === "password" || type === "file" || (type === "hidden" && !/-\d+-(ORDER|key)$/.test(name));

  // The words alone: rows change their places when they are saved, and new ones get what the portal adds to them.
  function words(fields) {
    const said = fields.filter(([field, value]) => value.trim() && !OF_THE_PORTAL.test(field));
    return JSON.stringify(said.map(([field, value]) => [field.replace(/-\d+-/, "-"), value.trim().replace(/\r\n/g, "\n")]).sort());
  }

  class Form {
    constructor(form, long) {
      const address = new URL(form.getAttribute("action") || "", location.href).pathname;
      this.form = form;
      this.start = `${person}:form:${address}:${form.dataset.draft ?? long.name}:`;
      this.loaded = words(this.read());
      this.begun = false;
      this.taken = []; // the drafts whose words stand in this form now
      this.named = document.createElement("input");
      Object.assign(this.named, { type: "hidden", name: "client" });
      form.append(this.named);
      this.is(crypto.randomUUID?.() ?? `${Date.now()}-${Math.floor(Math.random() * 1e9)}`);
      // A choice alone is no words; with them it is kept too.
      form.addEventListener("input", ({ target }) => {
        this.begun = this.begun || !["checkbox", "select-one", "select-multiple", "file"].includes(target.type);
        if (this.begun) this.put();
      });
    }

    controls() {
      return [...this.form.elements].filter((control) => !isOfThePage(control));
    }

    read() {
      const own = new Set(this.controls().map(({ name }) => name));
      return [...new FormData(this.form)].filter(([field, value]) => typeof value === "string" && own.has(field));
    }

    is(client) {
      this.client = this.named.value = client;
    }

    put() {
      const files = [...this.form.elements].flatMap((control) => [...(control.files ?? [])].map(({ name }) => name));
      return Drafts.put({ key: this.start + this.client, client: this.client, at: Date.now(), fields: this.read(), files, taken: this.taken });
    }

    // Words of rows that this page does not have are given back, to be shown and copied.
    bringBack(fields) {
      const chosen = new Set(fields.map(([field, value]) => `${field}=${value}`));
      this.controls().forEach((control) => {
        if (IS_CHOSEN.includes(control.type)) control.checked = chosen.has(`${control.name}=${control.value}`);
        if (control.type === "select-multiple") [...control.options].forEach((each) => (each.selected = chosen.has(`${control.name}=${each.value}`)));
      });
      return fields.filter(([field, value]) => {
        const control = this.form.elements.namedItem(field);
        if (!control) return value.trim() && !OF_THE_PORTAL.test(field);
        if (!(control instanceof RadioNodeList) && ![...IS_CHOSEN, "select-multiple"].includes(control.type)) control.value = value;
        return false;
      });
    }

    // One after the other, the newest first: each tab kept its own.
    offer(drafts) {
      const found = drafts.pop();
      if (!found) return this.shown?.remove();
      if (!this.shown) {
        this.form.prepend(document.querySelector("template[data-draft-template]").content.cloneNode(true));
        this.shown = this.form.querySelector("[data-draft-offer]");
        for (let fold = this.form.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
      }
      const list = (place, texts) => {
        place.hidden = !texts.length;
        place.querySelector("[data-draft-list]").replaceChildren(...texts.map((textContent) => Object.assign(document.createElement("li"), { textContent })));
      };
      const part = (name) => this.shown.querySelector(`[data-draft-${name}]`);
      list(part("files"), found.files ?? []);
      part("take").onclick = () => {
        const left = this.bringBack(found.fields).map(([, value]) => value);
        list(part("left"), left);
        this.begun = true;
        this.taken.push({ client: found.client, at: found.at }, ...(found.taken ?? []));
        this.put().then(() => Drafts.remove(found));
        this.shown.querySelectorAll("[data-draft-ask]").forEach((each) => (each.hidden = true));
        if (!left.length && !found.files?.length) this.shown.remove();
        this.form.querySelector("textarea")?.focus();
      };
      part("drop").onclick = () => {
        Drafts.remove(found);
        this.offer(drafts);
      };
    }

    // What the portal sent back in the form is not in the portal yet: it stays this tab's draft.
    open(drafts) {
      const own = drafts.filter(({ key }) => key.startsWith(this.start));
      const same = own.filter((draft) => words(draft.fields) === this.loaded);
      if (!this.begun && same.some(({ client }) => client === sent)) {
        this.is(sent);
        this.begun = true;
      }
      same.filter(({ client }) => client !== this.client).forEach((draft) => Drafts.remove(draft));
      this.offer(own.filter((draft) => !same.includes(draft) && draft.client !== this.client));
    }
  }

  document.querySelectorAll("main form[method=post]:not([data-filling], [data-review])").forEach((form) => {
    const long = [...form.elements].find(({ type }) => type === "textarea");
    if (long) forms.push(new Form(form, long));
  });
  // A page that asks once more before it does what was written on the page before.
  if (sent && !forms.length) {
    document.querySelectorAll("main form[method=post]").forEach((form) => {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "client", value: sent }));
    });
  }
  if (!forms.length && !saved.length) return;

  const kept = await Drafts.of(person, "form");
  // A page may go before it has removed what it took; what its tab wrote after that is not gone.
  const taken = kept.flatMap((draft) => draft.taken ?? []);
  const isGone = (draft) => saved.includes(draft.client) || taken.some(({ client, at }) => client === draft.client && draft.at <= at);
  kept.filter(isGone).forEach((draft) => Drafts.remove(draft));
  forms.forEach((form) => form.open(kept.filter((draft) => !isGone(draft))));
})();
