"""Synthetic people for the demonstration, and everything that their hospital sends of them."""

from epione_cli.patients.stories import Kind, Sent, Story, stories

__all__ = ["Kind", "Sent", "Story", "stories"]
