"""`python -m analyzer` is `patchtrail`."""

from analyzer.cli import main

main(prog_name="patchtrail")
