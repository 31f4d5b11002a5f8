// htmx, told to keep within the Content-Security-Policy: no evaluated strings, no inline <style>, no other origin.
import htmx from "htmx.org/dist/htmx.esm.js";

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.selfRequestsOnly = true;
htmx.config.historyCacheSize = 0; // a page left behind may hold personal data: ask the server again

window.htmx = htmx;
