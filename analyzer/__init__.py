"""patchtrail: from the logs of machines that do not get their updates to a diagnosed timeline."""

__version__ = "0.1.0"
