// The issue desk. Stories are dragged by their handles or moved by the keyboard, and rows and forms have keys.
// Whatever is done submits a form that the page has without this script too.
"use strict";

const desk = document.querySelector(".desk");
const KEPT = "desk"; // of the session: the row that was changed, and how far the page was scrolled

// --- a change loads the page anew: the row and the scroll position stay ------------------------

function remember(row) {
  const rows = [...desk.querySelectorAll(".pick")];
  sessionStorage.setItem(KEPT, JSON.stringify({ path: location.pathname, id: row.id, index: rows.indexOf(row), y: scrollY }));
}

function restore() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  sessionStorage.removeItem(KEPT);
  if (kept?.path !== location.pathname) return;
  const isShown = (one) => one?.checkVisibility();
  const same = document.getElementById(kept.id);
  const row = isShown(same) ? same : [...desk.querySelectorAll(".pick")].slice(0, kept.index + 1).findLast(isShown);
  scrollTo(0, kept.y);
  if (row) focusRow(row, { preventScroll: true });
}

function focusRow(row, options = {}) {
  (row.querySelector(".handle") ?? row.querySelector("summary")).focus(options);
}

// --- places: a list has the stories of one section and form ------------------------------------

function isOpenTo(list, row) {
  return list === row.parentElement || !("closed" in list.dataset);
}

function send(row) {
  const list = row.parentElement;
  const form = desk.querySelector("form.move");
  form.action = row.querySelector("form.tools").action;
  form.elements.section.value = list.dataset.section;
  form.elements.as.value = list.dataset.form;
  form.elements.place.value = [...list.children].indexOf(row) + 1;
  remember(row);
  form.requestSubmit(form.querySelector("button"));
}

// --- by the keyboard: space takes a story up, arrows move it, space puts it down ---------------

const live = desk?.querySelector("[role=status].vh");
let lifted = null; // the row that is moved, and the place that it came from

function say(text, row) {
  const list = row.parentElement;
  const facts = { place: [...list.children].indexOf(row) + 1, count: list.children.length, section: list.getAttribute("aria-label") };
  live.textContent = text.replace(/\{(\w+)\}/g, (_, name) => facts[name]);
}

function lift(row) {
  lifted = { row, list: row.parentElement, next: row.nextElementSibling };
  row.classList.add("lifted");
  row.querySelector(".handle").setAttribute("aria-pressed", "true");
  say(live.dataset.lifted, row);
}

function release() {
  const { row } = lifted;
  row.classList.remove("lifted");
  row.querySelector(".handle").setAttribute("aria-pressed", "false");
  lifted = null;
}

function putDown() {
  const { row, list, next } = lifted;
  release();
  if (row.parentElement !== list || row.nextElementSibling !== next) send(row);
}

function putBack() {
  const { row, list, next } = lifted;
  release();
  list.insertBefore(row, next);
  say(live.dataset.back, row);
}

function step(by) {
  const { row, list: first } = lifted;
  const list = row.parentElement;
  const beside = by < 0 ? row.previousElementSibling : row.nextElementSibling;
  const held = lifted;
  lifted = null; // a row that is put elsewhere loses the focus, which does not end its move
  if (beside) {
    by < 0 ? beside.before(row) : beside.after(row);
  } else {
    const lists = [...desk.querySelectorAll("ol[data-form]")].filter((one) => one === list || one === first || isOpenTo(one, row));
    const other = lists[lists.indexOf(list) + by];
    by < 0 ? other?.append(row) : other?.prepend(row);
  }
  focusRow(row);
  lifted = held;
  say(live.dataset.at, row);
}

function onHandle(event) {
  const row = event.target.closest(".pick");
  if (event.key === " " || (event.key === "Enter" && lifted)) lifted ? putDown() : lift(row);
  else if (lifted && event.key === "ArrowUp") step(-1);
  else if (lifted && event.key === "ArrowDown") step(1);
  else if (lifted && event.key === "Escape") {
    putBack();
    focusRow(row);
  } else return;
  event.preventDefault();
}

// --- keys of a row: those that its buttons name ------------------------------------------------

function onRow(event) {
  const row = event.target.closest(".pick");
  if (!row || lifted || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
  const key = event.key.toLowerCase();
  if (key === "j" || key === "k") {
    const rows = [...desk.querySelectorAll(".pick")].filter((one) => one.checkVisibility());
    const other = rows[rows.indexOf(row) + (key === "j" ? 1 : -1)];
    if (other) focusRow(other);
  } else if (key === "?") {
    document.querySelector("dialog.keys").showModal();
  } else {
    const control = row.querySelector(`[aria-keyshortcuts="${CSS.escape(key)}"]`);
    if (!control) return;
    control.click();
  }
  event.preventDefault();
}

// --- parts of the desk -------------------------------------------------------------------------

function show(link) {
  desk.dataset.part = link.dataset.part;
  for (const one of document.querySelectorAll(".tabs a[data-part]")) {
    one === link ? one.setAttribute("aria-current", "page") : one.removeAttribute("aria-current");
  }
  history.replaceState(null, "", link.href);
}

function startDesk() {
  desk.classList.add("drags");
  for (const one of document.querySelectorAll(".keyline")) one.hidden = false;
  for (const handle of desk.querySelectorAll(".handle")) {
    handle.addEventListener("keydown", onHandle);
    handle.addEventListener("blur", () => lifted && putBack());
  }
  desk.addEventListener("keydown", onRow);
  desk.addEventListener("submit", (event) => event.target.matches(".tools") && remember(event.target.closest(".pick")));
  document.querySelector("[data-opens-keys]")?.addEventListener("click", () => document.querySelector("dialog.keys").showModal());
  for (const link of document.querySelectorAll(".tabs a[data-part]")) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      show(link);
    });
  }
  for (const list of desk.querySelectorAll("ol[data-form]")) {
    Sortable.create(list, {
      group: { name: "stories", put: (to, from, row) => isOpenTo(to.el, row) },
      handle: ".handle",
      draggable: ".pick",
      forceFallback: true, // the same by mouse, finger and pen
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
      ghostClass: "gap",
      dragClass: "lifted",
      onEnd: (event) => (event.from !== event.to || event.oldIndex !== event.newIndex) && send(event.item),
    });
  }
  // Once the page is loaded the browser goes to the row that the address names, and takes the focus from whatever has it.
  addEventListener("load", () => requestAnimationFrame(restore));
}

// --- forms of one story: Ctrl or ⌘ and Enter saves, Esc leaves ---------------------------------

function onForm(event) {
  const form = event.target.closest("form");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && form) form.requestSubmit(form.querySelector("button"));
  else if (event.key === "Escape" && !event.isComposing && (!isChanged() || confirm(this.dataset.leave))) location.assign(this.dataset.back);
}

function isChanged() {
  const fields = [...document.querySelectorAll("[data-back] :is(input, textarea, select)")];
  return fields.some((one) => (one.options ? [...one.options].some((option) => option.selected !== option.defaultSelected && one.value) : one.value !== one.defaultValue));
}

if (desk) startDesk();
for (const one of document.querySelectorAll("[data-back]")) one.addEventListener("keydown", onForm);
