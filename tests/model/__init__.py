"""A SCIM server in memory, written from the RFCs and the design alone, and a state machine that plays it against ours.

`python -m tests.model --sequences 10000` is the long proof.

- `model` and what it imports is that server; it imports nothing of scim_bridge, and `test_model` holds it so.
- `pools`, `bodies`, `operations` and `searches` are what clients send; `machine` puts them in a row, `play` repeats it.
- `world` asks our server, `duel` and `lists` ask both, `judge` compares.
- `features` says what is played, and what is known to be wrong: one test each in `test_known_bugs`.
"""
