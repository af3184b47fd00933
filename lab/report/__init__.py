"""The laboratory's findings as a static site: what the store keeps, page by page."""

from lab.report.site import Catalogue, report

__all__ = ["Catalogue", "report"]
