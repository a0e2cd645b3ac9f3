"""Months of a company's life in minutes: one clock, one seed, a simulated Hexnode that is asked in process.

`python -m tests.simulation --seeds 1-50` plays and judges; `test_simulation` does it small. At the end Hexnode must be
what an independent model wishes, no allowance may have been broken, and no call wasted but for what faults forced.
"""
