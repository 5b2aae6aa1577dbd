"""Tests of the recipes; what needs torch says so and is skipped without it."""
