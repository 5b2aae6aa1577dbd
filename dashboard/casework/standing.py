"""Which results still stand for a study: those made from its series as they are assigned now.

A person may take a series for another sequence than its file was taken for. What a model said before was said of
another assignment; it stays stored and its rows stay, but no page, command or export shows it as of this one. Where
the assignment is put back, the result of then stands again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product

from ..domain import Prediction, Study, Volume
from ..files import canonical_digest
from ..models import Model
from ..terms import Sequence as MrSequence
from ..terms import StudyKind
from .inference import volumes_for

__all__ = ["model_input_digest", "standing"]

_MOST_CHOICES = 4096


def model_input_digest(study: Study, model: Model) -> str:
    """Digest of what a model would read of the study now: {sequence: digest} of its series, or the recording's."""
    if study.kind is StudyKind.EEG:
        return study.input_digest
    return canonical_digest({name: volume.digest for name, volume in volumes_for(model, study.volumes).items()})


def standing(study: Study, predictions: Iterable[Prediction], models: Sequence[Model]) -> tuple[Prediction, ...]:
    """The predictions that stand for the study's present assignment of series, in their order.

    Notes
    -----
    All of them as long as nobody has corrected a series. After that:

    - A result of an installed model stands if the model would read the very same series as the same sequences now.
      A result that lacked a series for not being recognised thus falls with the correction.
    - Another tool's result stands as long as the series on whose grid it lies is the sequence that it was.
    - A result of a model that is no longer here stands if it was made after the correction, from series that are
      what they were: nobody can say what else the model would read.
    """
    if not study.corrected_at:
        return tuple(predictions)
    by_digest = {model.digest: model for model in models}
    present: set[str] | None = None
    kept = []
    for prediction in predictions:
        model = by_digest.get(prediction.model.digest) if not prediction.imported else None
        if model is not None:
            stands = prediction.input_digest == model_input_digest(study, model)
        else:
            present = _inputs(study.volumes) if present is None else present
            later = prediction.imported or prediction.made_at > study.corrected_at
            stands = later and prediction.input_digest in present
        if stands:
            kept.append(prediction)
    return tuple(kept)


def _inputs(volumes: Sequence[Volume]) -> set[str]:
    """Digests of every choice of at most one series a sequence; empty where there are too many to try."""
    by_sequence: dict[MrSequence, list[str | None]] = {}
    for volume in volumes:
        by_sequence.setdefault(volume.sequence, [None]).append(volume.digest)
    size = 1
    for digests in by_sequence.values():
        size *= len(digests)
    if size > _MOST_CHOICES:
        return {canonical_digest({str(volume.sequence): volume.digest}) for volume in volumes}
    return {
        canonical_digest({str(name): digest for name, digest in zip(by_sequence, chosen, strict=True) if digest})
        for chosen in product(*by_sequence.values())
    }
