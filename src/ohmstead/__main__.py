"""`python -m ohmstead`."""

from ohmstead.cli.entry import main

if __name__ == "__main__":
    main()
