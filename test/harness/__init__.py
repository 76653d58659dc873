"""Servers, topologies and comparisons for the suites: see server.py first."""
