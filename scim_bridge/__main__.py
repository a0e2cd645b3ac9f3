"""`python -m scim_bridge`: the same as the console script."""

from scim_bridge.cli.main import main

if __name__ == "__main__":
    main()
