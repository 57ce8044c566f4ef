// The meter of a new password: what the server would say, while it is typed. Without scripts
// the page works as well, and the server says it when the form is sent.
"use strict";
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
      if (answer.ok && turn === asked) show(await answer.json());
    } catch { meter.hidden = true; }
  };
  field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 200); });
}
