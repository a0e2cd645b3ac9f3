"""The demo: a simulated Hexnode and the real bridge as processes, and IdPs played over real HTTP. Judges from outside:
what was promised is looked up in the simulator's ledger. Imports nothing of ours but the clock and config."""
