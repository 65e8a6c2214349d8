"""Diagnosis: why a service instance was rejected or failed."""
