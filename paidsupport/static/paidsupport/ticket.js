/*
 * The page of a ticket works without this file. It adds:
 *
 * - #ps-now asks its address (data-ps-live) every few seconds, while it can be seen, for the next step, new messages
 *   and who else is here; #ps-here says that we are;
 * - data-ps-answer brings a message's answer to the reply box; data-ps-insert puts a canned reply where the cursor is;
 *   data-ps-needs ticks what a text must hold as one types;
 * - data-ps-load puts parts of another page in the place of ours, data-ps-more what follows in a list, data-ps-within
 *   the answer to a form; data-ps-empty takes it away;
 * - parts that a person folds stay folded; a link to one scrolls beside the conversation, not past it;
 * - data-ps-copy copies a text.
 */
(() => {
  const ALIVE = 20_000; // milliseconds after which we say again that we are here
  const one = (selector) => document.querySelector(selector);
  const now = () => one("#ps-now");
  const reply = () => one("#ps-letter textarea");

  // What is new, and who is here

  let said = "";
  let saidAt = 0;

  const isWriting = () => document.activeElement === reply() && reply().value !== reply().defaultValue;

  /* Says that this page is open; `leaving`: that it closes. */
  const stay = (leaving = "") => {
    const form = one("#ps-here");
    const state = `${isWriting()}${leaving}`;
    if (!form || (state === said && Date.now() - saidAt < ALIVE)) return;
    [said, saidAt] = [state, Date.now()];
    const body = new URLSearchParams(new FormData(form));
    if (isWriting()) body.set("writing", "1");
    if (leaving) body.set("leaving", "1");
    fetch(form.action, { method: "POST", body, keepalive: true }).catch(() => {});
  };

  const show = (html) => {
    const fresh = document.createRange().createContextualFragment(html).querySelector("#ps-now");
    // who has the focus on a button there keeps it: the next round shows what is new
    if (!fresh || now().contains(document.activeElement)) return;
    now().replaceWith(fresh);
  };

  const ask = async () => {
    const { psLive, psSeen, psThread } = now().dataset;
    const answer = await fetch(`${psLive}?${new URLSearchParams({ seen: psSeen, thread: psThread })}`, {
      headers: { "HX-Request": "true" },
    });
    if (answer.status === 200) show(await answer.text());
  };

  const round = async () => {
    if (document.hidden) return;
    stay();
    await ask().catch(() => {});
  };

  if (now()) {
    const again = () => setTimeout(() => round().finally(again), now().dataset.psSeconds * 1000);
    round().finally(again);
    document.addEventListener("visibilitychange", () => (document.hidden ? stay("leaving") : round()));
    addEventListener("pagehide", () => stay("leaving"));
    document.addEventListener("input", ({ target }) => target === reply() && stay());
  }

  // Parts of other pages, put in the place of what is here

  const pageOf = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");

  /* Puts parts of a page in the place of those that we have; says whether it has them, too. */
  const put = (page, parts) => {
    const found = parts.split(", ").map((part) => [one(part), page.querySelector(part)]).filter(([ours]) => ours);
    if (!found.length || !found.every(([, theirs]) => theirs)) return false;
    for (const [ours, theirs] of found) ours.replaceWith(theirs);
    offer();
    return true;
  };

  const load = async (link) => {
    const answer = await fetch(link.href);
    // what has no such part asks to sign in, for example
    if (!answer.ok || !put(await pageOf(answer), link.dataset.psLoad)) return location.assign(link.href);
    if (link.dataset.psLoad === "#ps-look") one("#ps-look input:not([type=hidden])")?.focus();
    if (link.matches("[data-ps-show]")) {
      // what is written applies to the new messages, too
      now().dataset.psThread = one("#ps-reply-seen input")?.value ?? now().dataset.psThread;
      link.closest(".ps-presence").remove();
    }
    if (link.matches("[data-ps-once]")) link.remove();
    const form = one("form#ps-asking");
    if (link.dataset.psLoad === "#ps-asking" && form) form.querySelector("input:not([type=hidden]), select").focus();
  };

  /* What follows in a list takes the place of the item that leads there. */
  const more = async (link) => {
    const answer = await fetch(link.href);
    const rows = answer.ok && (await pageOf(answer)).querySelector(link.dataset.psMore)?.children;
    if (!rows) return location.assign(link.href);
    const item = link.closest("li");
    const fresh = [...rows];
    // some stood with the newest ones already
    for (const row of fresh) if (row.id !== item.id) document.getElementById(row.id)?.remove();
    item.replaceWith(...fresh);
    fresh[0].tabIndex = -1;
    fresh[0].focus({ preventScroll: true });
  };

  /* A form whose answer stays within a part of this page; what it says of other parts is read anew. */
  const sendWithin = async (form, button) => {
    const { psWithin: part, psRefresh: others } = form.dataset;
    if (button) button.disabled = true;
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) }).catch(() => 0);
    // the browser shows what we cannot: a server that is gone, or that asks to sign in
    if (!answer || !put(await pageOf(answer), part)) return form.submit();
    (one(`${part} [data-ps-copy]`) ?? one(`${part} input:not([type=hidden])`))?.focus();
    const page = await fetch(location.href);
    if (page.ok) put(await pageOf(page), others);
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.psWithin || !one(form.dataset.psRefresh)) return;
    event.preventDefault();
    sendWithin(form, event.submitter);
  });

  document.addEventListener(
    "toggle",
    ({ target }) => target.open && target.querySelector("[data-ps-once]")?.click(),
    true,
  );

  // The reply

  const insert = (field, text) => {
    field.focus();
    const before = field.value.slice(0, field.selectionStart);
    const apart = before && !before.endsWith("\n") ? "\n\n" : "";
    field.setRangeText(apart + text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };

  /* A fresh draft has an empty place between greeting and signature: that is where one begins. */
  const place = (field) => {
    const gap = field.value.indexOf("\n\n\n\n");
    if (gap >= 0 && field.value === field.defaultValue) field.setSelectionRange(gap + 2, gap + 2);
  };

  const start = () => {
    reply().focus();
    place(reply());
  };

  document.addEventListener("click", async (event) => {
    const link = event.target.closest("[data-ps-answer], [href$='#reply']");
    if (link && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      if (!reply()) {
        // it was claimed since: only a fresh page has a place to write
        location.assign(link.href);
        if (location.hash === "#reply") location.reload();
        return;
      }
      start();
      one("#reply").scrollIntoView({ block: "nearest" });
      const said = link.closest(".ps-thread > li")?.querySelector(".ps-prose").textContent.trim();
      const answered = one("#ps-answered");
      answered.textContent = said ? answered.dataset.psAnswering.replace("%(said)s", () => said.slice(0, 160)) : "";
      return;
    }
    const loads = event.target.closest("[data-ps-load]");
    if (loads && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      await load(loads);
      return;
    }
    const older = event.target.closest("[data-ps-more]");
    if (older && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      await more(older);
      return;
    }
    const empty = event.target.closest("[data-ps-empty]");
    if (empty) {
      one(empty.dataset.psEmpty).replaceChildren();
      return;
    }
    const button = event.target.closest("[data-ps-insert]");
    if (button && reply()) {
      event.preventDefault();
      const id = one("#ps-boilerplate").value;
      const answer = await fetch(`${button.dataset.psInsert}?${new URLSearchParams({ id })}`);
      if (answer.ok) insert(reply(), await answer.text());
      return;
    }
    const copy = event.target.closest("[data-ps-copy]");
    if (copy) {
      await navigator.clipboard.writeText(document.getElementById(copy.dataset.psCopy).textContent);
      one("#ps-copied").textContent = copy.dataset.psCopied;
    }
  });

  const flat = (text) => text.split(/\s+/).join(" ").trim().toLowerCase();
  const tickNeeds = () => {
    for (const need of document.querySelectorAll("[data-ps-needs]")) {
      const words = need.dataset.psNeeds.split("\n").map(flat);
      need.classList.toggle("ps-met", words.some((each) => each && flat(reply().value).includes(each)));
    }
  };
  document.addEventListener("input", ({ target }) => target === reply() && tickNeeds());
  // a draft that comes back is no input
  document.addEventListener("change", ({ target }) => target === one("#ps-letter") && tickNeeds());
  if (reply()) tickNeeds();

  const offer = () => {
    for (const button of document.querySelectorAll("[data-ps-copy]")) button.hidden = !navigator.clipboard;
    for (const button of document.querySelectorAll(".ps-ticket [data-ps-empty]")) button.hidden = false;
  };
  offer();
  if (reply() && location.hash === "#reply") start();
  else if (reply()) place(reply());

  // A part of the side is shown within it: the title and the next step stay in sight

  const stayOnTop = () => {
    const side = one(".ps-ticket > .ps-side");
    const there = document.getElementById(location.hash.slice(1));
    if (side?.contains(there) && getComputedStyle(side).position === "sticky") scrollTo(0, 0);
  };
  // once the browser has gone there itself
  for (const name of ["load", "hashchange"]) addEventListener(name, () => requestAnimationFrame(() => setTimeout(stayOnTop)));

  // Parts that stay folded

  for (const part of document.querySelectorAll("[data-ps-fold]")) {
    const key = `psFold-${part.dataset.psFold}`;
    const keep = (open) => (localStorage[key] = open ? "open" : "closed");
    // who was quicker than this file has folded or unfolded it already
    if (part.open !== "psUnfolded" in part.dataset) keep(part.open);
    // what holds the form that the page answers is unfolded, whatever was kept
    else if (localStorage[key] && part.dataset.psUnfolded !== "now") part.open = localStorage[key] === "open";
    part.querySelector("summary").addEventListener("click", () => keep(!part.open));
  }
})();
