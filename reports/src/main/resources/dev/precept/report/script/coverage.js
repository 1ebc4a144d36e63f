// What was tested, what is proven impossible, what is open, form by form.
function coverage(subject) {
  const box = $("coverage-table");
  const counts = forms.map(() => ({}));
  const cases = new Uint32Array(forms.length);
  for (let i = 0; i < p.form.length; i++) {
    const status = pairStatus(subject, i);
    if (status) counts[p.form[i]][status] = (counts[p.form[i]][status] || 0) + 1;
  }
  for (let i = 0; i < CASES; i++) if (ran(subject, i)) cases[formAt(i)]++;
  const used = statuses.filter(([w]) => counts.some((count) => count[w]));
  const number = (n) => el("td", { class: "num" }, n ? n.toLocaleString("en") : "");
  const sum = (list, of) => list.reduce((total, k) => total + (of(k) || 0), 0);
  const line = (list, head, attributes) => el("tr", attributes, head, number(sum(list, (k) => cases[k])), used.map(([w]) => number(sum(list, (k) => counts[k][w]))));
  refill(
    box,
    several ? segments("Subject", subjects.map((x, n) => [x.name, "#coverage", n === subject])) : null,
    Object.entries(vendors).map(([vendor, name]) => {
      const own = range(forms.length).filter((k) => forms[k].vendor === vendor);
      return el(
        "details",
        {},
        el("summary", {}, el("b", {}, name), " " + plural(sum(own, (k) => cases[k]), "case") + "; pairs: " + used.map(([w, say]) => sum(own, (k) => counts[k][w]).toLocaleString("en") + " " + say).join(", ")),
        scrolls(
          "Coverage of " + name,
          table({ class: "coverage" }, ["instruction form", ["cases", "num"], ...used.map(([w, say]) => [[icon(w), " " + say], "num p-" + w])], [
            ...own.map((k) => line([k], el("th", { scope: "row" }, el("a", { href: link({ insn: formKey(forms[k]), ...subjectPart(subject) }) }, forms[k].mnemonic)), {})),
            line(own, el("th", { scope: "row" }, "all"), { class: "sum" }),
          ]),
        ),
      );
    }),
  );
  for (const [n, choice] of [...box.querySelectorAll(".seg a")].entries()) {
    choice.addEventListener("click", (event) => {
      event.preventDefault();
      coverage(n);
    });
  }
}
