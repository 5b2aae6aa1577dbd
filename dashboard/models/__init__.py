"""Models: manifests, the registry, ONNX Runtime sessions, segmentation and detection.

Only this room imports onnxruntime. A model is a folder; nothing in it is run before its digest and operators are checked.
"""

from .manifest import Manifest, manifest_schema, read_manifest

__all__ = ["Manifest", "manifest_schema", "read_manifest"]
