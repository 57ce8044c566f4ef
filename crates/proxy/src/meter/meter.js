// @ts-check
// The meter of a new password: what the site will say of it when the form is sent, said while one
// types. The gate in front of the site marked the field and serves this file; it asks that gate and
// nobody else, and shows nothing when it has no answer. Looks are set by a sheet made here and kept
// inside the meter, so neither the page's styles nor its policy of styles are concerned; a site may
// dress it by ::part(meter), ::part(bar), ::part(summary) and ::part(reasons).
"use strict";
(() => {
  const MARK = "data-rempart-meter";
  const READY = "data-rempart-ready";
  const PAUSE = 300;
  const root = document.documentElement;
  if (root.hasAttribute(READY)) return;
  root.setAttribute(READY, "");

  const LOOKS = `
    :host { display: block; max-width: 30em; font-size: .9em; line-height: 1.4; text-align: start; }
    .bad, .good { margin: .4em 0; }
    [hidden] { display: none; }
    progress { width: 100%; height: .6em; accent-color: #b3261e; }
    .good progress { accent-color: #1b6e3a; }
    p { margin: 0; font-weight: 600; }
    ul { margin: .2em 0 0; padding-inline-start: 1.3em; }`;

  /** @typedef {{accepted: boolean, share: number, summary: string, findings: {message: string, advice: string}[]}} Verdict */
  /** @typedef {{show: (verdict: Verdict | null) => void, timer: number, asked: AbortController | null}} Meter */

  /** @type {WeakMap<HTMLInputElement, Meter>} */
  const meters = new WeakMap();
  let count = 0;

  /** @param {string} name @param {string} part */
  const make = (name, part) => {
    const element = document.createElement(name);
    element.setAttribute("part", part);
    return element;
  };

  /** @param {HTMLInputElement} field @returns {Meter} */
  const build = (field) => {
    const host = document.createElement("div");
    host.id = `rempart-meter-${++count}`;
    const shadow = host.attachShadow({ mode: "open" });
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(LOOKS);
      shadow.adoptedStyleSheets = [sheet];
    } catch { /* An old browser: the text is as good without. */ }
    const meter = make("div", "meter");
    const bar = /** @type {HTMLProgressElement} */ (make("progress", "bar"));
    bar.max = 1;
    // The sentence beside it says as much, and better.
    bar.setAttribute("aria-hidden", "true");
    bar.hidden = true;
    // There from the start, or its first words would not be read out.
    const said = document.createElement("div");
    said.setAttribute("aria-live", "polite");
    const summary = make("p", "summary");
    const reasons = make("ul", "reasons");
    reasons.hidden = true;
    said.append(summary, reasons);
    meter.append(bar, said);
    shadow.append(meter);
    // Inside a label the meter would be read as the name of the field.
    (field.closest("label") || field).after(host);
    const described = field.getAttribute("aria-describedby");
    field.setAttribute("aria-describedby", described ? `${described} ${host.id}` : host.id);
    return {
      timer: 0,
      asked: null,
      show: (verdict) => {
        const findings = verdict ? verdict.findings : [];
        meter.className = !verdict ? "" : verdict.accepted ? "good" : "bad";
        bar.value = verdict ? verdict.share : 0;
        bar.hidden = bar.value === 0;
        const sign = verdict?.accepted ? "\u2713 " : findings.length ? "\u2717 " : "";
        summary.textContent = verdict ? sign + verdict.summary : "";
        reasons.replaceChildren(...findings.map((finding) => {
          const item = document.createElement("li");
          item.textContent = `${finding.message} ${finding.advice}`;
          return item;
        }));
        reasons.hidden = findings.length === 0;
      },
    };
  };

  /** The names of the fields whose words may not be in the password. @param {HTMLInputElement} field @returns {string[]} */
  const names = (field) => JSON.parse(field.getAttribute(MARK) || "[]");

  /** @param {HTMLInputElement} field @param {string} name @returns {string} */
  const typed = (field, name) => {
    const all = field.form ? Array.from(field.form.elements) : Array.from(document.querySelectorAll("input"));
    const found = all.find((other) => other instanceof HTMLInputElement && other.name === name);
    return found instanceof HTMLInputElement ? found.value.slice(0, 256) : "";
  };

  /** @param {HTMLInputElement} field @param {Meter} meter */
  const ask = async (field, meter) => {
    const asked = new AbortController();
    meter.asked?.abort();
    meter.asked = asked;
    const lines = [field.value, ...names(field).map((name) => typed(field, name))];
    const body = lines.map((line) => line.replace(/[\r\n]+/g, " ")).join("\n");
    /** @type {Record<string, string>} */
    const headers = { "Content-Type": "application/vnd.rempart.meter", Accept: "application/json" };
    const language = field.closest("[lang]")?.getAttribute("lang");
    if (language && /^(fr|en)\b/i.test(language)) headers["Accept-Language"] = language.slice(0, 2);
    try {
      const answer = await fetch("/.rempart/verdict", { method: "POST", body, headers, cache: "no-store", signal: asked.signal });
      if (!answer.ok) throw new Error("no verdict");
      const verdict = await answer.json();
      if (meter.asked === asked) meter.show(verdict);
    } catch {
      // An old verdict says nothing about what is typed now.
      if (meter.asked === asked) meter.show(null);
    }
  };

  /** @param {HTMLInputElement} field @param {number} pause */
  const soon = (field, pause) => {
    const meter = meters.get(field) || build(field);
    meters.set(field, meter);
    clearTimeout(meter.timer);
    meter.timer = setTimeout(ask, pause, field, meter);
  };

  // Listened to at the top, so that fields that a script adds later are followed too.
  document.addEventListener("focusin", ({ target }) => {
    if (target instanceof HTMLInputElement && target.hasAttribute(MARK)) soon(target, 0);
  });
  document.addEventListener("input", ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return;
    if (target.hasAttribute(MARK)) {
      soon(target, PAUSE);
      return;
    }
    // A word of the person changed: what was said of the password may not hold any more.
    for (const field of document.querySelectorAll(`input[${MARK}]`)) {
      if (field instanceof HTMLInputElement && field.form === target.form && field.value && names(field).includes(target.name)) {
        soon(field, PAUSE);
      }
    }
  });
})();
