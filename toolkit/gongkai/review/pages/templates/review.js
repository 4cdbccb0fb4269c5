"use strict";
// Every page does its work without this. Here findings are drawn around the report, and keys go from one to the next.
const island = document.getElementById("marks");
const frame = document.getElementById("paper");
const tip = document.getElementById("tip");
// A report may call its elements whatever it likes, also by what a document or an object has of its own.
const all = (paper, wanted) => Array.from(Document.prototype.querySelectorAll.call(paper, wanted));
const own = (among, name) => (Object.hasOwn(among, name) ? among[name] : undefined);
const COLOURS = { error: "#c62828", not_assessable: "#86198f", doubt: "#86198f", warning: "#b7791f", info: "#0b7fa5" };

if (island && frame) {
  const marks = JSON.parse(island.textContent);
  const hint = tip.textContent;
  const say = (text) => { tip.textContent = text || hint; };
  const told = (address) => [
    (own(marks.cells, address) || {}).source,
    ...(own(marks.wrong, address) || []).map((number) => marks.findings[number].told),
  ].filter(Boolean).join("　");

  const drawn = new WeakSet();
  const draw = () => {
    const paper = frame.contentDocument;
    if (!paper || drawn.has(paper)) return;
    drawn.add(paper);
    all(paper, "td[data-cell]").forEach((cell) => {
      const address = cell.dataset.cell;
      cell.tabIndex = 0;
      cell.setAttribute("aria-description", told(address));
      cell.addEventListener("mouseenter", () => say(told(address)));
      cell.addEventListener("focus", () => say(told(address)));
      cell.addEventListener("mouseleave", () => say(""));
      const wrong = own(marks.wrong, address);
      if (!wrong) return;
      cell.style.outline = `3px solid ${COLOURS[marks.findings[wrong[0]].kind]}`;
      cell.style.outlineOffset = "-2px";
      cell.style.cursor = "pointer";
      cell.addEventListener("click", () => focusOn(document.getElementById(wrong[0])));
    });
    Object.values(marks.findings).forEach((finding) => {
      const passage = finding.quote && all(paper, "p").find((each) => each.textContent.includes(finding.quote));
      if (!passage) return;
      passage.style.outline = `3px solid ${COLOURS[finding.kind]}`;
      passage.dataset.quote = finding.quote;
      passage.addEventListener("mouseenter", () => say(finding.told));
    });
  };
  frame.addEventListener("load", draw);
  if (frame.contentDocument && frame.contentDocument.readyState === "complete") draw();

  const show = (place) => {
    const paper = frame.contentDocument;
    const found = paper && all(paper, "td[data-cell]").find((cell) => cell.dataset.cell === place);
    if (!found) return false;
    found.scrollIntoView({ block: "center" });
    found.animate([{ background: "#ffe08a" }, { background: "transparent" }], 2000);
    say(told(place));
    return true;
  };
  const shown = (finding) => {
    const about = own(marks.findings, finding.id);
    const cell = finding.querySelector("[data-go]");
    if (cell && show(cell.dataset.go)) return;
    const paper = frame.contentDocument;
    const passage = about && about.quote && paper && all(paper, "p[data-quote]").find((each) => each.dataset.quote === about.quote);
    if (passage) passage.scrollIntoView({ block: "center" });
  };

  const findings = Array.from(document.querySelectorAll("[data-finding]"));
  let at = -1;
  const focusOn = (finding) => {
    if (!finding) return;
    at = findings.indexOf(finding);
    finding.focus();
    finding.scrollIntoView({ block: "nearest" });
    shown(finding);
  };
  findings.forEach((finding) => finding.addEventListener("click", (event) => {
    if (event.target.closest("a, button, summary, form")) return;
    focusOn(finding);
  }));
  const go = (step) => focusOn(findings[Math.min(findings.length - 1, Math.max(0, at + step))]);
  const keys = {
    KeyJ: () => go(1),
    KeyK: () => go(-1),
    KeyP: () => { const button = document.getElementById("do-pass"); if (button) button.click(); },
    KeyR: () => {
      const returning = document.getElementById("returning");
      if (!returning) return;
      returning.open = true;
      returning.querySelector("textarea").focus();
    },
  };
  const press = (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || !keys[event.code]) return;
    event.preventDefault();
    keys[event.code]();
  };
  document.addEventListener("keydown", press);
  frame.addEventListener("load", () => frame.contentDocument && frame.contentWindow.addEventListener("keydown", press));
}
