"""Layouts that several publications share."""
