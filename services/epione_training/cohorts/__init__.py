"""Cohorts: people's lives from wherever they are told, as MEDS or as rows that training maps."""
