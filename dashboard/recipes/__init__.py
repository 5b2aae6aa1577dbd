"""How the shipped models were made: run a recipe as `python -m`, with the extra `train`.

Only this room imports torch; the room itself and what its tests need without torch does not.
"""

from .seizure_evaluation import poisson_upper
from .seizure_golden import golden_signal

__all__ = ["golden_signal", "poisson_upper"]
