"""A reader's walk through a list by keyboard alone: ten findings in three studies, its keys counted and its seconds taken."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..casework import add_paths, add_prediction
from ..demo import demo_heads, write_head
from ..errors import OverreadError
from ..imaging import write_nifti_mask
from ..terms import WorkspaceKind
from ..workspace import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Page

Reached = Callable[[dict[str, Any]], bool]
"""Whether the page has come to where a key was to bring it."""

__all__ = ["LESIONS", "Walk", "build_walk", "press_until", "wait_until", "walk"]

LESIONS = (4, 3, 3)
"""Findings of each study of the walk."""
_PLACES_LPS = ((34, -20, 20), (-34, -20, 20), (34, 30, 20), (-34, 30, 20))
_RADIUS_MM = 8.0
_WITHIN_MS = 40_000
_ENTER_REST_MS = 600
"""Enter is dead for half a second after an action; a reader who knows that presses it after."""
_UNANSWERED_S = 10.0
_POLL_MS = 20
_STATE = """() => {
  const find = (selector, root = document) => {
    const own = [...root.querySelectorAll(selector)];
    for (const one of root.querySelectorAll("*")) if (one.shadowRoot) own.push(...find(selector, one.shadowRoot));
    return own;
  };
  const canvas = find("canvas.mri-canvas")[0];
  const note = find(".mri-note")[0]?.textContent ?? "";
  const [study, , , , mask] = (canvas?.dataset.drawn ?? "").split(" ");
  const isAlone = find(".mri").length === 1; // While one study follows another, both are in the page.
  return {
    study: isAlone && mask && mask !== "-" ? study : "", judged: find(".mri-state[data-state=accepted]").length,
    open: find(".mri-state[data-state=open]").length, refused: note.includes("again"),
    worklist: find("tr.row").length > 0,
  };
}"""


_HEARD = """() => {
  const find = (root) => [...root.querySelectorAll(".mri-note, .eeg-note"),
    ...[...root.querySelectorAll("*")].flatMap((one) => (one.shadowRoot ? find(one.shadowRoot) : []))];
  for (const note of find(document)) note.textContent = "";
  return true;
}"""
"""The note that asks for a key again has been read."""


@dataclass(frozen=True)
class Walk:
    """What a walk took: `keys` pressed in all, from the worklist back to it, and seconds with no pause for thought."""

    findings: int
    studies: int
    keys: int
    seconds: float

    @property
    def keys_a_finding(self) -> float:
        """Keys in all for each finding: accepting it, and its share of opening and signing the studies."""
        return self.keys / self.findings


def build_walk(folder: Path) -> Workspace:
    """A workspace with three synthetic heads and ten marked places in them, standing in for a model's result.

    Raises
    ------
    MissingExtra
        nilearn, which carries the template of the heads, is not installed.
    """
    workspace = Workspace.open(folder / "walk", WorkspaceKind.DEMONSTRATION)
    for number, (plan, lesions) in enumerate(zip(demo_heads(), LESIONS, strict=False)):
        head = write_head(plan, folder / f"walk-{number}")
        axes = [np.arange(n, dtype=np.float32) for n in head.labels.shape]
        index = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
        place = index @ head.affine[:3, :3].T.astype(np.float32) + head.affine[:3, 3].astype(np.float32)
        labels = np.zeros(head.labels.shape, np.uint8)
        for centre in _PLACES_LPS[:lesions]:
            labels[((place - np.array(centre, np.float32)) ** 2).sum(axis=-1) < _RADIUS_MM**2] = 3
        mask = folder / f"walk-{number}.nii.gz"
        write_nifti_mask(labels, head.affine, mask, synthetic=True)
        added = add_paths(workspace, [folder / f"walk-{number}"]).added[0].study
        add_prediction(workspace, workspace.study(added), mask, model_name="marked places", model_version="1")
    return workspace


def walk(page: Page, lesions: Sequence[int] = LESIONS) -> Walk:
    """From the worklist: Enter opens the next study, A accepts each finding, Enter signs off; then the worklist again.

    Every key is pressed as soon as what it is about is on screen, Enter half a second later. A key that the page asks for again is counted again.

    Parameters
    ----------
    page : Page
        At the worklist, a reader signed in for whom exactly these studies are to be read.
    lesions : sequence of int
        How many findings the studies have, in any order.

    Raises
    ------
    OverreadError
        The page did not go on.
    """
    keys = 0
    done: list[int] = []
    began = time.monotonic()
    page.keyboard.press("Enter")
    keys += 1
    before = ""
    while len(done) < len(lesions):
        state = wait_until(
            page, lambda now, last=before: now["study"] not in ("", last) and now["open"] > 0, "a study opens"
        )
        before, total = state["study"], state["open"] + state["judged"]
        for judged in range(state["judged"], total):
            keys += press_until(page, "a", lambda now, more=judged + 1: now["judged"] >= more, "a finding is accepted")
        keys += press_until(
            page,
            "Enter",
            lambda now, last=before: now["study"] not in ("", last) or now["worklist"],
            "the study is signed off",
        )
        done.append(total)
    seconds = time.monotonic() - began
    if sorted(done) != sorted(lesions):
        raise OverreadError(
            "The walk was not taken.", f"The studies had {done} findings, not {list(lesions)}.", "Report this."
        )
    return Walk(sum(done), len(done), keys, seconds)


def press_until(page: Page, key: str, reached: Reached, words: str, look: str = _STATE) -> int:
    """Press a key until what it is for has come; how often it was pressed. `look` is JavaScript that tells the state."""
    pressed = 0
    last = time.monotonic() + _WITHIN_MS / 1000
    if key == "Enter":
        page.wait_for_timeout(_ENTER_REST_MS)
    while time.monotonic() < last:
        page.keyboard.press(key)
        pressed += 1
        again = time.monotonic() + _UNANSWERED_S
        while time.monotonic() < again:
            state = page.evaluate(look)
            if reached(state):
                return pressed
            if state.get("refused") and page.evaluate(_HEARD):
                break
            page.wait_for_timeout(_POLL_MS)
    raise _stuck(words)


def wait_until(page: Page, reached: Reached, words: str, look: str = _STATE) -> dict[str, Any]:
    """Wait until the page has come somewhere; the state that `look` then tells."""
    last = time.monotonic() + _WITHIN_MS / 1000
    while time.monotonic() < last:
        state = page.evaluate(look)
        if reached(state):
            return dict(state)
        page.wait_for_timeout(_POLL_MS)
    raise _stuck(words)


def _stuck(words: str) -> OverreadError:
    return OverreadError(
        "The walk was not taken.",
        f"It never came that {words}.",
        "Try again when the computer has less to do.",
    )
