"""Read over a tumour segmentation."""

from dashboard.panels import mri

mri.mri()
