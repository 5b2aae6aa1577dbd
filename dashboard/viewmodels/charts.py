"""How every chart of figures looks: quiet lines, no drag, a watermark where the data are synthetic."""

from __future__ import annotations

import plotly.graph_objects as go

__all__ = ["ACCENT", "dressed"]

INK, LINE, ACCENT = "#a3afbd", "#354050", "#6cb6ff"


def dressed(figure: go.Figure, height: int, synthetic: bool) -> go.Figure:
    """The figure in our colours, so many pixels high."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 24, "t": 6, "b": 24},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "Inter, system-ui, sans-serif", "size": 12, "color": INK},
        showlegend=False,
        dragmode=False,
    )
    figure.update_xaxes(gridcolor=LINE, zeroline=False, fixedrange=True)
    figure.update_yaxes(gridcolor="rgba(0,0,0,0)", zeroline=False, fixedrange=True)
    if synthetic:
        figure.add_annotation(
            text="synthetic", x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False,
            font={"size": 30, "color": "rgba(227,169,60,0.28)"}, textangle=-12,
        )  # fmt: skip
    return figure
