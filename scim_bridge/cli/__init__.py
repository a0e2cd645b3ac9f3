"""The command line: click commands, one module for each idea. Prints; nothing else of ours prints."""
