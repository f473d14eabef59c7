/* Draws a page's charts from the data that stands in their own attribute. The table beside a chart says the same. */
(() => {
  "use strict";
  const root = document.documentElement;
  const drawn = [];
  const colour = (name) => getComputedStyle(root).getPropertyValue("--" + name).trim();
  const font = () => getComputedStyle(document.body).fontFamily;
  const open = (where) => {
    if (!where) return;
    if (where.startsWith("/console/why/")) htmx.ajax("GET", where, { target: "#drawer", source: document.body });
    else location.href = where;
  };
  const tip = () => ({
    renderMode: "richText", confine: true, backgroundColor: colour("sheet"), borderColor: colour("rule"), borderWidth: 1,
    textStyle: { color: colour("ink"), fontFamily: font(), fontSize: 13 }, padding: [6, 10], transitionDuration: 0,
  });
  const words = () => ({ color: colour("soft"), fontFamily: font(), fontSize: 12 });
  const shapes = ["circle", "rect", "diamond", "triangle", "arrow"];

  const axis = (data, narrow) => {
    const along = {
      type: "category", data: data.categories, axisTick: { show: false }, axisLine: { lineStyle: { color: colour("rule") } },
      axisLabel: { ...words(), hideOverlap: true, width: narrow ? 96 : 150, overflow: "truncate" }, inverse: data.lying,
    };
    const value = {
      type: "value", name: data.unit, nameTextStyle: { ...words(), align: data.lying ? "right" : "left" }, splitNumber: 4,
      axisLabel: { ...words(), formatter: (v) => (v / data.scale).toLocaleString("en-US") },
      splitLine: { lineStyle: { color: colour("rule"), width: 0.5 } }, nameLocation: "end",
    };
    return data.lying ? { xAxis: value, yAxis: along } : { xAxis: along, yAxis: value };
  };
  const told = (data) => (at) => {
    const one = data.series[at.seriesIndex];
    return `${at.name}${one.name ? "\n" + one.name : ""}\n${one.texts[at.dataIndex]}`;
  };
  const bars = (data, narrow) => ({
    ...axis(data, narrow), animation: false, tooltip: { ...tip(), trigger: "item", formatter: told(data) },
    grid: { left: 4, right: data.lying ? 56 : 12, top: data.lying ? 8 : 28, bottom: 4, containLabel: true },
    series: data.series.map((one) => ({
      type: "bar", name: one.name, stack: data.stacked ? "all" : undefined, barMaxWidth: 28, cursor: "pointer",
      data: one.values.map((value, at) => ({ value, itemStyle: one.colours ? { color: colour(one.colours[at]) } : undefined })),
      itemStyle: { color: colour(one.colour), borderColor: colour("paper"), borderWidth: data.stacked ? 1 : 0 },
      emphasis: { itemStyle: { opacity: 0.8 } },
    })),
  });
  const lines = (data, narrow) => ({
    ...axis(data, narrow), animation: false, tooltip: { ...tip(), trigger: "item", formatter: told(data) },
    grid: { left: 4, right: narrow ? 48 : 72, top: 28, bottom: 4, containLabel: true },
    series: data.series.map((one, at) => ({
      type: "line", name: one.name, data: one.values, connectNulls: false, cursor: "pointer", symbolSize: 6,
      symbol: shapes[at % shapes.length], lineStyle: { width: one.faint ? 1 : 2, opacity: one.faint ? 0.45 : 1 },
      itemStyle: { color: colour(one.colour), opacity: one.faint ? 0.45 : 1 },
      endLabel: { show: !one.faint, formatter: one.name, color: colour(one.colour), fontFamily: font(), fontSize: 12 },
      labelLayout: { moveOverlap: "shiftY" }, emphasis: { focus: "series" },
    })),
  });
  const flow = (data, narrow) => ({
    animation: false, tooltip: { ...tip(), trigger: "item", formatter: (at) => at.data.said },
    series: [{
      type: "sankey", left: 4, right: narrow ? 92 : 140, top: 8, bottom: 8, nodeWidth: 14, nodeGap: 17, draggable: false,
      layoutIterations: 0, nodeAlign: "left",
      data: data.nodes.map((one) => ({ name: one.id, depth: one.depth, said: one.said, goes: one.goes, value: one.value,
        itemStyle: { color: colour(one.colour) },
        label: { formatter: one.name, color: colour("ink"), fontFamily: font(), fontSize: 12, width: narrow ? 84 : 130,
          overflow: "truncate" } })),
      links: data.links.map((one) => ({ source: one.from, target: one.to, value: one.value, said: one.said, goes: one.goes,
        lineStyle: { color: colour(one.colour), opacity: 0.34 } })),
      emphasis: { focus: "adjacency", lineStyle: { opacity: 0.6 } }, cursor: "pointer",
    }],
  });
  const kinds = { bars, lines, flow };
  const paint = (one) => {
    one.chart.setOption(kinds[one.data.kind](one.data, one.place.clientWidth < 480), true);
  };
  const start = () => {
    for (const place of document.querySelectorAll("[data-chart]")) {
      const figure = place.closest("figure");
      figure.hidden = false;
      const one = { place, data: JSON.parse(place.dataset.chart), chart: echarts.init(place, null, { renderer: "canvas" }) };
      paint(one);
      one.chart.on("click", (at) => {
        open(at.data && at.data.goes ? at.data.goes : (one.data.series && one.data.series[at.seriesIndex].goes[at.dataIndex]));
      });
      drawn.push(one);
    }
  };
  const again = () => drawn.forEach((one) => { one.chart.resize(); paint(one); });
  let waiting = 0;
  addEventListener("resize", () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(again); });
  addEventListener("beforeprint", again);
  addEventListener("afterprint", again);
  new MutationObserver(again).observe(root, { attributes: true, attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start); else start();
})();
