"""viewmodels."""
