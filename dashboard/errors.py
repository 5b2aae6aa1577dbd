"""Every error that Overread raises on purpose.

OverreadError
├── UsageError                     wrong words on the command line
├── InputRefused                   a file or folder that can't be used
│   ├── NothingToRead  EmptyFile  NotRecognised  TruncatedFile  UnsafeArchive  TooLarge
│   ├── ImagingRefused: NotMagneticResonance  BadGeometry  NonUniformSpacing  NotThreeDimensional  MixedPatients
│   │                   CodecMissing  MosaicRefused  NotAnImage  NoFrameInCommon
│   └── RecordingRefused: NotARecording  BadHeader  NoSignal  UnitUnknown
├── StudyRefused: SyntheticInClinical  NotSynthetic  FindingNotFound  StudyNotFound (of it: StudyErased)
├── ModelRefused: BadManifest  ModelNotFound  ModelDigestMismatch  UnsafeModel  EngineFailed
│   └── InputGuard: NotSkullStripped  NoSequenceForModel  TooFewChannels  GuardFailed
├── LedgerRefused: LedgerDamaged  LedgerWriteFailed  NoWorkingLock  LedgerValueRefused
├── VerdictRefused: NotDisplayed  BlindOpen  StalePage  VerdictRule
├── AccessRefused: NotSignedIn  TokenRefused  RoleRefused  NotHere
├── MissingExtra                   an optional part is not installed
└── WorkspaceRefused               the folder is not a workspace, or of the wrong kind
"""

from __future__ import annotations

__all__ = [
    "AccessRefused", "BadGeometry", "BadHeader", "BadManifest", "BlindOpen", "CodecMissing", "EmptyFile",
    "EngineFailed", "FindingNotFound", "GuardFailed", "ImagingRefused", "InputGuard", "InputRefused", "LedgerDamaged",
    "LedgerRefused", "LedgerValueRefused", "LedgerWriteFailed", "MissingExtra", "MixedPatients", "ModelDigestMismatch",
    "ModelNotFound", "ModelRefused", "MosaicRefused", "NoFrameInCommon", "NoSequenceForModel", "NoSignal",
    "NoWorkingLock", "NonUniformSpacing", "NotARecording", "NotAnImage", "NotDisplayed", "NotHere",
    "NotMagneticResonance", "NotRecognised", "NotSignedIn", "NotSkullStripped", "NotSynthetic", "NotThreeDimensional",
    "NothingToRead", "OverreadError", "RecordingRefused", "RoleRefused", "StalePage", "StudyErased", "StudyNotFound",
    "StudyRefused",
    "SyntheticInClinical", "TokenRefused", "TooFewChannels", "TooLarge", "TruncatedFile", "UnitUnknown",
    "UnsafeArchive", "UnsafeModel", "UsageError", "VerdictRefused", "VerdictRule", "WorkspaceRefused",
]  # fmt: skip


class OverreadError(Exception):
    """An error told in three sentences: what happened, why, and what to do.

    Parameters
    ----------
    what, why, what_to_do : str
        One sentence each, in the user's words. None holds a name, a patient id, a date of birth
        or a path above the workspace.
    """

    code = "error"

    def __init__(self, what: str, why: str = "", what_to_do: str = "") -> None:
        self.what = what
        self.why = why
        self.what_to_do = what_to_do
        super().__init__(" ".join(part for part in (what, why, what_to_do) if part))

    def as_dict(self) -> dict[str, str]:
        """The error as `--json` prints it."""
        return {"code": self.code, "what": self.what, "why": self.why, "what_to_do": self.what_to_do}


class UsageError(OverreadError):
    """The command line was not understood; exit code 2."""

    code = "usage"


class InputRefused(OverreadError):
    """A file or folder can't be used."""

    code = "input_refused"


class NothingToRead(InputRefused):
    """The folder or archive holds nothing that Overread reads."""

    code = "nothing_to_read"


class EmptyFile(InputRefused):
    """The file has no bytes, or a header and nothing behind it."""

    code = "empty_file"


class NotRecognised(InputRefused):
    """The file is of no kind that Overread reads."""

    code = "not_recognised"


class TruncatedFile(InputRefused):
    """The file ends before its own header says so."""

    code = "truncated"


class UnsafeArchive(InputRefused):
    """The archive holds links, paths that leave it, or more than the limits allow."""

    code = "unsafe_archive"


class TooLarge(InputRefused):
    """More bytes were sent than the limit allows."""

    code = "too_large"


class ImagingRefused(InputRefused):
    """An image can't be read rightly."""

    code = "imaging_refused"


class NotMagneticResonance(ImagingRefused):
    """The series is of another modality than MR."""

    code = "not_mr"


class BadGeometry(ImagingRefused):
    """Position, orientation or spacing are missing, not finite, or contradict each other."""

    code = "bad_geometry"


class NonUniformSpacing(ImagingRefused):
    """Slices are missing or not evenly spaced, so millimetres would be wrong."""

    code = "non_uniform_spacing"


class NotThreeDimensional(ImagingRefused):
    """The image is not one volume of three dimensions."""

    code = "not_3d"


class MixedPatients(ImagingRefused):
    """One study folder names more than one patient."""

    code = "mixed_patients"


class CodecMissing(ImagingRefused):
    """The pixels are compressed in a way that this installation can't decode."""

    code = "codec_missing"


class MosaicRefused(ImagingRefused):
    """A mosaic of slices that the file does not let us unpack safely."""

    code = "mosaic_refused"


class NotAnImage(ImagingRefused):
    """A DICOM object without an image series in it, or a localizer or capture set aside."""

    code = "not_an_image"


class NoFrameInCommon(ImagingRefused):
    """Two grids share no frame of reference, or do not overlap."""

    code = "no_frame_in_common"


class RecordingRefused(InputRefused):
    """A recording can't be read rightly."""

    code = "recording_refused"


class NotARecording(RecordingRefused):
    """The file is named like a recording but is none."""

    code = "not_a_recording"


class BadHeader(RecordingRefused):
    """The header contradicts itself or the file."""

    code = "bad_header"


class NoSignal(RecordingRefused):
    """There is no signal in the file, only header or annotations."""

    code = "no_signal"


class UnitUnknown(RecordingRefused):
    """The unit is missing or contradicts the numbers, so microvolts can't be stated."""

    code = "unit_unknown"


class StudyRefused(OverreadError):
    """A study can't be taken into, or found in, this workspace."""

    code = "study_refused"


class SyntheticInClinical(StudyRefused):
    """A synthetic study was offered to a clinical workspace."""

    code = "synthetic_in_clinical"


class NotSynthetic(StudyRefused):
    """A real study was offered to a demonstration workspace."""

    code = "not_synthetic"


class StudyNotFound(StudyRefused):
    """No study of that pseudonym is here."""

    code = "study_not_found"


class StudyErased(StudyNotFound):
    """The study was erased on request or by retention; its rows remain."""

    code = "study_erased"


class FindingNotFound(StudyRefused):
    """No finding of that id belongs to the study."""

    code = "finding_not_found"


class ModelRefused(OverreadError):
    """A model can't be used."""

    code = "model_refused"


class BadManifest(ModelRefused):
    """The manifest is missing, unreadable or breaks its schema."""

    code = "bad_manifest"


class ModelNotFound(ModelRefused):
    """No model of that id is installed or enabled."""

    code = "model_not_found"


class ModelDigestMismatch(ModelRefused):
    """The ONNX file is not the one that the manifest names."""

    code = "model_digest_mismatch"


class UnsafeModel(ModelRefused):
    """The ONNX file uses unknown operators, or data outside its folder."""

    code = "unsafe_model"


class EngineFailed(ModelRefused):
    """The inference engine failed."""

    code = "engine_failed"


class InputGuard(ModelRefused):
    """The model was not made for this input."""

    code = "input_guard"


class NotSkullStripped(InputGuard):
    """The model expects a head without skull and scalp."""

    code = "not_skull_stripped"


class NoSequenceForModel(InputGuard):
    """None of the sequences that the model needs is in the study."""

    code = "no_sequence_for_model"


class TooFewChannels(InputGuard):
    """The recording has too few usable EEG channels for the model."""

    code = "too_few_channels"


class GuardFailed(InputGuard):
    """A measure of the input stands outside the manifest's limit."""

    code = "guard_failed"


class LedgerRefused(OverreadError):
    """The ledger can't take or give rows."""

    code = "ledger_refused"


class LedgerDamaged(LedgerRefused):
    """The chain is broken before the last durable row; the ledger opens read-only."""

    code = "ledger_damaged"


class LedgerWriteFailed(LedgerRefused):
    """A row could not be made durable."""

    code = "ledger_write_failed"


class NoWorkingLock(LedgerRefused):
    """The file system does not keep locks."""

    code = "no_working_lock"


class LedgerValueRefused(LedgerRefused):
    """A value can't stand in the ledger: a control character, an unknown word, too long."""

    code = "ledger_value_refused"


class VerdictRefused(OverreadError):
    """A verdict can't be recorded; it is kept as a draft."""

    code = "verdict_refused"


class NotDisplayed(VerdictRefused):
    """The finding has not been on this reader's screen."""

    code = "not_displayed"


class BlindOpen(VerdictRefused):
    """This reader still owes the study a read of their own."""

    code = "blind_open"


class StalePage(VerdictRefused):
    """The page was drawn before another verdict on the same finding."""

    code = "stale_page"


class VerdictRule(VerdictRefused):
    """The verdict breaks a rule of reading: reason, scope or state."""

    code = "verdict_rule"


class AccessRefused(OverreadError):
    """This session may not do that."""

    code = "access_refused"


class NotSignedIn(AccessRefused):
    """There is no valid session."""

    code = "not_signed_in"


class TokenRefused(AccessRefused):
    """The capability token is missing, expired or for something else."""

    code = "token_refused"


class RoleRefused(AccessRefused):
    """The session's role does not allow it."""

    code = "role_refused"


class NotHere(AccessRefused):
    """There is nothing at that address for this session."""

    code = "not_here"


class MissingExtra(OverreadError):
    """An optional part is not installed."""

    code = "missing_extra"


class WorkspaceRefused(OverreadError):
    """The folder is not a workspace, or not of the kind that was asked for."""

    code = "workspace_refused"
