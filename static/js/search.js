// Suggestions under a search of municipalities, as one types. The ARIA combobox pattern; without this script the form
// leads to the directory all the same.

const PAUSE = 120;

function attach(form) {
  const input = form.querySelector("input[type=search]");
  const status = form.querySelector("[role=status]");
  const list = document.createElement("ul");
  let timer = 0;
  let asked = "";
  let active = -1;

  list.id = `${input.id}-suggestions`;
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.querySelector("label").textContent.trim());
  form.append(list);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function choose(index) {
    const options = [...list.children];
    active = index < 0 ? options.length - 1 : index % options.length;
    options.forEach((option, position) => option.setAttribute("aria-selected", String(position === active)));
    input.setAttribute("aria-activedescendant", options[active].id);
    options[active].scrollIntoView({ block: "nearest" });
  }

  function show(suggestions) {
    list.replaceChildren(
      ...suggestions.map((suggestion, position) => {
        const option = document.createElement("li");
        const region = document.createElement("span");
        option.id = `${list.id}-${position}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.href = suggestion.href;
        region.textContent = suggestion.region;
        option.append(suggestion.name, region);
        return option;
      }),
    );
    active = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = suggestions.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    const { saysOne, saysMany, saysNone } = status.dataset;
    const count = suggestions.length;
    status.textContent = count === 0 ? saysNone : count === 1 ? saysOne : `${count} ${saysMany}`;
  }

  async function ask() {
    const query = input.value.trim();
    asked = query;
    if (query.length < 2) {
      close();
      status.textContent = "";
      return;
    }
    try {
      const answer = await fetch(`${form.dataset.suggestions}?buscar=${encodeURIComponent(query)}`);
      // A slower answer to an earlier question is not shown over a newer one.
      if (answer.ok && asked === query) show((await answer.json()).suggestions);
    } catch {
      close(); // Without a network the form still works when there is one again.
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) {
      if (event.key === "ArrowDown" && list.children.length) {
        event.preventDefault();
        list.hidden = false;
        input.setAttribute("aria-expanded", "true");
        choose(0);
      }
      return;
    }
    if (event.key === "ArrowDown") choose(active + 1);
    else if (event.key === "ArrowUp") choose(active - 1);
    else if (event.key === "Enter" && active >= 0) location.assign(list.children[active].dataset.href);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus in the field
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.href);
  });
  input.addEventListener("blur", close);
  form.addEventListener("submit", () => clearTimeout(timer));
}

document.querySelectorAll("form[data-suggestions]").forEach(attach);
