document.querySelectorAll(".switch button").forEach(function (button) {
  button.addEventListener("click", function () {
    document.body.className = "show-" + button.dataset.show;
    document.documentElement.lang = button.dataset.show === "zh" ? "zh-CN" : "en";
    document.querySelectorAll(".switch button").forEach(function (b) { b.setAttribute("aria-pressed", String(b === button)); });
  });
});
if ((navigator.language || "zh").toLowerCase().indexOf("zh") !== 0) document.querySelector('[data-show="en"]').click();
/* Without this script the drawers open too, by :target; with it nothing scrolls and Escape closes. */
var opened = null, from = null;
function close() {
  if (!opened) return;
  opened.classList.remove("open");
  opened = null;
  history.replaceState(null, "", location.pathname + location.search);
  if (from) from.focus({ preventScroll: true });
}
function open(id, link) {
  var drawer = document.getElementById(id);
  if (!drawer) return;
  if (opened) opened.classList.remove("open");
  if (link && !link.closest(".why")) from = link;
  opened = drawer;
  drawer.classList.add("open");
  drawer.scrollTop = 0;
  history.replaceState(null, "", "#" + id);
  drawer.querySelector(".close").focus({ preventScroll: true });
}
document.addEventListener("click", function (event) {
  var link = event.target.closest("a[href^='#w']");
  if (event.target.closest("a.close")) { event.preventDefault(); close(); return; }
  if (link && /^#w\d+$/.test(link.getAttribute("href"))) { event.preventDefault(); open(link.getAttribute("href").slice(1), link); return; }
  if (opened && !event.target.closest(".why")) close();
});
document.addEventListener("keydown", function (event) { if (event.key === "Escape") close(); });
if (/^#w\d+$/.test(location.hash)) { var first = location.hash.slice(1); location.replace("#none"); open(first, null); }
