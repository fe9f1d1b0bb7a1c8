// Dots of a chart by name: the nearest one to the pointer or the finger, or one after the other by a slider.

for (const figure of document.querySelectorAll(".woe-figure:has(.woe-walk)")) {
  const slider = figure.querySelector(".woe-walk input");
  const said = figure.querySelector(".woe-walk p");
  let shown = [];

  // The dots of the drawing that this width shows, lane by lane and from left to right.
  const dotsNow = () => {
    const svg = [...figure.querySelectorAll("svg")].find((one) => one.getClientRects().length);
    const lanes = [...(svg?.querySelectorAll("g.lane") ?? [])];
    const place = (dot) => dot.cx.baseVal.value;
    return lanes.flatMap((lane) => [...lane.querySelectorAll("circle:has(title)")].sort((a, b) => place(a) - place(b)));
  };
  const choose = (dot) => {
    for (const one of figure.querySelectorAll("circle.chosen")) one.classList.remove("chosen");
    dot.classList.add("chosen");
    const name = dot.querySelector("title").textContent;
    if (said.textContent !== name) said.textContent = name;
    slider.setAttribute("aria-valuetext", name);
    slider.value = shown.indexOf(dot) + 1;
  };
  const nearest = (event) => {
    const away = (dot) => {
      const box = dot.getBoundingClientRect();
      return Math.hypot(box.x + box.width / 2 - event.clientX, box.y + box.height / 2 - event.clientY);
    };
    const dot = shown.reduce((best, one) => (best && away(best) <= away(one) ? best : one), null);
    return dot && away(dot) < 24 ? dot : null;
  };
  const measure = () => {
    shown = dotsNow();
    slider.max = Math.max(shown.length, 1);
  };
  const point = (event) => {
    if (!event.target.closest?.("svg")) return;
    const dot = nearest(event);
    if (dot) choose(dot);
  };

  measure();
  addEventListener("resize", measure);
  figure.addEventListener("pointermove", point);
  figure.addEventListener("click", point);
  slider.addEventListener("input", () => {
    const dot = shown[slider.value - 1];
    if (dot) choose(dot);
  });
}
