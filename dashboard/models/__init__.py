"""Models: manifests, the registry, ONNX Runtime sessions, segmentation and detection.

Only this room imports onnxruntime. A model is a folder; nothing in it is run before its digest and operators are checked.
"""

from .brain import BRAIN_MASK_METHOD, brain_of_head
from .check import Check, check_model
from .detection import Detection, detect
from .manifest import MANIFEST_NAME, Manifest, manifest_schema, read_manifest
from .masks import mask_bits
from .registry import Model, installed_models, load_model, model_folders, refused_models, shipped_folder
from .segmentation import Segmentation, segment

__all__ = [
    "BRAIN_MASK_METHOD",
    "MANIFEST_NAME",
    "Check",
    "Detection",
    "Manifest",
    "Model",
    "Segmentation",
    "brain_of_head",
    "check_model",
    "detect",
    "installed_models",
    "load_model",
    "manifest_schema",
    "mask_bits",
    "model_folders",
    "read_manifest",
    "refused_models",
    "segment",
    "shipped_folder",
]
