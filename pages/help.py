"""Keys, settings, what is on this machine."""

from dashboard.panels import help

help.help_page()
