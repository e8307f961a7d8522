"""Scored files out, whole or not at all."""
