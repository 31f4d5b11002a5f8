// Tables whose rows can be chosen (form[data-desk]): choose all of a page, say how many, and keys to move.
// Without this script the boxes and buttons work all the same.

const KEYS = "desk-keys";

document.querySelectorAll("form[data-desk]").forEach((form) => {
  const boxes = [...form.querySelectorAll("tbody input[name=m]")];
  const all = form.querySelector("input[name=todas]");
  const status = form.querySelector("[data-chosen]");
  const head = form.querySelector("th[data-choose]");
  const whole = document.createElement("input");

  whole.type = "checkbox";
  whole.setAttribute("aria-label", head.dataset.choose);
  head.replaceChildren(whole);

  function tell() {
    const chosen = boxes.filter((box) => box.checked).length;
    whole.checked = chosen === boxes.length;
    whole.indeterminate = chosen > 0 && chosen < boxes.length;
    status.textContent = `${status.dataset.says} ${Number(all.checked ? all.dataset.all : chosen).toLocaleString("es-CL")}`;
    boxes.forEach((box) => box.closest("tr").classList.toggle("chosen", box.checked || all.checked));
  }

  whole.addEventListener("change", () => {
    boxes.forEach((box) => (box.checked = whole.checked));
    tell();
  });
  form.addEventListener("change", tell);
  window.addEventListener("pageshow", tell); // the browser may bring ticks back
  tell();

  let at = -1;
  function go(step) {
    at = Math.min(Math.max(at + step, 0), boxes.length - 1);
    boxes[at].focus();
    boxes[at].closest("tr").scrollIntoView({ block: "nearest" });
  }
  boxes.forEach((box, place) => box.addEventListener("focus", () => (at = place)));

  const help = document.getElementById("shortcuts");
  const use = help.querySelector("[data-use-keys]");
  use.checked = localStorage.getItem(KEYS) !== "off";
  use.addEventListener("change", () => localStorage.setItem(KEYS, use.checked ? "on" : "off"));
  document.querySelector("[data-shortcuts]")?.removeAttribute("hidden");

  const actions = {
    j: () => go(1),
    k: () => go(-1),
    x: () => at >= 0 && boxes[at].click(),
    "/": () => document.getElementById("filtro_buscar").focus(),
    "?": () => help.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("textarea, select, input:not([type=checkbox])");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || help.open || !use.checked) return;
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
});
