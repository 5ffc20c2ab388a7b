/*
 * Lists of tickets work without this file. It adds:
 *
 * - data-ps-all selects all tickets of a page, Shift and a click all between two, the key x the one in focus;
 * - data-ps-selected says how many are selected;
 * - what is selected stays so when the list is drawn again.
 */
(() => {
  const LIST = ".ps-rows tbody [type=checkbox]";
  const boxes = () => [...document.querySelectorAll(LIST)];
  // a box is named by code and version; the version changes with the ticket
  const codeOf = (box) => box.value.split(".")[0];
  const selected = new Set();
  let last = "";

  const note = (box, checked = box.checked) => {
    box.checked = checked;
    if (checked) selected.add(codeOf(box));
    else selected.delete(codeOf(box));
  };

  const tell = () => {
    const there = boxes();
    const count = there.filter((box) => box.checked).length;
    for (const all of document.querySelectorAll("[data-ps-all]")) {
      all.hidden = false;
      all.checked = count > 0 && count === there.length;
      all.indeterminate = count > 0 && count < there.length;
    }
    for (const place of document.querySelectorAll("[data-ps-selected]")) {
      place.textContent = count ? place.dataset.psSelected.replace("{num}", count) : "";
    }
  };

  const redrawn = () => {
    for (const box of boxes()) box.checked = selected.has(codeOf(box));
    tell();
  };

  document.addEventListener("change", ({ target }) => {
    if (target.matches("[data-ps-all]")) for (const box of boxes()) note(box, target.checked);
    else if (!target.matches(LIST)) return;
    else note(target);
    tell();
  });

  document.addEventListener("click", ({ target, shiftKey }) => {
    if (!target.matches?.(LIST)) return;
    const there = boxes();
    const from = there.findIndex((box) => codeOf(box) === last);
    const to = there.indexOf(target);
    if (shiftKey && from >= 0) {
      for (const box of there.slice(Math.min(from, to), Math.max(from, to) + 1)) note(box, target.checked);
      tell();
    }
    last = codeOf(target);
  });

  window.paidsupport.keys.set("x", "[name=t]");

  // htmx 2 and 4 name the event differently
  for (const name of ["htmx:after:swap", "htmx:afterSwap"]) document.addEventListener(name, redrawn);
  addEventListener("pageshow", () => {
    for (const box of boxes()) note(box);
    tell();
  });
})();
