"""Which models are here: folders with a manifest."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..domain import ModelIdentity
from ..errors import BadManifest
from .manifest import MANIFEST_NAME, Manifest, read_manifest

__all__ = ["CARD_NAME", "Model", "installed_models", "load_model", "model_folders", "refused_models", "shipped_folder"]

CARD_NAME = "card.md"
_HERE = Path(__file__).resolve().parents[1]
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Model:
    """An installed model. Its ONNX file is compared with `digest` each time it is opened, not here.

    Attributes
    ----------
    digest : str
        SHA-256 of the ONNX file, as the manifest states it.
    folder : Path
        Where manifest, card and ONNX file lie.
    """

    manifest: Manifest
    digest: str
    folder: Path

    @property
    def identity(self) -> ModelIdentity:
        """Id, version, digest and title, as predictions and the ledger name the model."""
        return ModelIdentity(self.manifest.id, self.manifest.version, self.digest, self.manifest.title)

    @property
    def headline(self) -> str:
        """The first paragraph of the model's card: its held-back results and worst case in a sentence or two."""
        try:
            text = (self.folder / CARD_NAME).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return "This model has no card."
        for paragraph in text.split("\n\n"):
            words = " ".join(line for line in paragraph.split("\n") if not line.startswith("#")).strip()
            if words:
                return words.replace("**", "")
        return "This model's card is empty."


def shipped_folder() -> Path:
    """The folder of the models that come with Overread: in an installed package, else beside a checkout."""
    inside = _HERE / "_model_weights"
    return inside if inside.is_dir() else _HERE.parent / "model_weights"


def model_folders(folders: Iterable[Path]) -> tuple[Path, ...]:
    """Every folder that holds a manifest: those named, and those one level below them, in order of their names."""
    found: list[Path] = []
    for folder in folders:
        if (folder / MANIFEST_NAME).is_file():
            found.append(folder)
        elif folder.is_dir():
            found += [inner for inner in sorted(folder.iterdir()) if (inner / MANIFEST_NAME).is_file()]
    return tuple(dict.fromkeys(found))


def load_model(folder: Path) -> Model:
    """The model of one folder.

    Raises
    ------
    BadManifest
        Its manifest is missing or breaks the schema.
    """
    manifest = read_manifest(folder)
    return Model(manifest, manifest.sha256, folder)


def installed_models(folders: Iterable[Path]) -> tuple[Model, ...]:
    """The models below folders, in order; of two with the same id the first.

    A folder whose manifest is refused is left out and named in the log: one bad model must not close the others' door.
    """
    models, refused = _sorted_out(folders)
    for _, error in refused:
        _log.warning("%s", error)
    return models


def refused_models(folders: Iterable[Path]) -> tuple[tuple[Path, BadManifest], ...]:
    """The folders below these whose model is not used, and why: its manifest is refused, or its id is another's."""
    return _sorted_out(folders)[1]


def _sorted_out(folders: Iterable[Path]) -> tuple[tuple[Model, ...], tuple[tuple[Path, BadManifest], ...]]:
    models: dict[str, Model] = {}
    refused: list[tuple[Path, BadManifest]] = []
    for folder in model_folders(folders):
        try:
            model = load_model(folder)
        except BadManifest as error:
            refused.append((folder, error))
            continue
        if model.manifest.id in models:
            refused.append(
                (
                    folder,
                    BadManifest(
                        f"The model in {folder.name} is not used.",
                        f"A model with the id {model.manifest.id} comes before it.",
                        "Give one of them another id, or take it away.",
                    ),
                )
            )
            continue
        models[model.manifest.id] = model
    return tuple(models.values()), tuple(refused)
