// The meter of a new password (what the server would say, while it is typed), and a way to see what
// one types. Without scripts the pages work as well, and the server says it when the form is sent.
"use strict";
const fields = document.querySelectorAll("input[type=password]");
if (fields.length) {
  const label = document.createElement("label");
  const box = document.createElement("input");
  box.type = "checkbox";
  label.className = "show";
  label.append(box, document.documentElement.lang === "fr" ? "Afficher ce que je tape" : "Show what I type");
  box.addEventListener("change", () => {
    for (const field of fields) field.type = box.checked ? "text" : "password";
  });
  const last = fields[fields.length - 1];
  last.closest("form").querySelector("button").before(label);
  // A field that shows its text would be kept by the browser like any other.
  last.form.addEventListener("submit", () => {
    for (const field of fields) field.type = "password";
  });
}
const field = document.querySelector("input[autocomplete=new-password]");
const meter = document.querySelector("#meter");
if (field && meter) {
  const identifier = document.querySelector("input[autocomplete=username]");
  let asked = 0, timer = 0;
  const show = (verdict) => {
    const list = meter.querySelector("ul");
    list.replaceChildren(...verdict.findings.map((finding) => {
      const item = document.createElement("li");
      item.textContent = `${finding.message} ${finding.advice}`;
      return item;
    }));
    meter.querySelector("progress").value = verdict.share;
    meter.querySelector("output").textContent = verdict.summary;
    meter.dataset.accepted = verdict.accepted;
    meter.hidden = false;
  };
  const ask = async () => {
    const turn = ++asked;
    if (!field.value) { meter.hidden = true; return; }
    const body = new URLSearchParams({
      password: field.value,
      identifier: identifier ? identifier.value : "",
    });
    try {
      const answer = await fetch("/meter", { method: "POST", body, cache: "no-store" });
      // An answer that was overtaken says nothing about what is typed.
      if (turn !== asked) return;
      // Nor does an old one, when the server is busy.
      if (answer.ok) show(await answer.json()); else meter.hidden = true;
    } catch { meter.hidden = true; }
  };
  field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 200); });
}
