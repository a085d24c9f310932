"""Trains the encoder that codesearch ships. Not part of the installed package."""
