/* Checks a receipt pasted or dropped, here in the browser, and says in words what it proves. Nothing is sent. */
(() => {
  "use strict";
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
  const EPOCH = Date.UTC(1970, 0, 1);
  const grouped = (number) => String(number).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  /* A value of a row as people read it, to its last unit: fen as yuan, ppm and billionths as per cent. */
  const shown = (type, value, codes, words) => {
    if (value === null) return words.unknown;
    if (type === "text" || type === "code") return (codes && codes[value]) || value;
    if (type === "bool") return value ? words.yes : words.no;
    if (type === "date") return new Date(EPOCH + Number(value) * 86400000).toISOString().slice(0, 10);
    const places = { fen: 2, ppm: 4, billionths: 7 }[type];
    if (!places) return grouped(value);
    const minus = value < 0n, digits = String(minus ? -value : value).padStart(places + 1, "0");
    return (minus ? "−" : "") + grouped(digits.slice(0, -places)) + "." + digits.slice(-places) + (type === "fen" ? "" : " %");
  };
  /* What a verified receipt proves: sentences, and the row's columns with their values where it carries one. */
  const told = (text, found, schemas, words) => {
    const data = JSON.parse(text), entry = found.entry, says = [], row = [];
    says.push(fill(words.placed, { org: entry.org, index: data.log.index, size: data.head.size }));
    const known = schemas[entry.name];
    if (entry.kind === "outcome") {
      says.push(fill(words.outcome, { name: known ? known.name : entry.name, rows: entry.rows, as_of: entry.lineage.as_of ?? "—", root: entry.root }));
      const batch = Object.values(entry.lineage.batches ?? {}).map((one) => one.sequence).join(", ");
      const rules = Object.keys(entry.lineage.rule_files ?? {}).map((name) => name.replace(".toml", "")).join(", ");
      says.push(fill(words.rests, { batch: batch || "—", rules: rules || "—" }));
    } else says.push(fill(words[entry.kind] ?? "", entry));
    says.push(fill(words.signed, { key: found.key, time: found.time }));
    says.push(words.not);
    if (found.row) {
      says.push(fill(words.row, { index: Number(data.row.index) + 1, rows: entry.rows }));
      if (known) {
        const held = panhuoReceipts.values(found.row, known.columns.map((one) => one[0]));
        held.values.forEach((value, at) => row.push([known.columns[at][1], shown(known.columns[at][0], value, known.columns[at][2], words)]));
      }
    }
    return { says, row };
  };
  globalThis.panhuoEvidence = { told, shown };
  if (typeof document === "undefined") return;

  const box = document.querySelector(".drop");
  if (!box) return;
  const field = box.querySelector("textarea"), verdict = document.querySelector("#verdict"), proved = document.querySelector("#proved");
  const words = JSON.parse(box.dataset.words), schemas = JSON.parse(box.dataset.schemas);
  const check = async () => {
    const text = field.value.trim();
    proved.replaceChildren();
    verdict.className = "verdict";
    verdict.textContent = "";
    if (!text) return;
    const keys = JSON.parse(box.dataset.keys);
    const own = document.querySelector("#own-key").value.trim().toLowerCase();
    if (/^[0-9a-f]{64}$/.test(own)) {
      let org = "";
      try { org = JSON.parse(text).head.org; } catch { /* the verifier says what is wrong */ }
      keys.push({ org, raw: own });
    }
    const found = await panhuoReceipts.verify(text, keys);
    verdict.classList.add(found.valid ? "good" : "bad");
    verdict.textContent = found.valid ? words.good : found.reason.includes("NotSupportedError") ? words.cannot : words.bad + found.reason;
    if (!found.valid) return;
    const { says, row } = told(text, found, schemas, words);
    const lines = document.createElement("ul");
    for (const one of says) { const item = document.createElement("li"); item.textContent = one; lines.append(item); }
    proved.append(lines);
    if (!row.length) return;
    const list = document.createElement("dl");
    list.className = "pairs";
    for (const [name, value] of row) {
      const pair = document.createElement("div"), term = document.createElement("dt"), said = document.createElement("dd");
      term.textContent = name;
      said.textContent = value;
      pair.append(term, said);
      list.append(pair);
    }
    proved.append(list);
  };
  const take = async (file) => { if (file && file.size < 4000000) { field.value = await file.text(); check(); } };
  document.querySelector("#check").addEventListener("click", check);
  box.querySelector("input[type=file]").addEventListener("change", (event) => take(event.target.files[0]));
  field.addEventListener("paste", () => setTimeout(check, 0));
  for (const kind of ["dragenter", "dragover"]) box.addEventListener(kind, (event) => { event.preventDefault(); box.classList.add("over"); });
  for (const kind of ["dragleave", "drop"]) box.addEventListener(kind, () => box.classList.remove("over"));
  box.addEventListener("drop", (event) => { event.preventDefault(); take(event.dataTransfer.files[0]); });
})();
