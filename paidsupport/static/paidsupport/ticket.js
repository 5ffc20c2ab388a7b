/*
 * The page of a ticket works without this file. It adds:
 *
 * - #ps-now asks its address (data-ps-live) every few seconds, while it can be seen, for the next step, new messages
 *   and who else is here; #ps-here says that we are;
 * - data-ps-answer brings a message's answer to the reply box; data-ps-insert puts a canned reply where the cursor is;
 *   data-ps-needs ticks what a text must hold as one types;
 * - parts that a person folds stay folded; data-ps-copy copies a text.
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

  const load = async (link) => {
    const answer = await fetch(link.href);
    if (!answer.ok) return location.assign(link.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of link.dataset.psLoad.split(", ")) one(part)?.replaceWith(page.querySelector(part));
    if (link.matches("[data-ps-show]")) {
      // what is written applies to the new messages, too
      now().dataset.psThread = one("#ps-reply-seen input")?.value ?? now().dataset.psThread;
      link.closest(".ps-presence").remove();
    }
    if (link.matches("[data-ps-once]")) link.remove();
    const form = one("form#ps-asking");
    if (link.dataset.psLoad === "#ps-asking" && form) form.querySelector("input:not([type=hidden]), select").focus();
  };

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
    const link = event.target.closest("[data-ps-answer], [href='#reply']");
    if (link && reply()) {
      event.preventDefault();
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

  for (const button of document.querySelectorAll("[data-ps-copy]")) button.hidden = !navigator.clipboard;
  if (reply() && location.hash === "#reply") start();
  else if (reply()) place(reply());

  // Parts that stay folded

  for (const part of document.querySelectorAll("[data-ps-fold]")) {
    const key = `psFold-${part.dataset.psFold}`;
    const keep = (open) => (localStorage[key] = open ? "open" : "closed");
    // who was quicker than this file has folded or unfolded it already
    if (part.open !== "psUnfolded" in part.dataset) keep(part.open);
    else if (localStorage[key]) part.open = localStorage[key] === "open";
    part.querySelector("summary").addEventListener("click", () => keep(!part.open));
  }
})();
