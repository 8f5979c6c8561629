"""Enregistrer, sur un vrai PostgreSQL."""
