/*
 * The palette (Ctrl+K): everything one can do on the page, every page of the desk, tickets and issues that were
 * open in this tab, and the search. It collects what has a key (data-ps-key), every button of the page and what
 * is marked with data-ps-action; the words on it come with its dialog.
 */
(() => {
  const palette = document.getElementById("ps-palette");
  if (!palette) return;
  const input = palette.querySelector("input");
  const list = palette.querySelector("[role=listbox]");
  const texts = palette.dataset;
  const MOST = 12;
  let items = [];
  let shown = [];
  let at = 0;

  const plain = (text) =>
    text
      .normalize("NFKD")
      .replace(/\p{M}/gu, "")
      .toLowerCase();

  /* What an element is called: without its key, which is shown apart, and without what is unread there. */
  const nameOf = (element) => {
    const label = element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent;
    if (label) return label.trim();
    const copy = element.cloneNode(true);
    for (const key of copy.querySelectorAll("kbd, svg, .ps-pill")) key.remove();
    return copy.textContent.replace(/\s+/g, " ").trim();
  };

  const item = (group, element) => ({
    group,
    name: nameOf(element),
    key: element.dataset.psKey ?? "",
    run: () => {
      const folded = element.closest("details:not([open])");
      for (let box = element.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
      // a form that was folded has not been filled in: it is shown, not sent
      const field = folded && element.form?.querySelector("input:not([type=hidden]), select, textarea");
      if (field ?? element.matches("input, select, textarea")) (field ?? element).focus();
      else element.click();
    },
  });

  /* Tickets and issues that were open in this tab: nothing of them outlives it. */
  const RECENT = "psRecent";
  const recent = () => JSON.parse(sessionStorage.getItem(RECENT) ?? "[]");
  const code = location.pathname.match(/\/((?:PS|IS)-\w{4}-\w{4})$/)?.[1];
  const title = document.querySelector("h1")?.textContent.trim();
  if (code && title) {
    const others = recent().filter((each) => each.code !== code);
    sessionStorage.setItem(RECENT, JSON.stringify([{ code, title, url: location.pathname }, ...others].slice(0, 8)));
  }

  const go = (url) => () => location.assign(url);

  const collect = (row) => {
    const unique = new Set();
    const add = (group, selector, root, wanted) =>
      [...root.querySelectorAll(selector)]
        .filter((element) => !unique.has(element) && wanted(element) && unique.add(element) && nameOf(element))
        .map((element) => item(group, element));
    const bar = document.querySelector(".ps-bar");
    const root = bar.closest(".ps-root");
    const onPage = "[data-ps-key], [data-ps-action], .ps-button";
    const visible = (element) => !element.disabled && (element.checkVisibility() || element.closest("details:not([open])"));
    // filters act by themselves: their button is for those without scripts
    const own = (element) =>
      visible(element) && !element.closest(".ps-bar, dialog, [hidden], [data-ps-row]") && !element.matches(".ps-filters[hx-get] .ps-button");
    return [
      ...(row ? add(texts.page, onPage, row, visible) : []),
      // what has a key is what one does most
      ...add(texts.page, onPage, root, own).sort((one, other) => !one.key - !other.key),
      ...add(texts.pages, "[data-ps-key]:not(input)", bar, () => true),
      ...recent()
        .filter((each) => each.code !== code)
        .map((each) => ({ group: texts.recent, name: `${each.code} ${each.title}`, key: "", run: go(each.url) })),
    ];
  };

  const choose = (index) => {
    at = (index + shown.length) % shown.length;
    [...list.querySelectorAll("[role=option]")].forEach((option, number) => {
      option.setAttribute("aria-selected", number === at);
      if (number !== at) return;
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    });
  };

  const made = (tag, attributes, text = "") => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.textContent = text;
    return element;
  };

  /* Groups in their order; what begins with the words comes before what only holds them. */
  const draw = () => {
    const typed = input.value.trim();
    const words = plain(typed).split(/\s+/);
    const fits = ({ name }) => words.every((word) => plain(name).includes(word));
    const begins = ({ name }) => plain(name).startsWith(words[0]);
    const found = items.filter(fits);
    shown = typed ? [...found.filter(begins), ...found.filter((each) => !begins(each))].slice(0, MOST) : found;
    shown.sort((one, other) => order.indexOf(one.group) - order.indexOf(other.group));
    if (typed) {
      const run = go(`${texts.search}?q=${encodeURIComponent(typed)}`);
      shown.push({ group: texts.find, name: `“${typed}”`, key: "", run });
    }
    list.replaceChildren();
    let group;
    shown.forEach((each, number) => {
      if (group?.dataset.name !== each.group) {
        group = made("div", { role: "group", "aria-label": each.group, "data-name": each.group });
        group.append(made("p", { class: "ps-muted", "aria-hidden": "true" }, each.group));
        list.append(group);
      }
      const option = made("div", { role: "option", id: `ps-option-${number}`, "aria-selected": "false" });
      option.append(made("bdi", {}, each.name));
      if (each.key) {
        const keys = made("span", { class: "ps-option-keys", "aria-hidden": "true" });
        for (const key of each.key.split(" ")) keys.append(made("kbd", { class: "ps-key" }, key));
        option.append(keys);
      }
      option.addEventListener("click", () => run(number));
      group.append(option);
    });
    if (shown.length) choose(0);
  };
  /* The list of keys has all of the page and of the bar as well, whatever the page looks like by now. */
  const keys = document.querySelector("#ps-keys .ps-keys");
  const listed = () => new Set([...keys.querySelectorAll("dt")].map((term) => term.textContent.trim()));
  const listKeys = () => {
    for (const line of keys.querySelectorAll("[data-ps-added]")) line.remove();
    const known = listed();
    const first = keys.firstChild;
    for (const element of document.querySelectorAll("[data-ps-key]")) {
      const key = element.dataset.psKey;
      if (known.has(key) || element.closest("dialog")) continue;
      known.add(key);
      const line = made("div", { "data-ps-added": "" });
      const term = made("dt", {});
      key.split(" ").forEach((each, place) => term.append(place ? " " : "", made("kbd", {}, each)));
      line.append(term, made("dd", {}, nameOf(element)));
      if (element.closest(".ps-bar")) keys.append(line);
      else keys.insertBefore(line, first);
    }
  };
  document.addEventListener("click", ({ target }) => target.closest("[data-ps-dialog]") && listKeys());

  const order = [texts.page, texts.recent, texts.pages, texts.find];

  const run = (number) => {
    palette.close();
    shown[number]?.run();
  };

  const open = () => {
    const row = document.activeElement.closest("[data-ps-row]");
    for (const other of document.querySelectorAll("dialog[open]")) other.close();
    items = collect(row);
    input.value = "";
    palette.showModal();
    draw();
  };

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (palette.open) palette.close();
      else open();
    }
  });

  document.addEventListener("click", (event) => {
    if (event.target === palette) palette.close();
    if (!event.target.closest("[data-ps-palette]")) return;
    event.preventDefault();
    event.target.closest("details").open = false;
    open();
  });

  input.addEventListener("input", draw);
  input.addEventListener("keydown", (event) => {
    const last = shown.length - 1;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: last, PageUp: 0 }[event.key];
    if (event.isComposing || (to === undefined && event.key !== "Enter")) return;
    event.preventDefault();
    if (event.key === "Enter") run(at);
    else if (shown.length) choose(to);
  });
})();
