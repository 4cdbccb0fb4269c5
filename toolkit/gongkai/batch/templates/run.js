"use strict";
// The table is complete without this; here it is only searched and sorted.
const rows = Array.from(document.querySelectorAll("tbody tr"));
const words = document.getElementById("words");
const outcome = document.getElementById("outcome");
const level = document.getElementById("level");
const shown = document.getElementById("shown");
const texts = rows.map((row) => row.textContent.toLowerCase());

function sift() {
  const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  rows.forEach((row, number) => {
    const fits =
      (!outcome.value || row.dataset.outcome === outcome.value) &&
      (!level.value || row.dataset.level === level.value) &&
      wanted.every((word) => texts[number].includes(word));
    row.hidden = !fits;
    count += fits;
  });
  shown.textContent = shown.dataset.words.replace("{shown}", count).replace("{total}", rows.length);
}

function sort(button) {
  const head = button.parentElement;
  const down = head.getAttribute("aria-sort") === "ascending";
  document.querySelectorAll("th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const key = (row) => row.cells[head.cellIndex].dataset.sort ?? row.cells[head.cellIndex].textContent.trim();
  const compare = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;
  const sorted = rows.map((row) => [key(row), row]).sort((a, b) => (down ? -1 : 1) * compare(a[0], b[0]));
  document.querySelector("tbody").append(...sorted.map((each) => each[1]));
}

document.getElementById("tools").hidden = false;
[words, outcome, level].forEach((each) => each.addEventListener("input", sift));
document.querySelectorAll("th button").forEach((button) => button.addEventListener("click", () => sort(button)));
sift();
