"""schemathesis plays with the application as `openapi.yaml` describes it: what it says is so, and nothing else.

That is no proof of what an answer should hold; `tests/model` and `tests/checklist` judge that.
"""
