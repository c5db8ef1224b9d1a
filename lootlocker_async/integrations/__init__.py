"""The client at home in other libraries; each module needs the extra that bears its name."""
