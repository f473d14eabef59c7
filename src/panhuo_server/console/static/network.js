/* The network drawn from places settled on the server: pan, zoom, keys, one party's chain. The tables say the same. */
(() => {
  "use strict";
  const box = document.querySelector(".net");
  if (!box) return;
  const canvas = box.querySelector("canvas"), said = box.querySelector(".net-said"), pen = canvas.getContext("2d");
  const word = box.dataset;
  let data = null, view = { x: 0, y: 0, scale: 1 }, chosen = -1, chain = null, ring = -1, wanted = false;
  let grid = null, links = null, late = null, every = [], colours = null;
  const CELL = 400;

  const read = () => {
    const style = getComputedStyle(document.documentElement);
    const of = (name) => style.getPropertyValue(name).trim();
    colours = { ink: of("--ink"), soft: of("--soft"), rule: of("--rule"), teal: of("--teal"), paper: of("--paper"), sheet: of("--sheet"), late: of("--r5"), warn: of("--r4") };
  };
  /* A colour thinned with the sheet's, so that a hull's fill and its rounding do not add up. */
  const mixed = (colour, part) => {
    const of = (text) => [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));
    const sheet = of(colours.sheet);
    return "rgb(" + of(colour).map((value, n) => Math.round(value * part + sheet[n] * (1 - part))).join(",") + ")";
  };
  const size = () => {
    const wide = canvas.clientWidth, high = canvas.clientHeight, dense = window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(wide * dense) || canvas.height !== Math.round(high * dense)) {
      canvas.width = Math.round(wide * dense);
      canvas.height = Math.round(high * dense);
    }
    return [wide, high, dense];
  };
  const extent = (list) => {
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const n of list) {
      left = Math.min(left, data.x[n]); right = Math.max(right, data.x[n]);
      top = Math.min(top, data.y[n]); bottom = Math.max(bottom, data.y[n]);
    }
    return [left, top, right, bottom];
  };
  const fit = (list, margin) => {
    const [wide, high] = size(), [left, top, right, bottom] = extent(list);
    const scale = Math.min(2, (wide - 2 * margin) / Math.max(right - left, 1), (high - 2 * margin) / Math.max(bottom - top, 1));
    view = { scale, x: wide / 2 - scale * (left + right) / 2, y: high / 2 - scale * (top + bottom) / 2 };
    draw();
  };
  const all = () => data.x.keys();
  const draw = () => { if (!wanted && data) { wanted = true; requestAnimationFrame(paint); } };

  const paint = () => {
    wanted = false;
    const [wide, high, dense] = size();
    const { x, y } = data, { scale } = view, px = (n) => x[n] * scale + view.x, py = (n) => y[n] * scale + view.y;
    pen.setTransform(dense, 0, 0, dense, 0, 0);
    pen.clearRect(0, 0, wide, high);
    pen.lineJoin = pen.lineCap = "round";
    const radius = Math.max(data.x.length > 8000 ? 0.6 : 1.2, Math.min(7, 16 * scale)), faint = chain !== null;
    data.rings.forEach((one, at) => {
      const part = faint ? 0.1 : at === ring ? 0.45 : one.live ? 0.26 : 0.14;
      pen.fillStyle = pen.strokeStyle = mixed(one.live ? (one.late ? colours.late : colours.warn) : colours.soft, part);
      pen.lineWidth = Math.max(8, 4 * radius);
      pen.beginPath();
      one.hull.forEach((n, k) => (k ? pen.lineTo(px(n), py(n)) : pen.moveTo(px(n), py(n))));
      pen.closePath();
      pen.fill();
      pen.stroke();
    });
    const shown = (a, b) => !((px(a) < 0 && px(b) < 0) || (px(a) > wide && px(b) > wide) || (py(a) < 0 && py(b) < 0) || (py(a) > high && py(b) > high));
    const arrows = scale > 0.16;
    const lines = (edges, colour, alpha) => {
      pen.globalAlpha = alpha;
      pen.strokeStyle = pen.fillStyle = colour;
      for (let width = 0; width <= 5; width += 1) {
        pen.lineWidth = Math.max(0.4, (0.5 + 0.75 * width) * Math.min(1, 3 * scale + 0.45));
        pen.setLineDash(width ? [] : [3, 3]);
        pen.beginPath();
        for (const e of edges) {
          const a = data.from[e], b = data.to[e];
          if (data.width[e] !== width || !shown(a, b)) continue;
          pen.moveTo(px(a), py(a));
          pen.lineTo(px(b), py(b));
        }
        pen.stroke();
        pen.setLineDash([]);
        if (!arrows) continue;
        pen.beginPath();
        for (const e of edges) {
          const a = data.from[e], b = data.to[e];
          if (data.width[e] !== width || !shown(a, b)) continue;
          const across = px(b) - px(a), down = py(b) - py(a), long = Math.hypot(across, down);
          if (long < 3 * radius) continue;
          const ux = across / long, uy = down / long, tip = radius + 1, head = 4 + 1.1 * width;
          const tx = px(b) - ux * tip, ty = py(b) - uy * tip;
          pen.moveTo(tx, ty);
          pen.lineTo(tx - ux * head - uy * head * 0.5, ty - uy * head + ux * head * 0.5);
          pen.lineTo(tx - ux * head + uy * head * 0.5, ty - uy * head - ux * head * 0.5);
          pen.closePath();
        }
        pen.fill();
      }
    };
    lines(every, colours.soft, faint ? 0.12 : 0.7);
    if (chain) lines(chain.edges, colours.teal, 1);
    const dots = (list, colour, alpha, grown) => {
      pen.globalAlpha = alpha;
      pen.fillStyle = colour;
      pen.beginPath();
      for (const n of list) {
        const cx = px(n), cy = py(n), r = radius * grown;
        if (cx < -r || cy < -r || cx > wide + r || cy > high + r) continue;
        if (late.has(n)) { pen.moveTo(cx, cy - 1.4 * r); pen.lineTo(cx + 1.4 * r, cy); pen.lineTo(cx, cy + 1.4 * r); pen.lineTo(cx - 1.4 * r, cy); pen.closePath(); }
        else { pen.moveTo(cx + r, cy); pen.arc(cx, cy, r, 0, 7); }
      }
      pen.fill();
    };
    dots([...all()].filter((n) => !late.has(n)), colours.ink, faint ? 0.18 : 0.85, 1);
    dots(data.late, colours.late, faint ? 0.3 : 1, 1.1);
    if (chain) { dots(chain.nodes.filter((n) => !late.has(n)), colours.teal, 1, 1.2); dots(chain.nodes.filter((n) => late.has(n)), colours.late, 1, 1.3); }
    pen.globalAlpha = 1;
    const names = chain ? chain.nodes : ring >= 0 ? data.rings[ring].members : scale > 0.55 ? [...all()] : [];
    pen.font = "12px ui-monospace, Menlo, monospace";
    pen.textAlign = "center";
    pen.lineWidth = 3;
    for (const n of names) {
      const cx = px(n), cy = py(n) + radius + 13;
      if (cx < -40 || cy < 0 || cx > wide + 40 || cy > high + 12) continue;
      pen.strokeStyle = colours.paper;
      pen.strokeText(data.name[n], cx, cy);
      pen.fillStyle = colours.ink;
      pen.fillText(data.name[n], cx, cy);
    }
  };

  const tell = (text, address) => {
    said.textContent = text;
    if (!address) return;
    const link = document.createElement("a");
    link.href = address;
    link.textContent = word.open;
    said.append(" ", link);
  };
  const partyAt = (n) => "/console/network/parties/" + encodeURIComponent(data.name[n]);
  /* The shortest way, over guarantees with something owed, to one answered for that is past due. */
  const follow = (start) => {
    const before = new Map([[start, -1]]), queue = [start];
    for (let at = 0; at < queue.length; at += 1) {
      const n = queue[at];
      if (n !== start && late.has(n)) {
        const nodes = [n], edges = [];
        for (let now = n; before.get(now) >= 0;) { const e = before.get(now); edges.push(e); now = data.from[e]; nodes.push(now); }
        return { nodes: nodes.reverse(), edges };
      }
      for (const e of links[n] ?? []) if (data.width[e] && !before.has(data.to[e])) { before.set(data.to[e], e); queue.push(data.to[e]); }
    }
    return { nodes: [start], edges: [] };
  };
  const choose = (n) => {
    chosen = n;
    ring = -1;
    if (n < 0) { chain = null; tell(""); draw(); return; }
    chain = follow(n);
    if (!chain.edges.length) chain.edges = [...(links[n] ?? [])];
    const way = chain.nodes.length > 1 ? word.way + chain.nodes.map((m) => data.name[m]).join(" → ") : word.none;
    tell(data.name[n] + (late.has(n) ? " · " + word.late : "") + " · " + way, partyAt(n));
    draw();
  };
  const turn = (by) => {
    if (!data.rings.length) return;
    chosen = -1;
    chain = null;
    ring = (ring + by + data.rings.length) % data.rings.length;
    const one = data.rings[ring];
    tell(`${word.ring} ${one.id} · ${one.members.length} ${word.members} · ${one.live ? word.live : word.record}${one.late ? " · " + word.late : ""} (${ring + 1}/${data.rings.length})`, "/console/network/rings/" + one.id);
    fit(one.members, 120);
  };
  const nearest = (mx, my) => {
    const wx = (mx - view.x) / view.scale, wy = (my - view.y) / view.scale, reach = 14 / view.scale;
    let best = -1, least = reach * reach;
    const span = Math.min(40, Math.ceil(reach / CELL)), cx = Math.floor(wx / CELL), cy = Math.floor(wy / CELL);
    for (let i = -span; i <= span; i += 1) for (let j = -span; j <= span; j += 1)
      for (const n of grid.get((cx + i) + ":" + (cy + j)) ?? []) {
        const far = (data.x[n] - wx) ** 2 + (data.y[n] - wy) ** 2;
        if (far < least) { least = far; best = n; }
      }
    return best;
  };
  const zoom = (by, mx, my) => {
    const next = Math.min(4, Math.max(0.001, view.scale * by)), part = next / view.scale;
    view = { scale: next, x: mx - (mx - view.x) * part, y: my - (my - view.y) * part };
    draw();
  };
  const middle = () => [canvas.clientWidth / 2, canvas.clientHeight / 2];
  const place = (event) => { const at = canvas.getBoundingClientRect(); return [event.clientX - at.left, event.clientY - at.top]; };

  const held = new Map();
  let moved = 0, apart = 0;
  canvas.addEventListener("pointerdown", (event) => { held.set(event.pointerId, place(event)); moved = 0; apart = 0; canvas.setPointerCapture(event.pointerId); });
  canvas.addEventListener("pointermove", (event) => {
    if (!data) return;
    const now = place(event);
    if (!held.has(event.pointerId)) { canvas.classList.toggle("over", nearest(...now) >= 0); return; }
    const was = held.get(event.pointerId);
    held.set(event.pointerId, now);
    if (held.size === 2) {
      const [a, b] = [...held.values()], far = Math.hypot(a[0] - b[0], a[1] - b[1]);
      if (apart) zoom(far / apart, (a[0] + b[0]) / 2, (a[1] + b[1]) / 2);
      apart = far;
      moved += 9;
      return;
    }
    moved += Math.abs(now[0] - was[0]) + Math.abs(now[1] - was[1]);
    view.x += now[0] - was[0];
    view.y += now[1] - was[1];
    draw();
  });
  const release = (event) => {
    const was = held.get(event.pointerId);
    held.delete(event.pointerId);
    apart = 0;
    if (event.type === "pointerup" && was && moved < 6 && data) choose(nearest(...was));
  };
  canvas.addEventListener("pointerup", release);
  canvas.addEventListener("pointercancel", release);
  canvas.addEventListener("dblclick", (event) => { const n = data ? nearest(...place(event)) : -1; if (n >= 0) location.href = partyAt(n); });
  canvas.addEventListener("wheel", (event) => {
    if (!data || !(event.ctrlKey || document.activeElement === canvas)) return;
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * 0.0016), ...place(event));
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    if (!data || event.ctrlKey || event.metaKey || event.altKey) return;
    const shift = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
    if (shift) { view.x += shift[0]; view.y += shift[1]; draw(); }
    else if (event.key === "+" || event.key === "=") zoom(1.3, ...middle());
    else if (event.key === "-") zoom(1 / 1.3, ...middle());
    else if (event.key === "0") { choose(-1); fit([...all()], 24); }
    else if (event.key === "n") turn(1);
    else if (event.key === "p") turn(-1);
    else if (event.key === "Enter" && (chosen >= 0 || ring >= 0)) location.href = chosen >= 0 ? partyAt(chosen) : "/console/network/rings/" + data.rings[ring].id;
    else if (event.key === "Escape") choose(-1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  for (const button of box.querySelectorAll("[data-do]")) button.addEventListener("click", () => {
    if (!data) return;
    const act = button.dataset.do;
    if (act === "in") zoom(1.4, ...middle());
    else if (act === "out") zoom(1 / 1.4, ...middle());
    else if (act === "ring") turn(1);
    else { choose(-1); fit([...all()], 24); }
  });
  new ResizeObserver(draw).observe(canvas);
  new MutationObserver(() => { read(); draw(); }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { read(); draw(); });

  fetch(word.source, { credentials: "same-origin" }).then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status))))).then((found) => {
    data = found;
    late = new Set(data.late);
    every = [...data.from.keys()];
    links = [];
    data.from.forEach((n, e) => { (links[n] ??= []).push(e); });
    grid = new Map();
    data.x.forEach((x, n) => { const at = Math.floor(x / CELL) + ":" + Math.floor(data.y[n] / CELL); if (grid.has(at)) grid.get(at).push(n); else grid.set(at, [n]); });
    read();
    said.textContent = "";
    if (data.x.length) fit([...all()], 24);
    box.dataset.drawn = data.x.length;
  }).catch((error) => { said.textContent = String(error.message); said.classList.add("fault"); });
})();
