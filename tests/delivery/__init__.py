"""Tests of delivery: the pure decisions, the tables, and the driver against the simulator."""
