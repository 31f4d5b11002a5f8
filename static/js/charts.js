// Draws the charts of the page, after everything else: the tables already say the same.
// Each chart is `<div data-figure="address" data-kind="treemap|bars|scores|radar" data-level="node">`.

const library = document.currentScript.dataset.plotly;
const wide = window.matchMedia("(min-width: 30rem)");
const dark = window.matchMedia("(prefers-color-scheme: dark)");
let arriving;

/** Plotly, brought once, and only when a chart is near the window. */
function plotly() {
  arriving = arriving ?? new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = library;
    script.onload = () => resolve(window.Plotly);
    script.onerror = reject;
    document.head.append(script);
  });
  return arriving;
}

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** The figure in the colours of the page as it is now. */
function dressed(figure, place) {
  const { data, layout } = JSON.parse(JSON.stringify(figure));
  const palette = layout.meta?.palette ?? {};
  const colour = (given) => (palette[given] ? token(palette[given]) || given : given);
  const label = (given) => (palette[given] && token(palette[given].replace("chart-", "chart-label-"))) || token("text");
  for (const trace of data) {
    if (trace.type === "treemap") {
      trace.textfont.color = trace.marker.colors.map(label);
      trace.marker.colors = trace.marker.colors.map(colour);
      trace.marker.line.color = token("surface");
      // The whole is what the chart is about, not a box in it.
      trace.level = place.dataset.level;
      trace.marker.colors[trace.ids.indexOf(trace.level)] = "rgba(0,0,0,0)";
    } else {
      if (trace.insidetextfont) trace.insidetextfont.color = label(trace.marker.color);
      if (trace.marker?.color) trace.marker.color = colour(trace.marker.color);
      if (trace.line?.color) trace.line.color = colour(trace.line.color);
    }
  }
  layout.font = { ...layout.font, family: getComputedStyle(document.body).fontFamily, color: token("text") };
  for (const axis of [layout.xaxis, layout.yaxis]) {
    if (axis) Object.assign(axis, { gridcolor: token("line"), zerolinecolor: token("line-strong"), fixedrange: true });
  }
  for (const axis of [layout.polar?.radialaxis, layout.polar?.angularaxis]) {
    if (axis) Object.assign(axis, { gridcolor: token("line"), linecolor: token("line-strong") });
  }
  layout.hoverlabel = { bgcolor: token("surface"), bordercolor: token("line-strong"), font: { color: token("text"), size: 15 } };
  layout.transition = { duration: 0 };
  return { data, layout };
}

async function draw(place) {
  try {
    const answer = await fetch(place.dataset.figure);
    if (!answer.ok) throw new Error(`${answer.status}`);
    const [Plotly, figure] = await Promise.all([plotly(), answer.json()]);
    const config = { displayModeBar: false, responsive: true, locale: "es-CL" };
    const put = () => {
      const { data, layout } = dressed(figure, place);
      return Plotly.react(place, data, layout, config);
    };
    await put();
    place.dataset.drawn = "";
    dark.addEventListener("change", put);
    // A box opens the same page one level down, as the link in the table does.
    place.on("plotly_treemapclick", (event) => {
      const open = event.points[0].customdata;
      if (open && open !== place.dataset.level) {
        const address = new URL(window.location.href);
        address.searchParams.set("ver", open);
        address.hash = "";
        window.location.assign(address);
      }
      return false;
    });
  } catch {
    place.dataset.failed = "";
  }
}

function watch() {
  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        draw(target);
      }
    },
    { rootMargin: "200px" },
  );
  const begin = () => {
    for (const place of document.querySelectorAll("[data-figure]:not([data-seen])")) {
      // On a narrow window the table's bars stand in for boxes and labels; they are drawn when the window widens.
      if (["treemap", "radar", "scores"].includes(place.dataset.kind) && !wide.matches) continue;
      place.dataset.seen = "";
      near.observe(place);
    }
  };
  begin();
  wide.addEventListener("change", begin);
}

// The text first: charts begin when the page has been painted.
if (document.readyState === "complete") watch();
else window.addEventListener("load", watch);
