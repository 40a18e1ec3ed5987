"""Punctual's own code: what every function imports, and what imports no function."""

VERSION = "0.1.0"
