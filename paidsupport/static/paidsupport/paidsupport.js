// The desk works without this file. It adds keys, questions that appear when they apply, and calm submit buttons.
(() => {
  if (window.paidsupport) return;
  window.paidsupport = true;
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const chosen = (control) => control.selectedOptions ? [...control.selectedOptions].map((option) => option.value)
    : /radio|checkbox/.test(control.type) && !control.checked ? [] : control.value;
  const ask = () => all("form [data-ps-shown-by]").forEach((question) => {
    const { psShownBy: name, psShownValue: value } = question.dataset;
    const controls = [...question.closest("form").elements].filter((c) => c.name === name && !c.closest("[hidden]"));
    question.hidden = !controls.flatMap(chosen).includes(value);
  });
  ["change", "input", "htmx:after:swap", "htmx:afterSwap"].forEach((name) => document.addEventListener(name, ask));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || localStorage.psKeys === "off") return;
    if (event.target.closest("input, select, textarea, dialog, [contenteditable]")) return;
    const row = document.activeElement.closest("[data-ps-row]"), rows = all("[data-ps-row]");
    const step = { j: 1, k: -1 }[event.key], named = all(`[data-ps-key="${CSS.escape(event.key)}"]`);
    const target = step ? rows[rows.indexOf(row) + step]?.querySelector("a")
      : named.find((e) => row?.contains(e)) ?? named.find((e) => !e.closest("[data-ps-row], .ps-bar")) ?? named.find((e) => !e.closest("[data-ps-row]"));
    if (target) event.preventDefault();
    if (step || target?.matches("input, select, textarea")) target?.focus(); else target?.click();
  });
  document.addEventListener("click", ({ target }) => target.closest("[data-ps-dialog]") && document.getElementById("ps-keys").showModal());
  document.addEventListener("change", ({ target }) => { if (target.id === "ps-keys-off") localStorage.psKeys = target.checked ? "off" : "on"; });
  const rest = (disabled, form = document) => all(".ps-root [method=post] button", form).forEach((button) => { button.disabled = disabled; });
  document.addEventListener("submit", (event) => setTimeout(() => event.defaultPrevented || rest(true, event.target)));
  addEventListener("pageshow", () => { ask(); rest(false); all("#ps-keys-off").forEach((box) => { box.checked = localStorage.psKeys === "off"; }); });
})();
