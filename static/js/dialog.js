// Opens and closes the native dialogs of templates/components/dialog.html.

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.opens).showModal();
  }
  event.target.closest("[data-closes]")?.closest("dialog").close();
});
