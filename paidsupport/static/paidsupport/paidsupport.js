/*
 * The desk works without this file. It adds:
 *
 * - keys: an element with data-ps-key is clicked (a field focused) when its key is pressed, “g t” one after the other;
 *   other scripts give keys to what is in a row by window.paidsupport.keys; j and k walk through rows with
 *   data-ps-row; data-ps-dialog opens the list of keys, which can also switch them off;
 * - menus (ps-menu) that close by themselves;
 * - questions that appear when they apply: data-ps-shown-by names a field, data-ps-shown-value is a JSON list of answers;
 * - passwords that can be looked at: data-ps-reveal names their field;
 * - files that are too large together for one form: data-ps-most says how many bytes fit, data-ps-too-large what is said;
 * - buttons that rest while their form is being sent.
 */
(() => {
  if (window.paidsupport) return;
  // keys of other scripts: each names what it presses in the row in focus
  const keys = new Map();
  window.paidsupport = { keys };

  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Questions that appear when they apply

  const answersOf = (control) => {
    if (control.selectedOptions) return [...control.selectedOptions].map((option) => option.value);
    if (/radio|checkbox/.test(control.type) && !control.checked) return [];
    return [control.value];
  };

  const showQuestionsThatApply = () => {
    let changed = false;
    for (const question of all("form [data-ps-shown-by]")) {
      const { psShownBy: name, psShownValue: value } = question.dataset;
      const controls = [...question.closest("form").elements].filter(
        (control) => control.name === name && !control.closest("[hidden]"),
      );
      const wanted = JSON.parse(value);
      const rests = !controls.flatMap(answersOf).some((answer) => wanted.includes(answer));
      changed ||= rests !== question.hidden;
      question.hidden = rests;
    }
    // one may hang on another that stands below it
    if (changed) showQuestionsThatApply();
  };

  // htmx 2 and 4 name the event differently
  for (const name of ["change", "input", "htmx:after:swap", "htmx:afterSwap"]) {
    document.addEventListener(name, showQuestionsThatApply);
  }

  // Passwords that can be looked at while they are typed

  const offerToReveal = () => {
    for (const button of all("[data-ps-reveal]")) button.hidden = false;
  };

  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-ps-reveal]");
    const field = button?.form.elements[button.dataset.psReveal];
    if (!field) return;
    field.type = field.type === "password" ? "text" : "password";
    [button.textContent, button.dataset.psOther] = [button.dataset.psOther, button.textContent];
    field.focus();
  });

  // Pages that nobody looks at ask for nothing new

  for (const name of ["htmx:before:request", "htmx:beforeRequest"]) {
    document.addEventListener(name, (event) => {
      if (document.hidden && event.target.matches?.("[data-ps-quiet]")) event.preventDefault();
    });
  }

  // Keys

  const keysAreOff = () => localStorage.psKeys === "off";
  const FIELDS = "input, select, textarea";

  /* The element of a key: in the row that has the focus, else on the page, else in the bar. */
  const elementOfKey = (key, row) => {
    const named = all(`[data-ps-key="${CSS.escape(key)}"]`);
    return (
      named.find((element) => row?.contains(element)) ??
      named.find((element) => !element.closest("[data-ps-row], .ps-bar")) ??
      named.find((element) => !element.closest("[data-ps-row]")) ??
      (keys.has(key) ? row?.querySelector(keys.get(key)) : undefined)
    );
  };

  // After this one, the next key is that of a page: “g t” leads to triage. It is forgotten soon.
  const GO = "g";
  let before = "";
  let soon;

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || keysAreOff()) return;
    if (event.target.closest(`${FIELDS}, dialog, [contenteditable]`)) return;

    const key = before + event.key;
    clearTimeout(soon);
    before = key === GO ? `${GO} ` : "";
    soon = setTimeout(() => (before = ""), 2000);

    const row = document.activeElement.closest("[data-ps-row]");
    const step = { j: 1, k: -1 }[key];
    if (step) {
      const rows = all("[data-ps-row]");
      const link = rows[rows.indexOf(row) + step]?.querySelector("a");
      if (link) event.preventDefault();
      link?.focus();
      return;
    }

    const target = elementOfKey(key, row);
    if (!target) return;
    event.preventDefault();
    if (target.matches(FIELDS) && !target.matches("[type=checkbox]")) target.focus();
    else target.click();
  });

  // Ctrl+Enter in a long text presses the first button of its form
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key !== "Enter" || !event.target.matches("textarea")) return;
    const form = event.target.form;
    const button = [...(form?.elements ?? [])].find((each) => each.matches("button:not([type=button])"));
    event.preventDefault();
    if (button) form.requestSubmit(button);
  });

  // Menus of the bar: one at a time, closed by Escape and by what is clicked beside them

  const closeMenus = (but) => {
    for (const menu of all(".ps-menu[open]")) {
      if (menu === but) continue;
      if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
      menu.open = false;
    }
  };
  document.addEventListener("keydown", (event) => event.key === "Escape" && closeMenus());
  document.addEventListener("click", ({ target }) => closeMenus(target.closest(".ps-menu")));
  document.addEventListener("focusin", ({ target }) => target.closest(".ps-menu") || closeMenus());

  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-ps-dialog]")) document.getElementById("ps-keys").showModal();
  });

  document.addEventListener("change", ({ target }) => {
    if (target.id === "ps-keys-off") localStorage.psKeys = target.checked ? "off" : "on";
  });

  // Files that no server would read, and with them the rest of the form

  document.addEventListener("change", ({ target }) => {
    const { psMost: most, psTooLarge: said } = target.dataset;
    if (!most) return;
    const field = target.closest(".ps-field");
    field.querySelector("[data-ps-said]")?.remove();
    if ([...target.files].reduce((sum, file) => sum + file.size, 0) <= most) return;
    target.value = "";
    const error = Object.assign(document.createElement("p"), { className: "ps-error", role: "alert", textContent: said });
    error.dataset.psSaid = "";
    target.before(error);
  });

  // Buttons that rest while their form is being sent

  const restButtons = (resting, root = document) => {
    for (const button of all(".ps-root [method=post] button", root)) button.disabled = resting;
  };

  // later: a disabled button would not be sent with its form, and another listener may stop the form
  document.addEventListener("submit", (event) => {
    // a form that is kept elsewhere than where it was opened: Back leads to what was typed
    if (event.target.dataset.psAddress) history.replaceState(null, "", event.target.dataset.psAddress);
    setTimeout(() => event.defaultPrevented || restButtons(true, event.target));
  });

  // On a phone the tabs scroll: the one that is shown can be seen
  const showTab = () => {
    for (const tabs of all(".ps-tabs")) {
      const here = tabs.scrollWidth > tabs.clientWidth && tabs.querySelector("[aria-current]");
      if (here) here.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  };

  // also when the page comes back from the browser's cache
  addEventListener("pageshow", () => {
    if (!location.hash) showTab();
    showQuestionsThatApply();
    offerToReveal();
    restButtons(false);
    for (const box of all("#ps-keys-off")) box.checked = keysAreOff();
  });
})();
