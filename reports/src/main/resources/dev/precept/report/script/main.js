// The page itself: what the address asks for, the matrix's filter, light and dark, print.
function show(first) {
  const to = readAddress();
  const page = to.case !== undefined ? casePage : to.insn !== undefined ? instructionPage : to.cause !== undefined ? causePage : null;
  $("overview").hidden = page !== null;
  $("view").hidden = page === null;
  if (page) {
    page(to);
    scrollTo(0, 0);
    if (!first) $("view").querySelector("h1")?.focus({ preventScroll: true });
    if (to.check) $("view").querySelector(".target")?.scrollIntoView({ block: "center" });
    if (to.part) $("part-" + to.part)?.scrollIntoView();
    return;
  }
  document.title = data.head.title;
  const filtering = FILTERS.some((name) => to[name] !== undefined);
  caseList(to);
  const target = filtering ? "cases" : to.anchor;
  if (target && $(target)) $(target).scrollIntoView();
  else if (!first) scrollTo(0, 0);
}

// ---- the matrix ----
function narrow() {
  const wanted = $("find").value.toLowerCase().split(/\s+/).filter(Boolean);
  const vendor = $("find-vendor")?.value || "";
  const broken = $("only-broken").checked;
  let left = 0;
  for (const family of document.querySelectorAll("#overview .matrix tbody")) {
    let here = 0;
    for (const row of family.querySelectorAll("tr[data-find]")) {
      const fits = (!vendor || family.dataset.vendor === vendor) && (!broken || row.classList.contains("bad")) && wanted.every((term) => row.dataset.find.includes(term));
      row.hidden = !fits;
      here += fits ? 1 : 0;
    }
    family.hidden = here === 0;
    left += here;
  }
  $("none-found").hidden = left > 0;
}
$("matrix-tools").hidden = false;
for (const id of ["find", "find-vendor", "only-broken"]) $(id)?.addEventListener("input", narrow);
$("only-broken").parentNode.hidden = !document.querySelector(".matrix tr.bad");

// ---- light and dark ----
const root = document.documentElement;
const theme = $("theme");
const dark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
const themeLabel = () => (theme.textContent = dark() ? "Light" : "Dark");
theme.hidden = false;
theme.setAttribute("aria-label", "Switch between light and dark");
theme.addEventListener("click", () => {
  root.dataset.theme = dark() ? "light" : "dark";
  themeLabel();
});
themeLabel();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", themeLabel);

addEventListener("hashchange", () => show(false));
addEventListener("resize", () => redraw());
addEventListener("beforeprint", () => {
  for (const one of document.querySelectorAll("details")) one.open = true;
  redraw();
});
coverage(0);
show(true);
