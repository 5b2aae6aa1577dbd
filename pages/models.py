"""What the models are worth."""

from dashboard.panels import models

models.models()
