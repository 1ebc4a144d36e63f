"use strict";
// Draws what the page's data holds. Texts from the data reach the page as text nodes and attribute
// values only, never as markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { s, forms, subjects, verdicts, statuses, modes, c, p } = data;
  const SVG = "http://www.w3.org/2000/svg";
  const PAGE = 100;
  const RISK = ["precedence-violation", "violation", "crash", "no-answer"];
  const $ = (id) => document.getElementById(id);
  const word = (i) => verdicts[c.verdict[i]][0];
  const text = (column, i) => s[column[i]];
  const failing = (w) => RISK.includes(w);

  function put(node, children) {
    for (const child of children.flat(9)) {
      if (child !== null && child !== undefined && child !== "") node.append(child);
    }
    return node;
  }
  function el(name, attributes, ...children) {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else if (value === true) node.setAttribute(key, "");
      else if (value !== false && value !== null && value !== undefined) node.setAttribute(key, value);
    }
    return put(node, children);
  }
  function refill(node, ...children) {
    node.replaceChildren();
    return put(node, children);
  }
  function draw(name, attributes, ...children) {
    const node = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
    return put(node, children);
  }
  const icon = (name) =>
    draw("svg", { class: "i i-" + name, "aria-hidden": "true" }, draw("use", { href: "#i-" + name }));
  const code = (value) => el("code", {}, value);
  const link = (parameters) =>
    "#" +
    Object.entries(parameters)
      .filter(([, value]) => value !== "" && value !== undefined && value !== null)
      .map(([key, value]) => key + "=" + encodeURIComponent(value).replace(/%2F/g, "/").replace(/%3A/g, ":"))
      .join("&");
  const formKey = (form) => form.vendor + "/" + form.id;
  const subjectPart = (subject) => (subjects.length > 1 ? { subject: subjects[subject].name } : {});
  const caseLink = (i) => link({ case: text(c.id, i), ...subjectPart(c.subject[i]) });
  const quote = (value) => "'" + value.replace(/'/g, "'\\''") + "'";
  const plural = (n, noun) => n.toLocaleString("en") + " " + noun + (n === 1 ? "" : "s");

  // Which cases to show first: what does not hold, then in the order they ran.
  const risk = new Map(verdicts.map(([w], v) => [v, failing(w) ? RISK.indexOf(w) : w === "not-applicable" ? 8 : 9]));
  const sorted = Array.from(c.id.keys());
  sorted.sort((a, b) => risk.get(c.verdict[a]) - risk.get(c.verdict[b]) || a - b);
  let haystack = null;
  function searchable(i) {
    if (!haystack) haystack = new Array(c.id.length);
    return (haystack[i] ??= [c.id, c.claim, c.state, c.expected, c.actual, c.cite]
      .map((column) => text(column, i))
      .join("\n")
      .toLowerCase());
  }

  // ---- the address: #case=ID, #insn=VENDOR/FORM, or filters of the case list ----
  const FILTERS = ["verdict", "subject", "vendor", "instruction", "mode", "kind", "q", "page"];
  function readAddress() {
    const address = location.hash.slice(1);
    if (!address.includes("=")) return { anchor: address };
    const found = {};
    for (const part of address.split("&")) {
      const at = part.indexOf("=");
      if (at < 0) continue;
      try {
        found[part.slice(0, at)] = decodeURIComponent(part.slice(at + 1));
      } catch {
        found[part.slice(0, at)] = part.slice(at + 1);
      }
    }
    return found;
  }

  function show(first) {
    const to = readAddress();
    const single = to.case !== undefined || to.insn !== undefined;
    $("overview").hidden = single;
    $("view").hidden = !single;
    if (to.case !== undefined) casePage(to);
    else if (to.insn !== undefined) instructionPage(to);
    else {
      document.title = data.title;
      const filtering = FILTERS.some((name) => to[name] !== undefined);
      caseList(to);
      const target = filtering ? "cases" : to.anchor;
      if (target && $(target)) $(target).scrollIntoView();
      else if (!first) scrollTo(0, 0);
      return;
    }
    scrollTo(0, 0);
    if (!first) $("view").querySelector("h1")?.focus({ preventScroll: true });
    if (to.check) $("view").querySelector(".target")?.scrollIntoView({ block: "center" });
  }

  // ---- the list of cases ----
  function caseList(filter) {
    const box = $("case-list");
    const set = (change) => {
      const next = { ...filter, page: undefined, ...change };
      delete next.anchor;
      history.replaceState(null, "", link(next) === "#" ? "#cases" : link(next));
      filter = next;
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
              values.map(([value, title]) => el("option", { value, selected: filter[name] === value }, title)),
            ),
          );
    const unique = (values) => [...new Set(values)].filter(Boolean).map((value) => [value, value]);
    const search = el("input", {
      type: "search",
      value: filter.q || "",
      placeholder: "id, claim, state, outcome, section",
      oninput: (event) => set({ q: event.target.value }),
    });
    const results = el("div", {});
    refill(box, 
      el(
        "form",
        { class: "filters", role: "search", "aria-label": "Filter cases", onsubmit: (event) => event.preventDefault() },
        el("label", { class: "grow" }, "search", search),
        choice("verdict", "verdict", [["failing", "all that do not hold"], ...verdicts.map(([w]) => [w, w])]),
        choice("subject", "subject", unique(subjects.map((subject) => subject.name))),
        choice("vendor", "vendor", unique(forms.map((form) => form.vendor))),
        choice("instruction", "instruction", unique(forms.map((form) => form.instruction)).sort()),
        choice("mode", "mode", unique(modes)),
        choice("kind", "kind", unique([...new Set(c.kind)].map((k) => s[k])).sort()),
        el("button", { type: "button", onclick: () => ((filter = {}), history.replaceState(null, "", "#cases"), caseList({})) }, "Clear"),
      ),
      results,
    );
    function matches(i) {
      const form = forms[c.form[i]];
      if (filter.verdict && !(filter.verdict === "failing" ? failing(word(i)) : word(i) === filter.verdict)) return false;
      if (filter.subject && subjects[c.subject[i]].name !== filter.subject) return false;
      if (filter.vendor && form.vendor !== filter.vendor) return false;
      if (filter.instruction && form.instruction !== filter.instruction) return false;
      if (filter.form && formKey(form) !== filter.form) return false;
      if (filter.mode && text(c.mode, i) !== filter.mode) return false;
      if (filter.kind && text(c.kind, i) !== filter.kind) return false;
      return !filter.q || filter.q.toLowerCase().split(/\s+/).every((term) => searchable(i).includes(term));
    }
    function fill() {
      for (const tile of document.querySelectorAll(".tiles a")) {
        tile.toggleAttribute("aria-current", tile.hash === "#verdict=" + filter.verdict);
      }
      const found = sorted.filter(matches);
      const pages = Math.max(1, Math.ceil(found.length / PAGE));
      const page = Math.min(pages, Math.max(1, Number(filter.page) || 1));
      const turn = (to, label) =>
        el("button", { type: "button", disabled: to < 1 || to > pages, onclick: () => (set({ page: to }), $("cases").scrollIntoView()) }, label);
      refill(results, 
        el(
          "p",
          { role: "status", class: "soft" },
          found.length === c.id.length ? plural(found.length, "case") : plural(found.length, "case") + " of " + c.id.length.toLocaleString("en"),
        ),
        found.length ? caseTable(found.slice((page - 1) * PAGE, page * PAGE)) : el("p", {}, "No case matches."),
        pages > 1
          ? el("div", { class: "pager" }, turn(page - 1, "Previous"), el("span", {}, "page " + page + " of " + pages), turn(page + 1, "Next"))
          : null,
      );
    }
    fill();
  }

  function caseTable(rows) {
    return el(
      "div",
      { class: "scroll" },
      el(
        "table",
        { class: "list" },
        el("thead", {}, el("tr", {}, ["verdict", "case", "expected", "got", "source"].map((name) => el("th", { scope: "col" }, name)))),
        el(
          "tbody",
          {},
          rows.map((i) =>
            el(
              "tr",
              {},
              el("td", { class: "verd v-" + word(i) }, icon(word(i)), " ", el("span", {}, word(i))),
              el(
                "th",
                { scope: "row" },
                el("a", { class: "id", href: caseLink(i) }, text(c.id, i)),
                subjects.length > 1 ? el("span", { class: "mode" }, " " + subjects[c.subject[i]].name) : null,
              ),
              el("td", {}, text(c.expected, i)),
              el("td", {}, text(c.actual, i)),
              el("td", { class: "soft" }, text(c.cite, i)),
            ),
          ),
        ),
      ),
    );
  }

  // ---- one case ----
  function facts(pairs) {
    const kept = pairs.filter(([, value]) => value && (!Array.isArray(value) || value.length));
    return kept.length ? el("dl", { class: "facts" }, kept.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])) : null;
  }
  const chips = (values) => (values && values.length ? el("ul", { class: "chips" }, values.map((value) => el("li", {}, value))) : null);

  function headline(i) {
    return (c.detail[i] && c.detail[i].headline) || "expected and got " + text(c.actual, i);
  }
  function checkLink(form, id, subject) {
    return id && form.checks[id] ? el("a", { href: link({ insn: formKey(form), check: id, ...subjectPart(subject) }) }, code(id)) : id ? code(id) : null;
  }

  function card(i, level) {
    const form = forms[c.form[i]];
    const detail = c.detail[i] || {};
    const w = word(i);
    const bad = failing(w);
    const box = (title, kind, outcome, check) =>
      el("div", { class: kind }, el("span", { class: "soft" }, title), el("b", {}, outcome || "nothing"), check && check !== "none" ? ["by ", checkLink(form, check, c.subject[i])] : null);
    const command = subjects[c.subject[i]].rerun + " --only " + quote(text(c.id, i));
    const head = el(level, level === "h1" ? { tabindex: "-1", class: "title" } : {}, level === "h1" ? text(c.id, i) : el("a", { href: caseLink(i) }, text(c.id, i)));
    const first = text(c.first, i);
    const second = text(c.second, i);
    return el(
      "article",
      { class: "card v-" + w },
      head,
      el("p", {}, el("span", { class: "v-" + w }, icon(w)), " ", el("b", {}, w), subjects.length > 1 ? " (" + subjects[c.subject[i]].name + ")" : "", ": " + headline(i)),
      text(c.claim, i) ? el("p", {}, "Claim: " + text(c.claim, i)) : null,
      first && second ? el("p", {}, "Order: ", checkLink(form, first, c.subject[i]), " comes before ", checkLink(form, second, c.subject[i])) : null,
      el(
        "div",
        { class: "vs" },
        box("expected", "exp", text(c.expected, i), detail.expectedCheck),
        bad || text(c.actual, i) ? box("got", bad ? "got bad" : "got", text(c.actual, i), detail.actualCheck) : null,
      ),
      detail.differences
        ? el(
            "div",
            { class: "scroll" },
            el(
              "table",
              { class: "diff" },
              el("thead", {}, el("tr", {}, ["differs", "expected", "got"].map((name) => el("th", { scope: "col" }, name)))),
              el("tbody", {}, detail.differences.map(([name, expected, actual]) => el("tr", {}, el("td", {}, name), el("td", {}, expected), el("td", { class: "got" }, actual)))),
            ),
          )
        : null,
      facts([
        ["state that arms it", chips(text(c.state, i).split(/\s+/).filter(Boolean))],
        ["instruction", detail.assembly],
        ["bytes", detail.bytes && code(detail.bytes)],
        ["registers", chips((detail.registers || []).map(([name, value]) => name + " = " + value))],
        ["control block", chips(detail.control)],
        ["memory", chips(detail.memory)],
        ["points to", detail.reveals],
        ["the subject said", detail.remark],
        ["manual", text(c.cite, i)],
        ["table row", text(c.row, i) && code(text(c.row, i))],
      ]),
      el("div", { class: "run" }, code(command), copyButton(command)),
    );
  }

  function copyButton(value) {
    const button = el("button", { type: "button" }, "Copy");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(value);
        button.textContent = "Copied";
      } catch {
        const range = document.createRange();
        range.selectNodeContents(button.previousSibling);
        getSelection().removeAllRanges();
        getSelection().addRange(range);
        button.textContent = "Selected";
      }
    });
    return button;
  }

  const crumbs = (...parts) => el("p", { class: "crumbs" }, el("a", { href: "#" }, "Overview"), parts.map((part) => [" / ", part]));

  function casePage(to) {
    const view = $("view");
    const same = sorted.filter((i) => text(c.id, i) === to.case);
    const at = same.find((i) => subjects[c.subject[i]].name === to.subject) ?? same[0];
    if (at === undefined) {
      document.title = "No such case";
      refill(view, crumbs(), el("h1", { class: "title", tabindex: "-1" }, "No such case"), el("p", {}, "This report holds no case ", code(to.case), "."));
      return;
    }
    document.title = to.case;
    const form = forms[c.form[at]];
    const others = same.filter((i) => i !== at);
    const bad = sorted.filter((i) => failing(word(i)));
    const place = bad.indexOf(at);
    refill(view, 
      crumbs(el("a", { href: link({ insn: formKey(form) }) }, form.mnemonic), "case"),
      card(at, "h1"),
      ...(others.length ? [el("h2", {}, "The same case elsewhere"), caseTable(others)] : []),
      place >= 0 && bad.length > 1
        ? el(
            "p",
            { class: "pager" },
            place > 0 ? el("a", { href: caseLink(bad[place - 1]) }, "Previous that does not hold") : null,
            el("span", { class: "soft" }, place + 1 + " of " + bad.length),
            place < bad.length - 1 ? el("a", { href: caseLink(bad[place + 1]) }, "Next that does not hold") : null,
          )
        : "",
    );
  }

  // ---- one instruction ----
  function instructionPage(to) {
    const view = $("view");
    const form = forms.find((f) => formKey(f) === to.insn) || forms.find((f) => f.vendor + "/" + f.instruction === to.insn);
    if (!form) {
      document.title = "No such instruction";
      refill(view, crumbs(), el("h1", { class: "title", tabindex: "-1" }, "No such instruction"), el("p", {}, "This report holds no instruction ", code(to.insn), "."));
      return;
    }
    document.title = form.mnemonic;
    const at = forms.indexOf(form);
    const subject = Math.max(0, subjects.findIndex((x) => x.name === to.subject));
    const mode = form.modes.includes(to.mode) || sorted.some((i) => c.form[i] === at && text(c.mode, i) === to.mode) ? to.mode : "";
    const own = sorted.filter((i) => c.form[i] === at && c.subject[i] === subject && (!mode || text(c.mode, i) === mode));
    const bad = own.filter((i) => failing(word(i)));
    const here = (change) => link({ insn: formKey(form), mode, ...subjectPart(subject), ...change });
    const seg = (title, options) => el("nav", { class: "seg", "aria-label": title }, options.map(([label, href, on]) => el("a", { href, "aria-current": on ? "true" : null }, label)));
    const usedModes = modes.filter((m) => form.modes.includes(m) || sorted.some((i) => c.form[i] === at && text(c.mode, i) === m));
    const siblings = forms.filter((f) => f !== form && f.vendor === form.vendor && f.instruction === form.instruction);
    const counts = verdicts.map(([w]) => [w, own.filter((i) => word(i) === w).length]).filter(([, n]) => n > 0);
    refill(view, 
      crumbs(form.vendorName, form.mnemonic),
      el("h1", { class: "title", tabindex: "-1" }, form.mnemonic),
      el("p", { class: "legend" }, counts.length ? counts.map(([w, n]) => el("a", { href: link({ verdict: w, form: formKey(form), mode, ...subjectPart(subject) }), class: "v-" + w }, icon(w), " " + n + " " + w)) : "No case of this form ran" + (mode ? " in this mode" : "") + "."),
      subjects.length > 1 ? seg("Subject", subjects.map((x, n) => [x.name, here({ subject: x.name }), n === subject])) : "",
      usedModes.length > 1 ? seg("Mode", [["all modes", here({ mode: "" }), !mode], ...usedModes.map((m) => [m, here({ mode: m }), m === mode])]) : "",
      facts([
        ["form", code(form.id)],
        ["encoding", form.encoding && code(form.encoding)],
        ["modes", form.modes.join(" ")],
        ["gate", form.gate && code(form.gate)],
        ["manual", form.cite],
        ["table row", form.row && code(form.row)],
        ["other forms", siblings.map((f, n) => [n ? ", " : "", el("a", { href: link({ insn: formKey(f) }) }, f.mnemonic)])],
      ]) || "",
      bad.length ? el("section", {}, el("h2", {}, "What does not hold"), bad.slice(0, 10).map((i) => card(i, "h3")), bad.length > 10 ? el("p", { class: "more" }, el("a", { href: link({ verdict: "failing", form: formKey(form) }) }, "All " + bad.length)) : null) : "",
      el("section", {}, el("h2", {}, "Check order"), el("p", { class: "soft" }, "Highest priority first. A circle is an exception check, a diamond the exit; a dashed frame holds checks whose order the sources leave open."), orderPicture(form, own, to.check, subject)),
      el("section", {}, el("h2", {}, "Row beats column"), beats(form, at, subject, mode)),
      el("section", {}, el("h2", {}, "Cases"), own.length ? caseTable(own.slice(0, 50)) : el("p", { class: "soft" }, "None."), own.length > 50 ? el("p", { class: "more" }, el("a", { href: link({ form: formKey(form), mode }) }, "All " + own.length)) : null),
    );
    redraw();
  }

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
      const group = form.groups.find((g) => g.includes(id));
      const mates = group.filter((other) => other !== id);
      return el(
        "li",
        { class: (check.exit ? "exit" : "fault") + (id === target ? " target" : "") },
        el("div", { class: "head" }, el("span", { class: "sr" }, n + 1 + "."), el("b", {}, id), el("span", { class: "res" }, check.result), el("cite", {}, check.cite), provenance(check), mates.length ? el("span", { class: "openlabel" }, "order open against " + mates.join(", ")) : null),
        check.condition ? el("code", { class: "cond" }, check.condition) : null,
        check.meaning ? el("span", { class: "mean" }, check.meaning) : null,
        check.prov !== "manual" && check.note ? el("div", { class: "mean" }, check.note) : null,
      );
    });
    const done = el("li", { class: "done" }, el("div", { class: "head" }, el("span", { class: "res" }, "completes")));
    put(list, [rail, items, done]);
    const taken = new Map();
    for (const i of own) {
      const detail = c.detail[i];
      if (word(i) !== "precedence-violation" || !detail) continue;
      const from = order.indexOf(detail.actualCheck);
      const to = order.indexOf(detail.expectedCheck);
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

  const WEIGHT = ["violated", "not-run", "tested", "alike", "open", "masked", "impossible"];
  const SAY = { tested: "tested", alike: "tested, same outcome either way", violated: "violated", impossible: "proven impossible", open: "order open", masked: "masked by an earlier check", "not-run": "not run" };
  function beats(form, at, subject, mode) {
    const order = form.groups.flat();
    const found = new Map();
    const total = {};
    for (let i = 0; i < p.status.length; i++) {
      if (p.form[i] !== at || p.subject[i] !== subject || (mode && s[p.mode[i]] !== mode)) continue;
      const status = statuses[p.status[i]];
      total[status] = (total[status] || 0) + 1;
      const key = [order.indexOf(s[p.first[i]]), order.indexOf(s[p.second[i]])].sort((a, b) => a - b).join();
      if (!found.has(key)) found.set(key, []);
      found.get(key).push(i);
    }
    if (!found.size) return el("p", { class: "soft" }, "No pairs.");
    const note = el("div", { class: "note", "aria-live": "polite" }, "Choose a cell to see its modes, cases and reasons.");
    const explain = (row, column, list) => () =>
      refill(note, 
        el("b", {}, code(order[row]), " before ", code(order[column])),
        el(
          "ul",
          {},
          list.map((i) => {
            const status = statuses[p.status[i]];
            return el("li", {}, s[p.mode[i]] + ": ", el("span", { class: "p-" + status }, icon(status)), " " + SAY[status], p.case[i] >= 0 ? [", ", el("a", { href: link({ case: s[p.case[i]], ...subjectPart(subject) }) }, s[p.case[i]])] : null, s[p.reason[i]] ? ": " + s[p.reason[i]] : "");
          }),
        ),
      );
    const cell = (row, column) => {
      if (row === column) return el("td", { class: "diag" });
      if (row > column) return el("td", { class: "below" });
      const list = found.get(row + "," + column);
      if (!list) return el("td", {});
      const kinds = [...new Set(list.map((i) => statuses[p.status[i]]))].sort((a, b) => WEIGHT.indexOf(a) - WEIGHT.indexOf(b));
      const title = order[row] + " before " + order[column] + ": " + kinds.map((k) => SAY[k]).join(", ");
      return el("td", { class: "p-" + kinds[0] }, el("button", { type: "button", title, "aria-label": title, onclick: explain(row, column, list) }, icon(kinds[0])));
    };
    const kind = (id) => (form.checks[id].exit ? "exit" : null);
    return [
      el("p", { class: "legend" }, statuses.filter((status) => total[status]).map((status) => el("span", { class: "p-" + status }, icon(status), " " + total[status] + " " + SAY[status]))),
      el(
        "div",
        { class: "scroll beatwrap" },
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

  // ---- the page itself ----
  const root = document.documentElement;
  const theme = $("theme");
  const dark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const label = () => (theme.textContent = dark() ? "Light" : "Dark");
  theme.hidden = false;
  theme.setAttribute("aria-label", "Switch between light and dark");
  theme.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    label();
  });
  label();
  $("matrix-tools").hidden = !document.querySelector(".matrix tr.bad");
  $("only-broken").addEventListener("change", (event) => $("overview").classList.toggle("only-broken", event.target.checked));
  addEventListener("hashchange", () => show(false));
  addEventListener("resize", () => redraw());
  addEventListener("beforeprint", () => redraw());
  show(true);
})();
