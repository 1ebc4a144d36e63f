// What everything else is made of: the data, elements, icons, addresses. Texts from the data reach
// the page as text nodes and attribute values only, never as markup.
const data = JSON.parse(document.getElementById("data").textContent);
const { forms, subjects, verdicts, statuses, modes, vendors, causes, compare, meanings } = data.head;
const { s, g, c, r, p, q } = joined(data.parts);

/** Parts of forms, each of which has texts, groups and cases numbered from 0, under one numbering. */
function joined(parts) {
  const columns = (...names) => Object.fromEntries(names.map((name) => [name, []]));
  const s = [];
  const g = columns("form", "mode", "kind", "claim", "expected", "first", "second", "cite", "row");
  const c = columns("group", "before", "last", "bytes", "state");
  const r = subjects.map(() => ({ v: [], d: {} }));
  const p = columns("form", "mode", "first", "second", "case", "reason");
  const q = columns("form", "mode", "check", "variable", "on", "off");
  const status = subjects.map(() => []);
  const numbers = new Map();
  const number = (text) => {
    let known = numbers.get(text);
    if (known === undefined) numbers.set(text, (known = s.push(text) - 1));
    return known;
  };
  parts.forEach((part, form) => {
    const text = part.s.map(number);
    const firstGroup = g.form.length;
    const firstCase = c.group.length;
    // Below 0 is no case.
    const caseAt = (i) => (i < 0 ? i : firstCase + i);
    const add = (to, from, name, as) => {
      for (const value of from[name]) to[name].push(as(value));
    };
    const textAt = (i) => text[i];
    for (const name of ["mode", "kind", "claim", "expected", "first", "second", "cite", "row"]) add(g, part.g, name, textAt);
    for (let i = part.g.mode.length; i > 0; i--) g.form.push(form);
    add(c, part.c, "group", (i) => firstGroup + i);
    for (const name of ["before", "last", "bytes"]) add(c, part.c, name, textAt);
    for (const words of part.c.state) {
      for (let i = 0; i < words.length; i++) words[i] = text[words[i]];
      c.state.push(words);
    }
    part.r.forEach(({ v, d }, subject) => {
      r[subject].v.push(v);
      for (const [i, told] of Object.entries(d)) r[subject].d[firstCase + Number(i)] = renumbered(told, textAt);
    });
    for (const name of ["mode", "first", "second", "reason"]) add(p, part.p, name, textAt);
    add(p, part.p, "case", caseAt);
    for (let i = part.p.mode.length; i > 0; i--) p.form.push(form);
    part.p.status.forEach((letters, subject) => status[subject].push(letters));
    for (const name of ["mode", "check", "variable"]) add(q, part.q, name, textAt);
    for (const name of ["on", "off"]) add(q, part.q, name, caseAt);
    for (let i = part.q.mode.length; i > 0; i--) q.form.push(form);
  });
  for (const run of r) run.v = run.v.join("");
  p.status = status.map((letters) => letters.join(""));
  return { s, g, c, r, p, q };
}
/** What is told of a case: causes and lines of the baseline are the page's, all else are texts. */
function renumbered(told, textAt) {
  for (const [name, value] of Object.entries(told)) {
    if (name !== "cause" && name !== "known") told[name] = Array.isArray(value) ? value.map(textAt) : textAt(value);
  }
  return told;
}
const several = subjects.length > 1;
const severalVendors = Object.keys(vendors).length > 1;
const CASES = c.group.length;
const PAGE = 100;
// The worst first; what nobody has to look at last.
const WORST = ["precedence-violation", "violation", "crash", "no-answer", "known", "not-applicable", "open-holds", "holds"];
const FAILS = new Set(verdicts.filter((verdict) => verdict[2] === "fails").map((verdict) => verdict[0]));

const $ = (id) => document.getElementById(id);
const range = (n) => Array.from({ length: n }, (_, i) => i);
/** What a case has in common with others: its claim, mode, kind, expected outcome, source. */
const text = (column, i) => s[g[column][c.group[i]]];
const formAt = (i) => g.form[c.group[i]];
const texts = (list) => (list || []).map((i) => s[i]);

// ---- results: one character a case and subject ----
const caseId = (i) => s[c.before[i]] + s[c.last[i]];
const ran = (subject, i) => r[subject].v[i] !== ".";
const word = (subject, i) => (ran(subject, i) ? verdicts[r[subject].v.charCodeAt(i) - 48][0] : "");
const detail = (subject, i) => r[subject].d[i] || {};
const failing = (w) => FAILS.has(w);
const isKnown = (subject, i) => detail(subject, i).known !== undefined;
/** The word to show: a violation that the baseline expects is called so. */
const shown = (subject, i) => (isKnown(subject, i) ? "known" : word(subject, i));
const expected = (subject, i) => (detail(subject, i).expected === undefined ? text("expected", i) : s[detail(subject, i).expected]);
const actual = (subject, i) => {
  if (!ran(subject, i)) return "";
  const own = detail(subject, i).actual;
  return own === undefined ? (FAILS.has(word(subject, i)) ? "" : text("expected", i)) : s[own];
};
const sentence = (subject, i) => (detail(subject, i).cause === undefined ? "" : causes[detail(subject, i).cause][2]);
const state = (i) => c.state[i].map((t) => s[t]).join(" ");
const findCase = (id) => {
  const cut = id.lastIndexOf("/") + 1;
  // A file from elsewhere may have an id twice: then the one that holds least.
  for (const i of inOrder()) if (s[c.last[i]] === id.slice(cut) && s[c.before[i]] === id.slice(0, cut)) return i;
  return -1;
};
const RANKS = verdicts.map((verdict) => WORST.indexOf(verdict[0]));
function rank(i) {
  let worst = WORST.length;
  for (const { v, d } of r) {
    if (v[i] === ".") continue;
    const own = d[i] !== undefined && d[i].known !== undefined ? WORST.indexOf("known") : RANKS[v.charCodeAt(i) - 48];
    if (own < worst) worst = own;
  }
  return worst;
}
// Whether the subjects that ran a case did different things in it.
const differ = (i) => new Set(subjects.map((_, n) => n).filter((n) => ran(n, i)).map((n) => word(n, i) + " " + actual(n, i))).size > 1;

/** A form's cases, what does not hold first. */
const ofForm = (() => {
  let lists = null;
  return (form) => {
    if (!lists) {
      lists = forms.map(() => []);
      for (const i of inOrder()) lists[formAt(i)].push(i);
    }
    return lists[form];
  };
})();
const inOrder = (() => {
  let order = null;
  return () => {
    if (!order) {
      // Few ranks and many cases: put each where it belongs.
      const ranks = new Uint8Array(CASES);
      const next = new Uint32Array(WORST.length + 2);
      for (let i = 0; i < CASES; i++) next[(ranks[i] = rank(i)) + 1]++;
      for (let k = 1; k < next.length; k++) next[k] += next[k - 1];
      order = new Uint32Array(CASES);
      for (let i = 0; i < CASES; i++) order[next[ranks[i]]++] = i;
    }
    return order;
  };
})();

// ---- elements ----
const SVG = "http://www.w3.org/2000/svg";
function put(node, children) {
  for (const child of children.flat(9)) {
    if (child !== null && child !== undefined && child !== "" && child !== false) node.append(child);
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
const icon = (name) => draw("svg", { class: "i i-" + name, "aria-hidden": "true" }, draw("use", { href: "#i-" + name }));
const marked = (w) => el("span", { class: "verd v-" + w }, icon(w), " ", el("span", {}, w));
const code = (value) => el("code", {}, value);
const plural = (n, noun) => n.toLocaleString("en") + " " + noun + (n === 1 ? "" : "s");
const chips = (values) => (values && values.length ? el("ul", { class: "chips" }, values.map((value) => el("li", {}, value))) : null);
const crumbs = (...parts) => el("p", { class: "crumbs" }, el("a", { href: "#" }, "Overview"), parts.map((part) => [" / ", part]));
const title = (value) => el("h1", { tabindex: "-1", class: "title" }, value);
function scrolls(label, table) {
  table.setAttribute("aria-label", label);
  return el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": label }, table);
}
function facts(pairs) {
  const kept = pairs.filter(([, value]) => value && (!Array.isArray(value) || value.length));
  return kept.length ? el("dl", { class: "facts" }, kept.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])) : null;
}
function table(attributes, heads, rows) {
  return el(
    "table",
    attributes,
    heads ? el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col", class: Array.isArray(head) ? head[1] : null }, Array.isArray(head) ? head[0] : head)))) : null,
    el("tbody", {}, rows),
  );
}
function segments(label, options) {
  return el("nav", { class: "seg", "aria-label": label }, options.map(([name, href, on]) => el("a", { href, "aria-current": on ? "true" : null }, name)));
}
function copyButton(label, value) {
  const button = el("button", { type: "button" }, label);
  button.addEventListener("click", async () => {
    const copied = typeof value === "function" ? value() : value;
    try {
      await navigator.clipboard.writeText(copied);
    } catch {
      // A page from a file may not use the clipboard: the old way still works there.
      const area = el("textarea", { class: "sr" }, copied);
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = label), 2000);
  });
  return button;
}

// ---- addresses ----
const link = (parameters) =>
  "#" +
  Object.entries(parameters)
    .filter(([, value]) => value !== "" && value !== undefined && value !== null)
    .map(([key, value]) => key + "=" + encodeURIComponent(value).replace(/%2F/g, "/").replace(/%3A/g, ":"))
    .join("&");
const formKey = (form) => form.vendor + "/" + form.id;
const subjectPart = (subject) => (several ? { subject: subjects[subject].name } : {});
const caseLink = (i, subject) => link({ case: caseId(i), ...(subject === undefined ? {} : subjectPart(subject)) });
const causeLink = (k, subject) => link({ cause: causes[k][2], vendor: causes[k][0], ...(subject === undefined ? {} : subjectPart(subject)) });
const subjectAt = (name) => Math.max(0, subjects.findIndex((subject) => subject.name === name));
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
