"""What Azure says of update management: pasted messages, and tables exported from Log Analytics."""

from analyzer.formats.linux import PORTAL

__all__ = ["PORTAL"]
