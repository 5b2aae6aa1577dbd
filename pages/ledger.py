"""The record of every verdict."""

from dashboard.panels import ledger

ledger.ledger()
