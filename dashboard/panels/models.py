"""The Models page: a card a model, held-back results and the worst case first."""

from __future__ import annotations

import html

import streamlit as st

from ..casework import models_of
from ..models import check_model
from ..viewmodels import first_sentence
from .desk import desk

__all__ = ["models"]


def models() -> None:
    """Draw the page."""
    at = desk()
    found = models_of(at.workspace)
    with st.container(key="page"):
        st.html(f'<p class="or-h1">Models</p><p class="or-sub">{len(found)} installed</p>')
        if not found:
            st.html('<div class="or-card"><p class="or-text">No model is installed. Review works with other tools\' '
                    "results: <code>overread add --study S --prediction FILE --model-name N --model-version V</code>."
                    "</p></div>")  # fmt: skip
        for model in found:
            with st.container(border=True, key=f"card-{model.manifest.id}"):
                facts, card = st.columns([1, 2.2])
                manifest = model.manifest
                facts.html(
                    f'<p class="or-title" style="font-size:16px">{html.escape(manifest.title)} '
                    f'<span class="or-faint">{html.escape(manifest.version)}</span></p>'
                    f'<p class="or-text"><b>{html.escape(first_sentence(model.headline))}</b></p>'
                    f'<p class="or-small">{html.escape(manifest.intended_use)}</p>'
                    f'<p class="or-warn">Not for {html.escape(", ".join(manifest.not_for))}</p>'
                    f'<p class="or-small">Licence: {html.escape(manifest.licence)}</p>'
                    f'<p class="or-small">Digest <code>{model.digest[:16]}</code>, '
                    f"{'enabled' if manifest.enabled else 'not enabled'}</p>"
                    + "".join(
                        f'<p class="or-small">Guard <code>{html.escape(guard.code)}</code>: {html.escape(guard.measure)} '
                        f"limit {guard.limit}, {html.escape(guard.action)}</p>"
                        for guard in manifest.guard
                    )
                )
                if facts.button("Check", key=f"check-{manifest.id}"):
                    for check in check_model(model.folder):
                        facts.markdown(f"{'✓' if check.ok else '✗'} {check.name}: {check.what}")
                with card, st.container(height=400, border=False, key=f"text-{manifest.id}"):
                    path = model.folder / "card.md"
                    st.markdown(path.read_text(encoding="utf-8") if path.exists() else "This model has no card.")
