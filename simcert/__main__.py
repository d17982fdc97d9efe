"""`python -m simcert` is the command `simcert`."""

from simcert.cli import main

if __name__ == "__main__":
    main(prog_name="simcert")
