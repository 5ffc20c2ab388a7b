/*
 * Nothing typed is lost. On pages of the desk, what is typed into a form with a long text is saved as a draft, and
 * comes back into its form when the page is opened again. Everywhere, a form with unsaved text warns before it is left.
 *
 * - data-ps-drafts, on the root: where drafts are saved;
 * - data-ps-draft: where a form says so, else below its last long text; data-ps-draft="off" on a form: not this one;
 * - data-ps-draft-of: a draft that the server offers, with its fields and its state.
 */
(() => {
  if (window.paidsupportDrafts) return;
  window.paidsupportDrafts = true;

  const FIRST_PAUSE = 1_000;
  const PAUSE = 15_000;
  const LARGEST_KEPT_ALIVE = 60_000;
  const TYPED = "textarea, select, input:not([type=hidden], [type=file], [type=password], [type=submit])";

  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const rootOf = (element) => element.closest(".ps-root");

  /* form: what was typed and saved in it, and what is planned. */
  const states = new WeakMap();
  const stateOf = (form) => {
    if (!states.has(form)) states.set(form, { dirty: false, saved: false, at: 0, timer: 0, text: "" });
    return states.get(form);
  };

  const isOurs = (form) => form?.matches(".ps-root form[method=post]");
  const hasDrafts = (form) =>
    rootOf(form).dataset.psDrafts && form.dataset.psDraft !== "off" && form.querySelector("textarea")
    && form.querySelector("input[name=key]");
  const forms = () => all(".ps-root form[method=post]");

  /* Where a form leads; a field may be called “action”. */
  const addressOf = (form) => {
    const { pathname, search } = new URL(form.getAttribute("action") || location.href, location.href);
    return pathname + search;
  };

  const slotOf = (form) => {
    let slot = form.querySelector("[data-ps-draft]");
    if (!slot) {
      slot = document.createElement("div");
      slot.dataset.psDraft = "";
      const texts = all("textarea", form);
      texts[texts.length - 1].after(slot);
    }
    slot.classList.add("ps-draft-said");
    slot.setAttribute("aria-live", "polite");
    return slot;
  };

  const fieldsOf = (form) => {
    const typed = [...new FormData(form)].filter(([, value]) => typeof value === "string");
    const secret = (name) => all("[type=password]", form).some((field) => field.name === name);
    return new URLSearchParams(typed.filter(([name]) => !secret(name)));
  };

  const shownDraft = (form, state) => {
    let field = form.querySelector("input[type=hidden][name=draft]");
    if (!field) {
      field = Object.assign(document.createElement("input"), { type: "hidden", name: "draft" });
      form.append(field);
    }
    if (state !== undefined) field.value = state;
    return field;
  };

  // Saving

  const save = async (form) => {
    const state = stateOf(form);
    clearTimeout(state.timer);
    state.timer = 0;
    if (!state.dirty || state.sent || !hasDrafts(form)) return;
    shownDraft(form);
    const body = fieldsOf(form);
    const root = rootOf(form).dataset;
    state.dirty = false;
    state.at = Date.now();
    try {
      const answer = await fetch(`${root.psDrafts}?of=${encodeURIComponent(addressOf(form))}`, {
        method: "POST",
        body,
        redirect: "manual",
        keepalive: body.toString().length < LARGEST_KEPT_ALIVE,
      });
      if (state.sent) return;
      if (answer.type === "opaqueredirect") {
        slotOf(form).textContent = root.psSignedOut;
      } else if (answer.ok) {
        slotOf(form).innerHTML = await answer.text();
        shownDraft(form, "");
      } else {
        throw new Error(answer.statusText);
      }
      state.saved = true;
    } catch {
      state.dirty = true;
      state.saved = false;
      slotOf(form).textContent = root.psNotSaved;
      plan(form);
    }
  };

  const plan = (form) => {
    const state = stateOf(form);
    if (state.timer) return;
    const pause = Math.max(FIRST_PAUSE, state.at + PAUSE - Date.now());
    state.timer = setTimeout(() => save(form), pause);
  };

  document.addEventListener("input", ({ target }) => {
    const form = target.form;
    if (!isOurs(form) || !target.matches(TYPED)) return;
    const state = stateOf(form);
    state.dirty = true;
    state.sent = false;
    if (hasDrafts(form)) plan(form);
  });

  const saveAll = () => forms().forEach(save);
  document.addEventListener("visibilitychange", saveAll);
  addEventListener("pagehide", saveAll);

  // Leaving

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!isOurs(form)) return;
    setTimeout(() => {
      if (event.defaultPrevented) return;
      const state = stateOf(form);
      clearTimeout(state.timer);
      Object.assign(state, { sent: true, timer: 0 });
    });
    // the others stay behind
    forms().filter((other) => other !== form).forEach(save);
  });

  addEventListener("beforeunload", (event) => {
    const unsaved = (form) => {
      const { dirty, saved, sent } = stateOf(form);
      return dirty && !sent && !saved;
    };
    if (forms().some(unsaved)) event.preventDefault();
  });

  // Coming back

  const isUntouched = (form) =>
    all("textarea, input:not([type=hidden])", form).every(
      (field) => field.value === field.defaultValue && field.checked === field.defaultChecked,
    );

  const fill = (form, fields) => {
    const values = new Map();
    for (const [name, value] of fields) values.set(name, [...(values.get(name) ?? []), value]);
    for (const field of all(TYPED, form)) {
      const found = values.get(field.name);
      if (/radio|checkbox/.test(field.type)) {
        field.checked = Boolean(found?.includes(field.value));
      } else if (field.multiple) {
        for (const option of field.options) option.selected = Boolean(found?.includes(option.value));
      } else if (found) {
        field.value = found.shift() ?? field.value;
      }
    }
    form.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const comeBack = () => {
    const filled = new Set();
    for (const offer of all("[data-ps-draft-of]")) {
      const { psDraftOf: address, psDraftFields: fields, psDraftState: state } = offer.dataset;
      const form = forms().find((each) => addressOf(each) === address && hasDrafts(each));
      // another draft is offered beside the newest
      if (!form || filled.has(form) || !isUntouched(form)) continue;
      filled.add(form);
      fill(form, JSON.parse(fields));
      shownDraft(form, state);
      slotOf(form).innerHTML = offer.querySelector("template").innerHTML;
      stateOf(form).saved = true;
      offer.remove();
      for (let folded = form.closest("details"); folded; folded = folded.parentElement.closest("details")) folded.open = true;
    }
  };

  // Discarding

  document.addEventListener("click", async ({ target }) => {
    const button = target.closest("[data-ps-discard]");
    if (!button) return;
    const { form } = button;
    const body = new URLSearchParams();
    for (const field of all("input[type=hidden]", form)) body.append(field.name, field.value);
    await fetch(button.dataset.psDiscard, { method: "POST", body, redirect: "manual" });
    form.reset();
    shownDraft(form).remove();
    clearTimeout(stateOf(form).timer);
    states.delete(form);
    slotOf(form).textContent = "";
    form.querySelector("textarea").focus();
  });

  // with scripts, drafts are saved by themselves
  for (const button of all("[data-ps-draft] [formaction]")) button.remove();
  comeBack();
  addEventListener("pageshow", () => forms().forEach((form) => (stateOf(form).sent = false)));
})();
