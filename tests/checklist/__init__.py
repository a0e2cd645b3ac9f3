"""The RFC checklist as tests that carry its numbers (`test_rfc_186_...`), one file for each of its sections A to R.

Where design.md, section 8, decides otherwise than the letter, the test states what was decided. Numbers that are no
test stand in `elsewhere`, with the reason or the place; `test_every_number` sees to it that none is missing.
"""
