"""Overread: clinicians read over what a model has read.

The house is drawn in docs/house.md; the path of a case is told by `dashboard.casework`.
"""

__version__ = "0.1.0"

__all__ = ["__version__"]
