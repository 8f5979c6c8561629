"""Tout ce que le portail sait d'une famille, dans une archive (RGPD, art. 15 et 20)."""

from .archive import exporter

__all__ = ["exporter"]
