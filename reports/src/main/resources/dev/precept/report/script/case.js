// One case: what it claims, how it is set up, and what each subject did.
const quote = (value) => "'" + value.replace(/'/g, "'\\''") + "'";
const BITS = { real: 16, v86: 16, prot16: 16, prot32: 32, compat: 32, long64: 64 };

function checkLink(form, id, subject) {
  if (!id || id === "none") return null;
  return form.checks[id] ? el("a", { href: link({ insn: formKey(form), check: id, ...(subject === undefined ? {} : subjectPart(subject)) }) }, code(id)) : code(id);
}
const headline = (n, i) => (detail(n, i).headline === undefined ? "expected and got " + actual(n, i) : s[detail(n, i).headline]);
const command = (n, i) => subjects[n].rerun + " --only " + quote(caseId(i));

/** The state in the manual's words: what each variable stands for is what the tables say of it. */
function stateTable(i) {
  const words = meanings[forms[formAt(i)].vendor] || {};
  const rows = c.state[i].map((token) => {
    const [name, value] = [s[token].split("=", 1)[0], s[token].slice(s[token].indexOf("=") + 1)];
    return el("tr", {}, el("th", { scope: "row" }, code(name)), el("td", { class: "mono" }, value), el("td", { class: "soft" }, words[name] || ""));
  });
  return rows.length ? scrolls("State", table({ class: "state" }, null, rows)) : null;
}

/** What it takes to try the case by hand, as an assembler source with the state as comments. */
function recipe(n, i) {
  const d = detail(n, i);
  const mode = text("mode", i);
  const lines = ["; " + caseId(i), "; expected " + expected(n, i) + ", got " + actual(n, i) + (several ? " (" + subjects[n].name + ")" : ""), "; state: " + state(i)];
  for (const [name, values] of [["register", texts(d.registers)], ["control block", texts(d.control)], ["memory", texts(d.memory)]]) {
    for (const value of values) lines.push("; " + name + ": " + value.replace(/\n/g, " "));
  }
  if (BITS[mode]) lines.push("bits " + BITS[mode]);
  const bytes = s[c.bytes[i]].split(" ").filter((byte) => /^[0-9A-F]{2}$/.test(byte));
  if (bytes.length) lines.push("db " + bytes.map((byte) => "0x" + byte).join(", ") + "  ; " + (d.assembly === undefined ? forms[formAt(i)].mnemonic : s[d.assembly]));
  return lines.join("\n") + "\n";
}

function setUp(i) {
  const form = forms[formAt(i)];
  const first = text("first", i);
  const second = text("second", i);
  return [
    text("claim", i) ? el("p", {}, "Claim: " + text("claim", i)) : null,
    first && second ? el("p", {}, "Order: ", checkLink(form, first), " comes before ", checkLink(form, second)) : null,
    facts([
      ["instruction", el("a", { href: link({ insn: formKey(form) }) }, form.mnemonic)],
      ["bytes", s[c.bytes[i]] && code(s[c.bytes[i]])],
      ["mode", text("mode", i)],
      ["manual", text("cite", i)],
      ["table row", text("row", i) && el("a", { href: link({ row: text("row", i) }), title: "All cases of this row" }, code(text("row", i)))],
    ]),
    stateTable(i),
  ];
}

/** What one subject did. */
function outcome(n, i, level) {
  const form = forms[formAt(i)];
  const d = detail(n, i);
  const w = shown(n, i);
  const bad = failing(word(n, i));
  const box = (name, kind, value, check) => el("div", { class: kind }, el("span", { class: "soft" }, name), el("b", {}, value || "nothing"), checkLink(form, check, n) ? ["by ", checkLink(form, check, n)] : null);
  const known = isKnown(n, i) ? subjects[n].known[d.known] : null;
  const differences = texts(d.differences);
  return el(
    "article",
    { class: "card v-" + w },
    level ? el(level, {}, el("a", { href: caseLink(i, n) }, caseId(i))) : null,
    el("p", {}, marked(word(n, i)), several ? [" ", el("b", {}, subjects[n].name)] : "", ": " + headline(n, i)),
    known ? el("p", { class: "knownline" }, icon("known"), " Known: " + known[4] + " (", code(known[0]), known[2] ? ", until " + known[2] : "", ")", /^https?:\/\//.test(known[3]) ? [" ", el("a", { href: known[3], rel: "noreferrer" }, known[3])] : "") : null,
    el(
      "div",
      { class: "vs" },
      box("expected", "exp", expected(n, i), d.expectedCheck === undefined ? "" : s[d.expectedCheck]),
      bad || actual(n, i) ? box("got", bad ? "got bad" : "got", actual(n, i), d.actualCheck === undefined ? "" : s[d.actualCheck]) : null,
    ),
    differences.length
      ? scrolls("What differs", table({ class: "diff" }, ["differs", "expected", "got"], range(differences.length / 3).map((k) => el("tr", {}, el("td", {}, differences[3 * k]), el("td", {}, differences[3 * k + 1]), el("td", { class: "got" }, differences[3 * k + 2])))))
      : null,
    facts([
      ["what goes wrong", d.cause === undefined ? "" : el("a", { href: causeLink(d.cause, n) }, sentence(n, i))],
      ["points to", d.reveals === undefined ? "" : s[d.reveals]],
      ["the subject said", d.remark === undefined ? "" : s[d.remark]],
      ["registers", chips(texts(d.registers))],
      ["control block", chips(texts(d.control))],
      ["memory", chips(texts(d.memory))],
    ]),
    el("div", { class: "run" }, code(command(n, i)), copyButton("Copy", command(n, i)), bad ? copyButton("Copy as assembly", () => recipe(n, i)) : null),
  );
}

/** A case in short, among others: a link, what happened, and the state. */
function card(n, i) {
  return outcome(n, i, "h3");
}

function casePage(to) {
  const view = $("view");
  const i = findCase(to.case);
  if (i < 0) {
    document.title = "No such case";
    refill(view, crumbs(), title("No such case"), el("p", {}, "This report holds no case ", code(to.case), "."));
    return;
  }
  document.title = to.case;
  const form = forms[formAt(i)];
  const order = subjects.map((_, n) => n).filter((n) => ran(n, i));
  const front = to.subject === undefined ? -1 : subjectAt(to.subject);
  order.sort((a, b) => (b === front) - (a === front));
  const bad = inOrder().filter((k) => subjects.some((_, n) => failing(word(n, k)) && !isKnown(n, k)));
  const place = bad.indexOf(i);
  refill(
    view,
    crumbs(form.vendorName, el("a", { href: link({ insn: formKey(form) }) }, form.mnemonic), "case"),
    title(caseId(i)),
    el("p", { class: "tools" }, copyButton("Copy link", () => location.href), copyButton("Copy id", caseId(i))),
    setUp(i),
    order.map((n) => outcome(n, i)),
    place >= 0 && bad.length > 1
      ? el(
          "p",
          { class: "pager" },
          place > 0 ? el("a", { href: caseLink(bad[place - 1]) }, "Previous that does not hold") : null,
          el("span", { class: "soft" }, place + 1 + " of " + bad.length.toLocaleString("en")),
          place < bad.length - 1 ? el("a", { href: caseLink(bad[place + 1]) }, "Next that does not hold") : null,
        )
      : null,
  );
}
