"""This client at home in other people's frameworks. Each module needs the extra of its name."""
