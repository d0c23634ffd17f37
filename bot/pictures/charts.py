"""A chart (plain values, see ``engine.monitoring.charting``) as PNG. Runs in the drawing process."""

from __future__ import annotations

from bot.pictures.budget import burn_down
from bot.pictures.font import files
from bot.pictures.heat import heat_strip
from bot.pictures.latency import line_chart
from bot.pictures.paper import Paper
from bot.pictures.sparkline import sparklines
from bot.pictures.timeline import timeline
from engine.monitoring.charting import BurnDown, Chart, HeatStrip, LineChart, Sparklines, Timeline

ZOOM = 3.0  # 2,160 pixels wide: sharp on dense screens
PIXELS = 3_000_000.0  # beyond, the zoom is lowered: pictures stay below half a megabyte


def chart_png(chart: Chart) -> bytes:
    """Raises ValueError for what is no chart. The same chart gives the same bytes."""
    import resvg_py

    paper, height = arranged(chart)
    zoom = min(ZOOM, (PIXELS / (paper.width * height)) ** 0.5)
    return bytes(resvg_py.svg_to_bytes(svg_string=paper.svg(height), zoom=zoom, skip_system_fonts=True, font_files=list(files())))


def arranged(chart: Chart) -> tuple[Paper, float]:
    """Everything in its place, and the height. Total: any values make a picture."""
    match chart:
        case LineChart():
            return line_chart(chart)
        case Sparklines():
            return sparklines(chart)
        case HeatStrip():
            return heat_strip(chart)
        case BurnDown():
            return burn_down(chart)
        case Timeline():
            return timeline(chart)
    raise ValueError("This is no chart.")
