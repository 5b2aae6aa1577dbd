"""The look's colours can be read: contrast in both themes, and states that colour-blind readers tell apart."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

from dashboard.components.assets import ASSETS_FOLDER
from dashboard.panels.style import TOKENS

TEXT = ("ink", "soft", "accent", "accepted", "modified", "rejected", "unsure", "warning")
GROUNDS = ("background", "panel", "raised")
# Machado, Oliveira and Fernandes 2009, doi:10.1109/TVCG.2009.113, severity 1.0, on linear RGB.
DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)
PROTANOPIA = np.array(
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
)


def _linear(colour: str) -> np.ndarray:
    """Linear RGB of '#rrggbb', WCAG 2.2's definition."""
    value = np.array([int(colour[n : n + 2], 16) for n in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def _luminance(colour: str) -> float:
    return float(_linear(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_as_wcag_has_it():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", TOKENS)
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("ink", TEXT)
def test_text_can_be_read(theme, ground, ink):
    assert contrast(TOKENS[theme][ink], TOKENS[theme][ground]) >= 4.5


@pytest.mark.parametrize("theme", TOKENS)
def test_faint_text_is_no_fainter_than_large_text_may_be(theme):
    for ground in GROUNDS:
        assert contrast(TOKENS[theme]["faint"], TOKENS[theme][ground]) >= 3.0


def test_both_themes_have_the_same_tokens():
    assert set(TOKENS["dark"]) == set(TOKENS["light"])


def test_the_viewers_take_their_colours_from_the_page():
    """The components live in shadow roots, through which custom properties are inherited."""
    css = (ASSETS_FOLDER / "shared" / "theme.css").read_text(encoding="utf-8")
    taken = set(re.findall(r"--ov-[a-z-]+: var\(--or-([a-z]+),", css))
    assert taken <= set(TOKENS["dark"])
    assert taken >= {"background", "panel", "ink", "soft", "accent", "accepted", "modified", "rejected", "unsure"}


@pytest.mark.parametrize("blindness", [DEUTERANOPIA, PROTANOPIA], ids=["deuteranopia", "protanopia"])
def test_region_outlines_differ_for_colour_blind_readers(blindness):
    from dashboard.terms import REGIONS

    seen = [np.clip(blindness @ _linear(region.colour), 0, 1) for region in REGIONS]
    for one, other in itertools.combinations(seen, 2):
        assert np.linalg.norm(one - other) > 0.15
