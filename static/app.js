// What the pages do beyond HTML: toasts, menus, the dialog, and a word when a request fails.
// Every page works without this file.
"use strict";

const SUCCESS_STAYS_MS = 6000;

function dismiss(toast) {
  toast.remove();
}

function showToast(toast) {
  if (toast.dataset.shown) return;
  toast.dataset.shown = "1";
  toast.querySelector("[data-close]")?.addEventListener("click", () => dismiss(toast));
  if (toast.dataset.stays === "true") return;
  let timer = setTimeout(() => dismiss(toast), SUCCESS_STAYS_MS);
  // Whoever reads or points at it keeps it.
  for (const start of ["mouseenter", "focusin"]) {
    toast.addEventListener(start, () => clearTimeout(timer));
  }
  for (const end of ["mouseleave", "focusout"]) {
    toast.addEventListener(end, () => {
      clearTimeout(timer);
      timer = setTimeout(() => dismiss(toast), SUCCESS_STAYS_MS / 2);
    });
  }
}

function showToasts() {
  document.querySelectorAll("#toasts > [data-toast]").forEach(showToast);
}

function announceLoadedToasts() {
  // A live region announces what is added to it, not what the page came with.
  const region = document.getElementById("toasts");
  const toasts = [...(region?.children ?? [])];
  for (const toast of toasts) toast.remove();
  requestAnimationFrame(() => {
    region?.append(...toasts);
    showToasts();
  });
}

function reportFailure(sentence) {
  const sample = document.getElementById("toast-failure");
  const region = document.getElementById("toasts");
  if (!sample || !region) return;
  const toast = sample.content.firstElementChild.cloneNode(true);
  toast.querySelector("p").textContent = sentence;
  region.append(toast);
  showToast(toast);
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  closeMenus(event.target.closest("details.menu"));
  const dialog = document.getElementById("dialog");
  if (event.target === dialog || event.target.closest("[data-close-dialog]")) {
    if (dialog?.open) {
      event.preventDefault();
      dialog.close();
    }
  }
  const copied = event.target.closest("[data-copy]");
  if (copied) navigator.clipboard?.writeText(copied.dataset.copy);
  if (event.target.closest("[data-print]")) window.print();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const open = document.querySelector("details.menu[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  }
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const finder = document.querySelector("main input[type=search], .finder input");
    if (finder) {
      event.preventDefault();
      finder.focus();
      finder.select();
    }
  }
});

document.addEventListener("htmx:afterSwap", (event) => {
  showToasts();
  if (event.detail.target?.id === "dialog-body") {
    const dialog = document.getElementById("dialog");
    closeMenus();
    if (!dialog.open) dialog.showModal();
  }
});
document.addEventListener("htmx:oobAfterSwap", showToasts);

// A list asked for while an older answer is still on its way: the newest question wins.
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  reportFailure(
    status === 403
      ? "You do not have permission to do that, or you were signed out. Reload the page and try again."
      : "That did not work. Nothing was changed; please reload the page and try again.",
  );
});
document.addEventListener("htmx:sendError", () => {
  reportFailure("The server could not be reached. Check your connection and try again.");
});

announceLoadedToasts();
