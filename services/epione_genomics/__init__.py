"""Genomics: reads genomes, and tells patients' logs what they say."""
