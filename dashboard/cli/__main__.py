"""`python -m dashboard.cli` is `overread`."""

from . import main

main()
