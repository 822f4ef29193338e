"""The program `ohmstead`: signals are taken before anything else is imported, which takes a quarter of a second."""

from ohmstead.cli import interruption


def main() -> None:
    """Run the command that `sys.argv` names and end the process with its exit code."""
    interruption.install()
    from ohmstead.cli.main import main as run_command

    run_command()


if __name__ == "__main__":
    main()
