// The pages work without this file: it adds a dialog and drag and drop for
// moves, keys, and fresh contents when something has happened.
(() => {
  "use strict";
  const mover = () => document.getElementById("mover");

  // The deal that was moved keeps the keyboard on the page that follows.
  let moved = "";
  const aim = (card) => {
    const form = mover().querySelector("form");
    form.action = card.querySelector("[data-move]").dataset.move;
    moved = card.dataset.deal;
    if (window.htmx) htmx.process(form); // it reads the address but once
    return form;
  };

  const openMover = (card) => {
    const dialog = mover();
    aim(card);
    dialog.querySelector(".who").textContent = card.querySelector("h3").textContent;
    const stage = card.closest(".column").dataset.stage;
    for (const button of dialog.querySelectorAll(".list button")) button.disabled = button.value === stage;
    dialog.showModal();
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-move]");
    if (link && mover()) {
      event.preventDefault();
      event.stopPropagation();
      openMover(link.closest(".card"));
      return;
    }
    const copied = event.target.closest("[data-copy]");
    if (copied) copy(copied);
    if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
    for (const sheet of document.querySelectorAll("details.viewer[open]")) {
      if (!sheet.contains(event.target)) sheet.open = false;
    }
  }, true);

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") for (const sheet of document.querySelectorAll("details.viewer[open]")) {
      sheet.open = false;
      sheet.querySelector("summary").focus();
    }
    if (event.key !== "/" || event.target.closest("input, textarea, select")) return;
    const search = document.querySelector("input[type=search]");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  });

  // A card is dropped on a column by the same form that the dialog sends.
  let dragged = null;
  const drags = () => {
    for (const card of document.querySelectorAll(".board .card")) card.draggable = true;
  };
  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest && event.target.closest(".card");
    if (dragged) dragged.classList.add("dragged");
  });
  document.addEventListener("dragend", () => {
    if (dragged) dragged.classList.remove("dragged");
    for (const column of document.querySelectorAll(".over")) column.classList.remove("over");
    dragged = null;
  });
  document.addEventListener("dragover", (event) => {
    const column = event.target.closest(".column");
    if (!dragged || !column) return;
    event.preventDefault();
    for (const other of document.querySelectorAll(".over")) if (other !== column) other.classList.remove("over");
    column.classList.add("over");
  });
  document.addEventListener("drop", (event) => {
    const column = event.target.closest(".column");
    if (!dragged || !column || column === dragged.closest(".column")) return;
    event.preventDefault();
    const button = aim(dragged).querySelector(`.list button[value="${CSS.escape(column.dataset.stage)}"]`);
    button.disabled = false; // the dialog may have been open for a deal of that stage
    button.click();
  });

  // Where the anchor of an address is folded away, it is opened.
  const unfold = () => {
    const at = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (at && at.tagName === "DETAILS") at.open = true;
  };
  window.addEventListener("hashchange", unfold);

  // Where the tabs or the stages do not fit, that of this page is in view.
  const reveal = () => {
    for (const here of document.querySelectorAll(".top nav [aria-current], .steps .now")) {
      const row = here.parentElement, left = here.getBoundingClientRect().left - row.getBoundingClientRect().left;
      row.scrollLeft += left - (row.clientWidth - here.offsetWidth) / 2;
    }
  };
  window.addEventListener("resize", reveal);

  // What is there to be taken elsewhere is copied; where the browser does not
  // let a page do that, it is selected.
  const copy = async (button) => {
    const from = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(from.textContent);
    } catch {
      getSelection().selectAllChildren(from);
      return;
    }
    button.textContent = button.dataset.done;
    document.getElementById("status").textContent = button.dataset.done;
  };

  // A page that takes another's place says so to who does not see it: the
  // keyboard goes to what was refused, to the deal that was moved, or to the top.
  const ready = () => {
    drags();
    unfold();
    reveal();
    for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
    const refusal = document.querySelector(".refusal");
    const card = moved && document.querySelector(`[data-deal="${CSS.escape(moved)}"] h3 a`);
    if (refusal) refusal.focus();
    else if (card) card.focus({ preventScroll: true });
    moved = "";
  };
  document.addEventListener("DOMContentLoaded", ready);
  document.addEventListener("htmx:afterSettle", () => {
    ready();
    if (document.activeElement === document.body) document.getElementById("main").focus({ preventScroll: true });
  });

  // A page is drawn anew when something has happened: soon, and then at most
  // once in a second. Somebody who is writing on it, or holds the mouse down, is
  // left alone until they stop.
  let held = false;
  document.addEventListener("pointerdown", (event) => { held = event.button === 0; }, true);
  const busy = () => document.hidden || held || dragged || document.querySelector("dialog[open], .refusal, main details.sub[open], .viewer[open]") ||
    (document.activeElement && document.activeElement.matches("main input, main textarea, main select")) ||
    [...document.querySelectorAll("main textarea, main input:not([type=hidden])")].some((e) => e.value !== e.defaultValue);
  let waiting = 0, last = 0, missed = false;
  const refresh = async () => {
    waiting = 0;
    missed = busy();
    if (!document.querySelector("[data-live]") || missed) return;
    last = Date.now();
    const address = location.href;
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    missed = busy();
    if (!answer.ok || location.href !== address || missed) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const old of document.querySelectorAll("[data-live], .sums")) {
      const now = old.matches(".sums") ? fresh.querySelector(".sums") : fresh.querySelector(old.id ? "#" + old.id : "[data-live]");
      if (!now || now.innerHTML === old.innerHTML) continue;
      const left = old.scrollLeft, at = old.contains(document.activeElement) && old !== document.activeElement && document.activeElement;
      old.replaceChildren(...now.childNodes);
      old.scrollLeft = left;
      if (window.htmx) htmx.process(old);
      // The keyboard stays where it was, or at least at the deal that it was at.
      const again = at && [...old.querySelectorAll(at.localName)].find((e) => e.className === at.className && e.getAttribute("href") === at.getAttribute("href"));
      const deal = at && at.closest("[data-deal]");
      const link = again || (deal && document.querySelector(`[data-deal="${CSS.escape(deal.dataset.deal)}"] h3 a`));
      if (link) link.focus({ preventScroll: true });
    }
    drags();
  };
  const happened = () => {
    if (!waiting) waiting = setTimeout(refresh, Math.max(50, last + 1000 - Date.now()));
  };
  document.addEventListener("visibilitychange", () => { if (!document.hidden) happened(); });
  for (const end of ["focusout", "toggle", "close", "dragend", "pointerup", "pointercancel"]) document.addEventListener(end, () => {
    if (end.startsWith("pointer") || end === "dragend") held = false;
    if (missed) happened();
  }, true);
  const feed = document.body.dataset.feed && new EventSource(document.body.dataset.feed);
  if (feed) for (const kind of ["opened", "mail_received", "mail_sent", "mail_failed", "stage_entered", "task_opened", "task_done", "task_overdue",
    "fields_changed", "document_added", "note", "stalled", "progressed", "escalated", "assigned", "paused", "resumed", "won", "lost",
    "reopened", "recycled", "merged", "process_changed", "closed"]) feed.addEventListener(kind, happened);
})();
