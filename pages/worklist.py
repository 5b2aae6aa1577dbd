"""The first screen: studies and their states."""

from dashboard.panels import worklist

worklist.worklist()
