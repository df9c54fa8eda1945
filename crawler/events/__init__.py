"""What others are told of articles and alerts, and how."""
