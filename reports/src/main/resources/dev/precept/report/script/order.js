// The order of a form's checks as a lane, and the pairs as a matrix.
let redraw = () => {};
function provenance(of) {
  return of.prov && of.prov !== "manual" ? el("span", { class: "prov " + of.prov, title: of.note || "" }, of.prov) : null;
}

function orderPicture(form, own, target, subject) {
  if (!form.groups.length) {
    redraw = () => {};
    return el("p", { class: "soft" }, "The results name no table row for this form, so its order is not known here.");
  }
  const order = form.groups.flat();
  const list = el("ol", { class: "order" });
  const rail = draw("svg", { class: "rail", "aria-hidden": "true" });
  const items = order.map((id, n) => {
    const check = form.checks[id];
    const mates = form.groups.find((group) => group.includes(id)).filter((other) => other !== id);
    return el(
      "li",
      { class: (check.exit ? "exit" : "fault") + (id === target ? " target" : "") },
      el("div", { class: "head" }, el("span", { class: "sr" }, n + 1 + "."), el("b", {}, id), el("span", { class: "res" }, check.result), el("cite", {}, check.cite), provenance(check), check.optional ? el("span", { class: "openlabel" }, "open whether it is made") : null, mates.length ? el("span", { class: "openlabel" }, "order open against " + mates.join(", ")) : null),
      check.condition ? el("code", { class: "cond" }, check.condition) : null,
      check.meaning ? el("span", { class: "mean" }, check.meaning) : null,
      check.prov !== "manual" && check.note ? el("div", { class: "mean" }, check.note) : null,
    );
  });
  const done = el("li", { class: "done" }, el("div", { class: "head" }, el("span", { class: "res" }, "completes")));
  put(list, [rail, items, done]);
  const taken = new Map();
  for (const i of own) {
    const d = detail(subject, i);
    if (word(subject, i) !== "precedence-violation" || d.actualCheck === undefined) continue;
    const from = order.indexOf(s[d.actualCheck]);
    const to = order.indexOf(s[d.expectedCheck]);
    if (from >= 0 && to >= 0 && from !== to) taken.set(from + ">" + to, [from, to]);
  }
  redraw = () => {
    if (!list.isConnected) return;
    const width = rail.getBoundingClientRect().width;
    const x = width - 22;
    const y = [...items, done].map((item) => item.offsetTop + 22);
    const parts = [draw("path", { class: "spine", d: `M${x} ${y[0]}V${y[y.length - 1]}` })];
    for (const group of form.groups.filter((g) => g.length > 1)) {
      const rows = group.map((id) => y[order.indexOf(id)]);
      const top = Math.min(...rows) - 19;
      parts.push(draw("rect", { class: "group", x: x - 19, y: top, width: 38, height: Math.max(...rows) - top + 19, rx: 12 }));
    }
    [...taken.values()].forEach(([from, to], n) => {
      const bulge = x - 14 - Math.min(x - 20, 22 + 9 * (n % 5) + 6 * Math.abs(from - to));
      parts.push(
        draw("path", { class: "arc", d: `M${x - 14} ${y[from]}C${bulge} ${y[from]} ${bulge} ${y[to]} ${x - 20} ${y[to]}` }, draw("title", {}, order[from] + " was taken before " + order[to])),
        draw("path", { class: "tip", d: `M${x - 13} ${y[to]}l-9 -4.500v9z` }),
      );
    });
    order.forEach((id, n) => {
      const exit = form.checks[id].exit;
      parts.push(
        exit ? draw("path", { class: "x", d: `M${x} ${y[n] - 14}l14 14-14 14-14-14z` }) : draw("circle", { class: "f", cx: x, cy: y[n], r: 12 }),
        draw("text", { x, y: y[n], class: exit ? "on" : "" }, String(n + 1)),
      );
    });
    parts.push(draw("circle", { class: "end", cx: x, cy: y[y.length - 1], r: 5 }));
    rail.replaceChildren(...parts);
  };
  return [
    taken.size
      ? el("p", {}, el("span", { class: "v-precedence-violation" }, icon("precedence-violation")), " " + (subjects[subject].name || "The subject") + " took ", [...taken.values()].map(([from, to], n) => [n ? "; " : "", code(order[from]), " before ", code(order[to])]), ".")
      : null,
    list,
  ];
}

// The heaviest first: what a cell shows where its modes differ. The data has the words in the order
// of their meaning; violations and what did not run come before what is as it should be.
const weight = (status) => (status === "violated" ? -2 : status === "not-run" ? -1 : statuses.findIndex(([w]) => w === status));
const label = (status) => statuses.find(([w]) => w === status)[1];
const pairStatus = (subject, i) => (p.status[subject][i] === "." ? "" : statuses[p.status[subject].charCodeAt(i) - 48][0]);

/** Which variables of which conditions two cases show to decide a check by themselves, by mode. */
function clauses(form, at, subject, usedModes, section) {
  const rows = new Map();
  for (let i = 0; i < q.form.length; i++) {
    if (q.form[i] !== at) continue;
    const key = s[q.check[i]] + " " + s[q.variable[i]];
    if (!rows.has(key)) rows.set(key, new Map());
    rows.get(key).set(s[q.mode[i]], i);
  }
  if (!rows.size) return null;
  const cell = (mode, i) => {
    if (i === undefined) return el("td", {});
    if (q.on[i] === -1) return el("td", { class: "p-impossible" }, el("span", { title: "proven: no two lawful states show it", "aria-label": mode + ": proven that nothing shows it" }, icon("impossible")));
    const both = [q.on[i], q.off[i]].filter((k) => k >= 0 && ran(subject, k));
    if (both.length < 2) return el("td", { class: "p-not-run" }, el("span", { title: "not run", "aria-label": mode + ": not run" }, icon("not-run")));
    const worst = both.map((k) => shown(subject, k)).sort((a, b) => WORST.indexOf(a) - WORST.indexOf(b))[0];
    const link = (k, name) => el("a", { href: caseLink(k, subject), title: caseId(k), "aria-label": mode + ", " + name + ": " + shown(subject, k) }, name);
    return el("td", { class: "v-" + worst }, icon(worst), " ", link(q.on[i], "on"), " ", link(q.off[i], "off"));
  };
  const order = form.groups.flat();
  const place = (key) => order.indexOf(key.split(" ")[0]);
  return section(
    el("span", { id: "part-mcdc" }, "Conditions, variable by variable (MC/DC)"),
    el("p", { class: "soft" }, "Two cases that differ in one variable alone, in one of which the check fires and in the other not; or the proof that no lawful states do."),
    scrolls(
      "Conditions by mode",
      table(
        { class: "kinds" },
        ["check", "variable", ...usedModes],
        [...rows].sort((a, b) => place(a[0]) - place(b[0])).map(([key, byMode]) => {
          const [check, variable] = key.split(" ");
          const meaning = (meanings[form.vendor] || {})[variable];
          return el("tr", {}, el("th", { scope: "row" }, code(check)), el("td", { title: meaning || "" }, code(variable)), usedModes.map((mode) => cell(mode, byMode.get(mode))));
        }),
      ),
    ),
  );
}

function beats(form, at, subject, mode) {
  const order = form.groups.flat();
  const found = new Map();
  const total = {};
  for (let i = 0; i < p.form.length; i++) {
    const status = p.form[i] === at && (!mode || s[p.mode[i]] === mode) ? pairStatus(subject, i) : "";
    if (!status) continue;
    total[status] = (total[status] || 0) + 1;
    const key = [order.indexOf(s[p.first[i]]), order.indexOf(s[p.second[i]])].sort((a, b) => a - b).join();
    if (!found.has(key)) found.set(key, []);
    found.get(key).push(i);
  }
  if (!found.size) return el("p", { class: "soft" }, "No pairs.");
  const note = el("div", { class: "note", "aria-live": "polite" }, "Choose a cell to see its modes, cases and reasons.");
  const explain = (row, column, list) => () =>
    refill(
      note,
      el("b", {}, code(order[row]), " before ", code(order[column])),
      el(
        "ul",
        {},
        list.map((i) => {
          const status = pairStatus(subject, i);
          const of = p.case[i];
          return el("li", {}, s[p.mode[i]] + ": ", el("span", { class: "p-" + status }, icon(status)), " " + label(status), of >= 0 ? [", ", el("a", { href: caseLink(of, subject) }, caseId(of))] : null, s[p.reason[i]] ? ": " + s[p.reason[i]] : "");
        }),
      ),
    );
  const cell = (row, column) => {
    if (row === column) return el("td", { class: "diag" });
    if (row > column) return el("td", { class: "below" });
    const list = found.get(row + "," + column);
    if (!list) return el("td", {});
    const kinds = [...new Set(list.map((i) => pairStatus(subject, i)))].sort((a, b) => weight(a) - weight(b));
    const name = order[row] + " before " + order[column] + ": " + kinds.map(label).join(", ");
    return el("td", { class: "p-" + kinds[0] }, el("button", { type: "button", title: name, "aria-label": name, onclick: explain(row, column, list) }, icon(kinds[0])));
  };
  const kind = (id) => (form.checks[id].exit ? "exit" : null);
  return [
    el("p", { class: "legend" }, statuses.filter(([w]) => total[w]).map(([w, name]) => el("span", { class: "p-" + w }, icon(w), " " + total[w] + " " + name))),
    el(
      "div",
      { class: "scroll beatwrap", tabindex: "0", role: "group", "aria-label": "Pairs of checks" },
      el(
        "table",
        { class: "beats" },
        el("caption", { class: "sr" }, "Row beats column: pairs of checks, earlier check in the row"),
        el("thead", {}, el("tr", {}, el("td", {}, "beats"), order.map((id) => el("th", { scope: "col", class: kind(id) }, el("span", {}, id))))),
        el("tbody", {}, order.map((id, row) => el("tr", {}, el("th", { scope: "row", class: kind(id) }, id), order.map((_, column) => cell(row, column))))),
      ),
    ),
    note,
  ];
}
