"""How fast the server is, and what it costs: its distance from a bare route, its growth with the data, its memory.

`python -m tests.benchmarks` measures all of it over real HTTP and fails when a bar is missed; `test_benchmarks` only
sees to it that the measuring works.
"""
