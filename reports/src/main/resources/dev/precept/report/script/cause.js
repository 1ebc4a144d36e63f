// One cause: every case in which the same thing goes wrong, by instruction and mode.
function causePage(to) {
  const view = $("view");
  const k = causes.findIndex((cause) => cause[2] === to.cause && (!to.vendor || cause[0] === to.vendor));
  if (k < 0) {
    document.title = "No such cause";
    refill(view, crumbs(), title("No such cause"), el("p", {}, "Nothing in this report ", code(to.cause), "."));
    return;
  }
  const [vendor, sort, what] = causes[k];
  document.title = what;
  const of = (n) => [...inOrder()].filter((i) => detail(n, i).cause === k);
  const counts = subjects.map((_, n) => of(n).length);
  const subject = to.subject === undefined ? Math.max(0, counts.findIndex((count) => count > 0)) : subjectAt(to.subject);
  const list = of(subject);
  const known = list.filter((i) => isKnown(subject, i)).length;
  const usedModes = modes.filter((mode) => list.some((i) => text("mode", i) === mode));
  const usedForms = [...new Set(list.map((i) => formAt(i)))];
  const cell = (form, mode) => {
    const here = list.filter((i) => formAt(i) === form && text("mode", i) === mode);
    if (!here.length) return el("td", {});
    const target = here.length === 1 ? caseLink(here[0], subject) : link({ why: what, form: formKey(forms[form]), mode, ...subjectPart(subject) });
    return el("td", { class: "v-" + shown(subject, here[0]) }, el("a", { href: target, "aria-label": forms[form].mnemonic + " in " + mode + ": " + plural(here.length, "case") }, el("span", {}, here.length)));
  };
  const size = (i) => (detail(subject, i).differences || []).length * 1000 + c.state[i].length;
  const example = list.reduce((best, i) => (best === undefined || size(i) < size(best) ? i : best), undefined);
  refill(
    view,
    crumbs(vendors[vendor] || vendor, sort),
    title("The subject " + what),
    several ? segments("Subject", subjects.map((x, n) => [x.name + " (" + counts[n] + ")", causeLink(k, n), n === subject])) : null,
    el("p", { class: "soft" }, plural(list.length, "case") + " of " + plural(usedForms.length, "instruction form") + (known ? "; " + known + " known by the baseline" : ""), " ", copyButton("Copy link", () => location.href)),
    list.length
      ? [
          scrolls("Instruction forms by mode", el("table", { class: "matrix" }, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "instruction"), usedModes.map((mode) => el("th", { scope: "col", class: "mode" }, mode)))), el("tbody", {}, usedForms.map((form) => el("tr", {}, el("th", { scope: "row" }, el("a", { href: link({ insn: formKey(forms[form]), ...subjectPart(subject) }) }, forms[form].mnemonic)), usedModes.map((mode) => cell(form, mode))))))),
          el("h2", {}, "The simplest case of it"),
          setUp(example),
          card(subject, example),
          el("h2", {}, "All of them"),
          caseTable(list.slice(0, 50)),
          list.length > 50 ? el("p", { class: "more" }, el("a", { href: link({ why: what, vendor, ...subjectPart(subject) }) }, "All " + list.length.toLocaleString("en"))) : null,
        ]
      : el("p", {}, "No case of this subject."),
  );
}
