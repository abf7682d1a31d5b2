"""The last step: a Report as text for a person, as JSON, or as one JSON object a line."""
