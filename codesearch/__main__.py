"""`python -m codesearch`, where the command is not on the path."""

from codesearch.cli.main import main

if __name__ == "__main__":
    main()
