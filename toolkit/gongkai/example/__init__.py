"""Invented workspaces of any size, for training, trials and benchmarks: counties, agencies, years, planted faults."""

from gongkai.example.bodies import Example, years_of
from gongkai.example.writing import KEY_FILE, Written, write_example

__all__ = ["KEY_FILE", "Example", "Written", "write_example", "years_of"]
