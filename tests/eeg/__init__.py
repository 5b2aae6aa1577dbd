"""Tests of the room `eeg`."""
