// One instruction form: its order, its pairs, what does not hold, and the other vendors' order.
function byMode(at, usedModes) {
  const rows = subjects.map((x, n) => {
    const cells = usedModes.map((mode) => {
      const here = ofForm(at).filter((i) => text("mode", i) === mode && ran(n, i));
      if (!here.length) return el("td", {});
      const worst = shown(n, here.reduce((a, b) => (WORST.indexOf(shown(n, b)) < WORST.indexOf(shown(n, a)) ? b : a)));
      const bad = here.filter((i) => shown(n, i) === worst).length;
      const name = x.name + " in " + mode + ": " + plural(here.length, "case") + ", worst " + worst;
      return el("td", { class: "v-" + worst }, el("a", { href: link({ form: formKey(forms[at]), mode, ...subjectPart(n) }), title: name, "aria-label": name }, icon(worst), failing(worst) || worst === "known" ? el("span", {}, bad) : null));
    });
    return el("tr", {}, el("th", { scope: "row" }, x.name), cells);
  });
  return scrolls("Subjects by mode", el("table", { class: "matrix" }, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "subject"), usedModes.map((mode) => el("th", { scope: "col", class: "mode" }, mode)))), el("tbody", {}, rows)));
}

/** What this form gets wrong, a block for each cause with its simplest case. */
function formCauses(form, own, subject) {
  const groups = new Map();
  for (const i of own) {
    const k = detail(subject, i).cause;
    if (k === undefined) continue;
    if (!groups.has(k)) groups.set(k, []);
    groups.get(k).push(i);
  }
  return [...groups].map(([k, list]) => [
    el("h3", {}, el("a", { href: causeLink(k, subject) }, causes[k][2]), " ", el("span", { class: "mode" }, plural(list.length, "case") + ": " + [...new Set(list.map((i) => text("mode", i)))].join(", "))),
    outcome(subject, list[0], "h4"),
    list.length > 1 ? el("p", { class: "more" }, el("a", { href: link({ why: causes[k][2], form: formKey(form), ...subjectPart(subject) }) }, "All " + list.length)) : null,
  ]);
}

/** How many cases of each kind there are, in each mode. */
function kinds(own, usedModes) {
  const words = [...new Set(own.map((i) => text("kind", i)))];
  return scrolls(
    "Cases by kind",
    table(
      { class: "kinds" },
      ["kind", ...usedModes.map((mode) => [mode, "num"])],
      words.map((kind) => el("tr", {}, el("th", { scope: "row" }, kind), usedModes.map((mode) => el("td", { class: "num" }, own.filter((i) => text("kind", i) === kind && text("mode", i) === mode).length || "")))),
    ),
  );
}

const MARKS = { OPENNESS: "open in one", OTHERWISE: "fires otherwise", MOVED: "elsewhere in the other", ONLY_HERE: "only here" };
/** Two vendors' orders in two columns, with what differs marked. */
function vendorsCompared(form) {
  return compare
    .filter((one) => one.left[0] === formKey(form) || one.right[0] === formKey(form))
    .map((one) => {
      const side = (step) => (step ? [el("span", { class: "soft" }, step[0] + ". "), el("b", { class: "mono" }, step[1]), " ", step[2], step[4] ? el("span", { class: "openlabel" }, " order open against " + step[4]) : null] : null);
      const first = ([a, b], relation) => (relation === "OPEN" ? "open" : code(relation === "FIRST" ? a : b));
      const head = ([key, name]) => (forms.some((f) => formKey(f) === key) ? el("a", { href: link({ insn: key }) }, name) : name);
      return [
        scrolls(
          "Two vendors' orders",
          table(
            { class: "compare" },
            [head(one.left), head(one.right), "differs"],
            one.rows.map(([left, right, mark]) =>
              el("tr", { class: mark === "SAME" ? null : "marked" }, el("td", {}, side(left)), el("td", {}, side(right)), el("td", {}, MARKS[mark] || "", mark === "OTHERWISE" ? [el("div", {}, one.left[1] + ": ", code(left[3])), el("div", {}, one.right[1] + ": ", code(right[3]))] : null)),
            ),
          ),
        ),
        one.orders.length
          ? el("ul", {}, one.orders.map(([a, b, left, right]) => el("li", {}, code(a), " and ", code(b), ": " + one.left[1] + " ", first([a, b], left), left === "OPEN" ? "" : " first", ", " + one.right[1] + " ", first([a, b], right), right === "OPEN" ? "" : " first")))
          : el("p", { class: "soft" }, "What both have comes in the same order."),
      ];
    });
}

function instructionPage(to) {
  const view = $("view");
  const form = forms.find((f) => formKey(f) === to.insn) || forms.find((f) => f.vendor + "/" + f.instruction === to.insn);
  if (!form) {
    document.title = "No such instruction";
    refill(view, crumbs(), title("No such instruction"), el("p", {}, "This report holds no instruction ", code(to.insn), "."));
    return;
  }
  document.title = form.mnemonic;
  const at = forms.indexOf(form);
  const subject = subjectAt(to.subject);
  const usedModes = modes.filter((m) => form.modes.includes(m) || ofForm(at).some((i) => text("mode", i) === m));
  const mode = usedModes.includes(to.mode) ? to.mode : "";
  const own = ofForm(at).filter((i) => ran(subject, i) && (!mode || text("mode", i) === mode));
  const bad = own.filter((i) => failing(word(subject, i)));
  const here = (change) => link({ insn: formKey(form), mode, ...subjectPart(subject), ...change });
  const siblings = forms.filter((f) => f !== form && f.vendor === form.vendor && f.instruction === form.instruction);
  const counts = [...verdicts.map(([w]) => w), "known"].map((w) => [w, own.filter((i) => shown(subject, i) === w).length]).filter(([, n]) => n > 0);
  const others = vendorsCompared(form);
  const section = (name, ...content) => el("section", {}, el("h2", {}, name), content);
  refill(
    view,
    crumbs(form.vendorName, form.mnemonic),
    title(form.mnemonic),
    several ? byMode(at, usedModes) : null,
    several ? segments("Subject", subjects.map((x, n) => [x.name, here({ subject: x.name }), n === subject])) : null,
    usedModes.length > 1 ? segments("Mode", [["all modes", here({ mode: "" }), !mode], ...usedModes.map((m) => [m, here({ mode: m }), m === mode])]) : null,
    el("p", { class: "legend" }, counts.length ? counts.map(([w, n]) => el("a", { href: link({ verdict: w, form: formKey(form), mode, ...subjectPart(subject) }), class: "v-" + w }, icon(w), " " + n + " " + w)) : "No case of this form ran" + (mode ? " in this mode" : "") + "."),
    facts([
      ["form", code(form.id)],
      ["encoding", form.encoding && code(form.encoding)],
      ["modes", form.modes.join(" ")],
      ["gate", form.gate && code(form.gate)],
      ["manual", form.cite],
      ["table row", form.row && code(form.row)],
      ["other forms", siblings.map((f, n) => [n ? ", " : "", el("a", { href: link({ insn: formKey(f) }) }, f.mnemonic)])],
    ]),
    bad.length ? section("What does not hold", formCauses(form, bad, subject)) : null,
    section("Check order", el("p", { class: "soft" }, "Highest priority first. A circle is an exception check, a diamond the exit; a dashed frame holds checks whose order the sources leave open."), orderPicture(form, own, to.check, subject)),
    others.length ? section(el("span", { id: "part-vendors" }, "Two vendors next to each other"), others) : null,
    section("Row beats column", beats(form, at, subject, mode)),
    clauses(form, at, subject, usedModes, section),
    section("Cases", own.length ? [kinds(own, usedModes), caseTable(own.slice(0, 50))] : el("p", { class: "soft" }, "None."), own.length > 50 ? el("p", { class: "more" }, el("a", { href: link({ form: formKey(form), mode, ...subjectPart(subject) }) }, "All " + own.length)) : null),
  );
  redraw();
}
