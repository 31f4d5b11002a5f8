// Verifies a file without sending it: the browser computes its SHA-256 and asks for that alone. Where it cannot (an old browser,
// a page without HTTPS) the form is sent as it is, and the portal computes it.

const form = document.querySelector("form[data-verify]");

if (form && window.crypto?.subtle) {
  const input = form.querySelector("input[type=file]");
  const status = form.querySelector("[role=status]");
  const send = form.querySelector("[data-send]");
  const where = form.querySelector("[data-where]");
  // What the page says of the file's way is true of each browser: it travels unless this script runs.
  where.textContent = where.dataset.here;

  async function verify() {
    const [file] = input.files;
    const { saysReading, saysLarge, saysNone, saysUnreadable } = status.dataset;
    if (!file) {
      status.textContent = saysNone;
      return;
    }
    if (file.size > Number(form.dataset.largest)) {
      status.textContent = saysLarge;
      return;
    }
    status.textContent = saysReading;
    try {
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
      const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      window.location.assign(`${form.getAttribute("action")}?sha256=${sha256}#veredicto`);
    } catch {
      send.hidden = false;
      status.textContent = saysUnreadable;
    }
  }

  form.addEventListener("submit", (event) => {
    if (event.submitter === send) return;
    event.preventDefault();
    verify();
  });
  input.addEventListener("change", verify);
}
