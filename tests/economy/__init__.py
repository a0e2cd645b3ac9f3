"""How many calls the bridge makes for what happens in a company, beside the fewest that could do it.

`python -m tests.economy` prints the table; `test_economy` holds each line at its minimum.
"""
