"""Where things are kept: studies, keys, drafts, jobs, the ledger. One folder, plain files.

Predictions are kept here too, behind `workspace.predictions`, which only casework opens.
"""

from .derived import DerivedStore
from .drafts import DraftStore
from .keys import KeyRing, Subject
from .removal import remove_study
from .steps import Step, StepStore
from .studies import StudyStore, input_digest_of
from .workspace import Workspace

__all__ = ["DerivedStore", "DraftStore", "KeyRing", "Step", "StepStore", "StudyStore", "Subject", "Workspace",
           "input_digest_of", "remove_study"]  # fmt: skip
