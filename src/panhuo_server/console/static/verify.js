/* Checks a receipt where it is read: docs/format.md in the browser's own SHA-256 and Ed25519, nothing sent anywhere.
   Accepts exactly the bytes that were issued; the key comes from the reader, never from the receipt. */
(() => {
  "use strict";
  const subtle = globalThis.crypto.subtle;
  const utf8 = new TextEncoder();
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  class Refused extends Error {}
  const refuse = (why) => { throw new Refused(why); };

  // RFC 8785 without fractions: keys by UTF-16 units, shortest strings, whole numbers.
  const canonical = (value) => {
    if (value === null || typeof value === "boolean") return JSON.stringify(value);
    if (typeof value === "string") return /[\ud800-\udfff]/u.test(value) ? refuse("a lone surrogate") : JSON.stringify(value);
    if (typeof value === "number") return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : refuse("not a whole number");
    if (Array.isArray(value)) return "[" + value.map(canonical).join(",") + "]";
    return "{" + Object.keys(value).sort().map((key) => canonical(key) + ":" + canonical(value[key])).join(",") + "}";
  };
  const parse = (text) => {
    let value;
    try { value = JSON.parse(text); } catch { refuse("not JSON"); }
    if (canonical(value) !== text) refuse("another spelling of the same value");
    return value;
  };
  const named = (value, ...names) => {
    const have = value !== null && typeof value === "object" && !Array.isArray(value) ? Object.keys(value).sort().join() : "";
    if (have !== names.sort().join()) refuse("not a receipt of format 1");
  };
  const unhex = (text) => {
    if (typeof text !== "string" || !/^([0-9a-f]{2})*$/.test(text)) refuse("not lower-case hexadecimal");
    return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  };
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const unbase64 = (text) => {
    if (typeof text !== "string" || !/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) refuse("not base64url");
    const bytes = Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
    let again = "";
    for (const byte of bytes) again += String.fromCharCode(byte);
    if (btoa(again).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "") !== text) refuse("another spelling of base64url");
    return bytes;
  };
  const number = (text) => (typeof text === "string" && /^(0|[1-9][0-9]*)$/.test(text) ? BigInt(text) : refuse("not a whole number in its one spelling"));
  const same = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);
  const joined = (...parts) => {
    const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
    let at = 0;
    for (const part of parts) { all.set(part, at); at += part.length; }
    return all;
  };
  const sha256 = async (bytes) => new Uint8Array(await subtle.digest("SHA-256", bytes));
  const leaf = (bytes) => sha256(joined(Uint8Array.of(0), bytes));
  const node = (left, right) => sha256(joined(Uint8Array.of(1), left, right));

  // RFC 9162, 2.1.3.2.
  const included = async (hash, index, size, path, root) => {
    if (index >= size) return false;
    let at = index, last = size - 1n, value = hash;
    for (const part of path) {
      if (last === 0n || part.length !== 32) return false;
      if ((at & 1n) === 1n || at === last) {
        value = await node(part, value);
        while ((at & 1n) === 0n && at !== 0n) { at >>= 1n; last >>= 1n; }
      } else value = await node(value, part);
      at >>= 1n;
      last >>= 1n;
    }
    return last === 0n && same(value, root);
  };

  const check = async (text, keys) => {
    const data = parse(text);
    const row = data !== null && typeof data === "object" && Object.hasOwn(data, "row");
    named(data, "format", "kind", "entry", "head", "signature", "key", "log", ...(row ? ["row"] : []));
    if (data.format !== 1) refuse("not a receipt of format 1");
    if ((data.kind === "row") !== row) refuse("a row receipt without its row, or a row where none belongs");
    named(data.head, "format", "org", "root", "size", "time");
    named(data.log, "index", "path");
    let trusted = null;
    for (const key of keys) {
      const raw = unhex(key.raw);
      if (hex(await sha256(raw)) === data.key && key.org === data.head.org) trusted = raw;
    }
    if (!trusted) refuse("signed by a key that is not among those trusted for its organisation");
    const size = number(data.head.size);
    const head = utf8.encode(canonical({ ...data.head, size: Number(size) }));
    const key = await subtle.importKey("raw", trusted, { name: "Ed25519" }, false, ["verify"]);
    if (!(await subtle.verify({ name: "Ed25519" }, key, unbase64(data.signature), head))) refuse("the signature does not fit the head");
    const bytes = unbase64(data.entry);
    const entry = parse(strict.decode(bytes));
    if (!(await included(await leaf(bytes), number(data.log.index), size, data.log.path.map(unhex), unhex(data.head.root))))
      refuse("the path does not lead from the entry to the signed head");
    if (entry.org !== data.head.org) refuse("the entry belongs to another organisation than the head");
    if (!row && data.kind !== entry.kind) refuse("the receipt's kind is not its entry's");
    if (row) {
      named(data.row, "bytes", "index", "size", "path");
      if (entry.kind !== "outcome") refuse("not a row receipt of format 1");
      const rows = BigInt(entry.rows);
      if (number(data.row.size) !== rows) refuse("the outcome has another size");
      const held = await leaf(unbase64(data.row.bytes));
      if (!(await included(held, number(data.row.index), rows, data.row.path.map(unhex), unhex(entry.root))))
        refuse("the path does not lead from the row to its outcome");
    }
    return { valid: true, reason: data.kind + " proved", key: data.key, time: data.head.time, entry, row: row ? unbase64(data.row.bytes) : null };
  };

  /* keys: [{org, raw: 64 hex digits}]. Never throws for a bad receipt: the verdict says what fails. */
  const verify = async (text, keys) => {
    try { return await check(text, keys); } catch (error) {
      return { valid: false, reason: error instanceof Refused ? error.message : "not a receipt: " + error.name };
    }
  };

  /* The values of a row's bytes: its table, and per column a BigInt (whole numbers and days), a text, or null (unknown). */
  const values = (bytes, types) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    const word = () => { const size = view.getUint32(at); at += 4; return size; };
    const text = () => { const size = word(); at += size; return strict.decode(bytes.subarray(at - size, at)); };
    if (bytes[at++] !== 1) throw new Refused("another format");
    const table = text(), version = word();
    const found = types.map((type) => {
      if (bytes[at++] === 0) return null;
      if (type === "text" || type === "code") return text();
      const value = view.getBigInt64(at);
      at += 8;
      return value;
    });
    return { table, version, values: found };
  };

  globalThis.panhuoReceipts = { verify, values };
})();
