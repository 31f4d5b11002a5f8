"""What every chart of the portal shares: the palette, the font, and the way to JSON. A leaf: it imports nothing of the portal.

Colours are those of a light page. `layout.meta.palette` names the token of each, so that the page's script can put the colours of
a dark one in their place.
"""

import json
from typing import Any, Final

import plotly.graph_objects as go
from plotly.utils import PlotlyJSONEncoder

# The site's categorical palette (tokens.css) as it is on a light page, and the colour of the words on each.
PALETTE: Final = {
    "chart-1": ("#34338e", "#ffffff"),
    "chart-2": ("#0b8ef2", "#0b1018"),
    "chart-3": ("#bb7517", "#0b1018"),
    "chart-4": ("#3a975b", "#0b1018"),
    "chart-5": ("#791741", "#ffffff"),
    "chart-6": ("#474101", "#ffffff"),
    "chart-7": ("#838c99", "#0b1018"),
}
FONT: Final = {"family": "system-ui, sans-serif", "size": 15}


def as_json(*traces: Any, layout: go.Layout) -> bytes:
    """The figure of these traces, as the page's script reads it."""
    layout.meta = {"palette": {colour: token for token, (colour, _words) in PALETTE.items()}}
    # Each part was checked by Plotly as it was made; a Figure of them would check and copy all of it once more.
    figure = {"data": [trace.to_plotly_json() for trace in traces], "layout": layout.to_plotly_json()}
    return json.dumps(figure, ensure_ascii=False, separators=(",", ":"), cls=PlotlyJSONEncoder).encode()
