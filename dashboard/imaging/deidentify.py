"""What leaves under a pseudonym: the basic profile of PS3.15 annex E, by the table of the library `dicom-anonymizer`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from pydicom import DataElement, Dataset
from pydicom.multival import MultiValue
from pydicom.tag import BaseTag

from ..errors import ImagingRefused

__all__ = ["EDITION", "OWN_WORDS", "basic_profile", "elements_of", "profile_action"]

EDITION = "2026c"
"""Edition of table E.1-1."""

OWN_WORDS = frozenset({
    "PatientID", "PatientName", "StudyDescription", "SeriesDescription", "DerivationDescription", "ImageComments",
    "ContentCreatorName", "ContentSequence", "PersonName", "TextValue", "DeviceSerialNumber", "SegmentDescription",
    "TrackingID", "ContainerIdentifier", "SourceImageSequence", "ReferencedImageSequence", "ContributingEquipmentSequence",
})  # fmt: skip
"""Attributes of the table whose values in objects of ours are pseudonyms, codes and words of our own, as the Clean
Descriptors and Clean Structured Content options allow; everything else of the table is treated there too."""

_METHODS = {
    "113100": "Basic Application Confidentiality Profile",
    "113104": "Clean Structured Content Option",
    "113105": "Clean Descriptors Option",
}
_DUMMIES = {"DA": "19000101", "TM": "000000", "DT": "19000101000000", "AS": "000Y", "UR": "http://removed.invalid"}


def profile_action(tag: BaseTag) -> str:
    """What the basic profile does with an attribute: 'X', 'Z', 'D', 'U', a combination such as 'X/Z/D', or ''.

    Private attributes are 'X'.
    """
    if tag.is_private:
        return "X"
    single, groups = _table()
    found = single.get((tag.group, tag.element), "")
    return found or next(
        (action for (g, e, gm, em), action in groups if tag.group & gm == g & gm and tag.element & em == e & em), ""
    )


@cache
def _table() -> tuple[dict[tuple[int, int], str], tuple[tuple[tuple[int, int, int, int], str], ...]]:
    """Table E.1-1: action by tag, and by repeating group (group, element and their masks)."""
    from dicomanonymizer.dicomfields_selector import dicom_anonymization_database_selector

    single: dict[tuple[int, int], str] = {}
    groups = []
    for name, tags in dicom_anonymization_database_selector(f"dicomfields_{EDITION}").items():
        if name == "ALL_TAGS":
            continue
        action = name.removesuffix("_TAGS").replace("U_STAR", "U").replace("_", "/")
        for tag in tags:
            if len(tag) == 2:
                single[tag] = action
            else:
                groups.append((tuple(tag), action))
    return single, tuple(groups)


def basic_profile(
    data: Dataset,
    *,
    patient: tuple[str, str],
    new_uid: Callable[[str], str] | None = None,
    name: str = "The file",
) -> Dataset:
    """A copy without what table E.1-1 removes, at every depth of its sequences.

    Parameters
    ----------
    data : Dataset
        Not changed; pixels are shared.
    patient : (id, name)
        The pseudonym that takes the place of the patient's.
    new_uid : callable or None
        Old UID to new: for an object of somebody else, of which then every attribute of the table is treated. None for
        an object of ours, whose UIDs are new and whose words (`OWN_WORDS`) are our own.

    Raises
    ------
    ImagingRefused
        The source says that something is burnt into its pixels, or holds pixels that often have it (a capture).

    Notes
    -----
    PS3.15 E.2, with the edition in `EDITION`. Where the table leaves a choice, an attribute is emptied rather than
    removed, and gets a dummy value where the object's definition may require one; dates become 1 January 1900.
    A head's surface in MR images can be recognised, which RecognizableVisualFeatures (0028,0302) says.
    """
    ours = new_uid is None
    if not ours:
        _refuse_burnt_in(data, name)
    result = _copy(data)
    _clean(result, ours, new_uid)
    result.PatientID, result.PatientName = patient
    result.PatientIdentityRemoved = "YES"
    result.LongitudinalTemporalInformationModified = "REMOVED"
    result.DeidentificationMethod = f"Overread, PS3.15 {EDITION}"
    result.DeidentificationMethodCodeSequence = [
        _code(value, meaning) for value, meaning in _METHODS.items() if ours or value == "113100"
    ]
    if "PixelData" in result and str(result.get("Modality", "")) == "MR":
        result.RecognizableVisualFeatures = "YES"
    if hasattr(data, "file_meta"):
        result.file_meta = _copy(data.file_meta)  # type: ignore[assignment]
        result.file_meta.MediaStorageSOPInstanceUID = result.SOPInstanceUID
        for keyword in ("SourceApplicationEntityTitle", "SendingApplicationEntityTitle",
                        "ReceivingApplicationEntityTitle", "PrivateInformation", "PrivateInformationCreatorUID"):  # fmt: skip
            if keyword in result.file_meta:
                del result.file_meta[keyword]
    return result


def _copy(data: Dataset) -> Dataset:
    """Datasets and sequences anew, values and pixels shared."""
    new = type(data)() if type(data).__name__ == "FileMetaDataset" else Dataset()
    for element in data:
        value = [_copy(item) for item in element.value or []] if element.VR == "SQ" else element.value
        new.add(DataElement(element.tag, element.VR, value))
    return new


def _clean(data: Dataset, ours: bool, new_uid: Callable[[str], str] | None) -> None:
    for element in list(data):
        action = profile_action(element.tag)
        if ours and (element.keyword in OWN_WORDS or action == "U"):
            action = ""
        if element.VR == "SQ" and action in ("", "U", "X/Z/U"):
            for item in element.value:
                _clean(item, ours, new_uid)
        elif action == "U" or (action == "X/Z/U" and element.VR == "UI"):
            assert new_uid is not None
            element.value = _each(element.value, new_uid)
        elif action == "X":
            del data[element.tag]
        elif action in ("Z", "X/Z") or (action == "X/Z/D" and element.VR == "SQ"):
            element.value = [] if element.VR == "SQ" else _empty(element)
        elif action and not element.is_empty:
            _dummy(data, element)


def _each(value: Any, new_uid: Callable[[str], str]) -> Any:
    if isinstance(value, MultiValue | list):
        return [new_uid(str(one)) for one in value]
    return new_uid(str(value)) if value else value


def _empty(element: DataElement) -> Any:
    return "" if element.VR in ("PN", "LO", "SH", "DA", "TM", "CS", "AS", "DT", "ST", "LT", "UT", "UC") else None


def _dummy(data: Dataset, element: DataElement) -> None:
    """A value that says nothing; a sequence, of which no item could be trusted, goes."""
    if element.VR == "SQ":
        del data[element.tag]
    elif element.VR in ("OB", "OW", "UN"):
        element.value = b"\0\0"
    elif element.VR in ("DS", "IS", "FD", "FL", "SS", "US", "SL", "UL"):
        element.value = 0
    else:
        element.value = _DUMMIES.get(element.VR, "REMOVED")


def _code(value: str, meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, "DCM", meaning
    return code


def _refuse_burnt_in(data: Dataset, name: str) -> None:
    capture = str(data.get("SOPClassUID", "")).startswith("1.2.840.10008.5.1.4.1.1.7")
    if capture or str(data.get("BurnedInAnnotation", "")).upper() == "YES" or "SCREEN SAVE" in _kinds(data):
        raise ImagingRefused(
            f"{name} was not written without its names.",
            "It says, or is of a kind which often has it, that words are burnt into its pixels.",
            "Leave it out of the folder, or have the words removed first.",
        )


def _kinds(data: Dataset) -> set[str]:
    return {str(word).upper() for word in data.get("ImageType") or []}


def elements_of(data: Dataset) -> Iterator[DataElement]:
    """Every element at every depth."""
    for element in data:
        yield element
        if element.VR == "SQ":
            for item in element.value:
                yield from elements_of(item)
