"""Predictions on disk. Only casework may open this cupboard: `casework.reveal` decides who sees what.

An import contract forbids this module to every room above casework.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import TypeAdapter

from ..domain import BitmaskVolume, Marked, Prediction, ProbabilityMaps, RiskCurve
from ..errors import FindingNotFound
from ..files import canonical_digest, digest_bytes, fsync_folder, read_json, write_json

__all__ = ["PredictionStore", "digest_of_prediction", "digest_of_risk"]

_PREDICTION = TypeAdapter(Prediction)
_NOT_IDENTITY = {"digest", "study", "provider", "seconds", "made_at", "warnings"}
_MEASURED_LATER = {"solid": False, "longest_3d_mm": None, "measurable": None}
"""What measures of earlier versions lack, as it reads then: left out, so that their digests stay what they were."""


def digest_of_prediction(prediction: Prediction) -> str:
    """Digest of the canonical JSON without study, provider, times and warnings: the same result, the same one.

    Tracking is by number within it; mask and risk digests stand in it, so a changed voxel changes it.
    """
    whole = _PREDICTION.dump_python(prediction, mode="json")
    for finding in whole["findings"]:
        finding["regions"] = [_as_then(measure) for measure in finding["regions"]]
    return canonical_digest({k: v for k, v in whole.items() if k not in _NOT_IDENTITY})


def _as_then(measure: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in measure.items() if k not in _MEASURED_LATER or v != _MEASURED_LATER[k]}


def digest_of_risk(risk: RiskCurve) -> str:
    """Digest of a risk curve: times, scores and channel scores as little-endian float32, labels, step."""
    arrays = b"".join(np.asarray(a, "<f4").tobytes() for a in (risk.times_s, risk.scores, risk.channel_scores))
    return digest_bytes(f"overread risk 1\n{risk.step_s}\n{','.join(risk.channel_labels)}\n".encode() + arrays)


def _cropped(bits: np.ndarray, lesion_map: np.ndarray | None) -> dict[str, np.ndarray]:
    """What is written of a mask: only the box in which it marks anything; a tumour is a small part of a head."""
    lesions = np.zeros_like(bits) if lesion_map is None else lesion_map
    box = []
    for axis in range(bits.ndim):
        others = tuple(n for n in range(bits.ndim) if n != axis)
        where = np.flatnonzero(bits.any(axis=others) | lesions.any(axis=others))
        box.append((int(where[0]), int(where[-1]) + 1) if where.size else (0, 0))
    inside = tuple(slice(first, end) for first, end in box)
    return {"bits": bits[inside], "lesions": lesions[inside], "box": np.array(box), "shape": np.array(bits.shape)}


class PredictionStore:
    """The predictions of one workspace, `<workspace>/predictions/<study>/<digest>/`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._cache: dict[tuple[str, str], Prediction] = {}

    def put(
        self,
        prediction: Prediction,
        *,
        bits: BitmaskVolume | None = None,
        lesion_map: np.ndarray | None = None,
        probability: ProbabilityMaps | None = None,
        risk: RiskCurve | None = None,
    ) -> Prediction:
        """Store a prediction with its arrays; one that is there already is given back as it is.

        Probabilities are kept in 255 steps.
        """
        prediction = replace(prediction, digest=digest_of_prediction(prediction))
        final = self.folder / prediction.study / prediction.digest
        if final.exists():
            return self.get(prediction.study, prediction.digest)
        building = final.with_name(f".{prediction.digest}.new")
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(parents=True)
        if bits is not None:
            np.savez_compressed(building / "masks.npz", **_cropped(bits, lesion_map))
        if probability is not None:
            steps = np.round(np.clip(probability, 0, 1) * 255).astype(np.uint8)
            np.savez_compressed(building / "probability.npz", probability=steps)
        if risk is not None:
            np.savez_compressed(
                building / "risk.npz",
                times_s=risk.times_s,
                scores=risk.scores,
                channel_scores=risk.channel_scores,
                channel_labels=np.array(risk.channel_labels),
                step_s=risk.step_s,
            )
        write_json(building / "prediction.json", _PREDICTION.dump_python(prediction, mode="json"))
        building.rename(final)
        fsync_folder(final.parent)
        return prediction

    def of(self, study: str) -> tuple[Prediction, ...]:
        """All predictions of a study, oldest first."""
        folder = self.folder / study
        if not folder.exists():
            return ()
        found = [self.get(study, p.name) for p in folder.iterdir() if not p.name.startswith(".")]
        return tuple(sorted(found, key=lambda p: (p.made_at, p.digest)))

    def get(self, study: str, digest: str) -> Prediction:
        """One prediction.

        Raises
        ------
        FindingNotFound
            The study has no prediction of that digest.
        """
        key = (study, digest)
        if key not in self._cache:
            path = self.folder / study / digest / "prediction.json"
            if not digest.isalnum() or not path.exists():
                raise FindingNotFound(
                    "There is no such model result.",
                    "The study has no prediction of that digest.",
                    "Reload the page, or run the model again.",
                )
            self._cache[key] = _PREDICTION.validate_python(read_json(path))
        return self._cache[key]

    def mask(self, study: str, digest: str) -> BitmaskVolume:
        """(i, j, k) bitmask of the regions on the grid volume."""
        return self.marked(study, digest, "bits").whole()

    def lesion_map(self, study: str, digest: str) -> np.ndarray:
        """(i, j, k) number of the finding that each voxel belongs to; 0 is none."""
        return self.marked(study, digest, "lesions").whole()

    def marked(self, study: str, digest: str, what: Literal["bits", "lesions"]) -> Marked:
        """The part of the grid that a mask or a lesion map marks anything in."""
        self.get(study, digest)
        with np.load(self.folder / study / digest / "masks.npz") as saved:
            part = saved[what]
            if "box" not in saved.files:  # Written whole by earlier versions.
                return Marked(part, tuple((0, n) for n in part.shape), part.shape)
            box = tuple((int(first), int(end)) for first, end in saved["box"])
            return Marked(part, box, tuple(int(n) for n in saved["shape"]))

    def has_probability(self, study: str, digest: str) -> bool:
        """Whether probabilities were kept with the masks: others' masks come without, and no digest of ours names them."""
        self.get(study, digest)
        return (self.folder / study / digest / "probability.npz").is_file()

    def probability(self, study: str, digest: str) -> np.ndarray:
        """(region, i, j, k) uint8, 255 is 1.0."""
        return self._array(study, digest, "probability", "probability")

    def risk(self, study: str, digest: str) -> RiskCurve:
        """The score over the recording."""
        self.get(study, digest)
        with np.load(self.folder / study / digest / "risk.npz") as saved:
            return RiskCurve(
                times_s=saved["times_s"],
                scores=saved["scores"],
                channel_scores=saved["channel_scores"],
                channel_labels=tuple(str(x) for x in saved["channel_labels"]),
                step_s=float(saved["step_s"]),
            )

    def _array(self, study: str, digest: str, file: str, name: str) -> np.ndarray:
        self.get(study, digest)
        with np.load(self.folder / study / digest / f"{file}.npz") as saved:
            return saved[name]
