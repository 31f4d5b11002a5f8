// The page of a review: one answer is sent at a time (htmx), the state of saving is always visible, and keys move through it.
// Without this script any button saves all that was judged.

const KEYS = "desk-keys";
const form = document.querySelector("form[data-review]");
const bar = form.querySelector("[data-saving]");
const state = bar.querySelector("[data-state]");

function tell(name) {
  const time = new Date().toLocaleTimeString("es-CL", { hour: "2-digit", minute: "2-digit", hour12: false });
  bar.dataset.saving = name;
  state.textContent = state.dataset[name] + (name === "saved" ? ` ${time}` : "");
}
tell("idle");

let sent = null;
document.body.addEventListener("htmx:beforeRequest", (event) => {
  sent = event.target.closest("[data-answer]");
  tell("busy");
});
document.body.addEventListener("htmx:sendError", () => tell("failed"));
document.body.addEventListener("htmx:timeout", () => tell("failed"));
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  const isAnswer = xhr.responseText.includes(`id="${sent?.id}"`) && xhr.responseText.includes("data-answer");
  if (isAnswer && (xhr.status === 200 || xhr.status === 422)) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
    tell(xhr.status === 200 ? "saved" : "refused");
    return;
  }
  // The page of signing in, or of a fault: nothing of what was typed is replaced by it.
  event.detail.shouldSwap = false;
  tell(xhr.status === 200 ? "signed_out" : "failed");
});
document.body.addEventListener("htmx:afterSettle", () => {
  if (sent?.id) document.getElementById(sent.id)?.focus({ preventScroll: true });
});

const use = document.querySelector("[data-use-keys]");
use.checked = localStorage.getItem(KEYS) !== "off";
use.addEventListener("change", () => localStorage.setItem(KEYS, use.checked ? "on" : "off"));

function here() {
  return document.activeElement.closest("[data-answer]");
}

function go(step) {
  const answers = [...form.querySelectorAll("[data-answer]")];
  const at = answers.indexOf(here());
  const next = answers[Math.min(Math.max(at + step, 0), answers.length - 1)];
  next.focus();
  next.scrollIntoView({ block: "start" });
}

function choose(place) {
  const judge = here()?.querySelector(".judge");
  if (!judge) return;
  judge.open = true;
  judge.querySelectorAll("input[type=radio]")[place]?.click();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    here()?.querySelector("[data-save]")?.click();
    return;
  }
  const typing = event.target.closest("textarea, select, input:not([type=radio])");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !use.checked) return;
  if (event.key === "j") go(1);
  else if (event.key === "k") go(-1);
  else if (/^[1-4]$/.test(event.key)) choose(Number(event.key) - 1);
  else return;
  event.preventDefault();
});
