// The charts' library with the traces the pages draw, and Chilean numbers. A new kind of trace is added here.
import Plotly from "plotly.js/lib/core";
import bar from "plotly.js/lib/bar";
import scatterpolar from "plotly.js/lib/scatterpolar";
import treemap from "plotly.js/lib/treemap";
import spanish from "plotly.js/lib/locales/es";

Plotly.register([
  bar, // scatter is always part of the core
  scatterpolar,
  treemap,
  {
    moduleType: "locale",
    name: "es-CL",
    dictionary: spanish.dictionary,
    format: { ...spanish.format, date: "%d-%m-%Y", decimal: ",", thousands: "." },
  },
]);
Plotly.setPlotConfig({ locale: "es-CL" });

window.Plotly = Plotly;
