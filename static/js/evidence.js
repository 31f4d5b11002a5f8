// The evidence of each question within its section (templates/diagnostics/evidence/_block.html): a file is dropped anywhere on the
// question, an address pasted, a piece of the library chosen. Only the list of that question is put anew; what is typed stays.

(() => {
  const words = document.querySelector("template[data-evidence-words]")?.dataset;
  if (!words) return;
  const LARGEST = 20 * 1024 * 1024;
  const SILENCE = 60_000; // a line that carries nothing for so long is taken for dead
  const PAUSE = 300; // after the last key
  const LOOK_AGAIN = 3_000;
  const LOOKS = 20;

  function uuid() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
  }

  function token() {
    const found = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
    return found ? found[1] : document.querySelector("input[name=csrfmiddlewaretoken]").value;
  }

  // The part of a page that was asked for, or nothing when something else came: the page of signing in, an error, a cut-off text.
  function answered(text) {
    return new DOMParser().parseFromString(text, "text/html").querySelector("[data-evidence-answer]");
  }

  // A copy of the room to add evidence, its names made those of the question (templates/diagnostics/evidence/_room.html).
  function roomFor(question) {
    const copy = document.querySelector("template[data-evidence-room]").content.cloneNode(true);
    ["id", "for", "aria-describedby"].forEach((name) =>
      copy.querySelectorAll(`[${name}]`).forEach((part) => part.setAttribute(name, `${question.id}-${part.getAttribute(name)}`)),
    );
    const text = ` ${question.querySelector("h3").textContent}`;
    copy.querySelectorAll("[data-evidence-question]").forEach((part) => (part.textContent = text));
    return copy;
  }

  class Evidence {
    constructor(block) {
      const part = (name) => block.querySelector(`[data-evidence-${name}]`);
      block.append(roomFor(block.closest("[data-question]")));
      this.block = block;
      this.url = block.dataset.evidence;
      this.list = part("list");
      this.file = part("file");
      this.address = part("url");
      this.sending = part("sending");
      this.failed = part("failed");
      this.choices = part("choices");
      this.waiting = null; // what was sent and got no answer: sent again it has the same key, and counts once
      this.request = null;
      this.looks = 0;
      part("plain").hidden = true;
      this.room = part("add");
      this.room.open = "evidenceAsked" in block.dataset;
      // The form of the section saves what is typed in its answers, not this.
      block.addEventListener("input", (event) => event.stopPropagation());
      this.file.addEventListener("change", () => this.file.files.length && this.take(this.file.files[0]));
      part("send").addEventListener("click", () => this.link());
      this.address.addEventListener("keydown", (event) => this.onEnter(event, () => this.link()));
      part("stop").addEventListener("click", () => this.request?.abort());
      part("again").addEventListener("click", () => this.send(this.waiting));
      part("library").addEventListener("toggle", (event) => event.target.open && this.seek());
      this.sought = part("seek");
      this.sought.addEventListener("input", () => {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.seek(), PAUSE);
      });
      this.sought.addEventListener("keydown", (event) => this.onEnter(event, () => this.seek()));
      block.addEventListener("click", (event) => {
        const button = event.target.closest("[data-evidence-do]");
        if (button) this.send({ what: button.dataset.evidenceDo, key: button.dataset.key });
      });
      window.addEventListener("online", () => this.waiting && this.send(this.waiting));
      this.listen();
      this.reveal();
    }

    onEnter(event, work) {
      if (event.key !== "Enter") return;
      event.preventDefault();
      work();
    }

    // A file dropped anywhere on the question is meant for it.
    listen() {
      const question = this.block.closest("[data-question]");
      question.addEventListener("drop", (event) => {
        if (event.defaultPrevented || !event.dataTransfer.files.length) return;
        event.preventDefault();
        this.take(event.dataTransfer.files[0]);
      });
    }

    take(file) {
      if (file.size > LARGEST) return this.fail(words.large, false);
      this.send({ what: "add", key: uuid(), file });
    }

    link() {
      const url = this.address.value.trim();
      if (!url) return this.address.focus();
      this.send({ what: "add", key: this.waiting?.url === url ? this.waiting.key : uuid(), url });
    }

    send(fields) {
      if (this.request || !fields) return;
      const body = new FormData();
      Object.entries(fields).forEach(([name, value]) => body.append(name, value));
      const request = (this.request = new XMLHttpRequest());
      const bar = this.sending.querySelector("progress");
      let silence;
      const alive = () => {
        clearTimeout(silence);
        silence = setTimeout(() => request.abort(), SILENCE);
      };
      const end = (work) => {
        clearTimeout(silence);
        this.request = null;
        this.sending.hidden = true;
        work();
      };
      this.waiting = fields;
      this.room.open = true;
      this.failed.hidden = true;
      this.sending.hidden = !fields.file;
      bar.value = 0;
      request.upload.addEventListener("progress", (event) => {
        alive();
        if (event.lengthComputable) bar.value = (event.loaded / event.total) * 100;
      });
      request.addEventListener("load", () => end(() => this.heard(request)));
      request.addEventListener("error", () => end(() => this.fail(words.network, true)));
      request.addEventListener("abort", () => end(() => this.fail(words.stopped, true)));
      request.open("POST", `${this.url}?parte=lista`);
      request.setRequestHeader("X-CSRFToken", token());
      alive();
      request.send(body);
    }

    heard(request) {
      const part = answered(request.responseText);
      if (!part) {
        const isSignIn = new URL(request.responseURL || location.href).pathname !== this.url;
        return this.fail(isSignIn ? words.session : request.status === 413 ? words.large : words.server, request.status !== 413);
      }
      const { what, url } = this.waiting;
      this.waiting = null;
      this.put(part);
      if (request.status === 200 && url && this.address.value.trim() === url) this.address.value = "";
      if (what === "add") this.file.value = "";
      if (what !== "add" || request.status === 200) this.seek();
    }

    // The file and the address stay where they are; only a person, or the network that returns, sends them again.
    fail(text, mayTryAgain) {
      this.room.open = true;
      this.failed.hidden = false;
      this.failed.querySelector("p").textContent = text;
      this.failed.querySelector("button").hidden = !mayTryAgain;
      if (!mayTryAgain) {
        this.waiting = null;
        this.file.value = "";
      }
    }

    put(part) {
      this.list.replaceChildren(part);
      this.reveal();
    }

    reveal() {
      this.list.querySelectorAll("button[hidden]").forEach((button) => (button.hidden = false));
      if (this.list.querySelector("[data-evidence-waiting]") && this.looks < LOOKS) {
        this.looks += 1;
        setTimeout(() => this.look(), LOOK_AGAIN);
      }
    }

    // A file that a worker is scanning: its state is asked again until it is known.
    async look() {
      const part = await this.ask("lista");
      if (part && !this.request) this.put(part);
      else if (!this.request) this.reveal();
    }

    async seek() {
      if (!this.block.querySelector("[data-evidence-library]").open) return;
      const text = this.sought.value;
      const part = await this.ask("biblioteca", text);
      if (text !== this.sought.value) return;
      if (part) this.choices.replaceChildren(part);
      else this.choices.textContent = words.network;
    }

    async ask(name, text = "") {
      try {
        const query = new URLSearchParams({ parte: name, buscar: text });
        return answered(await (await fetch(`${this.url}?${query}`)).text());
      } catch {
        return null;
      }
    }
  }

  document.querySelectorAll("[data-evidence]").forEach((block) => {
    if ("evidenceChange" in block.dataset) new Evidence(block);
  });
  // A file that misses its question must not replace the page, and all that is typed in it.
  ["dragover", "drop"].forEach((name) =>
    document.addEventListener(name, (event) => event.dataTransfer?.types.includes("Files") && event.preventDefault()),
  );
})();
