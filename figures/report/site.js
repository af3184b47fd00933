// Sorts and filters tables, and switches charts between a logarithmic and a linear scale. Nothing needs it to be read.
"use strict";

const text = (cell) => (cell.dataset.sort ?? cell.textContent).trim();

function compare(a, b) {
  const [x, y] = [Number(a), Number(b)];
  return a !== "" && b !== "" && !Number.isNaN(x) && !Number.isNaN(y) ? x - y : a.localeCompare(b, "en", { numeric: true });
}

function sortBy(table, column) {
  const head = table.tHead.rows[0].cells[column];
  const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
  const rows = [...table.tBodies[0].rows].map((row) => [text(row.cells[column]), row]);
  const missing = ([key]) => key === "" || key === "–";
  rows.sort((a, b) => missing(a) - missing(b) || sign * compare(a[0], b[0]));
  table.tBodies[0].append(...rows.map(([, row]) => row));
}

function makeSortable(table) {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sortBy(table, column));
    head.append(button);
  });
}

function field(words, control) {
  const label = document.createElement("label");
  label.append(words, control);
  return label;
}

function facet(table, column) {
  const select = document.createElement("select");
  const values = new Set([...table.tBodies[0].rows].map((row) => text(row.cells[column])));
  select.append(new Option("all", ""), ...[...values].sort().map((value) => new Option(value, value)));
  select.dataset.column = column;
  return select;
}

function makeFilters(table) {
  const rows = [...table.tBodies[0].rows];
  const heads = [...table.tHead.rows[0].cells];
  const form = document.createElement("form");
  form.className = "filters";
  form.setAttribute("role", "search");
  const search = Object.assign(document.createElement("input"), { type: "search", name: "text", autocomplete: "off" });
  const selects = heads.flatMap((head, i) => ("facet" in head.dataset ? [[head.textContent, facet(table, i)]] : []));
  const count = document.createElement("output");
  const lower = rows.map((row) => row.textContent.toLowerCase());
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    rows.forEach((row, i) => {
      const chosen = selects.every(([, s]) => s.value === "" || text(row.cells[s.dataset.column]) === s.value);
      row.hidden = !(chosen && words.every((word) => lower[i].includes(word)));
    });
    count.value = `${rows.filter((row) => !row.hidden).length} of ${rows.length}`;
  };
  form.append(field("search", search), ...selects.map(([words, select]) => field(words, select)), count);
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  table.parentElement.before(form);
  apply();
}

function makeSwitch(chart) {
  const scales = chart.dataset.scales.split(" ");
  if (scales.length < 2) return;
  const button = document.createElement("button");
  const other = () => scales.find((scale) => scale !== chart.dataset.scale);
  const say = () => {
    button.textContent = `${other()} scale`;
    button.setAttribute("aria-label", `show on a ${other()} scale`);
  };
  button.type = "button";
  button.className = "switch";
  button.addEventListener("click", () => {
    chart.dataset.scale = other();
    say();
  });
  say();
  chart.before(button);
}

for (const table of document.querySelectorAll("table[data-filter]")) {
  makeFilters(table);
  makeSortable(table);
}
document.querySelectorAll("svg.chart").forEach(makeSwitch);
