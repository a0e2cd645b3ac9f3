"""The command line, one module for each of the source's: what people read, and that no fault ends in a traceback."""
