/* The console's own script: the drawer, the theme, keys, and the button that verifies. No page needs it to be read. */
(() => {
  "use strict";
  const root = document.documentElement;
  const kept = (() => { try { return localStorage.getItem("panhuo-theme"); } catch { return null; } })();
  if (kept === "light" || kept === "dark") root.dataset.theme = kept;
  const $ = (query, within = document) => within.querySelector(query);
  let from = null;

  const drawer = () => $("#drawer");
  const close = () => {
    const open = drawer();
    if (!open || open.hidden) return;
    open.hidden = true;
    open.replaceChildren();
    if (location.hash.startsWith("#why/")) history.replaceState(null, "", location.pathname + location.search);
    if (from && from.isConnected) from.focus();
  };
  const show = () => {
    const open = drawer();
    open.hidden = false;
    const heading = $(".heading", open);
    if (heading) heading.focus();
  };

  document.addEventListener("alpine:init", () => {
    Alpine.data("frame", () => ({
      turn() {
        const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
        root.dataset.theme = dark ? "light" : "dark";
        try { localStorage.setItem("panhuo-theme", root.dataset.theme); } catch { /* kept for this page alone */ }
      },
      copy(event) {
        const table = $("table", document.getElementById(event.currentTarget.dataset.copy));
        const text = [...table.rows].map((row) => [...row.cells].map((cell) => {
          const exact = $("[title]", cell);
          return (exact && exact.title ? exact.title : cell.innerText).trim();
        }).join("\t")).join("\n");
        const button = event.currentTarget, said = button.parentElement.querySelector(".copied");
        const say = (words) => { if (said) said.textContent = words; };
        if (!navigator.clipboard) { say(button.dataset.cannot); return; }
        navigator.clipboard.writeText(text).then(() => say(button.dataset.done), () => say(button.dataset.cannot));
      },
    }));
    Alpine.data("proof", () => ({
      state: "", verdict: "",
      close, print() { window.print(); },
      async verify(event) {
        const box = event.currentTarget.closest(".proof");
        const { columns, keys, cell, value, good, same, other, bad, cannot } = box.dataset;
        const found = await panhuoReceipts.verify($(".receipt", box).textContent, JSON.parse(keys));
        if (found.reason.includes("NotSupportedError")) { this.state = "bad"; this.verdict = cannot; return; }
        this.state = found.valid ? "good" : "bad";
        this.verdict = found.valid ? good : bad + found.reason;
        if (!found.valid || cell === "" || !found.row) return;
        const held = panhuoReceipts.values(found.row, JSON.parse(columns)).values[Number(cell)];
        const equal = (held === null ? "" : String(held)) === value;
        this.verdict += " " + (equal ? same : other);
        if (!equal) this.state = "bad";
      },
    }));
  });

  const bar = (which) => {
    const line = $("#offline");
    if (!line) return;
    line.textContent = which ? line.dataset[which] : "";
    line.hidden = !which;
  };
  const online = () => bar(navigator.onLine ? "" : "offline");
  window.addEventListener("online", online);
  window.addEventListener("offline", online);
  document.addEventListener("DOMContentLoaded", online);
  for (const fault of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(fault, () => bar(navigator.onLine ? "failed" : "offline"));
  }
  document.addEventListener("htmx:afterOnLoad", () => { if (navigator.onLine) bar(""); });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target !== drawer()) return;
    if (!drawer().contains(event.detail.elt)) from = event.detail.elt;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== drawer()) return;
    show();
    history.replaceState(null, "", "#why/" + encodeURIComponent(event.detail.pathInfo.requestPath));
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.target === drawer()) location.href = event.detail.pathInfo.requestPath;
  });
  // A table wider or higher than its place is reached by the keyboard too: what scrolls can be focused, and has a name.
  const reach = () => {
    for (const box of document.querySelectorAll(".wide")) {
      const over = box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1;
      if (over && !box.hasAttribute("tabindex")) {
        const head = (box.closest("section") || document).querySelector("h2, h3, h1");
        box.tabIndex = 0;
        box.setAttribute("role", "region");
        box.setAttribute("aria-label", head ? head.textContent.trim() : document.title);
        box.dataset.reached = "";
      } else if (!over && "reached" in box.dataset) {
        for (const name of ["tabindex", "role", "aria-label", "data-reached"]) box.removeAttribute(name);
      }
    }
  };
  for (const moment of ["load", "resize"]) window.addEventListener(moment, reach);
  document.addEventListener("htmx:afterSettle", reach);
  window.addEventListener("load", () => {
    const place = $("nav.rail [aria-current]");  // on a phone the rail is a strip, and one's place may lie off it
    if (place) place.scrollIntoView({ block: "nearest", inline: "center" });
    const asked = location.hash.startsWith("#why/") ? decodeURIComponent(location.hash.slice(5)) : "";
    if (/^\/console\/(why\/|[^?]*\?(.*&)?as=sum(&|$))/.test(asked)) htmx.ajax("GET", asked, { target: "#drawer", source: document.body });
  });

  const rows = () => [...document.querySelectorAll(".sheet tbody tr:not(.group)")].filter((row) => $("a", row));
  const step = (by) => {
    const all = rows();
    if (!all.length) return;
    const now = all.findIndex((row) => row.contains(document.activeElement));
    const next = all[Math.min(Math.max(now + by, 0), all.length - 1)];
    const link = $("a", next);
    if (link) { link.focus(); next.scrollIntoView({ block: "nearest" }); }
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { close(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    if (event.key === "?") { const keys = $("#keys"); if (keys && keys.showModal && !keys.open) { event.preventDefault(); keys.showModal(); } }
    else if (event.key === "/") { const field = $("#q"); if (field) { event.preventDefault(); field.focus(); } }
    else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "w") {
      const here = event.target.closest("tr");
      const link = event.target.matches("a.n") ? event.target : here && $("a.n", here);
      if (link) link.click();
    }
  });
})();
