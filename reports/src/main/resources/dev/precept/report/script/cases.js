// The list of cases, with its filters. The filters are the address, so that a list can be pasted.
const FILTERS = ["verdict", "subject", "vendor", "instruction", "mode", "kind", "why", "differ", "known", "form", "row", "q", "page"];
// Filters that come from a link and have no field of their own.
const LINKED = { form: "form", row: "table row", known: "baseline line" };

function caseTable(rows) {
  const outcome = (i, n) =>
    ran(n, i)
      ? el("td", { class: "v-" + shown(n, i), "data-label": subjects[n].name }, el("a", { href: caseLink(i, n), class: "plainly" }, icon(shown(n, i)), " ", el("span", {}, actual(n, i) || word(n, i))), el("span", { class: "sr" }, " " + shown(n, i)))
      : el("td", { class: "zero" }, "not run");
  const heads = several ? ["case", "expected", ...subjects.map((subject) => subject.name), "source"] : ["verdict", "case", "expected", "got", "source"];
  return scrolls(
    "Cases",
    table(
      { class: "list" },
      heads,
      rows.map((i) => {
        const name = el("th", { scope: "row" }, el("a", { class: "id", href: caseLink(i) }, caseId(i)));
        const source = el("td", { class: "soft" }, text("cite", i));
        return several
          ? el("tr", {}, name, el("td", { "data-label": "expected" }, text("expected", i)), subjects.map((_, n) => outcome(i, n)), source)
          : el("tr", {}, el("td", {}, marked(shown(0, i))), name, el("td", { "data-label": "expected" }, expected(0, i)), el("td", { "data-label": "got" }, actual(0, i)), source);
      }),
    ),
  );
}

/** Whether a case fits all of the filter's parts. */
function matcher(filter) {
  const chosen = filter.subject ? [subjectAt(filter.subject)] : subjects.map((_, n) => n);
  const terms = (filter.q || "").toLowerCase().split(/\s+/).filter(Boolean);
  // Each text is looked at once a term, however many cases have it.
  const hits = terms.map((term) => s.map((value) => value.toLowerCase().includes(term)));
  const inGroup = hits.map((hit) => g.form.map((_, k) => [g.claim, g.expected, g.cite, g.row].some((column) => hit[column[k]])));
  const verdict = {
    "": () => true,
    failing: (n, i) => failing(word(n, i)),
    new: (n, i) => failing(word(n, i)) && !isKnown(n, i),
    known: (n, i) => isKnown(n, i),
  };
  const wanted = verdict[filter.verdict || ""] || ((n, i) => word(n, i) === filter.verdict);
  const found = (i) =>
    terms.every(
      (term, t) =>
        inGroup[t][c.group[i]] ||
        c.state[i].some((token) => hits[t][token]) ||
        caseId(i).toLowerCase().includes(term) ||
        chosen.some((n) => hits[t][detail(n, i).actual] || hits[t][detail(n, i).headline]),
    );
  return (i) => {
    const form = forms[formAt(i)];
    if (filter.vendor && form.vendor !== filter.vendor) return false;
    if (filter.instruction && form.instruction !== filter.instruction) return false;
    if (filter.form && formKey(form) !== filter.form) return false;
    if (filter.mode && text("mode", i) !== filter.mode) return false;
    if (filter.kind && text("kind", i) !== filter.kind) return false;
    if (filter.row && text("row", i) !== filter.row) return false;
    if (filter.differ && !differ(i)) return false;
    if (!chosen.some((n) => ran(n, i) && wanted(n, i) && (!filter.why || sentence(n, i) === filter.why) && (!filter.known || onLine(n, i, filter.known)))) return false;
    return found(i);
  };
}
const onLine = (n, i, line) => isKnown(n, i) && subjects[n].known[detail(n, i).known][0].split(":").at(-2) === line;

function caseList(filter) {
  const box = $("case-list");
  const results = el("div", {});
  const set = (change) => {
    filter = { ...filter, page: undefined, ...change };
    delete filter.anchor;
    const address = link(filter);
    history.replaceState(null, "", address === "#" ? "#cases" : address);
    fill();
  };
  const choice = (name, label, values) =>
    values.length < 2
      ? null
      : el(
          "label",
          {},
          label,
          el(
            "select",
            { onchange: (event) => set({ [name]: event.target.value }) },
            el("option", { value: "" }, "any"),
            values.map(([value, name2]) => el("option", { value, selected: filter[name] === value }, name2)),
          ),
        );
  const unique = (values) => [...new Set(values)].filter(Boolean).map((value) => [value, value]);
  const words = [["failing", "all that do not hold"]];
  if (subjects.some((subject) => subject.baseline)) words.push(["new", "not in the baseline"], ["known", "known by the baseline"]);
  refill(
    box,
    el(
      "form",
      { class: "filters", role: "search", "aria-label": "Filter cases", onsubmit: (event) => event.preventDefault() },
      el("label", { class: "grow" }, "search", el("input", { type: "search", value: filter.q || "", placeholder: "id, claim, state, outcome, section", oninput: (event) => set({ q: event.target.value }) })),
      choice("verdict", "verdict", [...words, ...verdicts.map(([w]) => [w, w])]),
      choice("subject", "subject", unique(subjects.map((subject) => subject.name))),
      choice("vendor", "vendor", Object.entries(vendors)),
      choice("instruction", "instruction", unique(forms.map((form) => form.instruction)).sort()),
      choice("mode", "mode", unique(modes)),
      choice("kind", "kind", unique([...new Set(g.kind)].map((k) => s[k])).sort()),
      choice("why", "what goes wrong", unique(causes.map((cause) => cause[2])).sort()),
      several ? el("label", { class: "check" }, el("input", { type: "checkbox", checked: !!filter.differ, onchange: (event) => set({ differ: event.target.checked ? "yes" : "" }) }), " subjects differ") : null,
      Object.entries(LINKED).map(([name, label]) => (filter[name] ? el("button", { type: "button", title: "Take this filter away", onclick: () => { set({ [name]: "" }); caseList(filter); } }, label + " " + filter[name] + " ✕") : null)),
      el("button", { type: "button", onclick: () => { history.replaceState(null, "", "#cases"); caseList({}); } }, "Clear"),
    ),
    results,
  );
  function fill() {
    for (const tile of document.querySelectorAll(".tiles a")) tile.toggleAttribute("aria-current", tile.hash === "#verdict=" + filter.verdict);
    const found = inOrder().filter(matcher(filter));
    const pages = Math.max(1, Math.ceil(found.length / PAGE));
    const page = Math.min(pages, Math.max(1, Number(filter.page) || 1));
    const turn = (to, label) => el("button", { type: "button", disabled: to < 1 || to > pages, onclick: () => { set({ page: to }); $("cases").scrollIntoView(); } }, label);
    refill(
      results,
      el("p", { role: "status", class: "soft" }, plural(found.length, "case") + (found.length === CASES ? "" : " of " + CASES.toLocaleString("en"))),
      found.length ? caseTable([...found.slice((page - 1) * PAGE, page * PAGE)]) : el("p", {}, "No case matches."),
      pages > 1 ? el("div", { class: "pager" }, turn(page - 1, "Previous"), el("span", {}, "page " + page + " of " + pages), turn(page + 1, "Next")) : null,
    );
  }
  fill();
}
