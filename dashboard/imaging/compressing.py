"""DICOM files whose pixels are compressed anew, losslessly, in place."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pydicom import dcmread, dcmwrite
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless

from ..errors import MissingExtra

__all__ = ["compress_jpeg2000"]


def compress_jpeg2000(paths: Sequence[Path]) -> None:
    """Write each classic file again as JPEG 2000, lossless.

    Raises
    ------
    MissingExtra
        The codecs are not installed.
    """
    try:
        from imagecodecs import jpeg2k_encode
    except ImportError as exc:
        raise MissingExtra(
            "The files were not compressed.",
            "The codec for JPEG 2000 is not installed.",
            'Install the codecs: python -m pip install "overread[codecs]"',
        ) from exc

    def compress(path: Path) -> None:
        data = dcmread(path)
        coded = jpeg2k_encode(data.pixel_array, level=0, codecformat="j2k", reversible=True)
        data.PixelData = encapsulate([coded])
        data["PixelData"].VR = "OB"
        data["PixelData"].is_undefined_length = True
        data.file_meta.TransferSyntaxUID = JPEG2000Lossless
        dcmwrite(path, data)

    with ThreadPoolExecutor() as pool:
        list(pool.map(compress, paths))
