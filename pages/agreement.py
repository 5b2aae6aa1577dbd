"""How far model and readers agree."""

from dashboard.panels import agreement

agreement.agreement()
